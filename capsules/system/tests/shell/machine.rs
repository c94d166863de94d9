//! The commands that look into the machine: its kernel, memory, clocks and keys.

use capsules_system::shell::BLINKERS;

use crate::{CONTROL_C, UP, bench::Bench};

#[test]
fn kernel_shows_its_version_and_parts() {
    let part = "0x0000000000000100 0x0000000000000180      128 bytes  text";
    assert_eq!(Bench::new().answer("kernel"), ["Capsa 1.2.3", part]);
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
fn drivers_lists_number_name_and_calls() {
    let answer = Bench::new().answer("drivers");
    assert_eq!(answer[1..], ["0x00000008 low-level debug           0"]);
}

#[test]
fn mem_shows_the_map_the_image_and_the_arena() {
    let answer = Bench::new().answer("mem");
    let range = "0x000000000000 0x000000001000           4 KiB  usable";
    assert_eq!(answer[0], range);
    assert_eq!(answer[1], "image  128 bytes of text");
    assert_eq!(answer[2], "arena  32 of 256 bytes used, 224 left");
}

#[test]
fn date_and_uptime_come_from_their_clocks() {
    let bench = Bench::new();
    assert_eq!(bench.answer("date"), ["Saturday 2026-10-03 09:05:00"]);
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
