//! What an upcall leaves for a task.

use core::future::poll_fn;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use core::task::Poll;

use crate::door::{self, Class, Upcall};
use crate::error::{ErrorCode, Result};
use crate::tasks::Wakeup;

/// Where a driver's upcall leaves its three values. It is a static, so that the kernel's word for it is good as
/// long as the app is, whatever becomes of the future that waits here.
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
pub struct Completion {
    is_there: AtomicBool,
    values: [AtomicUsize; 3],
    waiting: Wakeup,
}

impl Completion {
    /// One that nothing has been left in.
    #[expect(clippy::new_without_default, reason = "a static needs a constant")]
    pub const fn new() -> Self {
        Self {
            is_there: AtomicBool::new(false),
            values: [const { AtomicUsize::new(0) }; 3],
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
        const FUNCTION: Upcall = leave_values;
        self.is_there.store(false, Relaxed);
        let function = FUNCTION as usize;
        let word = (&raw const *self).expose_provenance();
        // SAFETY: `leave_values` is an `Upcall`, and its word is the address of a static completion.
        let [variant, error, ..] =
            unsafe { door::call(Class::Subscribe, [driver, number, function, word]) };
        if variant == SUCCESS {
            Ok(())
        } else {
            Err(ErrorCode::from_number(error))
        }
    }

    /// Takes the values of an upcall that has been made, if nobody has taken them. One that comes before that
    /// overwrites them.
    pub fn take(&self) -> Option<[usize; 3]> {
        let there = self.is_there.swap(false, Relaxed);
        there.then(|| self.values.each_ref().map(|value| value.load(Relaxed)))
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

/// The upcall of every completion; `word` is its address.
extern "C" fn leave_values(first: usize, second: usize, third: usize, word: usize) {
    // SAFETY: `subscribe` gave this function the address of a `&'static Completion`.
    let completion = unsafe { &*core::ptr::with_exposed_provenance::<Completion>(word) };
    for (place, value) in completion.values.iter().zip([first, second, third]) {
        place.store(value, Relaxed);
    }
    completion.is_there.store(true, Relaxed);
    completion.waiting.wake();
}
