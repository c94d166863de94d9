//! The text screen's emulator as its users see it: bytes in, cells and cursor out.

use std::cell::Cell;

use chip_pc::vga::ansi::{Action, Parser};
use chip_pc::vga::code_page_437::{REPLACEMENT, from_char, to_char};
use chip_pc::vga::emulator::{Cells, Emulator};
use proptest::prelude::*;

/// Cells that panic when one outside is touched, and count how often one is set.
struct Memory {
    cells: Vec<Cell<u16>>,
    sets: Cell<usize>,
}

impl Cells for Memory {
    fn get(&self, index: usize) -> u16 {
        self.cells[index].get()
    }

    fn set(&self, index: usize, cell: u16) {
        self.cells[index].set(cell);
        self.sets.set(self.sets.get() + 1);
    }
}

/// An emulator with its cells.
struct Terminal {
    emulator: Emulator,
    memory: Memory,
    columns: usize,
}

impl Terminal {
    /// A cleared screen. Before, its cells held what no output of these tests looks like.
    fn new(columns: usize, rows: usize) -> Self {
        let cells = vec![Cell::new(0x5a5a); columns * rows];
        let sets = Cell::new(0);
        let memory = Memory { cells, sets };
        let mut emulator = Emulator::new(columns, rows);
        emulator.clear(&memory);
        Self {
            emulator,
            memory,
            columns,
        }
    }

    /// A cleared screen of 10 × 3 on which `output` has been written.
    fn after(output: &str) -> Self {
        let mut terminal = Self::new(10, 3);
        terminal.write(output);
        terminal
    }

    fn write(&mut self, output: impl AsRef<[u8]>) {
        self.emulator.write(output.as_ref(), &self.memory);
    }

    /// The rows as text, without the blanks at their ends.
    fn text(&self) -> Vec<String> {
        let glyph = |cell: &Cell<u16>| to_char(cell.get() as u8);
        let rows = self.memory.cells.chunks(self.columns);
        rows.map(|row| String::from_iter(row.iter().map(glyph)))
            .map(|row| row.trim_end_matches(' ').to_owned())
            .collect()
    }

    fn cells(&self) -> Vec<u16> {
        self.memory.cells.iter().map(Cell::get).collect()
    }
}

#[track_caller]
fn assert_screen(output: &str, text: [&str; 3], cursor: (usize, usize)) {
    let terminal = Terminal::after(output);
    assert_eq!(terminal.text(), text, "after {output:?}");
    assert_eq!(terminal.emulator.cursor(), cursor, "after {output:?}");
}

#[test]
fn text_written_in_the_last_column_wraps_only_when_more_follows() {
    assert_screen("0123456789", ["0123456789", "", ""], (9, 0));
    assert_screen("0123456789a", ["0123456789", "a", ""], (1, 1));
}

#[test]
fn a_full_row_with_return_and_line_feed_leaves_no_empty_row() {
    assert_screen("0123456789\r\na", ["0123456789", "a", ""], (1, 1));
}

#[test]
fn a_full_last_row_scrolls_only_when_more_follows() {
    assert_screen("a\r\nb\r\n0123456789", ["a", "b", "0123456789"], (9, 2));
    assert_screen("a\r\nb\r\n0123456789c", ["b", "0123456789", "c"], (1, 2));
}

#[test]
fn what_moves_or_erases_drops_the_wrap() {
    assert_screen("0123456789\ra", ["a123456789", "", ""], (1, 0));
    assert_screen("0123456789\x08a", ["01234567a9", "", ""], (9, 0));
    assert_screen("0123456789\na", ["0123456789", "         a", ""], (9, 1));
    assert_screen("0123456789\x1b[Ca", ["012345678a", "", ""], (9, 0));
    assert_screen("0123456789\x1b[Ka", ["012345678a", "", ""], (9, 0));
    assert_screen("0123456789\x1b[2Ja", ["         a", "", ""], (9, 0));
}

#[test]
fn colours_and_tabs_keep_the_wrap() {
    assert_screen("0123456789\x1b[1ma", ["0123456789", "a", ""], (1, 1));
    assert_screen("0123456789\ta", ["0123456789", "a", ""], (1, 1));
}

#[test]
fn a_line_feed_keeps_the_column_and_a_return_the_row() {
    assert_screen("ab\nc\rd", ["ab", "d c", ""], (1, 1));
}

