//! Keys as a person presses them: by QEMU's names, at the pace that the machine takes them.

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::monitor::{Monitor, Unanswered};
use crate::process::POLL_INTERVAL;

/// The longest that the machine may leave a key untaken.
const TAKE_LIMIT: Duration = Duration::from_secs(10);

/// Presses `keys`, by QEMU's names, in their order, and releases them in the opposite one.
///
/// The keyboard holds 16 bytes and drops the rest. So the keys before must have been taken first: that
/// is the case when bit 0 of the controller's status says that it holds nothing.
pub(crate) fn press(monitor: &mut Monitor, keys: &[&str]) -> Result<(), String> {
    wait_until_taken(monitor)?;
    match monitor.execute(&events(keys)) {
        // The keys may be what ends the machine, and it may be quicker than the answer.
        Ok(_) | Err(Unanswered::Ended) => Ok(()),
        Err(Unanswered::Failed(message)) => Err(message),
    }
}

fn wait_until_taken(monitor: &mut Monitor) -> Result<(), String> {
    let deadline = Instant::now() + TAKE_LIMIT;
    loop {
        let answer = monitor.ask("i /1bx 0x64")?;
        match status(&answer).ok_or(format!("no keyboard status in {answer:?}"))? {
            0xff => return Err("this machine has no keyboard".into()),
            status if status & 1 == 0 => return Ok(()),
            _ if Instant::now() >= deadline => {
                return Err(format!("the machine took no key for {TAKE_LIMIT:?}"));
            }
            _ => sleep(POLL_INTERVAL),
        }
    }
}

/// The value in an answer like `portb[0x0064] = 0x1c`.
fn status(answer: &str) -> Option<u8> {
    let (_, value) = answer.trim_end().rsplit_once("= 0x")?;
    u8::from_str_radix(value, 16).ok()
}

fn events(keys: &[&str]) -> Value {
    let event = |down: bool, key: &str| json!({ "type": "key", "data": { "down": down, "key": { "type": "qcode", "data": key } } });
    let presses = keys.iter().map(|key| event(true, key));
    let releases = keys.iter().rev().map(|key| event(false, key));
    let events: Vec<Value> = presses.chain(releases).collect();
    json!({ "execute": "input-send-event", "arguments": { "events": events } })
}

/// The keys, by QEMU's names, that make `character` on a US keyboard.
pub(crate) fn keys_of(character: char) -> Option<Vec<String>> {
    if let 'a'..='z' | '0'..='9' = character {
        return Some(vec![character.into()]);
    }
    if character.is_ascii_uppercase() {
        return Some(vec!["shift".into(), character.to_ascii_lowercase().into()]);
    }
    if let Some(key) = ")!@#$%^&*(".find(character) {
        return Some(vec!["shift".into(), key.to_string()]);
    }
    let (shift, key) = match character {
        ' ' => (false, "spc"),
        '\n' => (false, "ret"),
        '\t' => (false, "tab"),
        '\u{8}' => (false, "backspace"),
        '\u{1b}' => (false, "esc"),
        '-' | '_' => (character == '_', "minus"),
        '=' | '+' => (character == '+', "equal"),
        '[' | '{' => (character == '{', "bracket_left"),
        ']' | '}' => (character == '}', "bracket_right"),
        '\\' | '|' => (character == '|', "backslash"),
        ';' | ':' => (character == ':', "semicolon"),
        '\'' | '"' => (character == '"', "apostrophe"),
        '`' | '~' => (character == '~', "grave_accent"),
        ',' | '<' => (character == '<', "comma"),
        '.' | '>' => (character == '>', "dot"),
        '/' | '?' => (character == '?', "slash"),
        _ => return None,
    };
    let shift = shift.then(|| "shift".into());
    Some(shift.into_iter().chain([key.into()]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::net::UnixStream;
    use std::thread;

    /// A monitor whose QEMU gives these answers, one to each command, and ends at the next command.
    fn monitor(answers: &'static [&str]) -> Monitor {
        let (ours, qemu) = UnixStream::pair().unwrap();
        thread::spawn(move || {
            let mut commands = BufReader::new(qemu.try_clone().unwrap()).lines();
            for answer in ["{}"].iter().chain(answers) {
                commands.next();
                writeln!(&qemu, "{{\"return\": {answer}}}").unwrap();
            }
            commands.next();
        });
        Monitor::new(ours).unwrap()
    }

    #[test]
    fn a_key_that_ends_the_machine_was_pressed() {
        let mut monitor = monitor(&["\"portb[0x0064] = 0x1c\""]);
        assert_eq!(press(&mut monitor, &["ret"]), Ok(()));
    }

    #[test]
    fn a_key_waits_for_the_one_before() {
        let mut monitor = monitor(&["\"portb[0x0064] = 0x1d\"", "\"portb[0x0064] = 0x1c\"", "{}"]);
        assert_eq!(press(&mut monitor, &["a"]), Ok(()));
    }

    #[test]
    fn a_machine_that_has_ended_takes_no_key() {
        assert!(
            press(&mut monitor(&[]), &["a"])
                .unwrap_err()
                .contains("ended")
        );
    }

    fn keys(character: char) -> String {
        keys_of(character).unwrap().join(" ")
    }

    #[test]
    fn letters_and_digits_are_their_own_keys() {
        assert_eq!(keys('a'), "a");
        assert_eq!(keys('Z'), "shift z");
        assert_eq!(keys('0'), "0");
    }

    #[test]
    fn signs_above_the_digits_need_shift() {
        assert_eq!(keys(')'), "shift 0");
        assert_eq!(keys('!'), "shift 1");
        assert_eq!(keys('('), "shift 9");
    }

    #[test]
    fn signs_share_a_key_with_and_without_shift() {
        assert_eq!(keys('-'), "minus");
        assert_eq!(keys('_'), "shift minus");
        assert_eq!(keys('?'), "shift slash");
        assert_eq!(keys('\n'), "ret");
    }

    #[test]
    fn every_printable_ascii_character_can_be_typed() {
        assert!((' '..='~').all(|character| keys_of(character).is_some()));
        assert_eq!(keys_of('ä'), None);
    }

    #[test]
    fn keys_are_released_in_the_opposite_order() {
        let command = events(&["ctrl", "c"]);
        let order: Vec<(bool, &str)> = command["arguments"]["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| {
                let data = &event["data"];
                (
                    data["down"].as_bool().unwrap(),
                    data["key"]["data"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            order,
            [(true, "ctrl"), (true, "c"), (false, "c"), (false, "ctrl")]
        );
    }

    #[test]
    fn the_status_is_read_from_the_monitors_words() {
        assert_eq!(status("portb[0x0064] = 0x1c\r\n"), Some(0x1c));
        assert_eq!(status("unknown command"), None);
    }
}
