//! Where a promise is checked: a machine whose time passes while the check waits.

use std::{cell::Cell, future::Future, task::Context};

use chip_fake as fake;
use kernel::task::WakerCell;
use promises::{Outside, Pace, Verdict};

/// How much time passes at a time, and how often at most: enough for a minute.
const STEP_US: u64 = 100;
const STEPS: usize = 600_000;

/// Brings bytes to the device.
type Send = Box<dyn Fn(&[u8])>;

/// A machine, and what is outside of it.
pub struct Bench {
    pass: Box<dyn Fn(u64)>,
    send: Send,
}

impl Bench {
    /// A bench whose time only the check sees, with nothing outside.
    pub fn new() -> Self {
        Self {
            pass: Box::new(|_| {}),
            send: Box::new(|_| panic!("this check needs nothing from outside")),
        }
    }

    /// Lets the device see time pass, too: `pass` is given microseconds.
    pub fn passing(self, pass: impl Fn(u64) + 'static) -> Self {
        let pass = Box::new(pass);
        Self { pass, ..self }
    }

    /// Lets `send` bring what the check asks the outside for.
    pub fn sending(self, send: impl Fn(&[u8]) + 'static) -> Self {
        let send = Box::new(send);
        Self { send, ..self }
    }

    /// Runs the check that `start` starts.
    #[track_caller]
    pub fn check<F: Future<Output = Verdict> + 'static>(
        self,
        start: impl FnOnce(&'static dyn Pace, &'static dyn Outside) -> F,
    ) {
        let time = &*fake::leak(Time::default());
        let outside = &*fake::leak(Sender(self.send));
        let machine = fake::Machine::new();
        let outcome = machine.task("check", start(time, outside));
        for _ in 0..STEPS {
            machine.run();
            if let Some(verdict) = outcome.take() {
                return assert_eq!(verdict, Ok(()));
            }
            (self.pass)(STEP_US);
            time.pass();
        }
        panic!("the check comes to no end");
    }
}

/// The time that the check sees.
#[derive(Default)]
struct Time {
    now_us: Cell<u64>,
    waits: WakerCell,
}

impl Time {
    fn pass(&self) {
        self.now_us.set(self.now_us.get() + STEP_US);
        self.waits.wake();
    }
}

impl Pace for Time {
    fn now_us(&self) -> u64 {
        self.now_us.get()
    }

    fn wake_later(&self, context: &Context<'_>) {
        self.waits.register(context);
    }
}

/// Sends bytes, and keys as scan codes of set 1.
struct Sender(Send);

impl Outside for Sender {
    fn send(&self, bytes: &[u8]) {
        (self.0)(bytes);
    }

    fn press(&self, keys: &[&str]) {
        for key in keys {
            let codes: &[u8] = match *key {
                "a" => &[0x1e, 0x9e],
                "s" => &[0x1f, 0x9f],
                "up" => &[0xe0, 0x48, 0xe0, 0xc8],
                _ => panic!("which codes has {key}?"),
            };
            (self.0)(codes);
        }
    }
}