#[test]
fn the_row_scrolled_in_has_the_current_colours_neither_bold_nor_reversed() {
    let terminal = Terminal::after("a\r\nb\r\nc\x1b[1;7;31;44m\n");
    assert_eq!(terminal.text(), ["b", "c", ""]);
    assert_eq!(terminal.cells()[20..], [0x1420; 10]);
}

#[test]
fn scrolling_sets_each_cell_once() {
    let mut terminal = Terminal::after("a\r\nb\r\nc");
    terminal.memory.sets.set(0);
    terminal.write("\n");
    assert_eq!(terminal.memory.sets.get(), 30);
}

#[test]
fn tabs_stop_every_eight_columns_and_in_the_last() {
    assert_screen("\ta", ["        a", "", ""], (9, 0));
    assert_screen("1234567\ta", ["1234567 a", "", ""], (9, 0));
    assert_screen("12345678\ta", ["12345678 a", "", ""], (9, 0));
}

#[test]
fn a_backspace_stops_in_the_first_column() {
    assert_screen("ab\x08c", ["ac", "", ""], (2, 0));
    assert_screen("ab\r\n\x08c", ["ab", "c", ""], (1, 1));
}

#[test]
fn a_bell_and_a_delete_show_nothing() {
    assert_screen("a\x07\x7fb", ["ab", "", ""], (2, 0));
}

#[test]
fn moves_without_a_number_or_with_zero_go_one_step() {
    assert_screen("ab\x1b[Bc\x1b[0Ad", ["ab d", "  c", ""], (4, 0));
    assert_screen("ab\x1b[De\x1b[0Cf", ["ae f", "", ""], (4, 0));
}

#[test]
fn moves_stop_at_the_edges_without_scrolling() {
    assert_screen("a\x1b[9Ab\x1b[327680Bc", ["ab", "", "  c"], (3, 2));
    assert_screen("a\x1b[99Cb\x1b[99Dc", ["c        b", "", ""], (1, 0));
    assert_screen("\x1b[99;99Ha\x1b[Gb", ["", "", "b        a"], (1, 2));
}

#[test]
fn places_count_from_one_and_begin_with_the_row() {
    assert_screen("\x1b[2;3Ha", ["", "  a", ""], (3, 1));
    assert_screen("ab\x1b[3fc", ["ab", "", "c"], (1, 2));
    assert_screen("ab\x1b[;5Hc\x1b[Hd", ["db  c", "", ""], (1, 0));
    assert_screen("ab\x1b[7Gc", ["ab    c", "", ""], (7, 0));
}

#[test]
fn an_erase_takes_its_part_and_leaves_the_cursor() {
    let full = "aaaaaaaaaabbbbbbbbbbcccccccccc\x1b[2;4H";
    let cases = [
        ("\x1b[K", ["aaaaaaaaaa", "bbb", "cccccccccc"]),
        ("\x1b[1K", ["aaaaaaaaaa", "    bbbbbb", "cccccccccc"]),
        ("\x1b[2K", ["aaaaaaaaaa", "", "cccccccccc"]),
        ("\x1b[3K", ["aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc"]),
        ("\x1b[J", ["aaaaaaaaaa", "bbb", ""]),
        ("\x1b[1J", ["", "    bbbbbb", "cccccccccc"]),
        ("\x1b[2J", ["", "", ""]),
    ];
    for (erase, text) in cases {
        assert_screen(&format!("{full}{erase}"), text, (3, 1));
    }
}

#[test]
fn an_erase_uses_the_current_background() {
    let cells = Terminal::after("\x1b[41mab\x1b[44m\r\x1b[K").cells();
    assert_eq!(cells[..10], [0x1720; 10]);
    assert_eq!(cells[10..], [0x0720; 20]);
}

#[test]
fn a_restored_cursor_goes_on_as_if_it_had_never_moved() {
    assert_screen("ab\x1b[s\x1b[3;5Hx\x1b[uc", ["abc", "", "    x"], (3, 0));
    assert_screen(
        "0123456789\x1b[s\x1b[H\x1b[ua",
        ["0123456789", "a", ""],
        (1, 1),
    );
    assert_screen("ab\x1b[uc", ["cb", "", ""], (1, 0));
}

