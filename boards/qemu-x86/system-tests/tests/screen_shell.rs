//! The shell on the screen: what a person sees who works at the keyboard.

use qemu::{Machine, Screen, json};
use system_tests::{
    BAR_ROW, PROMPT, expect_line, expect_row, kernel, run_on_screen, run_on_serial, shell_rows,
    start, submit, wait_for,
};

/// Rows that the shell has.
const SHELL_ROWS: usize = Screen::ROWS - BAR_ROW - 1;

#[track_caller]
fn press_each(machine: &mut Machine, keys: &[&str]) {
    for key in keys {
        machine.press(&[key]);
    }
}

#[test]
fn a_command_that_is_typed_is_answered_on_the_screen_only() {
    let mut machine = start(kernel());
    let version = run_on_screen(&mut machine, "version");
    assert!(
        version.len() == 1 && version[0].starts_with("Capsa "),
        "{version:?}"
    );
    assert_eq!(
        run_on_screen(&mut machine, "echo 'Hello, World!' {~|\\^}"),
        ["'Hello, World!' {~|\\^}"]
    );
    let complaint = "versoin: no such command. Did you mean `version`?";
    assert_eq!(run_on_screen(&mut machine, "versoin"), [complaint]);
    assert!(
        !machine.transcript().contains("Hello"),
        "{}",
        machine.transcript()
    );
}

#[test]
fn keys_edit_the_line_where_the_cursor_is() {
    let mut machine = start(kernel());
    machine.type_keys("cho one tree!");
    for (keys, line) in [
        (&["home"][..], "cho one tree!"),
        (&["e"], "echo one tree!"),
        (&["end", "backspace"], "echo one tree"),
        (&["left", "left", "left", "h"], "echo one three"),
        (&["home", "delete", "delete", "right"], "ho one three"),
        (&["left", "left", "e", "c"], "echo one three"),
        (&["end", "spc", "f", "o"], "echo one three fo"),
        (&["f1", "pgup", "esc", "u", "r"], "echo one three four"),
    ] {
        press_each(&mut machine, keys);
        expect_line(&mut machine, line);
    }
    machine.press(&["ctrl", "w"]);
    expect_line(&mut machine, "echo one three");
    machine.press(&["ctrl", "a"]);
    machine.press(&["ctrl", "k"]);
    expect_line(&mut machine, "");
    machine.press(&["ctrl", "y"]);
    assert_eq!(submit(&mut machine, "echo one three"), ["one three"]);
}

