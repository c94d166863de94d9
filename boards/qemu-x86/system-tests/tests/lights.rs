//! The lights, by the command that lists, switches and blinks them.

use system_tests::{kernel, line_on_serial, run_on_serial, start};

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
