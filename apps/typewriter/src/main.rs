//! Shows on the text screen what is typed at the keyboard, until Escape.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

use capsa::keyboard::{self, Key};
use capsa::{Result, println, process, tasks, text_screen};

capsa::app!(main);

const ESCAPE: char = '\x1b';

fn main() {
    if let Err(error) = keyboard::listen().and_then(|()| tasks::block_on(run())) {
        println!("{}: {error}", process::name());
        process::exit(1);
    }
}

async fn run() -> Result {
    text_screen::clear()?;
    text_screen::write(b"Type something; Escape ends.\r\n")?;
    loop {
        match keyboard::next_key().await {
            Key::Character(ESCAPE) => return Ok(()),
            Key::Character('\n') => text_screen::write(b"\r\n")?,
            Key::Character(character) if !character.is_control() => {
                let mut bytes = [0; 4];
                text_screen::write(character.encode_utf8(&mut bytes).as_bytes())?;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use capsa::fake::Kernel;

    #[test]
    fn what_is_typed_is_shown_until_escape() {
        let kernel = Kernel::new();
        keyboard::listen().unwrap();
        for character in ['h', 'i', ESCAPE, 'x'] {
            kernel.press(character as usize);
        }
        tasks::block_on(run()).unwrap();
        assert!(kernel.screen().ends_with("hi"), "{:?}", kernel.screen());
    }
}
