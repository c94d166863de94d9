//! The kernel, on the host: what an app's tests look into.
//!
//! Time is fake: it goes on when the app waits for it, to the moment of its alarm. An app that waits for
//! something that cannot come is stopped by a panic, or is done as far as [`Kernel::run_until_idle`] is concerned.

mod drivers;
mod ipc;
mod reply;
mod screen;
mod state;

use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::door::{Class, Words};
use crate::error::Result;
use state::{Call, State};

pub use reply::Reply;

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
    /// A kernel with a console, an alarm, three lights, calls between apps, randomness, a keyboard, a date that stands
    /// still, and a text screen of 80 columns and 25 rows.
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

    /// Runs an app until it waits for what cannot come: for more keys, or more clients.
    ///
    /// # Panics
    ///
    /// If the app ends before that.
    pub fn run_until_idle(&self, app: impl FnOnce()) {
        state().is_to_be_idle = true;
        let end = panic::catch_unwind(AssertUnwindSafe(app));
        state().is_to_be_idle = false;
        match end.map_err(|payload| payload.downcast::<Idle>()) {
            Ok(()) => panic!("the app has ended"),
            Err(Ok(_)) => {}
            Err(Err(payload)) => panic::resume_unwind(payload),
        }
    }

    /// Adds a driver, or puts it in the place of the kernel's own: `serve` is given the number of each command and its
    /// two arguments.
    ///
    /// ```
    /// use capsa::fake::{Kernel, Reply};
    /// use capsa::{ErrorCode, syscall};
    ///
    /// let kernel = Kernel::new();
    /// kernel.add_driver(7, |command, number, _| match command {
    ///     0 => Reply::success(),
    ///     1 => Reply::success().and_upcall(0, [number, 0, 0]),
    ///     2 => Reply::number(5),
    ///     _ => Reply::failure(ErrorCode::NOSUPPORT),
    /// });
    /// assert_eq!(syscall::command(7, 1, 42, 0).unit(), Ok(()));
    /// assert_eq!(syscall::wait_for(7, 0), [42, 0, 0]);
    /// assert_eq!(syscall::command(7, 2, 0, 0).u32(), Ok(5));
    /// ```
    pub fn add_driver(
        &self,
        number: usize,
        serve: impl FnMut(usize, usize, usize) -> Reply + Send + 'static,
    ) {
        state().added.insert(number, Box::new(serve));
    }

    /// What the app printed.
    pub fn console(&self) -> String {
        String::from_utf8_lossy(&state().console.printed).into_owned()
    }

    /// Types on the console.
    pub fn type_text(&self, text: &str) {
        state().type_bytes(text.as_bytes());
    }

    /// Presses a key and lets it go, by the keyboard driver's number for what it means.
    pub fn press(&self, meaning: usize) {
        state().press(meaning);
    }

    /// As [`press`](Self::press), when so much time has passed since the kernel's start, or as soon after that as the
    /// app waits.
    pub fn press_at(&self, time_ms: u64, meaning: usize) {
        state().press_at(time_ms, meaning);
    }

    /// Makes `serve` an app that the app can call by this name.
    pub fn add_server(
        &self,
        name: &str,
        serve: impl FnMut(&[u8]) -> Result<Vec<u8>> + Send + 'static,
    ) {
        let servers = &mut state().ipc.servers;
        servers.insert(name.into(), Box::new(serve));
    }

    /// Calls the app, as soon as it serves.
    pub fn send_message(&self, message: &[u8]) {
        state().ipc.messages.push_back(message.into());
    }

    /// What the app has answered to its messages.
    pub fn answers(&self) -> Vec<Result<Vec<u8>>> {
        state().ipc.answers.clone()
    }

    /// Which lights are on.
    pub fn lights(&self) -> [bool; 3] {
        state().lights
    }

    /// What the text screen shows: its rows, without blanks at their ends and without the empty ones after the last.
    pub fn screen(&self) -> String {
        state().screen.text()
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

/// The payload of the panic of an app that waits in vain, and may.
struct Idle;

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
