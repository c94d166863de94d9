//! The lights, by the command that lists, switches and blinks them.

use std::{
    env,
    ffi::OsString,
    fs, process,
    thread::sleep,
    time::{Duration, Instant},
};

use system_tests::{LIMIT, kernel, line_on_serial, run_on_serial, start};

#[test]
fn lights_are_listed_and_switched() {
    let mut machine = start(kernel());
    let off = run_on_serial(&mut machine, "led");
    let names = [
        "scroll lock",
        "num lock",
        "caps lock",
        "screen 0",
        "screen 1",
        "screen 2",
    ];
    let expected = names
        .iter()
        .enumerate()
        .map(|(number, name)| format!("{number:3}  {name:12} off"));
    assert_eq!(off, expected.collect::<Vec<_>>());
    assert_eq!(run_on_serial(&mut machine, "led list"), off);

    for (command, number, state) in [
        ("led on 3", 3, "on"),
        ("led on 3", 3, "on"),
        ("led off 3", 3, "off"),
        ("led toggle 3", 3, "on"),
        ("led toggle 3", 3, "off"),
        ("led on 2", 2, "on"),
        ("led toggle 2", 2, "off"),
    ] {
        assert_eq!(run_on_serial(&mut machine, command), [""; 0], "{command}");
        let lights = run_on_serial(&mut machine, "led");
        assert!(
            lights[number].ends_with(&format!(" {state}")),
            "{command}: {lights:?}"
        );
    }
    assert_eq!(run_on_serial(&mut machine, "led"), off);
}

#[test]
fn the_keyboard_shows_what_its_lights_are_switched_to() {
    let trace = env::temp_dir().join(format!("capsa-lights-{}", process::id()));
    let arguments = ["-trace", "ps2_set_ledstate", "-D"].map(OsString::from);
    let arguments = arguments.into_iter().chain([trace.clone().into()]);
    let mut machine = start(kernel().arguments(arguments));
    let expect = |lights: u8| {
        let shown = format!("ledstate {lights}");
        let deadline = Instant::now() + LIMIT;
        let text = || fs::read_to_string(&trace).unwrap_or_default();
        while !text().trim_end().ends_with(&shown) {
            assert!(Instant::now() < deadline, "no {shown} in {}", text());
            sleep(Duration::from_millis(5));
        }
    };
    expect(0);
    for (command, lights) in [
        ("led on 2", 0b100),
        ("led on 0", 0b101),
        ("led toggle 2", 0b001),
        ("led toggle 1", 0b011),
        ("led off 0", 0b010),
    ] {
        assert_eq!(run_on_serial(&mut machine, command), [""; 0], "{command}");
        expect(lights);
    }
    drop(machine);
    let _ = fs::remove_file(trace);
}

#[test]
fn lights_blink_until_they_are_stopped() {
    let mut machine = start(kernel());
    for light in 0..4 {
        assert_eq!(
            run_on_serial(&mut machine, &format!("led blink {light} 500")),
            [""; 0]
        );
    }
    let lights = run_on_serial(&mut machine, "led list");
    let blinking = |light: &String| light.ends_with(", toggled every 500 ms");
    assert!(
        lights[..4].iter().all(blinking) && !lights[4..].iter().any(blinking),
        "{lights:?}"
    );

    let complaint = "led: 4 lights blink, which is all that can: `led stop N` first";
    assert_eq!(line_on_serial(&mut machine, "led blink 4 500"), complaint);
    assert_eq!(run_on_serial(&mut machine, "led stop 2"), [""; 0]);
    assert_eq!(
        line_on_serial(&mut machine, "led stop 2"),
        "led: that light does not blink"
    );
    assert_eq!(run_on_serial(&mut machine, "led blink 4 250"), [""; 0]);
    let lights = run_on_serial(&mut machine, "led list");
    assert!(!lights[2].contains("toggled"), "{lights:?}");
    assert!(lights[4].ends_with(", toggled every 250 ms"), "{lights:?}");
}

#[test]
fn led_says_what_is_wrong_with_its_arguments() {
    let mut machine = start(kernel());
    for (command, complaint) in [
        ("led on", "which light? `led list` lists them"),
        ("led on x", "which light? `led list` lists them"),
        ("led on 6", "there is no light 6, only 0 to 5"),
        ("led off 77", "there is no light 77, only 0 to 5"),
        ("led dim 3", "list, on, off, toggle, blink or stop?"),
        ("led stop 3", "that light does not blink"),
        (
            "led blink 3",
            "how many milliseconds? As in `led blink 3 500`",
        ),
        (
            "led blink 3 0",
            "how many milliseconds? As in `led blink 3 500`",
        ),
    ] {
        assert_eq!(
            line_on_serial(&mut machine, command),
            format!("led: {complaint}"),
            "{command}"
        );
    }
}
