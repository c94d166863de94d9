//! Deferred calls: "call me back from the kernel loop", with Tock's names.
//!
//! A capsule or driver that has an answer at once must not give it from inside the call that asked.
//! It sets its deferred call instead, and answers from [`DeferredCallClient::handle_deferred_call`]. A
//! deferred call is a bit of the ready set and a row in a table.

use core::cell::Cell;

use crate::{
    machine::machine,
    ready::{INTERRUPTS, RESCHEDULE},
    utilities::cells::{NumericCellExt, OptionalCell},
};

/// How many deferred calls a machine can have: the bits that the ready set keeps for them.
const CAPACITY: usize = RESCHEDULE - INTERRUPTS;

/// Something that can be called back from the kernel loop.
pub trait DeferredCallClient: Sized {
    /// The call. Setting the deferred call again from in here calls again in the next pass.
    fn handle_deferred_call(&self);

    /// Connects the client with its deferred call: `self.deferred_call.register(self)`.
    fn register(&'static self);
}

#[derive(Clone, Copy)]
struct Handler {
    client: *const (),
    call: fn(*const ()),
}

/// The machine's table of deferred calls.
pub(crate) struct DeferredCalls {
    made: Cell<usize>,
    handlers: [OptionalCell<Handler>; CAPACITY],
}

impl DeferredCalls {
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        Self {
            made: Cell::new(0),
            handlers: [const { OptionalCell::empty() }; CAPACITY],
        }
    }

    /// Calls the client of deferred call `index`.
    pub(crate) fn serve(&self, index: usize) {
        self.handlers[index].map(|handler| (handler.call)(handler.client));
    }

    /// # Panics
    /// If a deferred call was made and never registered: it would be lost without a sound.
    pub(crate) fn verify_setup(&self) {
        let registered = self
            .handlers
            .iter()
            .filter(|handler| handler.is_some())
            .count();
        let made = self.made.get();
        assert!(
            made == registered,
            "{made} deferred calls were made but {registered} registered: call `register()` on each"
        );
    }
}

/// One deferred call.
pub struct DeferredCall {
    index: usize,
}

impl DeferredCall {
    /// Takes the next free deferred call of this machine.
    ///
    /// # Panics
    /// If all are taken (there are 191): a board that is composed so can never work.
    #[allow(clippy::new_without_default)] // Tock has none either: taking a number is no default.
    pub fn new() -> Self {
        let index = machine().deferred_calls.made.get_and_increment();
        assert!(
            index < CAPACITY,
            "this machine has more than {CAPACITY} deferred calls"
        );
        Self { index }
    }

    /// Says whom to call.
    pub fn register<DC: DeferredCallClient>(&self, client: &'static DC) {
        machine().deferred_calls.handlers[self.index].set(Handler {
            client: core::ptr::from_ref(client).cast(),
            // SAFETY: `client` above is where this pointer comes from, and lives for ever.
            call: |client| unsafe { &*client.cast::<DC>() }.handle_deferred_call(),
        });
    }

    /// Asks for the call. Asking again before it came changes nothing.
    pub fn set(&self) {
        machine().ready.set(INTERRUPTS + self.index);
    }

    /// Whether the call was asked for and has not come yet.
    pub fn is_pending(&self) -> bool {
        machine().ready.is_set(INTERRUPTS + self.index)
    }
}
