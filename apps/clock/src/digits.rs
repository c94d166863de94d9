//! Large digits, each of three by five squares, and a square is two columns wide.

/// Rows of a digit.
pub const ROWS: usize = 5;
/// Columns of a time, of three pairs of digits.
pub const TIME_COLUMNS: usize = 6 * DIGIT_COLUMNS + 2 * COLON_COLUMNS - 2;

const DIGIT_COLUMNS: usize = 8;
const COLON_COLUMNS: usize = 4;

const LIT: &str = "██";
const DARK: &str = "  ";

/// The squares of the digits, three bits a row from the top, the left one highest.
const DIGITS: [[u8; ROWS]; 10] = [
    [0b111, 0b101, 0b101, 0b101, 0b111],
    [0b010, 0b110, 0b010, 0b010, 0b111],
    [0b111, 0b001, 0b111, 0b100, 0b111],
    [0b111, 0b001, 0b111, 0b001, 0b111],
    [0b101, 0b101, 0b111, 0b001, 0b001],
    [0b111, 0b100, 0b111, 0b001, 0b111],
    [0b111, 0b100, 0b111, 0b101, 0b111],
    [0b111, 0b001, 0b001, 0b010, 0b010],
    [0b111, 0b101, 0b111, 0b101, 0b111],
    [0b111, 0b101, 0b111, 0b001, 0b111],
];

/// One row of hours, minutes and seconds, from left to right.
pub fn line_of_time(pairs: [u8; 3], line: usize) -> impl Iterator<Item = &'static str> {
    let colon = [DARK, LIT, DARK, LIT, DARK]
        .get(line)
        .copied()
        .unwrap_or(DARK);
    let pairs = pairs.into_iter().enumerate();
    pairs.flat_map(move |(number, pair)| {
        let colon = (number > 0).then_some([colon, DARK]);
        let digits = [pair / 10, pair % 10].into_iter();
        let squares = digits.flat_map(move |digit| line_of_digit(digit, line));
        colon.into_iter().flatten().chain(squares)
    })
}

fn line_of_digit(digit: u8, line: usize) -> [&'static str; 4] {
    let rows = DIGITS.get(usize::from(digit));
    let bits = rows.and_then(|rows| rows.get(line)).copied().unwrap_or(0);
    let square = |bit: u8| if bits & bit != 0 { LIT } else { DARK };
    [square(4), square(2), square(1), DARK]
}
