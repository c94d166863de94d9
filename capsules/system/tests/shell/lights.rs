//! The command about lights.

use capsules_system::shell::BLINKERS;

use crate::bench::{Bench, LIGHTS};

#[test]
fn lights_are_switched_by_their_number() {
    let bench = Bench::new();
    bench.answer("led on 1");
    bench.answer("led toggle 2");
    assert_eq!(bench.leds.lit(), [false, true, true, false, false]);
    assert_eq!(
        bench.answer("led list")[1..3],
        ["  1  lamp         on", "  2  lamp         on"]
    );
    bench.answer("led off 1");
    bench.answer("led toggle 2");
    assert_eq!(bench.leds.lit(), [false; LIGHTS]);
    assert_eq!(
        bench.answer("led on 5"),
        ["led: there is no light 5, only 0 to 4"]
    );
}

#[test]
fn a_light_blinks_in_the_background_until_it_is_stopped() {
    let bench = Bench::new();
    bench.answer("led blink 3 100");
    let lit = |ms| {
        bench.waits(ms);
        bench.leds.lit()[3]
    };
    assert_eq!([0, 99, 1, 99, 1].map(lit), [true, true, false, false, true]);
    assert!(bench.answer("led list")[3].ends_with("on, toggled every 100 ms"));
    bench.answer("led stop 3");
    assert!(
        [50, 50, 100, 100].map(lit).iter().all(|is_lit| *is_lit),
        "it stays as it is"
    );
    assert_eq!(bench.answer("led stop 3").len(), 1, "it blinks no longer");
}

#[test]
fn a_light_that_blinks_is_steady_when_it_is_switched() {
    for (action, is_lit) in [("on", true), ("off", false), ("toggle", false)] {
        let bench = Bench::new();
        bench.answer("led blink 2 100");
        bench.answer(&format!("led {action} 2"));
        bench.waits(150);
        assert_eq!(bench.leds.lit()[2], is_lit, "{action}");
        let row = format!("  2  lamp         {}", if is_lit { "on" } else { "off" });
        assert_eq!(bench.answer("led list")[2], row);
    }
}

#[test]
fn the_lights_are_listed_if_nothing_else_is_said() {
    let bench = Bench::new();
    let list = bench.answer("led list");
    assert_eq!(list.len(), LIGHTS);
    for line in ["led", "led list 3", "led   list"] {
        assert_eq!(bench.answer(line), list, "{line}");
    }
}

#[test]
fn what_is_wrong_with_a_line_is_said_in_the_order_of_its_words() {
    let bench = Bench::new();
    for (line, complaint) in [
        ("led flash", "list, on, off, toggle, blink or stop?"),
        ("led flash 0", "list, on, off, toggle, blink or stop?"),
        ("led on", "which light? `led list` lists them"),
        ("led off lamp", "which light? `led list` lists them"),
        ("led blink -1 0", "which light? `led list` lists them"),
        ("led stop 9", "there is no light 9, only 0 to 4"),
        ("led blink 9 0", "there is no light 9, only 0 to 4"),
        (
            "led blink 1",
            "how many milliseconds? As in `led blink 3 500`",
        ),
        (
            "led blink 1 0",
            "how many milliseconds? As in `led blink 3 500`",
        ),
        ("led stop 1", "that light does not blink"),
    ] {
        assert_eq!(bench.answer(line), [format!("led: {complaint}")], "{line}");
    }
    assert_eq!(bench.leds.lit(), [false; LIGHTS]);
}

#[test]
fn a_light_too_many_does_not_blink_and_the_others_do() {
    let bench = Bench::new();
    for light in 0..BLINKERS {
        assert_eq!(bench.answer(&format!("led blink {light} 10")), [""; 0]);
    }
    assert_eq!(
        bench.answer(&format!("led blink {BLINKERS} 10")),
        ["led: 4 lights blink, which is all that can: `led stop N` first"]
    );
    bench.waits(20);
    assert_eq!(bench.leds.lit(), [true, true, true, true, false]);
}

#[test]
fn a_line_that_cannot_be_carried_out_stops_no_light() {
    let bench = Bench::new();
    bench.answer("led blink 0 10");
    assert_eq!(bench.answer("led foo 0").len(), 1);
    assert!(bench.answer("led list")[0].contains("every 10 ms"));
}

#[test]
fn a_light_that_blinks_can_be_given_another_period_when_all_workers_are_busy() {
    let bench = Bench::new();
    for light in 0..BLINKERS {
        bench.answer(&format!("led blink {light} 10"));
    }
    assert_eq!(bench.answer("led blink 0 20"), [""; 0]);
}
