//! What an upcall leaves for a task.

use core::future::poll_fn;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use core::task::Poll;

use crate::door::{self, Class, Upcall};
use crate::error::{ErrorCode, Result};
use crate::tasks::Wakeup;

/// Where a driver's upcalls leave their three values, until somebody takes them. It is a static, so that the kernel's
/// word for it is good as long as the app is, whatever becomes of the future that waits here.
///
/// It has room for the values of one upcall, or of `ROOM`. If more are made before somebody takes them, the newest takes
/// the place of the last.
///
/// ```
/// use capsa::completion::Completion;
///
/// static PRESSED: Completion = Completion::new();
///
/// async fn next_press(driver: usize) -> capsa::Result<usize> {
///     PRESSED.subscribe(driver, 0)?;
///     let [button, ..] = PRESSED.wait().await;
///     Ok(button)
/// }
/// ```
pub struct Completion<const ROOM: usize = 1> {
    values: [[AtomicUsize; 3]; ROOM],
    /// Which of them is the oldest, and how many there are from there on.
    first: AtomicUsize,
    len: AtomicUsize,
    waiting: Wakeup,
}

impl<const ROOM: usize> Completion<ROOM> {
    /// One that nothing has been left in.
    #[expect(clippy::new_without_default, reason = "a static needs a constant")]
    pub const fn new() -> Self {
        const { assert!(ROOM > 0, "values need room") };
        Self {
            values: [const { [const { AtomicUsize::new(0) }; 3] }; ROOM],
            first: AtomicUsize::new(0),
            len: AtomicUsize::new(0),
            waiting: Wakeup::new(),
        }
    }

    /// Has a driver's upcall leave its values here from now on. What was left here before is forgotten.
    ///
    /// # Errors
    ///
    /// The kernel's: `NODEVICE`, `NOSUPPORT`, or `NOMEM` when the driver has no room for this app.
    pub fn subscribe(&'static self, driver: usize, number: usize) -> Result {
        const SUCCESS: usize = 134;
        self.len.store(0, Relaxed);
        let function: Upcall = leave_values::<ROOM>;
        let word = (&raw const *self).expose_provenance();
        // SAFETY: `leave_values` is an `Upcall`, and its word is the address of a static completion of this size.
        let [variant, error, ..] =
            unsafe { door::call(Class::Subscribe, [driver, number, function as usize, word]) };
        if variant == SUCCESS {
            Ok(())
        } else {
            Err(ErrorCode::from_number(error))
        }
    }

    /// Takes the oldest values, if there are some.
    pub fn take(&self) -> Option<[usize; 3]> {
        let (first, len) = (self.first.load(Relaxed), self.len.load(Relaxed));
        self.len.store(len.checked_sub(1)?, Relaxed);
        self.first.store((first + 1) % ROOM, Relaxed);
        let values = self.values.get(first)?;
        Some(values.each_ref().map(|value| value.load(Relaxed)))
    }

    fn leave(&self, given: [usize; 3]) {
        let len = self.len.load(Relaxed).min(ROOM - 1);
        let last = (self.first.load(Relaxed) + len) % ROOM;
        if let Some(values) = self.values.get(last) {
            for (place, value) in values.iter().zip(given) {
                place.store(value, Relaxed);
            }
        }
        self.len.store(len + 1, Relaxed);
        self.waiting.wake();
    }

    /// Waits for an upcall. One task at a time can wait here.
    ///
    /// # Cancellation
    ///
    /// Nothing is lost: who waits next gets the values.
    pub async fn wait(&self) -> [usize; 3] {
        poll_fn(|_| match self.take() {
            Some(values) => Poll::Ready(values),
            None => {
                self.waiting.set_to_this_task();
                Poll::Pending
            }
        })
        .await
    }
}

/// The upcall of every completion with so much room; `word` is its address.
extern "C" fn leave_values<const ROOM: usize>(
    first: usize,
    second: usize,
    third: usize,
    word: usize,
) {
    // SAFETY: `subscribe` gave this function the address of a `&'static Completion<ROOM>`.
    let completion = unsafe { &*core::ptr::with_exposed_provenance::<Completion<ROOM>>(word) };
    completion.leave([first, second, third]);
}