#[test]
fn the_cursor_is_shown_until_it_is_hidden() {
    let mut terminal = Terminal::after("");
    assert!(terminal.emulator.cursor_shown());
    let changes = [
        ("\x1b[?25l", false),
        ("\x1b[?7;25h", true),
        ("\x1b[25l", true),
    ];
    for (output, shown) in changes {
        terminal.write(output);
        assert_eq!(terminal.emulator.cursor_shown(), shown, "after {output:?}");
    }
    terminal.emulator.show_cursor(false);
    assert!(!terminal.emulator.cursor_shown());
}

#[test]
fn a_cursor_set_outside_stays_where_it_was() {
    let mut terminal = Terminal::after("0123456789");
    for (column, row) in [(10, 0), (0, 3), (usize::MAX, usize::MAX)] {
        assert!(!terminal.emulator.set_cursor(column, row));
        assert_eq!(terminal.emulator.cursor(), (9, 0));
    }
    assert!(terminal.emulator.set_cursor(9, 2));
    assert_eq!(terminal.emulator.cursor(), (9, 2));
}

#[test]
fn clearing_keeps_the_colours_and_goes_to_the_top_left() {
    let mut terminal = Terminal::after("a\r\n\x1b[42mb");
    terminal.emulator.clear(&terminal.memory);
    assert_eq!(terminal.cells(), [0x2720; 30]);
    assert_eq!(terminal.emulator.cursor(), (0, 0));
}

#[test]
fn each_rendition_has_its_colours() {
    #[rustfmt::skip]
    let cases = [
        ("", 0x07), ("1", 0x0f), ("2", 0x07), ("1;2", 0x07), ("1;22", 0x07), ("7", 0x70),
        ("7;27", 0x07), ("1;7", 0x78), ("31;42;1;7;0", 0x07), ("31;42;", 0x07), ("30", 0x00),
        ("31", 0x04), ("32", 0x02), ("33", 0x06), ("34", 0x01), ("35", 0x05), ("36", 0x03),
        ("37", 0x07), ("31;39", 0x07), ("1;34", 0x09), ("91", 0x0c), ("97;22", 0x0f),
        ("41", 0x47), ("43", 0x67), ("47;30", 0x70), ("44;49", 0x07), ("103", 0x67),
        ("94;44;7", 0x19), ("38;5;1;31", 0x04), ("48;2;1;7;31", 0x07), ("38;5", 0x07),
        ("4;5;9;53;65535", 0x07), ("0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;31", 0x04),
        ("0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;31", 0x07),
    ];
    for (parameters, attribute) in cases {
        let cell = Terminal::after(&format!("\x1b[{parameters}mx")).cells()[0];
        assert_eq!(cell >> 8, attribute, "after CSI {parameters} m");
    }
}

#[test]
fn an_unknown_sequence_leaves_no_trace_on_the_screen() {
    #[rustfmt::skip]
    let unknown = [
        "\x1b[5n", "\x1b[>c", "\x1b[?1049h", "\x1b[!p", "\x1b[4:3m", "\x1b[ q", "\x1b[1$3A",
        "\x1b[3?25l", "\x1b[??25l", "\x1b[<1A", "\x1b7", "\x1bM", "\x1b(B", "\x1b#8", "\x1b $A",
        "\x1b]0;title\x07", "\x1b]0;caf\u{e9}\x1b\\", "\x1bPq#1~\n\r\x1b\\", "\x1b_x\x1b\\",
        "\x1b^x\x1b\\", "\x1bXx\x1b\\", "\x1b[12\x18", "\x1b]x\x1a", "\u{9b}", "\x00\x0e\x1f",
        "\x1b[12\x1b[5n",
    ];
    let plain = Terminal::after("ab");
    for sequence in unknown {
        let terminal = Terminal::after(&format!("a{sequence}b"));
        assert_eq!(terminal.text(), plain.text(), "after {sequence:?}");
        assert_eq!(terminal.cells(), plain.cells(), "after {sequence:?}");
        assert!(terminal.emulator.cursor_shown(), "after {sequence:?}");
    }
}

#[test]
fn control_characters_act_inside_a_sequence() {
    assert_screen("a\x1b[3\r\n1mb", ["a", "b", ""], (1, 1));
    assert_eq!(Terminal::after("\x1b[3\r1mb").cells()[0], 0x0462);
}

