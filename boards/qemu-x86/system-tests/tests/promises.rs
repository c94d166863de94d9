//! The machine's devices keep the promises of their HIL: what the fakes are tested for they are tested for, too.

use std::{
    collections::BTreeMap,
    sync::LazyLock,
    time::{Duration, Instant},
};

use qemu::Machine;
use system_tests::promises;

/// The longest that all checks may take. They take seconds; a loaded host may take longer.
const LIMIT: Duration = Duration::from_secs(300);

/// The time between two looks at what the machine says.
const LOOK_INTERVAL: Duration = Duration::from_millis(2);

/// What became of the promises in the one machine that checks them all.
static REPORT: LazyLock<Report> = LazyLock::new(Report::make);

struct Report {
    /// What each promise's line says after its name: nothing if it is kept.
    verdicts: BTreeMap<String, String>,
    /// What the machine said and sent, for people.
    said: String,
    serial: String,
}

impl Report {
    /// Runs the machine to its end, and does what it asks of the outside.
    fn make() -> Self {
        let mut machine = Machine::boot(promises());
        let mut verdicts = BTreeMap::new();
        let deadline = Instant::now() + LIMIT;
        let mut lines_read = 0;
        loop {
            let has_ended = machine.try_wait_exit(LOOK_INTERVAL).is_some();
            let said = machine.debug_console();
            let whole_lines = said.rfind('\n').map_or("", |end| &said[..end]);
            for line in whole_lines.lines().skip(lines_read) {
                lines_read += 1;
                if let Some(request) = line.strip_prefix("send ") {
                    machine.send(request.as_bytes());
                } else if let Some(request) = line.strip_prefix("press ") {
                    request.split(' ').for_each(|key| machine.press(&[key]));
                } else if let Some(promise) = line.strip_prefix("ok ") {
                    verdicts.insert(promise.into(), String::new());
                } else if let Some(failure) = line.strip_prefix("FAILED ") {
                    let (promise, why) = failure.split_once(": ").expect("a reason");
                    verdicts.insert(promise.into(), why.into());
                }
            }
            if has_ended || Instant::now() >= deadline {
                let serial = machine.transcript();
                return Self {
                    verdicts,
                    said,
                    serial,
                };
            }
        }
    }
}

/// Makes a test of each promise of a suite.
macro_rules! tests {
    ($($promise:ident)*) => {
        $(
            #[test]
            fn $promise() {
                super::expect_kept(concat!(module_path!(), "::", stringify!($promise)));
            }
        )*
    };
}

#[track_caller]
fn expect_kept(test: &str) {
    let (_, promise) = test.split_once("::").expect("the name of this file first");
    let Report {
        verdicts,
        said,
        serial,
    } = &*REPORT;
    match verdicts.get(promise).map(String::as_str) {
        Some("") => {}
        Some(why) => panic!("{why}"),
        None => panic!("it was not checked\n--- the machine said:\n{said}\n--- serial:\n{serial}"),
    }
}

mod alarm {
    promises::alarm_promises!(tests);
}

mod uart_transmit {
    promises::uart_transmit_promises!(tests);

    #[test]
    fn what_is_sent_arrives_at_the_other_end() {
        let serial = &super::REPORT.serial;
        assert!(serial.contains("what is promised is kept\r\n"), "{serial}");
    }
}

mod uart_receive {
    promises::uart_receive_promises!(tests);
}

mod keyboard {
    promises::keyboard_promises!(tests);
}

mod led {
    promises::led_promises!(tests);
}

mod text_screen {
    promises::text_screen_promises!(tests);
}

mod rng {
    promises::rng_promises!(tests);
}

mod date_time {
    promises::date_time_promises!(tests);
}

mod flash {
    promises::flash_promises!(tests);

    tests! {
        a_chip_says_what_it_is
        writing_to_a_protected_chip_fails
    }
}
