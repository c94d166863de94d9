//! Shows the date and the time on the text screen, each second anew.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

use core::convert::Infallible;
use core::fmt::Write;

use capsa::text_screen::{self, TextScreen};
use capsa::{ErrorCode, Result, alarm, date_time, println, process};

capsa::app!(main);

const PERIOD_MS: u32 = 1000;

fn main() {
    let Err(error) = run();
    println!("{}: {error}", process::name());
    process::exit(1);
}

fn run() -> Result<Infallible> {
    text_screen::clear()?;
    text_screen::show_cursor(false)?;
    loop {
        show()?;
        alarm::sleep_ms(PERIOD_MS);
    }
}

fn show() -> Result {
    text_screen::set_cursor(0, 0)?;
    write!(TextScreen, "{}", date_time::now()?).map_err(|_| ErrorCode::FAIL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use capsa::fake::Kernel;

    #[test]
    fn the_time_is_shown() {
        let kernel = Kernel::new();
        show().unwrap();
        assert_eq!(kernel.screen(), "2026-01-02 03:04:05");
    }
}
