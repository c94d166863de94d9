//! What the fake kernel keeps, and its system calls.

use std::collections::{BTreeMap, VecDeque};
use std::{panic, ptr};

use super::Idle;
use super::drivers::{Alarm, Console};
use super::ipc::Ipc;
use super::reply::Reply;
use super::screen::Screen;
use crate::door::{Class, Upcall, Words};
use crate::error::{ErrorCode, Result};

/// A driver and the number of one of its upcalls or buffers.
type Id = (usize, usize);

/// A driver of a test's own.
type Added = Box<dyn FnMut(usize, usize, usize) -> Reply + Send>;

/// The state of a fake kernel.
pub struct State {
    /// Functions and their words.
    subscribed: BTreeMap<Id, (usize, usize)>,
    /// Addresses and lengths of what is lent, apart for each class.
    lent: BTreeMap<(Class, Id), (usize, usize)>,
    upcalls: VecDeque<(Id, [usize; 3])>,
    pub console: Console,
    pub alarm: Alarm,
    pub lights: [bool; 3],
    pub screen: Screen,
    pub random: u32,
    pub is_listening: bool,
    /// Keys that will be pressed, by the time in ticks.
    pub key_presses: VecDeque<(u64, usize)>,
    /// Date and time of day, which stand still: as the driver has them.
    pub date: [usize; 2],
    pub ipc: Ipc,
    /// Drivers by their numbers.
    pub added: BTreeMap<usize, Added>,
    /// Whether the app may wait in vain.
    pub is_to_be_idle: bool,
}

/// An upcall to make.
pub struct Call {
    pub function: Upcall,
    pub values: [usize; 3],
    pub word: usize,
}

impl State {
    pub const fn new() -> Self {
        Self {
            subscribed: BTreeMap::new(),
            lent: BTreeMap::new(),
            upcalls: VecDeque::new(),
            console: Console::new(),
            alarm: Alarm::new(),
            lights: [false; 3],
            screen: Screen::new(),
            random: 0,
            is_listening: false,
            key_presses: VecDeque::new(),
            // 2026-01-02 03:04:05, a Friday.
            date: [2026 << 9 | 1 << 5 | 2, 5 << 17 | 3 << 12 | 4 << 6 | 5],
            ipc: Ipc::new(),
            added: BTreeMap::new(),
            is_to_be_idle: false,
        }
    }

    /// Serves a system call that makes no upcall.
    pub fn call(&mut self, class: Class, arguments: Words) -> Words {
        const WAIT_FOR: usize = 2;
        let [first, second, third, fourth] = arguments;
        let id = (first, second);
        let given = (third, fourth);
        match class {
            Class::Yield => {
                assert_eq!(first, WAIT_FOR, "only this yield makes no upcall");
                let [first, second, third] = self.wait_for((second, third));
                [first, second, third, 0]
            }
            Class::Subscribe => {
                self.upcalls.retain(|(queued, _)| *queued != id);
                swap(&mut self.subscribed, id, given, 134)
            }
            Class::Command => match self.added.get_mut(&first) {
                Some(serve) => {
                    let Reply { words, upcalls } = serve(second, third, fourth);
                    for (number, values) in upcalls {
                        self.schedule(first, number, values);
                    }
                    words
                }
                None => self.command(first, second, third, fourth),
            },
            Class::AllowReadWrite | Class::AllowReadOnly => {
                swap(&mut self.lent, (class, id), given, 135)
            }
            Class::Memop => failure(ErrorCode::NOSUPPORT),
        }
    }

