//! Upcalls: what the process is told.

use kernel::{ErrorCode, process::CallResult, syscall::class};

use super::{App, answer, has_values, record};
use crate::processor::Registers;

/// The word that the test subscribes with says which upcall it is: the driver's number, and so many bits for
/// the upcall's.
const NUMBER_BITS: u32 = 12;

/// Ways to yield.
const NO_WAIT: usize = 0;
const WAIT: usize = 1;
const WAIT_FOR: usize = 2;

/// An upcall that a process was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upcall {
    /// The number of the driver that the process has subscribed with.
    pub driver: usize,
    /// The number that it has subscribed under.
    pub number: usize,
    /// The driver's three values.
    pub arguments: [usize; 3],
}

impl App<'_> {
    /// Subscribes to an upcall of a driver.
    ///
    /// # Panics
    /// If that is refused.
    #[track_caller]
    pub fn subscribe(&self, driver_number: usize, number: usize) {
        if let Err(error) = self.try_subscribe(driver_number, number) {
            let name = &self.name;
            panic!("driver {driver_number:#x} refuses upcall {number} of {name}: {error:?}");
        }
    }

    /// As [`App::subscribe`].
    ///
    /// # Errors
    /// What the process is answered.
    #[track_caller]
    pub fn try_subscribe(&self, driver_number: usize, number: usize) -> Result<(), ErrorCode> {
        let function = self.addresses().flash_non_protected_start;
        // A 32-bit word has room for both numbers of any driver of Tock's.
        assert!(number < 1 << NUMBER_BITS, "there is no upcall {number}");
        let word = driver_number << NUMBER_BITS | number;
        self.subscribe_raw(driver_number, number, function, word)?;
        Ok(())
    }

    /// Subscribes to an upcall no more.
    ///
    /// # Panics
    /// If that is refused.
    #[track_caller]
    pub fn unsubscribe(&self, driver_number: usize, number: usize) {
        let result = self.subscribe_raw(driver_number, number, 0, 0);
        result.expect("a driver takes the null upcall");
    }

    /// Subscribes with any function and any word. Returns those before.
    ///
    /// # Errors
    /// What the process is answered.
    #[track_caller]
    pub fn subscribe_raw(
        &self,
        driver_number: usize,
        number: usize,
        function: usize,
        word: usize,
    ) -> Result<(usize, usize), ErrorCode> {
        let words = [class::SUBSCRIBE, driver_number, number, function, word];
        match self.try_system_call(words) {
            Some(registers) => answer::upcall(&registers, self.entry().word_size, (function, word)),
            None => panic!("{} does not come back from subscribing", self.name()),
        }
    }

    /// Waits for an upcall.
    ///
    /// # Panics
    /// If none has come when there is nothing else to do.
    #[track_caller]
    pub fn yield_wait(&self) -> Upcall {
        match self.try_yield_wait() {
            Some(upcall) => upcall,
            None => self.nothing_comes(),
        }
    }

    /// As [`App::yield_wait`], but `None` where that panics. The process then still waits: the next wait goes
    /// on with it.
    #[track_caller]
    pub fn try_yield_wait(&self) -> Option<Upcall> {
        let registers = self.yields([WAIT, 0, 0])?;
        Some(self.upcall(&registers))
    }

    /// Takes an upcall that has come; `None` if none has.
    ///
    /// # Panics
    /// If the process's registers and its byte do not agree on whether one has.
    #[track_caller]
    pub fn yield_no_wait(&self) -> Option<Upcall> {
        const UNTOUCHED: u8 = 0xaa;
        let flag = self.place(&[UNTOUCHED]);
        let registers = self.try_system_call([class::YIELD, NO_WAIT, flag, 0, 0]);
        let registers = registers.expect("a process that does not wait goes on");
        let flag = self.read(flag, 1)[0];
        if registers.result == CallResult::UPCALL {
            assert_eq!(flag, 1, "the byte of a process that was given an upcall");
            return Some(self.upcall(&registers));
        }
        assert_eq!(flag, 0, "the byte of a process that was given no upcall");
        assert!(
            !has_values(&registers, 1) || registers.words[0] == 0,
            "{} sees the function of an upcall that has not come: {registers:x?}",
            self.name
        );
        None
    }

    /// Waits for one upcall, and returns the driver's three values.
    ///
    /// # Panics
    /// If it has not come when there is nothing else to do.
    #[track_caller]
    pub fn yield_for(&self, driver_number: usize, number: usize) -> [usize; 3] {
        match self.try_yield_for(driver_number, number) {
            Some(arguments) => arguments,
            None => self.nothing_comes(),
        }
    }

    /// As [`App::yield_for`], but `None` where that panics. The process then still waits: the next wait for
    /// the same upcall goes on with it.
    #[track_caller]
    pub fn try_yield_for(&self, driver_number: usize, number: usize) -> Option<[usize; 3]> {
        let registers = self.yields([WAIT_FOR, driver_number, number])?;
        assert!(
            has_values(&registers, 3),
            "{} waits for one upcall and finds {registers:x?}",
            self.name
        );
        record::note(driver_number, format_args!("upcall {number}"));
        let [first, second, third, ..] = registers.words;
        Some([first, second, third])
    }

    /// The values of one upcall, if any upcall waits for the process when there is nothing else to do. The process
    /// waits for nothing afterwards.
    ///
    /// # Panics
    /// If another upcall waits.
    #[track_caller]
    pub fn told(&self, driver_number: usize, number: usize) -> Option<[usize; 3]> {
        self.machine.run();
        let is_told = self.process(|process| process.has_tasks());
        is_told.then(|| self.yield_for(driver_number, number))
    }

    #[track_caller]
    fn upcall(&self, registers: &Registers) -> Upcall {
        assert_eq!(
            registers.result,
            CallResult::UPCALL,
            "{} waits for an upcall and finds {registers:x?}",
            self.name
        );
        let [_, first, second, third, word] = registers.words;
        let upcall = Upcall {
            driver: word >> NUMBER_BITS,
            number: word % (1 << NUMBER_BITS),
            arguments: [first, second, third],
        };
        record::note(upcall.driver, format_args!("upcall {}", upcall.number));
        upcall
    }
}