#[test]
fn text_beyond_ascii_ends_a_broken_sequence() {
    assert_screen("\x1b[3é\x1bé", ["éé", "", ""], (2, 0));
}

#[test]
fn a_character_outside_the_code_page_takes_one_cell() {
    assert_screen("é║☺", ["é║☺", "", ""], (3, 0));
    let terminal = Terminal::after("€\u{fffd}b");
    assert_eq!(terminal.cells()[0], 0x0700 | u16::from(REPLACEMENT));
    assert_eq!(terminal.text(), ["■■b", "", ""]);
}

#[test]
#[should_panic(expected = "0 columns and 25 rows")]
fn a_screen_without_columns_is_refused() {
    Emulator::new(0, 25);
}

/// Output that goes deep: whole and broken sequences, text, and any bytes at all.
fn output() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        "\x1b\\[[?]?[0-9;]{0,6}[A-HJKmsuhl]".prop_map(String::into_bytes),
        "\x1b[c\\]P(#M78]?".prop_map(String::into_bytes),
        "[ -~é║€😀]{0,12}".prop_map(String::into_bytes),
        "[\r\n\t\x08\x07\x18]".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_output_panics_or_leaves_the_screen(
        columns in 1usize..20,
        rows in 1usize..6,
        output in output(),
    ) {
        let mut terminal = Terminal::new(columns, rows);
        for byte in output {
            terminal.write([byte]);
            let (column, row) = terminal.emulator.cursor();
            prop_assert!(column < columns && row < rows);
        }
        prop_assert!(terminal.cells().iter().all(|cell| cell & 0x8000 == 0));
    }

    #[test]
    fn output_may_be_split_anywhere(
        output in output(),
        places in any::<[prop::sample::Index; 2]>(),
    ) {
        let mut whole = Terminal::after("");
        whole.write(&output);
        let mut split = Terminal::after("");
        let mut places = places.map(|place| place.index(output.len() + 1));
        places.sort();
        split.write(&output[..places[0]]);
        split.write(&output[places[0]..places[1]]);
        split.write(&output[places[1]..]);
        prop_assert_eq!(whole.cells(), split.cells());
        prop_assert_eq!(whole.emulator.cursor(), split.emulator.cursor());
        prop_assert_eq!(whole.emulator.cursor_shown(), split.emulator.cursor_shown());
    }

    #[test]
    fn after_a_reset_nothing_of_earlier_output_is_left(earlier in output(), later in output()) {
        let mut used = Terminal::after("");
        used.write(&earlier);
        used.write("\x1bc");
        used.write(&later);
        let mut fresh = Terminal::after("");
        fresh.write(&later);
        prop_assert_eq!(used.cells(), fresh.cells());
        prop_assert_eq!(used.emulator.cursor(), fresh.emulator.cursor());
        prop_assert_eq!(used.emulator.cursor_shown(), fresh.emulator.cursor_shown());
    }

    #[test]
    fn plain_text_fills_row_after_row(text in "[ -~é║]{1,60}") {
        let cell = |character| 0x0700 | u16::from(from_char(character).unwrap());
        let mut rows: Vec<u16> = text.chars().map(cell).collect();
        rows.resize(rows.len().next_multiple_of(10).max(30), 0x0720);
        prop_assert_eq!(Terminal::after(&text).cells(), rows.split_off(rows.len() - 30));
    }

    #[test]
    fn each_broken_character_becomes_one_replacement(
        bytes in prop::collection::vec(
            prop_oneof![0x80u8..=0xff, prop::sample::select(&b"z\xc1\xe0\xed\xf0\xf4"[..])],
            0..12,
        ),
    ) {
        let mut parser = Parser::default();
        let mut printed = String::new();
        // The letter at the end finishes what is unfinished.
        let output = [&bytes[..], b"z"].concat();
        let mut rest = &output[..];
        while let Some(action) = parser.next_action(&mut rest) {
            match action {
                Action::Print(character) => printed.push(character),
                other => prop_assert!(false, "{other:?}"),
            }
        }
        let mut expected = String::from_utf8_lossy(&bytes).replace(char::is_control, "");
        expected.push('z');
        prop_assert_eq!(printed, expected);
    }
}