    /// Serves a yield that makes an upcall, or none.
    pub fn yield_now(&mut self, variant: usize, address: usize) -> Option<Call> {
        const NO_WAIT: usize = 0;
        if variant == NO_WAIT {
            let byte = ptr::with_exposed_provenance_mut::<u8>(address);
            // SAFETY: an app that yields without waiting gives the address of a byte of its own.
            unsafe { byte.write(u8::from(!self.upcalls.is_empty())) };
        } else {
            // What nobody subscribed wakes nobody.
            let subscribed = |state: &Self| {
                let is_subscribed = |id| state.subscribed.get(id).is_some_and(|(f, _)| *f != 0);
                state.upcalls.iter().position(|(id, _)| is_subscribed(id))
            };
            let first = self.wait_until(subscribed);
            self.upcalls.drain(..first);
        }
        let (id, values) = self.upcalls.pop_front()?;
        let (function, word) = *self.subscribed.get(&id)?;
        if function == 0 {
            return None;
        }
        let function = ptr::with_exposed_provenance::<()>(function);
        // SAFETY: an app subscribes nothing but functions of this type.
        let function = unsafe { std::mem::transmute::<*const (), Upcall>(function) };
        Some(Call {
            function,
            values,
            word,
        })
    }

    fn wait_for(&mut self, id: Id) -> [usize; 3] {
        let index = self.wait_until(|state| state.upcalls.iter().position(|(at, _)| *at == id));
        self.upcalls
            .remove(index)
            .map_or([0; 3], |(_, values)| values)
    }

    fn wait_until(&mut self, found: impl Fn(&Self) -> Option<usize>) -> usize {
        loop {
            if let Some(index) = found(self) {
                return index;
            }
            if !self.pass_time() {
                if self.is_to_be_idle {
                    panic::resume_unwind(Box::new(Idle));
                }
                panic!("the app waits for what cannot come");
            }
        }
    }

    /// Has a driver make an upcall.
    pub fn schedule(&mut self, driver: usize, number: usize, values: [usize; 3]) {
        self.upcalls.push_back(((driver, number), values));
    }

    /// The memory that is lent to a driver to be read from.
    pub fn lent_bytes(&self, driver: usize, number: usize) -> &[u8] {
        let (address, len_bytes) = self.loan(Class::AllowReadOnly, driver, number);
        if len_bytes == 0 {
            return &[];
        }
        // SAFETY: the app keeps what it lends until it has it back, and its one thread is in the kernel.
        unsafe { std::slice::from_raw_parts(ptr::with_exposed_provenance(address), len_bytes) }
    }

    /// Copies `bytes` to the memory that is lent to a driver to be written to. Returns how many fit.
    pub fn fill_lent(&self, driver: usize, number: usize, bytes: &[u8]) -> usize {
        let (address, len_bytes) = self.loan(Class::AllowReadWrite, driver, number);
        let count = len_bytes.min(bytes.len());
        let target = ptr::with_exposed_provenance_mut::<u8>(address);
        // SAFETY: as in `lent_bytes`; the count is within what is lent.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), target, count) };
        count
    }

    /// How many bytes are lent to be written to.
    pub fn lent_to_write(&self) -> usize {
        let loans = self.lent.iter();
        let to_write = loans.filter(|((class, _), _)| *class == Class::AllowReadWrite);
        to_write.map(|(_, (_, len_bytes))| len_bytes).sum()
    }

    fn loan(&self, class: Class, driver: usize, number: usize) -> (usize, usize) {
        let loan = self.lent.get(&(class, (driver, number)));
        loan.copied().filter(|loan| loan.1 > 0).unwrap_or((1, 0))
    }
}

/// Puts `given` in the place of what was there, and answers with that.
fn swap<K: Ord>(
    places: &mut BTreeMap<K, (usize, usize)>,
    key: K,
    given: (usize, usize),
    success: usize,
) -> Words {
    let (first, second) = places.insert(key, given).unwrap_or((0, 0));
    [success, first, second, 0]
}

/// A failure, as a command returns it.
pub fn failure(error: ErrorCode) -> Words {
    [0, error as usize, 0, 0]
}

/// The result of a command without a value.
pub fn unit(result: Result) -> Words {
    match result {
        Ok(()) => [128, 0, 0, 0],
        Err(error) => failure(error),
    }
}

/// The result of a command with a number.
pub fn number(value: u32) -> Words {
    [129, value as usize, 0, 0]
}
