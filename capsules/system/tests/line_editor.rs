//! Keys are edited into a line, and a terminal shows it.
//!
//! The terminal is a model of one row that knows exactly the sequences the editor may send and fails on
//! any other, and on writing in the last column. A second, simpler editor says what the line must be.
//! Random keys must keep all three in step.

use std::{collections::VecDeque, fmt, ops::Range};

use capsules_core::Key;
use capsules_system::line::{Event, HISTORY_BYTES, History, LINE_BYTES, LineEditor, WIDTH};
use proptest::{collection::vec, prelude::*};

/// The row of a terminal that its cursor is in.
#[derive(Default)]
struct Row {
    /// Up to the last one written.
    cells: Vec<char>,
    column: usize,
    /// What came of an escape sequence.
    escape: Option<String>,
    bells: usize,
    rows_above: usize,
    chars_written: usize,
}

impl Row {
    fn take(&mut self, c: char) {
        self.chars_written += 1;
        match (&mut self.escape, c) {
            (Some(escape), _) => {
                escape.push(c);
                if c.is_ascii_alphabetic() {
                    self.finish_escape();
                }
            }
            (None, '\r') => self.column = 0,
            (None, '\n') => {
                assert_eq!(self.column, 0, "a line feed without a carriage return");
                self.cells.clear();
                self.rows_above += 1;
            }
            (None, '\x07') => self.bells += 1,
            (None, '\x1b') => self.escape = Some(String::new()),
            (None, _) => {
                assert!(!c.is_control(), "{c:?} written");
                assert!(self.column < WIDTH - 1, "{c:?} written in the last column");
                self.cells
                    .resize(self.cells.len().max(self.column + 1), ' ');
                self.cells[self.column] = c;
                self.column += 1;
            }
        }
    }

    fn finish_escape(&mut self) {
        let escape = self.escape.take().unwrap();
        let count = escape[1..].trim_end_matches(['C', 'D']).parse();
        match (escape.chars().last(), count) {
            (Some('C'), Ok(columns @ 1..)) => self.column += columns,
            (Some('D'), Ok(columns @ 1..)) if columns <= self.column => self.column -= columns,
            _ if escape == "[K" => self.cells.truncate(self.column),
            _ => panic!("ESC {escape} in column {}", self.column),
        }
        assert!(self.column < WIDTH, "the cursor left the row");
    }

    fn is_empty(&self) -> bool {
        self.column == 0 && self.cells.is_empty()
    }
}

impl fmt::Write for Row {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().for_each(|c| self.take(c));
        Ok(())
    }
}

/// What the editor should do, without drawing anything.
#[derive(Default)]
struct Reference {
    text: Vec<char>,
    cursor: usize,
    killed: Vec<char>,
    entered: VecDeque<String>,
    recalled: usize,
    draft: Vec<char>,
}

impl Reference {
    fn string(&self) -> String {
        self.text.iter().collect()
    }

    /// What the key leads to, and whether it rings the bell.
    fn handle(&mut self, key: Key) -> (Event, bool) {
        let (cursor, end) = (self.cursor, self.text.len());
        let done = match key {
            Key::Enter => {
                self.enter();
                return (Event::Submitted, false);
            }
            Key::Tab => return (Event::Complete, false),
            Key::Control('c') => return (Event::Interrupted, false),
            Key::Control('l') => return (Event::ClearScreen, false),
            Key::Control('d') if end == 0 => return (Event::EndOfInput, false),
            Key::Char(c) => c.is_control() || self.insert(&[c]),
            Key::Left | Key::Control('b') => cursor > 0 && self.go(cursor - 1),
            Key::Right | Key::Control('f') => cursor < end && self.go(cursor + 1),
            Key::Home | Key::Control('a') => self.go(0),
            Key::End | Key::Control('e') => self.go(end),
            Key::Backspace => cursor > 0 && self.remove(cursor - 1..cursor),
            Key::Delete | Key::Control('d') => cursor < end && self.remove(cursor..cursor + 1),
            Key::Control('k') => cursor == end || self.kill(cursor..end),
            Key::Control('u') => cursor == 0 || self.kill(0..cursor),
            Key::Control('w') => cursor > 0 && self.kill(self.word_start()..cursor),
            Key::Control('y') => !self.killed.is_empty() && self.insert(&self.killed.clone()),
            Key::Up | Key::Control('p') => self.recall(self.recalled + 1),
            Key::Down | Key::Control('n') => self.recalled > 0 && self.recall(self.recalled - 1),
            _ => true,
        };
        (Event::Edited, !done)
    }

