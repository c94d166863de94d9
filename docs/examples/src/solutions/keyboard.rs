//! Reading a number from a keyboard.

use capsules_core::{Key, Keys};

/// Reads digits until Enter; `None` if there was none, or the number is above `u32::MAX`.
///
/// # Cancellation
/// The digits so far are lost.
pub async fn number(keys: &dyn Keys) -> Option<u32> {
    let mut number: Option<u32> = None;
    let mut is_too_large = false;
    loop {
        match keys.next().await.key {
            Some(Key::Char(character)) => {
                let Some(digit) = character.to_digit(10) else {
                    continue;
                };
                let longer = number.unwrap_or(0).checked_mul(10);
                match longer.and_then(|longer| longer.checked_add(digit)) {
                    Some(longer) => number = Some(longer),
                    None => is_too_large = true,
                }
            }
            Some(Key::Enter) => return number.filter(|_| !is_too_large),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use capsules_core::{KeyEvent, Keyboard};
    use chip_fake::{self as fake, leak};
    use kernel::hil::keyboard::ScancodeKeyboard;

    const ENTER: u8 = 0x1c;

    /// What is made of keys with these scan codes.
    fn read(scancodes: &[u8]) -> Option<u32> {
        let keyboard = &*leak(Keyboard::new(leak([KeyEvent::NONE; 64])));
        let hardware = fake::Keyboard::new();
        hardware.set_scancode_client(keyboard);
        let machine = fake::Machine::new();
        let keys: &dyn Keys = keyboard;
        let read = machine.task("reads", number(keys));
        for scancode in scancodes {
            hardware.tap(*scancode);
            machine.run();
        }
        read.take().expect("Enter ends it")
    }

    #[test]
    fn digits_make_a_number_and_other_keys_nothing() {
        const A: u8 = 0x1e;
        assert_eq!(read(&[0x05, A, 0x03, ENTER]), Some(42));
        assert_eq!(read(&[A, ENTER]), None);
    }

    #[test]
    fn a_number_that_is_too_large_is_none() {
        let mut nines = vec![0x0a; 11];
        nines.push(ENTER);
        assert_eq!(read(&nines), None);
    }
}
