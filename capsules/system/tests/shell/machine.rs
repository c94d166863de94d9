//! The commands that look into the machine: its kernel, memory, clocks and keys.

use std::panic::{AssertUnwindSafe, catch_unwind};

use capsules_core::console;
use capsules_system::shell::BLINKERS;
use kernel::{ErrorCode, debug};

use crate::{CONTROL_C, UP, bench::Bench};

#[test]
fn kernel_shows_its_version_and_parts() {
    let expected = [
        "Capsa 1.2.3",
        "0x0000000000000100 0x0000000000000180      128 bytes  text",
        "0x0000000000000180 0x00000000000001c0       64 bytes  data",
    ];
    assert_eq!(Bench::new().answer("kernel"), expected);
}

#[test]
fn status_counts_processes_and_says_how_they_are_run() {
    let bench = Bench::new();
    let apps = ["a", "b", "c"].map(|name| bench.machine.app(name));
    for (app, slices) in apps.iter().zip([1, 2, 4]) {
        for _ in 0..slices {
            bench.machine.expire_slice();
            app.command(console::DRIVER_NUM, 0, 0, 0);
        }
    }
    apps[0].exit(0);
    let expected = [
        "processes           3",
        "active              2",
        "time slices used up 7",
        "scheduler=round-robin",
    ];
    assert_eq!(bench.answer("status"), expected);
}

#[test]
fn tasks_shows_the_shell_as_running_and_the_others_waiting() {
    let answer = Bench::new().answer("tasks");
    let columns = |row: &String| row.split_whitespace().take(2).map(str::to_owned).collect();
    let states: Vec<Vec<String>> = answer[1..].iter().map(columns).collect();
    assert_eq!(states[0], ["shell", "running"]);
    assert_eq!(states[1..], vec![["blinker", "waiting"]; BLINKERS]);
}

#[test]
fn tasks_says_what_woke_each_task_and_where_it_waits() {
    let bench = Bench::new();
    bench.answer("led blink 0 100");
    let answer = bench.answer("tasks");
    assert_eq!(
        answer[0],
        "task          state     polls woken by     waits at"
    );
    assert!(answer[1].contains(" callback "), "{answer:?}");
    assert!(
        answer[2].contains(" shell        capsules/system/src/blink.rs:"),
        "{answer:?}"
    );
    assert!(
        answer[3].contains(" the start    kernel/src/pool.rs:"),
        "{answer:?}"
    );
}

#[test]
fn drivers_lists_number_name_and_calls() {
    let answer = Bench::new().answer("drivers");
    assert_eq!(answer[1..], ["0x00000008 low-level debug           0"]);
}

#[test]
fn mem_shows_the_map_the_image_and_the_arena() {
    let answer = Bench::new().answer("mem");
    let range = "0x000000001000 0x000000003001           9 KiB  usable";
    assert_eq!(answer[0], range, "what is begun is counted");
    assert_eq!(answer[1], "image  128 bytes of text, 64 bytes of data");
    assert_eq!(answer[2], "arena  32 of 256 bytes used, 224 left");
}

#[test]
fn date_and_uptime_come_from_their_clocks() {
    let bench = Bench::new();
    assert_eq!(bench.answer("date"), ["Saturday 2026-10-03 09:05:00"]);
    bench.date_time.fail_next(ErrorCode::FAIL);
    let complaint = "date: the clock can't be read (FAIL)";
    assert_eq!(bench.answer("date"), [complaint]);
    bench.waits(3_723_004);
    assert_eq!(bench.answer("uptime"), ["up 1:02:03.004000"]);
}

#[test]
fn keys_shows_each_key_until_control_c() {
    let bench = Bench::new();
    bench.types("keys\r");
    bench.types(UP);
    bench.types(CONTROL_C);
    let rows = bench.rows();
    assert_eq!(
        rows[rows.len() - 3..rows.len() - 1],
        ["1b 5b 41  Up", "03  Control('c')"]
    );
    assert_eq!(bench.typed(), "");
}

#[test]
fn mem_shows_how_much_memory_apps_have_left() {
    let bench = Bench::new();
    let apps = ["one", "two", "three"].map(|name| bench.machine.app(name));
    apps[1].remove().unwrap();
    let pool = bench.machine.processes().pool();
    let (free_bytes, largest_bytes) = (pool.free_bytes(), pool.largest_bytes());
    assert!(free_bytes > largest_bytes);
    assert_eq!(
        bench.answer("mem").pop().unwrap(),
        format!("apps   {free_bytes} bytes left, {largest_bytes} in one piece")
    );
}

#[test]
fn log_shows_the_kernels_log_from_its_start() {
    let bench = Bench::new();
    debug!("one");
    debug!("two");
    bench.types("");
    assert_eq!(
        bench.answer("log"),
        ["[    0.000000] one", "[    0.000000] two"]
    );
}

#[test]
fn keymap_changes_the_layout_that_it_marks() {
    let bench = Bench::new();
    let marked = || {
        let mut rows = bench.answer("keymap");
        assert!(rows.len() > 2);
        rows.retain(|row| row.starts_with('*'));
        rows
    };
    assert_eq!(marked(), ["* us       US English"]);
    assert_eq!(bench.answer("keymap de"), [""; 0]);
    assert_eq!(marked(), ["* de       German"]);
    let complaint = "keymap: there is no layout xyzzy. `keymap` lists them.";
    assert_eq!(bench.answer("keymap xyzzy"), [complaint]);
    assert_eq!(marked(), ["* de       German"]);
}

/// What the machine that ends itself meanwhile says.
#[track_caller]
fn end(run: impl FnOnce()) -> &'static str {
    let end = catch_unwind(AssertUnwindSafe(run)).expect_err("it goes on");
    end.downcast_ref::<&str>().unwrap()
}

#[test]
fn a_machine_ends_when_all_that_was_said_has_been_sent() {
    for (line, how) in [
        ("reset\r", "the machine was reset"),
        ("shutdown\r", "the machine was switched off"),
    ] {
        let bench = Bench::new();
        bench.port.hold_transmit();
        bench.types(line);
        bench.port.release();
        assert_eq!(end(|| bench.types("")), how);
        assert!(bench.port.take_text().ends_with("\r\n"));
    }
}

#[test]
fn panic_panics() {
    let bench = Bench::new();
    assert_eq!(end(|| bench.types("panic\r")), "a person asked for it");
}
