//! The kernel, on the host: what an app's tests look into.
//!
//! Time is fake: it goes on when the app waits for it, to the moment of its alarm. An app that waits for
//! something that cannot come is stopped by a panic.

mod drivers;
mod state;

use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::door::{Class, Words};
use state::{Call, State};

static STATE: Mutex<State> = Mutex::new(State::new());
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A fresh kernel for a test. The next test that makes one waits until this one is gone.
pub struct Kernel {
    _alone: MutexGuard<'static, ()>,
}

impl Kernel {
    /// A kernel with a console, an alarm, three lights, randomness and a text screen of 80 columns.
    #[expect(clippy::new_without_default, reason = "a value for nothing would wait")]
    pub fn new() -> Self {
        let alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        *state() = State::new();
        crate::tasks::reset();
        crate::console::reset();
        Self { _alone: alone }
    }

    /// Runs an app to its end. Returns its completion code; 0 for one that just returns.
    pub fn run(&self, app: impl FnOnce()) -> u32 {
        let Err(payload) = panic::catch_unwind(AssertUnwindSafe(app)) else {
            return 0;
        };
        match payload.downcast::<Exit>() {
            Ok(exit) => exit.completion_code,
            Err(payload) => panic::resume_unwind(payload),
        }
    }

    /// What the app printed.
    pub fn console(&self) -> String {
        String::from_utf8_lossy(&state().console.printed).into_owned()
    }

    /// Types on the console.
    pub fn type_text(&self, text: &str) {
        state().type_bytes(text.as_bytes());
    }

    /// Which lights are on.
    pub fn lights(&self) -> [bool; 3] {
        state().lights
    }

    /// What the app wrote to the text screen.
    pub fn screen(&self) -> String {
        String::from_utf8_lossy(&state().screen).into_owned()
    }

    /// How many bytes the drivers may write to.
    pub fn lent_bytes(&self) -> usize {
        state().lent_to_write()
    }

    /// The time since the kernel's start.
    pub fn now_ms(&self) -> u64 {
        state().alarm.now_ms()
    }
}

struct Exit {
    completion_code: u32,
}

/// The host's half of `door`.
///
/// # Safety
///
/// As there.
pub(crate) unsafe fn call(class: Class, arguments: Words) -> Words {
    state().call(class, arguments)
}

pub(crate) fn yield_with_upcall(variant: usize, address: usize) {
    // The state is free again before the upcall is made: it makes system calls itself.
    let call = state().yield_now(variant, address);
    if let Some(Call {
        function,
        values: [first, second, third],
        word,
    }) = call
    {
        function(first, second, third, word);
    }
}

pub(crate) fn exit(_variant: usize, completion_code: u32) -> ! {
    panic::panic_any(Exit { completion_code })
}