    fn insert(&mut self, text: &[char]) -> bool {
        let bytes: usize = self.text.iter().chain(text).map(|c| c.len_utf8()).sum();
        let fits = bytes <= LINE_BYTES && !text.iter().any(|c| c.is_control());
        if fits {
            let at = self.cursor;
            self.text.splice(at..at, text.iter().copied());
            self.cursor += text.len();
        }
        fits
    }

    fn set_text(&mut self, text: &str) -> bool {
        let fits = text.len() <= LINE_BYTES && !text.contains(char::is_control);
        if fits {
            self.text = text.chars().collect();
            self.cursor = self.text.len();
        }
        fits
    }

    fn go(&mut self, to: usize) -> bool {
        self.cursor = to;
        true
    }

    fn remove(&mut self, range: Range<usize>) -> bool {
        self.cursor = range.start;
        self.text.drain(range);
        true
    }

    fn kill(&mut self, range: Range<usize>) -> bool {
        self.killed = self.text[range.clone()].to_vec();
        self.remove(range)
    }

    fn word_start(&self) -> usize {
        let before = &self.text[..self.cursor];
        let last = before.iter().rposition(|&c| c != ' ').unwrap_or(0);
        let blank = before[..last].iter().rposition(|&c| c == ' ');
        blank.map_or(0, |blank| blank + 1)
    }

    fn enter(&mut self) {
        if self.text.is_empty() || self.entered.back() == Some(&self.string()) {
            return;
        }
        self.entered.push_back(self.string());
        let bytes = |lines: &VecDeque<String>| lines.iter().map(|line| line.len() + 1).sum();
        while HISTORY_BYTES < bytes(&self.entered) {
            self.entered.pop_front();
        }
    }

    fn recall(&mut self, back: usize) -> bool {
        if back > self.entered.len() {
            return false;
        }
        if self.recalled == 0 {
            self.draft = self.text.clone();
        }
        self.recalled = back;
        self.text = match back {
            0 => self.draft.clone(),
            _ => self.entered[self.entered.len() - back].chars().collect(),
        };
        self.go(self.text.len())
    }

    fn clear(&mut self) {
        self.text.clear();
        self.cursor = 0;
        self.recalled = 0;
    }
}

/// An editor at a terminal, with the reference beside it.
struct Bench {
    /// As much of it as the editor shows.
    prompt: String,
    editor: LineEditor,
    history: History,
    row: Row,
    reference: Reference,
}

impl Bench {
    fn new(prompt: &'static str) -> Self {
        let mut bench = Self {
            prompt: prompt.chars().take(WIDTH / 2).collect(),
            editor: LineEditor::new(prompt),
            history: History::new(),
            row: Row::default(),
            reference: Reference::default(),
        };
        bench.editor.draw(&mut bench.row);
        bench.check();
        bench
    }

    /// Presses `key` and does with the event what a shell would do.
    fn press(&mut self, key: Key) -> Event {
        let (bells, rows) = (self.row.bells, self.row.rows_above);
        let (expected, rings) = self.reference.handle(key);
        let event = self.editor.handle(key, &mut self.history, &mut self.row);
        assert_eq!(event, expected);
        assert_eq!(self.row.bells - bells, usize::from(rings), "{key:?}");
        assert!(self.history.iter().eq(&self.reference.entered));
        let new_row = matches!(event, Event::Submitted | Event::Interrupted);
        assert_eq!(self.row.rows_above - rows, usize::from(new_row));
        if new_row {
            assert!(self.row.is_empty());
            assert_eq!(self.editor.text(), self.reference.string());
            self.editor.clear();
            self.reference.clear();
            self.editor.draw(&mut self.row);
        }
        self.check();
        event
    }

