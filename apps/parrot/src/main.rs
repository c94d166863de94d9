//! Repeats each line that is typed for it, until an empty one.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

use core::str;

use capsa::{Result, console, println, process};

capsa::app!(main);

/// Room for the longest line that a shell lets a person type, and its end.
const LINE_BYTES: usize = 256 + 1;

fn main() {
    if let Err(error) = run() {
        println!("{}: {error}", process::name());
        process::exit(1);
    }
}

fn run() -> Result {
    println!("parrot: say something");
    loop {
        let mut line = [0; LINE_BYTES];
        match console::read_line(&mut line)? {
            [] => return Ok(()),
            text => println!("parrot: {}", str::from_utf8(text).unwrap_or("what?")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use capsa::fake::Kernel;

    #[test]
    fn lines_are_repeated_until_an_empty_one() {
        let kernel = Kernel::new();
        kernel.type_text("hello\n\nmore\n");
        run().unwrap();
        assert_eq!(kernel.console(), "parrot: say something\nparrot: hello\n");
    }

    #[test]
    fn the_longest_line_is_not_the_last() {
        let kernel = Kernel::new();
        let longest = "x".repeat(LINE_BYTES - 1);
        kernel.type_text(&format!("{longest}\nhello\n\n"));
        run().unwrap();
        assert!(kernel.console().ends_with("x\nparrot: hello\n"));
    }
}
