//! The system calls of a machine's apps, which a test that fails shows.

use std::{cell::RefCell, collections::VecDeque, fmt, thread};

use kernel::{ErrorCode, syscall::class};

use crate::processor::Registers;

/// Calls that are remembered: more than what led to a failure seldom takes.
const CALLS: usize = 16;

/// The first number of an answer that is a success.
const FIRST_SUCCESS: usize = 128;

/// A system call.
pub(crate) struct Call {
    app: String,
    words: [usize; 5],
    /// What the process found in its registers; `None` if it did not come back.
    answer: Option<Registers>,
}

/// The newest calls, oldest first. Dropped in a test that fails, it prints them.
#[derive(Default)]
pub(crate) struct History(RefCell<VecDeque<Call>>);

impl History {
    pub(crate) fn note(&self, app: &str, words: [usize; 5], answer: Option<Registers>) {
        let mut calls = self.0.borrow_mut();
        calls.truncate(CALLS - 1);
        let app = app.to_owned();
        calls.push_front(Call { app, words, answer });
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .borrow()
            .iter()
            .rev()
            .try_for_each(|call| writeln!(f, "  {call}"))
    }
}

impl Drop for History {
    fn drop(&mut self) {
        if thread::panicking() && !self.0.borrow().is_empty() {
            eprint!("The apps' last system calls:\n{self}");
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [class, first, second, third, fourth] = self.words;
        write!(f, "{}: ", self.app)?;
        match class {
            class::YIELD => write!(f, "yield {first} ({second:#x}, {third})")?,
            class::COMMAND => {
                write!(
                    f,
                    "command {second} of driver {first:#x} ({third}, {fourth})"
                )?;
            }
            class::SUBSCRIBE => write!(f, "subscribe to {second} of driver {first:#x}")?,
            class::READ_WRITE_ALLOW | class::READ_ONLY_ALLOW | class::USERSPACE_READABLE_ALLOW => {
                let kind = match class {
                    class::READ_WRITE_ALLOW => "read-write",
                    class::READ_ONLY_ALLOW => "read-only",
                    _ => "readable",
                };
                write!(
                    f,
                    "allow {kind} {second} of driver {first:#x} ({fourth} bytes at {third:#x})"
                )?;
            }
            class::MEMOP => write!(f, "memop {first} ({second:#x})")?,
            class::EXIT => write!(f, "exit {first} ({second})")?,
            _ => write!(f, "system call {:x?}", self.words)?,
        }
        match self.answer {
            None => f.write_str(" -> does not come back"),
            Some(Registers { words, result }) => match result.count() {
                None => write!(f, " -> upcall {:?}", &words[1..4]),
                Some(count) if class == class::YIELD => write!(f, " -> {:?}", &words[..count]),
                Some(count) => write_answer(f, &words[..count]),
            },
        }
    }
}

/// Writes an answer that begins with its shape: success or failure (TRD 104, section 3.2).
fn write_answer(f: &mut fmt::Formatter<'_>, words: &[usize]) -> fmt::Result {
    let values = match words {
        [shape, values @ ..] if *shape >= FIRST_SUCCESS => {
            f.write_str(" -> success")?;
            values
        }
        [_, word, values @ ..] => {
            match u32::try_from(*word).ok().and_then(ErrorCode::from_number) {
                Some(error) => write!(f, " -> {error:?}")?,
                None => write!(f, " -> no error {word}")?,
            }
            values
        }
        _ => words,
    };
    if values.is_empty() {
        return Ok(());
    }
    write!(f, " {values:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::process::CallResult;

    #[test]
    fn a_call_is_shown_with_its_answer() {
        let answer = |words, count| {
            Some(Registers {
                words,
                result: CallResult::values(count),
            })
        };
        let upcall = Some(Registers {
            words: [0x1000, 7, 8, 9, 0],
            result: CallResult::UPCALL,
        });
        for (words, answer, shown) in [
            (
                [2, 0xa, 1, 5, 6],
                answer([128, 0, 0, 0, 0], 1),
                "command 1 of driver 0xa (5, 6) -> success",
            ),
            (
                [2, 0xa, 1, 5, 6],
                answer([129, 7, 0, 0, 0], 2),
                "command 1 of driver 0xa (5, 6) -> success [7]",
            ),
            (
                [2, 0xa, 1, 5, 6],
                answer([0, 2, 0, 0, 0], 2),
                "command 1 of driver 0xa (5, 6) -> BUSY",
            ),
            (
                [3, 0xa, 0, 0x5000, 16],
                answer([5, 6, 0x5000, 16, 0], 4),
                "allow read-write 0 of driver 0xa (16 bytes at 0x5000) -> INVAL [20480, 16]",
            ),
            (
                [1, 0xa, 3, 0x1000, 0],
                answer([134, 0, 0, 0, 0], 3),
                "subscribe to 3 of driver 0xa -> success [0, 0]",
            ),
            (
                [0, 1, 0, 0, 0],
                upcall,
                "yield 1 (0x0, 0) -> upcall [7, 8, 9]",
            ),
            (
                [0, 2, 0xa, 3, 0],
                answer([7, 8, 9, 0, 0], 3),
                "yield 2 (0xa, 3) -> [7, 8, 9]",
            ),
            ([6, 0, 0, 0, 0], None, "exit 0 (0) -> does not come back"),
        ] {
            let history = History::default();
            history.note("tester", words, answer);
            assert_eq!(history.to_string(), format!("  tester: {shown}\n"));
        }
    }

    #[test]
    fn the_newest_calls_are_kept() {
        let history = History::default();
        for number in 0..100 {
            history.note("tester", [5, number, 0, 0, 0], None);
        }
        let shown = history.to_string();
        assert_eq!(shown.lines().count(), CALLS);
        assert!(
            shown.contains("memop 99") && !shown.contains("memop 83 "),
            "{shown}"
        );
    }
}