    fn type_in(&mut self, text: &str) {
        text.chars().for_each(|c| _ = self.press(Key::Char(c)));
    }

    fn insert(&mut self, text: &str) {
        let expected = self.reference.insert(&text.chars().collect::<Vec<_>>());
        assert_eq!(self.editor.insert_str(text, &mut self.row), expected);
        self.check();
    }

    fn set_text(&mut self, text: &str) {
        let expected = self.reference.set_text(text);
        assert_eq!(self.editor.set_text(text, &mut self.row), expected);
        self.check();
    }

    /// Something else is written to the row, and the line is drawn over it.
    fn interrupt_with(&mut self, message: &str) {
        self.editor.erase(&mut self.row);
        assert!(self.row.is_empty());
        message.chars().for_each(|c| self.row.take(c));
        self.editor.draw(&mut self.row);
        self.check();
    }

    /// The line is the reference's, and the row shows the part of it around the cursor.
    fn check(&self) {
        let Reference { text, cursor, .. } = &self.reference;
        let text_before: String = text[..*cursor].iter().collect();
        assert_eq!(self.editor.text(), self.reference.string());
        assert_eq!(self.editor.cursor(), text_before.len());

        let prompt_columns = self.prompt.chars().count();
        let room = WIDTH - 1 - prompt_columns;
        assert!(prompt_columns <= self.row.column, "cursor in the prompt");
        let scrolled = prompt_columns + cursor - self.row.column;
        // Only a line that does not fit is scrolled, and never up to the cursor.
        assert!(scrolled == 0 || (text.len() > room && scrolled < *cursor));
        let visible = text.iter().skip(scrolled).take(room);
        let shown: String = self.prompt.chars().chain(visible.copied()).collect();
        assert_eq!(self.row.cells.iter().collect::<String>(), shown);
    }
}

#[test]
fn a_pasted_line_longer_than_the_screen_never_wraps() {
    let mut bench = Bench::new("capsa> ");
    let pasted = "0123456789".repeat(LINE_BYTES / 10);
    bench.type_in(&pasted);
    assert_eq!(bench.row.rows_above, 0);
    // Scrolling draws the row, but seldom.
    assert!(bench.row.chars_written < 6 * pasted.len());
}

#[test]
fn the_window_follows_the_cursor_in_both_directions() {
    let mut bench = Bench::new("> ");
    bench.type_in(&(0..60).map(|n| format!("{n} ")).collect::<String>());
    for (rung, key) in [(0, Key::Left), (1, Key::Right), (2, Key::Backspace)] {
        while bench.row.bells == rung {
            bench.press(key);
        }
    }
}

#[test]
fn a_line_given_up_at_the_right_edge_does_not_wrap() {
    for columns in WIDTH - 6..WIDTH {
        let mut bench = Bench::new("> ");
        bench.type_in(&"x".repeat(columns));
        assert_eq!(bench.press(Key::Control('c')), Event::Interrupted);
    }
}

#[test]
fn a_full_line_rings_and_stays_editable() {
    let mut bench = Bench::new("> ");
    bench.type_in(&"é".repeat(LINE_BYTES / 2));
    bench.type_in("x");
    assert_eq!(bench.row.bells, 1);
    bench.press(Key::Backspace);
    bench.type_in("ab");
    assert!(bench.editor.text().ends_with("éab"));
    assert_eq!(bench.editor.text().len(), LINE_BYTES);
    assert_eq!(bench.row.bells, 1);
}

#[test]
fn going_down_past_the_newest_line_brings_back_what_was_being_typed() {
    let mut bench = Bench::new("> ");
    for line in ["first", "", "second", "second"] {
        bench.type_in(line);
        bench.press(Key::Enter);
    }
    bench.type_in("unfinished");
    let mut text_after = |key| {
        bench.press(key);
        bench.editor.text().to_owned()
    };
    assert_eq!(text_after(Key::Up), "second");
    assert_eq!(text_after(Key::Control('p')), "first");
    assert_eq!(text_after(Key::Up), "first", "there is no older one");
    assert_eq!(text_after(Key::Down), "second");
    assert_eq!(text_after(Key::Control('n')), "unfinished");
    assert_eq!(text_after(Key::Down), "unfinished");
    assert_eq!(bench.row.bells, 2);
}

