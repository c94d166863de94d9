//! The sample apps, as a person sees them.

use std::collections::HashSet;
use std::iter;
use std::time::Instant;

use qemu::{Machine, Screen};
use system_tests::{
    BAR_ROW, LIMIT, PROMPT, app, expect_going_on, expect_line, expect_row, kernel, list,
    run_on_screen, run_on_serial, shell_rows, start, wait_for,
};

/// Which of the lights in the status bar are lit.
fn lights(screen: &Screen) -> Vec<bool> {
    const BRIGHT: u8 = 8;
    let columns = (0..Screen::COLUMNS).filter(|column| screen.character(BAR_ROW, *column) == '■');
    let colours = columns.map(|column| screen.attribute(BAR_ROW, column));
    colours.map(|colour| colour & BRIGHT != 0).collect()
}

#[test]
fn blink_lights_one_lamp_after_the_other() {
    let mut machine = Machine::boot(kernel().apps([app("blink")]));
    let mut seen = HashSet::new();
    wait_for(&mut machine, "each light by itself", |screen| {
        let lights = lights(screen);
        let lit: Vec<usize> = (0..lights.len()).filter(|light| lights[*light]).collect();
        assert!(lit.len() <= 1, "{lights:?}");
        seen.extend(lit);
        (lights.len() == 6 && seen.len() == lights.len()).then_some(())
    });
}

#[test]
fn the_clock_shows_large_digits_that_go_on() {
    let mut machine = start(kernel().apps([app("clock")]));
    machine.type_keys("run clock\n");
    let digits = |screen: &Screen| -> Option<Vec<String>> {
        let rows = shell_rows(screen);
        let (date, above) = rows.split_last()?;
        let is_whole = date.contains("day 20") && above.iter().any(|row| row.contains("██████"));
        is_whole.then(|| above.to_vec())
    };
    let first = wait_for(&mut machine, "large digits and a date", digits);
    wait_for(&mut machine, "other digits", |screen| {
        digits(screen).filter(|digits| *digits != first)
    });
    machine.press(&["ctrl", "c"]);
    expect_line(&mut machine, "");
    assert_eq!(run_on_screen(&mut machine, "echo mine"), ["mine"]);
}

/// Where the snake's head is, and the food, in columns and rows of the screen.
fn snake(screen: &Screen) -> Option<[(usize, usize); 2]> {
    let place = |wanted| {
        let rows = 0..Screen::ROWS;
        let mut places = rows.flat_map(|row| (0..Screen::COLUMNS).map(move |column| (column, row)));
        places.find(|(column, row)| screen.character(*row, *column) == wanted)
    };
    Some([place('█')?, place('♦')?])
}

/// Whether a game has this score.
fn has_score(screen: &Screen, wanted: impl Fn(u32) -> bool) -> bool {
    let bar = screen.row(BAR_ROW + 1);
    let score = bar
        .split_once("score ")
        .and_then(|(_, after)| after.split(' ').next()?.parse().ok());
    score.is_some_and(wanted)
}

/// Steers to the food, a key at a time, until a game has more than no points. A game that is lost meanwhile, because the
/// machine is slow or the snake in its own way, is played again.
#[track_caller]
fn play(machine: &mut Machine) {
    let deadline = Instant::now() + 3 * LIMIT;
    let mut before = None;
    while Instant::now() < deadline {
        let screen = machine.screen();
        if has_score(&screen, |score| score > 0) {
            return;
        }
        if screen.find("Game over").is_some() {
            machine.press(&["ret"]);
        }
        // It is being drawn, or has not moved.
        let Some([head, food]) = snake(&screen).filter(|places| before != Some(*places)) else {
            continue;
        };
        before = Some([head, food]);
        let key = match (head.0.cmp(&food.0), head.1.cmp(&food.1)) {
            (_, std::cmp::Ordering::Less) => "down",
            (_, std::cmp::Ordering::Greater) => "up",
            (std::cmp::Ordering::Less, _) => "right",
            _ => "left",
        };
        machine.press(&[key]);
    }
    panic!("nothing was eaten:\n{}", machine.screen());
}