/// Column and row of the screen's cursor, as the adapter has it.
fn cursor(machine: &mut Machine) -> (usize, usize) {
    let mut ask = |line: &str| {
        let arguments = json!({ "command-line": line });
        let command = json!({ "execute": "human-monitor-command", "arguments": arguments });
        machine
            .monitor(command)
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    // The kernel uses the same two registers.
    ask("stop");
    let mut place = 0;
    for register in ["0x0e", "0x0f"] {
        ask(&format!("o /b 0x3d4 {register}"));
        let answer = ask("i /b 0x3d5");
        let byte = answer
            .trim_end()
            .rsplit_once("= 0x")
            .map(|(_, value)| value);
        place = place << 8 | usize::from_str_radix(byte.unwrap(), 16).unwrap();
    }
    ask("cont");
    (place % Screen::COLUMNS, place / Screen::COLUMNS)
}

#[test]
fn the_cursor_stands_where_the_next_character_goes() {
    let mut machine = start(kernel());
    let row = BAR_ROW + expect_line(&mut machine, "").len();
    assert_eq!(cursor(&mut machine), (PROMPT.len(), row));
    machine.type_keys("echo ab");
    expect_line(&mut machine, "echo ab");
    press_each(&mut machine, &["left", "x"]);
    expect_line(&mut machine, "echo axb");
    assert_eq!(cursor(&mut machine), (PROMPT.len() + "echo ax".len(), row));
    assert_eq!(submit(&mut machine, "echo axb"), ["axb"]);
    assert_eq!(cursor(&mut machine), (PROMPT.len(), row + 2));
}

#[test]
fn up_and_down_bring_lines_back() {
    let mut machine = start(kernel());
    run_on_screen(&mut machine, "echo first");
    run_on_screen(&mut machine, "echo second");
    machine.type_keys("draft");
    for (key, line) in [
        ("up", "echo second"),
        ("up", "echo first"),
        ("up", "echo first"),
        ("down", "echo second"),
        ("down", "draft"),
        ("up", "echo second"),
        ("up", "echo first"),
    ] {
        machine.press(&[key]);
        expect_line(&mut machine, line);
    }
    assert_eq!(submit(&mut machine, "echo first"), ["first"]);
    // Each terminal has a history of its own.
    assert_eq!(run_on_serial(&mut machine, "history"), ["   1  history"]);
}

#[test]
fn tab_completes_a_command_or_lists_what_fits() {
    let mut machine = start(kernel());
    machine.type_keys("vers\t");
    // The blank after it shows with what follows.
    machine.type_keys(".");
    expect_line(&mut machine, "version .");
    machine.press(&["ctrl", "u"]);
    machine.type_keys("s\t\t");
    expect_row(&mut machine, "sleep  start  stop  status  shutdown");
    expect_line(&mut machine, "s");
    machine.type_keys("h\t");
    machine.press(&["backspace"]);
    machine.press(&["ctrl", "c"]);
    expect_row(&mut machine, &format!("{PROMPT}shutdown^C"));
    expect_line(&mut machine, "");
}

#[test]
fn control_l_and_clear_leave_a_prompt_and_the_bar() {
    let mut machine = start(kernel());
    let only_row = |screen: &Screen| {
        let mut rows = shell_rows(screen);
        rows.retain(|row| !row.is_empty());
        (rows.len() == 1).then(|| rows.remove(0))
    };
    run_on_screen(&mut machine, "help");
    machine.type_keys("echo stays");
    expect_line(&mut machine, "echo stays");
    machine.press(&["ctrl", "l"]);
    let line = wait_for(&mut machine, "a screen with one row", only_row);
    assert_eq!(line, "odyssey> echo stays");
    assert_eq!(submit(&mut machine, "echo stays"), ["stays"]);
    assert_eq!(machine.screen().row(BAR_ROW + 1), "odyssey> echo stays");

    run_on_screen(&mut machine, "help");
    machine.type_keys("clear\n");
    let line = wait_for(&mut machine, "a screen with one row", only_row);
    assert_eq!(line, PROMPT.trim_end());
    let bar = machine.screen().row(BAR_ROW);
    assert!(bar.contains("Capsa"), "{bar:?}");
}

#[test]
fn a_full_screen_scrolls_under_the_bar() {
    const ROUNDS: usize = 3;
    let mut machine = start(kernel());
    let help = run_on_serial(&mut machine, "help");
    for _ in 0..ROUNDS {
        machine.type_keys("help");
        expect_line(&mut machine, "help");
        machine.press(&["ret"]);
        expect_line(&mut machine, "");
    }
    let entered = [format!("{PROMPT}help")];
    let printed = entered
        .iter()
        .chain(&help)
        .cycle()
        .take(ROUNDS * (help.len() + 1));
    let mut expected: Vec<&str> = printed.map(String::as_str).collect();
    expected.push(PROMPT.trim_end());
    let screen = machine.screen();
    assert_eq!(shell_rows(&screen), expected[expected.len() - SHELL_ROWS..]);
    let bar = screen.row(BAR_ROW);
    for part in ["Capsa", "■ ■ ■ ■ ■ ■", " up 0:00:", " of 8 tasks ready"] {
        assert!(bar.contains(part), "{bar:?} has no {part:?}");
    }
}

#[test]
fn a_line_longer_than_the_row_is_seen_through_a_window() {
    let mut machine = start(kernel());
    let text: String = ('a'..='z').cycle().take(100).collect();
    machine.type_keys(&format!("echo {text}"));
    let rows = expect_end(&mut machine, &text[text.len() - 10..]);
    assert!(rows.last().unwrap().starts_with(PROMPT), "{rows:?}");
    machine.press(&["home"]);
    wait_for(&mut machine, "the start of the line", |screen| {
        screen.find(&format!("{PROMPT}echo abc"))
    });
    machine.press(&["ret"]);
    expect_row(&mut machine, &text[..Screen::COLUMNS]);
    expect_row(&mut machine, &text[Screen::COLUMNS..]);
    let after = expect_line(&mut machine, "").len();
    assert_eq!(
        after,
        rows.len() + 3,
        "the line stayed in one row, its text took two"
    );
}

/// Waits until the last row ends with `text`, and returns the shell's rows.
#[track_caller]
fn expect_end(machine: &mut Machine, text: &str) -> Vec<String> {
    wait_for(
        machine,
        &format!("a last row that ends with {text:?}"),
        |screen| {
            let rows = shell_rows(screen);
            rows.last()
                .is_some_and(|row| row.ends_with(text))
                .then_some(rows)
        },
    )
}

#[test]
fn shift_and_caps_lock_make_capitals() {
    let mut machine = start(kernel());
    machine.type_keys("echo aB");
    machine.press(&["caps_lock"]);
    // Caps Lock is for letters, and Shift takes it back.
    machine.type_keys("cD1");
    machine.press(&["caps_lock"]);
    machine.type_keys("eF!");
    machine.press(&["shift_r", "g"]);
    assert_eq!(submit(&mut machine, "echo aBCd1eF!G"), ["aBCd1eF!G"]);
}

#[test]
fn keys_type_what_the_layout_says() {
    let mut machine = start(kernel());
    for (layout, presses, typed) in [
        (
            "de",
            &[
                &["y"][..],
                &["z"],
                &["semicolon"],
                &["minus"],
                &["shift", "7"],
            ][..],
            "zyöß/",
        ),
        (
            "de",
            &[
                &["alt_r", "q"],
                &["alt_r", "7"],
                &["less"],
                &["shift", "less"],
            ],
            "@{<>",
        ),
        (
            "fr",
            &[
                &["q"],
                &["a"],
                &["w"],
                &["semicolon"],
                &["2"],
                &["shift", "2"],
            ],
            "aqzmé2",
        ),
        (
            "uk",
            &[&["shift", "3"], &["shift", "2"], &["shift", "apostrophe"]],
            "£\"@",
        ),
        (
            "us",
            &[&["y"], &["z"], &["q"], &["shift", "3"], &["shift", "2"]],
            "yzq#@",
        ),
    ] {
        // From the other terminal: what to type for `keymap` depends on the layout.
        assert_eq!(
            run_on_serial(&mut machine, &format!("keymap {layout}")),
            [""; 0]
        );
        for keys in presses {
            machine.press(keys);
        }
        expect_line(&mut machine, typed);
        machine.press(&["ctrl", "u"]);
        expect_line(&mut machine, "");
    }
    // It can be typed, too.
    assert_eq!(run_on_screen(&mut machine, "keymap de"), [""; 0]);
    machine.press(&["y"]);
    expect_line(&mut machine, "z");
}

#[test]
fn keys_shows_scan_codes_until_control_c() {
    let mut machine = start(kernel());
    machine.type_keys("keys");
    expect_line(&mut machine, "keys");
    machine.press(&["ret"]);
    press_each(&mut machine, &["a", "up", "ctrl_r"]);
    let expected = [
        "9c  Return up",
        "1e  A down Char('a')",
        "9e  A up",
        "e0 48  ArrowUp down Up",
        "e0 c8  ArrowUp up",
        "e0 1d  RControl down",
        "e0 9d  RControl up",
    ];
    let rows = wait_for(&mut machine, "all events", |screen| {
        let rows = shell_rows(screen);
        (rows.last()? == expected.last()?).then_some(rows)
    });
    assert_eq!(rows[rows.len() - expected.len()..], expected);

    machine.press(&["ctrl", "c"]);
    let rows = expect_line(&mut machine, "");
    assert_eq!(rows[rows.len() - 2], "2e  C down Control('c')");
    assert_eq!(run_on_screen(&mut machine, "echo over"), ["over"]);
}