#[test]
fn a_killed_word_can_be_yanked_elsewhere() {
    let mut bench = Bench::new("> ");
    bench.type_in("start blink  ");
    bench.press(Key::Control('w'));
    assert_eq!(bench.editor.text(), "start ");
    bench.press(Key::Home);
    bench.press(Key::Control('y'));
    assert_eq!(bench.editor.text(), "blink  start ");
    assert_eq!(bench.editor.cursor(), 7);
}

#[test]
fn the_rest_of_a_line_or_what_is_before_the_cursor_can_be_killed() {
    for (key, left) in [('k', "ab"), ('u', "cd")] {
        let mut bench = Bench::new("> ");
        bench.type_in("abcd");
        bench.press(Key::Left);
        bench.press(Key::Left);
        bench.press(Key::Control(key));
        assert_eq!(bench.editor.text(), left);
    }
}

#[test]
fn another_prompt_shows_when_the_line_is_drawn_again() {
    let mut bench = Bench::new("> ");
    bench.type_in("line");
    bench.editor.set_prompt("hello> ");
    bench.prompt = "hello> ".into();
    bench.interrupt_with("");
}

#[test]
fn control_d_ends_the_input_only_on_an_empty_line() {
    let mut bench = Bench::new("> ");
    assert_eq!(bench.press(Key::Control('d')), Event::EndOfInput);
    bench.type_in("ab");
    bench.press(Key::Home);
    assert_eq!(bench.press(Key::Control('d')), Event::Edited);
    assert_eq!(bench.editor.text(), "b");
}

/// One thing that happens at a terminal.
#[derive(Clone, Debug)]
enum Step {
    Press(Key),
    Insert(String),
    SetText(String),
    Message(String),
}

fn printable() -> impl Strategy<Value = char> {
    prop_oneof![3 => prop::char::range(' ', '~'), 2 => Just(' '), 1 => any::<char>()]
        .prop_filter("a control character", |c| !c.is_control())
}

fn key() -> impl Strategy<Value = Key> {
    use Key::*;
    let others = [
        Enter, Tab, Backspace, Delete, Left, Right, Up, Down, Home, End, Escape,
    ];
    prop_oneof![
        12 => printable().prop_map(Char),
        1 => any::<char>().prop_map(Char),
        1 => prop::sample::select(vec!['\r', '\n', '\x1b', '\x7f', '\u{9b}']).prop_map(Char),
        8 => prop::sample::select(others.to_vec()),
        8 => prop::sample::select("abcdefklnpuwy@[".chars().collect::<Vec<_>>()).prop_map(Control),
    ]
}

/// A piece of a text that does not repeat within a row, so that a window in the wrong place shows.
fn pasted() -> impl Strategy<Value = String> {
    let text: String = (0..200).map(|n| format!("{n} é")).collect();
    let text: Vec<char> = text.chars().collect();
    (0..500_usize, 0..150_usize).prop_map(move |(start, len)| text[start..][..len].iter().collect())
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        30 => key().prop_map(Step::Press),
        3 => pasted().prop_map(Step::Insert),
        1 => pasted().prop_map(Step::SetText),
        1 => "[ab\r\n\u{7f}]{0,8}".prop_map(Step::Insert),
        1 => "[ab\t\u{9b}]{0,8}".prop_map(Step::SetText),
        1 => "[a-z]{0,70}".prop_map(Step::Message),
    ]
}

fn prompt() -> impl Strategy<Value = &'static str> {
    let endless = "a prompt that goes on and on until nö room is left for a line > ";
    prop::sample::select(vec!["", "> ", "çapsa> ", endless])
}

proptest! {
    #[test]
    fn the_terminal_always_shows_what_the_reference_holds(
        prompt in prompt(),
        steps in vec(step(), 0..80),
    ) {
        let mut bench = Bench::new(prompt);
        for step in steps {
            match step {
                Step::Press(key) => _ = bench.press(key),
                Step::Insert(text) => bench.insert(&text),
                Step::SetText(text) => bench.set_text(&text),
                Step::Message(text) => bench.interrupt_with(&text),
            }
        }
    }
}
