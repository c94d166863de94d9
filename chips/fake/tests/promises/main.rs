//! The fakes keep the promises of their HIL: each promise is a test.

mod bench;

use chip_fake as fake;
use kernel::hil::{
    date_time::{DateTimeValues, DayOfWeek, Month},
    time::{Freq1MHz, Ticks24},
};

use bench::Bench;

/// Makes a test of each promise: the caller's `check` is given its name.
macro_rules! tests {
    ($($promise:ident)*) => {
        $(
            #[test]
            fn $promise() {
                check(stringify!($promise));
            }
        )*
    };
}

/// Places and starts a suite, and checks a promise of it.
macro_rules! verdict {
    ($suite:expr, $promise:expr) => {{
        let suite = &*fake::leak($suite);
        suite.start();
        suite.check($promise)
    }};
}

mod alarm {
    use super::*;

    fn check(promise: &'static str) {
        let alarm = fake::Alarm::new();
        Bench::new()
            .passing(move |us| alarm.advance(us))
            .check(|pace, _| verdict!(promises::alarm::Suite::new(alarm, pace), promise));
    }

    promises::alarm_promises!(tests);
}

/// An alarm whose counter wraps before long.
mod narrow_alarm {
    use super::*;

    fn check(promise: &'static str) {
        const BEFORE_WRAP: u64 = 500;
        let alarm = fake::Alarm::<Ticks24, Freq1MHz>::starting_at((1 << 24) - BEFORE_WRAP);
        Bench::new()
            .passing(move |us| alarm.advance(us))
            .check(|pace, _| verdict!(promises::alarm::Suite::new(alarm, pace), promise));
    }

    promises::alarm_promises!(tests);
}

mod uart_transmit {
    use super::*;
    use promises::uart_transmit::{BUFFER_BYTES, Suite};

    fn check(promise: &'static str) {
        let port = fake::Uart::new();
        Bench::new().check(|pace, _| {
            let buffers = [(); 2].map(|()| &mut fake::leak([0; BUFFER_BYTES])[..]);
            verdict!(Suite::new(port, pace, buffers), promise)
        });
    }

    promises::uart_transmit_promises!(tests);
}

mod uart_receive {
    use super::*;
    use promises::uart_receive::{BUFFER_BYTES, Suite};

    fn check(promise: &'static str) {
        let port = fake::Uart::new();
        Bench::new()
            .sending(move |bytes| port.receive(bytes))
            .check(|pace, outside| {
                let buffers = [(); 2].map(|()| &mut fake::leak([0; BUFFER_BYTES])[..]);
                verdict!(Suite::new(port, outside, pace, buffers), promise)
            });
    }

    promises::uart_receive_promises!(tests);
}

mod led {
    use super::*;

    fn check(promise: &'static str) {
        let light = fake::Led::new();
        Bench::new().check(|_, _| verdict!(promises::led::Suite::new(light), promise));
    }

    promises::led_promises!(tests);
}

mod keyboard {
    use super::*;
    use promises::keyboard::Suite;

    fn check(promise: &'static str) {
        let keyboard = fake::Keyboard::new();
        Bench::new()
            .sending(move |codes| keyboard.send(codes))
            .check(|pace, outside| verdict!(Suite::new(keyboard, outside, pace), promise));
    }

    promises::keyboard_promises!(tests);
}

mod text_screen {
    use super::*;
    use promises::text_screen::{BUFFER_BYTES, Suite};

    fn check(promise: &'static str) {
        let screen = fake::TextScreen::new(80, 25);
        Bench::new().check(|pace, _| {
            let buffers = [(); 2].map(|()| &mut fake::leak([0; BUFFER_BYTES])[..]);
            verdict!(Suite::new(screen, pace, buffers), promise)
        });
    }

    promises::text_screen_promises!(tests);
}

mod rng {
    use super::*;

    fn check(promise: &'static str) {
        let source = fake::Rng::new();
        // A callback takes four at a time and leaves the rest.
        let numbers: Vec<u32> = (0..100).collect();
        source.provide(&numbers);
        Bench::new().check(|pace, _| verdict!(promises::rng::Suite::new(source, pace), promise));
    }

    promises::rng_promises!(tests);
}

mod date_time {
    use super::*;

    const DATE: DateTimeValues = DateTimeValues {
        year: 2026,
        month: Month::November,
        day: 26,
        day_of_week: DayOfWeek::Thursday,
        hour: 23,
        minute: 59,
        seconds: 59,
    };

    fn check(promise: &'static str) {
        let clock = fake::DateTime::new(DATE);
        Bench::new()
            .check(|pace, _| verdict!(promises::date_time::Suite::new(clock, pace), promise));
    }

    promises::date_time_promises!(tests);
}

mod flash {
    use super::*;

    fn check(promise: &'static str) {
        let memory = fake::Flash::new(2);
        Bench::new().check(|pace, _| {
            let pages = [(); 2].map(|()| fake::leak(fake::FlashPage::default()));
            verdict!(promises::flash::Suite::new(memory, pace, pages), promise)
        });
    }

    promises::flash_promises!(tests);
}