#[test]
fn snake_is_played_lost_played_again_and_left() {
    let mut machine = start(kernel().apps([app("snake")]));
    run_on_screen(&mut machine, "echo before");
    machine.type_keys("run snake\n");
    let first = wait_for(&mut machine, "a snake and its food", snake);
    wait_for(&mut machine, "a move", |screen| {
        snake(screen).filter(|places| places[0] != first[0])
    });
    // Nobody steers: it runs into the wall.
    wait_for(&mut machine, "the end", |screen| screen.find("Game over"));
    machine.press(&["ret"]);
    wait_for(&mut machine, "another game", |screen| {
        (screen.find("Game over").is_none() && has_score(screen, |score| score == 0)).then_some(())
    });
    play(&mut machine);
    machine.press(&["spc"]);
    wait_for(&mut machine, "a pause or an end", |screen| {
        screen.find("Pause").or_else(|| screen.find("Game over"))
    });
    machine.press(&["esc"]);
    expect_line(&mut machine, "");
    expect_row(&mut machine, "before");
    assert_eq!(run_on_screen(&mut machine, "echo after"), ["after"]);
}

#[test]
fn a_person_asks_the_calculator() {
    // The client comes first, and waits for its server.
    let mut machine = Machine::boot(kernel().apps([app("ask"), app("calculator")]));
    machine.expect("ask: 6 * 7 = 42\r\n", LIMIT);
    machine.expect("an empty line ends", LIMIT);
    machine.send(b"run ask\n");
    for (sum, answer) in [
        ("2 * (3 + 4)", "2 * (3 + 4) = 14"),
        ("1 / 0", "1 / 0: this is no sum that has a result"),
        (
            "99999999999999999999",
            "99999999999999999999: a number has too many digits",
        ),
    ] {
        machine.send(format!("{sum}\n").as_bytes());
        machine.expect(&format!("{answer}\r\n"), LIMIT);
    }
    machine.send(b"\n");
    machine.expect(PROMPT, LIMIT);
    assert_eq!(run_on_serial(&mut machine, "echo back"), ["back"]);
}

#[test]
fn apps_count_for_themselves_and_add_to_one_sum() {
    let mut machine = Machine::boot(kernel().apps(["tally", "tally"].map(app)));
    // Each adds 1, 2 and 3. The last one of all sees what both have added.
    machine.expect("tally: 6 of 12\r\n", LIMIT);
}

#[test]
fn an_app_that_spins_stops_neither_the_shells_nor_other_apps() {
    let apps = ["hog", "witness", "hog"];
    let mut machine = start(kernel().apps(apps.map(app)));
    expect_going_on(&mut machine, "witness");
    assert_eq!(run_on_screen(&mut machine, "echo here"), ["here"]);
    let states: Vec<String> = list(&mut machine)
        .into_iter()
        .map(|row| row.state)
        .collect();
    assert_eq!([&states[0], &states[2]], ["running", "running"]);
}

/// Each prints its ticks, so a thousand third ones are three of each; and a second one too many is nobody's.
#[test]
fn a_thousand_apps_tick_and_none_is_lost() {
    const APPS: usize = 1000;
    let apps = iter::repeat_n(app("count"), APPS);
    let mut machine = Machine::boot(kernel().memory_mib(4096).apps(apps));
    for _ in 0..APPS {
        machine.expect("count: 3\r\n", LIMIT);
    }
    let transcript = machine.transcript();
    for tick in ["count: 1\r\n", "count: 2\r\n", "count: 3\r\n"] {
        assert_eq!(transcript.matches(tick).count(), APPS, "{tick:?}");
    }
    assert_eq!(list(&mut machine).len(), APPS);
}
