//! A terminal that is lent to an app.

use capsules_core::{console, key_driver, text_screen};
use chip_fake::App;
use kernel::process::State;

use crate::{CONTROL_C, CONTROL_D, TAB, bench::Bench};

/// Starts to read `len_bytes` from the console.
#[track_caller]
fn read(app: &App<'_>, len_bytes: usize) {
    app.allow_rw(console::DRIVER_NUM, 1, &vec![b'.'; len_bytes]);
    assert!(
        app.command(console::DRIVER_NUM, 2, len_bytes, 0)
            .is_success()
    );
}

#[test]
fn the_line_of_a_lent_terminal_is_the_apps() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    read(&app, 3);
    bench.types("run tester\r");
    let rows = bench.rows();
    assert_eq!(
        rows[rows.len() - 2..],
        ["Ctrl-C takes the terminal back", ">"]
    );
    bench.types("abcd\r");
    assert_eq!(app.yield_for(console::DRIVER_NUM, 2), [0, 3, 0]);
    assert_eq!(app.buffer(console::DRIVER_NUM, 1), b"abc");
    assert_eq!(
        bench.rows().last().unwrap(),
        "",
        "the rest waits for its reader"
    );
    read(&app, 2);
    bench.types("");
    assert_eq!(app.buffer(console::DRIVER_NUM, 1), b"d\n");
    assert_eq!(bench.rows().last().unwrap(), ">");
    bench.types("ver");
    bench.types(TAB);
    assert_eq!(bench.rows().last().unwrap(), "> ver", "it is no command");
    bench.types("\x15"); // Control-U
    bench.types(CONTROL_D);
    let rows = bench.rows();
    assert_eq!(
        rows[rows.len() - 2..],
        ["Ctrl-C takes the terminal back", ">"]
    );
}

#[test]
fn an_app_that_was_stopped_goes_on_when_a_terminal_is_lent_to_it() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    bench.answer("stop tester");
    bench.types("run tester\r");
    assert_eq!(app.state(), State::Running);
}

#[test]
fn a_terminal_is_the_shells_again_when_the_app_ends() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    for typed in ["", "half a line", "nobody reads this\r"] {
        bench.types("run tester\r");
        bench.types(typed);
        app.exit(0);
        bench.types("");
        assert_eq!(bench.typed(), "", "{typed:?}");
        assert_eq!(bench.answer("echo mine"), ["mine"]);
    }
    bench.types("run tester\r");
    assert_eq!(app.state(), State::Running, "it starts one that has ended");
}

#[test]
fn a_terminal_is_the_shells_again_when_the_app_ends_and_there_is_something_to_show_as_well() {
    let bench = Bench::with_room_for_text(64);
    let app = bench.machine.app("tester");
    bench.types("run tester\r");
    app.fault();
    bench.types("");
    assert_eq!(bench.typed(), "", "the log has a line");
    assert_eq!(bench.answer("echo mine"), ["mine"]);

    bench.types("run tester\r");
    bench.port.hold_transmit();
    app.allow_ro(console::DRIVER_NUM, 1, "a line\n".repeat(20).as_bytes());
    app.command(console::DRIVER_NUM, 1, 140, 0);
    bench.waits(5);
    app.exit(0);
    bench.types("");
    bench.port.release();
    bench.types("");
    assert_eq!(bench.typed(), "", "the app's text took its time");
    assert_eq!(bench.answer("echo mine"), ["mine"]);
}

#[test]
fn a_line_for_an_app_that_has_just_ended_is_no_command() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    bench.types("run tester\r");
    bench.types("terminate other");
    let other = bench.machine.app("other");
    app.exit(0);
    bench.types("\r");
    assert_eq!(bench.typed(), "");
    assert_eq!(other.state(), State::Running);
}

#[test]
fn control_c_gives_a_terminal_back() {
    let bench = Bench::new();
    let app = bench.machine.app("tester");
    for typed in ["", "half a line", "nobody reads this\r"] {
        bench.types("run tester\r");
        bench.types(typed);
        bench.types(CONTROL_C);
        assert_eq!(bench.typed(), "", "{typed:?}");
        assert_eq!(bench.answer("echo mine"), ["mine"]);
        assert_eq!(app.state(), State::Running);
    }
}

#[test]
fn screen_and_keys_are_the_apps_while_it_has_the_terminal() {
    let bench = Bench::with_screen();
    let screen = bench.screen.as_ref().unwrap();
    let (app, other) = (bench.machine.app("tester"), bench.machine.app("other"));
    for app in [&app, &other] {
        app.command(key_driver::DRIVER_NUM, 1, 0, 0);
        app.allow_ro(text_screen::DRIVER_NUM, 0, app.name().as_bytes());
        app.command(text_screen::DRIVER_NUM, 8, 6, 0);
    }
    let keys = || {
        screen.keyboard.tap(0x1e);
        [&app, &other].map(|app| {
            let count = app.process(|process| process.pending_tasks());
            (0..count).for_each(|_| {
                app.yield_for(key_driver::DRIVER_NUM, 0);
            });
            count
        })
    };
    assert_eq!(
        (keys(), screen.printed(), screen.is_exchanged()),
        ([0, 0], String::new(), false)
    );
    bench.types("run tester\r");
    assert_eq!(
        (screen.printed(), screen.is_exchanged()),
        ("tester".into(), true)
    );
    assert_eq!(app.yield_for(text_screen::DRIVER_NUM, 0), [0, 6, 0]);
    assert_eq!(keys(), [2, 0], "down and up");
    let rows = bench.rows();
    bench.types("x\r");
    assert_eq!(bench.rows(), rows, "the shell shows nothing of it");
    bench.types(CONTROL_C);
    assert_eq!((keys(), screen.is_exchanged()), ([0, 0], false));
    assert_eq!(
        bench.answer("echo mine"),
        ["mine"],
        "what was typed was not for the shell"
    );
    bench.types("run tester\r");
    app.exit(0);
    assert!(!screen.is_exchanged());
    bench.types("");
    assert_eq!(bench.typed(), "");
    assert_eq!(screen.printed(), "tester", "the other app waits");
}
