//! Shows the time in large digits in the middle of the text screen, and the date under it.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

mod digits;

use core::convert::Infallible;

use capsa::date_time::{self, DateTime};
use capsa::{Result, alarm, println, process, text_screen};

capsa::app!(main, stack_bytes = 4096);

/// How often it looks at the time. A second is shown this late at most.
const PERIOD_MS: u32 = 100;

const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

fn main() {
    let Err(error) = run();
    println!("{}: {error}", process::name());
    process::exit(1);
}

fn run() -> Result<Infallible> {
    text_screen::clear()?;
    text_screen::show_cursor(false)?;
    let mut shown = None;
    loop {
        let now = date_time::now()?;
        if shown != Some(now) {
            show(&now)?;
            shown = Some(now);
        }
        alarm::sleep_ms(PERIOD_MS);
    }
}

fn show(now: &DateTime) -> Result {
    let (columns, rows) = text_screen::size()?;
    let column = columns.saturating_sub(digits::TIME_COLUMNS) / 2;
    let row = rows.saturating_sub(digits::ROWS + 2) / 2;
    for line in 0..digits::ROWS {
        text_screen::set_cursor(column, row + line)?;
        for text in digits::line_of_time([now.hour, now.minute, now.second], line) {
            text_screen::write(text.as_bytes())?;
        }
    }
    let day = DAYS.get(usize::from(now.day_of_week)).unwrap_or(&"");
    let DateTime {
        year,
        month,
        day: number,
        ..
    } = now;
    // The longest day and a date.
    const DATE_COLUMNS: usize = 20;
    let column = columns.saturating_sub(DATE_COLUMNS) / 2;
    let row = row + digits::ROWS + 1;
    text_screen::print_at(
        column,
        row,
        format_args!("{day:>9} {year:04}-{month:02}-{number:02}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use capsa::fake::Kernel;

    #[test]
    fn the_time_is_shown_large_and_in_the_middle() {
        let kernel = Kernel::new();
        show(&date_time::now().unwrap()).unwrap();
        let screen = kernel.screen();
        let rows: Vec<&str> = screen.lines().skip_while(|row| row.is_empty()).collect();
        let expected = [
            "██████  ██████      ██████  ██  ██      ██████  ██████",
            "██  ██      ██  ██  ██  ██  ██  ██  ██  ██  ██  ██",
            "██  ██  ██████      ██  ██  ██████      ██  ██  ██████",
            "██  ██      ██  ██  ██  ██      ██  ██  ██  ██      ██",
            "██████  ██████      ██████      ██      ██████  ██████",
        ];
        let shown: Vec<&str> = rows.iter().take(5).map(|row| row.trim()).collect();
        assert_eq!(shown, expected);
        assert_eq!(rows[6].trim(), "Friday 2026-01-02");
        let blank = rows[0].len() - rows[0].trim_start().len();
        assert_eq!(blank, (80 - digits::TIME_COLUMNS) / 2);
    }
}
