//! The status bar, as its row of a screen shows it.

use core::future::pending;

use capsules_core::{Clock, Device, Output};
use capsules_system::status_bar;
use chip_fake as fake;
use kernel::hil::{led::Led, time::Alarm as _, uart::Transmit as _};

/// How soon a change is shown.
const SHOWN_MS: u64 = 100;

/// A machine with a status bar and two tasks more.
struct Bench<const N: usize> {
    machine: fake::Machine,
    alarm: &'static fake::Alarm,
    leds: &'static fake::Leds<N>,
    row: &'static fake::Uart,
}

impl<const N: usize> Bench<N> {
    fn new() -> Self {
        let (machine, alarm) = (fake::Machine::new(), fake::Alarm::new());
        let (leds, row) = (fake::Leds::new(), fake::Uart::new());
        let clock = &*fake::leak(Clock::new(alarm));
        alarm.set_alarm_client(clock);
        let buffers = (fake::leak([0; 512]), fake::leak([0; 64]));
        let output = &*fake::leak(Output::new(Device::Serial(row), buffers.0, buffers.1));
        row.set_transmit_client(output);
        let lights = fake::leak(leds.as_hil().map(|led| ("lamp", led as &dyn Led)));
        let run = status_bar::run(output, clock, machine.kernel(), lights);
        machine.task("status bar", run);
        machine.task("one", pending::<()>());
        machine.task("two", pending::<()>());
        machine.run();
        Self {
            machine,
            alarm,
            leds,
            row,
        }
    }

    /// Lets `ms` milliseconds pass, and returns what is drawn meanwhile.
    fn after(&self, ms: u64) -> String {
        self.row.take_sent();
        self.machine.advance_ms(self.alarm, ms);
        self.row.take_text()
    }
}

#[test]
fn the_bar_shows_the_lights_the_time_and_how_many_tasks_are_ready() {
    let bench = Bench::<2>::new();
    let dark = "\x1b[30m■ ";
    let expected =
        format!("\r\x1b[97;44m Capsa  {dark}{dark}\x1b[97m  up 0:00:00  2 of 3 tasks ready\x1b[K");
    assert_eq!(bench.row.take_text(), expected);
    let bar = bench.after(SHOWN_MS);
    assert!(bar.contains("  0 of 3 tasks ready"), "{bar:?}");
    let bar = bench.after(3_723_000);
    assert!(bar.ends_with("  up 1:02:03  0 of 3 tasks ready\x1b[K"));
}

#[test]
fn a_light_is_shown_as_it_is_a_moment_after_it_changed() {
    let bench = Bench::<3>::new();
    bench.after(SHOWN_MS);
    let (bright, dark) = ("\x1b[93m■ ", "\x1b[30m■ ");
    let led = bench.leds.as_hil()[1];
    led.on();
    assert_eq!(bench.after(SHOWN_MS - 1), "");
    let bar = bench.after(1);
    let lights = format!(" Capsa  {dark}{bright}{dark}\x1b[97m  up");
    assert!(bar.contains(&lights), "{bar:?}");
    led.off();
    let bar = bench.after(SHOWN_MS);
    assert!(!bar.is_empty() && !bar.contains(bright), "{bar:?}");
}

#[test]
fn a_bar_that_says_nothing_new_is_not_drawn_again() {
    let bench = Bench::<1>::new();
    bench.after(SHOWN_MS);
    assert_eq!(bench.after(999 - SHOWN_MS), "", "the second is not over");
    assert_eq!(bench.after(1).matches('\r').count(), 1);
    assert_eq!(bench.after(10_000).matches('\r').count(), 10);
}

#[test]
fn a_bar_with_more_lights_than_fit_is_cut_and_goes_on() {
    let bench = Bench::<40>::new();
    let bar = bench.row.take_text();
    assert!(
        bar.starts_with("\r\x1b[97;44m Capsa  \x1b[30m■ "),
        "{bar:?}"
    );
    assert!(bar.len() <= 256 && !bar.contains("up"), "{bar:?}");
    bench.leds.as_hil()[0].on();
    let bar = bench.after(SHOWN_MS);
    assert!(bar.contains(" Capsa  \x1b[93m■ "), "{bar:?}");
}
