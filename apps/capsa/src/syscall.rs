//! System calls as Tock 2 has them, in the form that they have for 64-bit apps.
//!
//! A driver's own file is where these belong: an app calls [`console`](crate::console) and its like.

use core::mem;
use core::ptr;
use core::sync::atomic::AtomicU8;

use crate::door::{self, Class, Words};
use crate::error::{ErrorCode, Result};

/// What a command returned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub struct CommandReturn(Words);

impl CommandReturn {
    const SUCCESS: usize = 128;
    const SUCCESS_U32: usize = 129;
    const SUCCESS_2_U32: usize = 130;
    const SUCCESS_U64: usize = 131;
    /// Numbers below this one are failures, with an error code next to them.
    const FIRST_SUCCESS: usize = 128;

    /// Success without a value.
    ///
    /// # Errors
    ///
    /// What the kernel answered; `BADRVAL` for a success of another form.
    pub fn unit(self) -> Result {
        self.values::<0>(Self::SUCCESS).map(drop)
    }

    /// Success of any form, whose values are of no interest.
    ///
    /// # Errors
    ///
    /// What the kernel answered.
    pub fn any(self) -> Result {
        let [given, error, ..] = self.0;
        if given < Self::FIRST_SUCCESS {
            return Err(ErrorCode::from_number(error));
        }
        Ok(())
    }

    /// Success with a number.
    ///
    /// # Errors
    ///
    /// As [`unit`](Self::unit).
    pub fn u32(self) -> Result<u32> {
        self.values(Self::SUCCESS_U32).map(|[value]| value as u32)
    }

    /// Success with two numbers.
    ///
    /// # Errors
    ///
    /// As [`unit`](Self::unit).
    pub fn two_u32(self) -> Result<(u32, u32)> {
        self.values(Self::SUCCESS_2_U32)
            .map(|[first, second]| (first as u32, second as u32))
    }

    /// Success with a long number.
    ///
    /// # Errors
    ///
    /// As [`unit`](Self::unit).
    pub fn u64(self) -> Result<u64> {
        self.values(Self::SUCCESS_U64).map(|[value]| value as u64)
    }

    fn values<const N: usize>(self, variant: usize) -> Result<[usize; N]> {
        self.any()?;
        let [given, values @ ..] = self.0;
        if given == variant {
            return Ok(core::array::from_fn(|index| values[index]));
        }
        Err(ErrorCode::BADRVAL)
    }
}

/// Has a driver do something. The meaning of `number` and the arguments is the driver's.
pub fn command(driver: usize, number: usize, argument0: usize, argument1: usize) -> CommandReturn {
    // SAFETY: a command neither lends memory nor subscribes a function.
    CommandReturn(unsafe { door::call(Class::Command, [driver, number, argument0, argument1]) })
}

/// Asks whether there is a driver: its command 0, which does nothing else.
///
/// # Errors
///
/// `NODEVICE` if there is none, or this app may not use it.
pub fn exists(driver: usize) -> Result {
    command(driver, 0, 0, 0).any()
}

/// Lends `buffer` to a driver to read from, until something else is lent in its place. A driver reads while it
/// does what a command asks for; what it would read after that is whatever is there then.
///
/// # Errors
///
/// The kernel's, when it does not take the buffer: `NODEVICE`, `NOSUPPORT`, or `NOMEM` when the driver has no
/// room for this app.
pub fn lend(driver: usize, number: usize, buffer: &[u8]) -> Result {
    lend_in(
        Class::AllowReadOnly,
        driver,
        number,
        buffer.as_ptr(),
        buffer.len(),
    )
}

/// Lends `buffer` to a driver to write to, while `during` runs.
///
/// # Errors
///
/// As [`lend`].
pub fn with_lent<T>(
    driver: usize,
    number: usize,
    buffer: &mut [u8],
    during: impl FnOnce() -> T,
) -> Result<T> {
    let _loan = Loan::new(driver, number, buffer.as_mut_ptr(), buffer.len())?;
    Ok(during())
}

/// Lends `buffer` to a driver to write to, from now on.
///
/// # Errors
///
/// As [`lend`].
pub fn lend_static(driver: usize, number: usize, buffer: &'static [AtomicU8]) -> Result {
    let start = buffer.as_ptr().cast_mut().cast();
    // The memory is there for ever, and may change at any time: it need not come back.
    mem::forget(Loan::new(driver, number, start, buffer.len())?);
    Ok(())
}

/// Memory that a driver may write to. It is given back when this value goes.
struct Loan {
    driver: usize,
    number: usize,
}

impl Loan {
    /// The caller keeps the memory borrowed for as long as the loan lasts.
    fn new(driver: usize, number: usize, start: *mut u8, len_bytes: usize) -> Result<Self> {
        lend_in(Class::AllowReadWrite, driver, number, start, len_bytes)?;
        Ok(Self { driver, number })
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        // Lending nothing in place of something that the driver took cannot fail.
        let _ = lend_in(
            Class::AllowReadWrite,
            self.driver,
            self.number,
            ptr::null(),
            0,
        );
    }
}

/// Lends memory in place of what was lent before.
fn lend_in(
    class: Class,
    driver: usize,
    number: usize,
    start: *const u8,
    len_bytes: usize,
) -> Result {
    const SUCCESS: usize = 135;
    let arguments = [driver, number, start.expose_provenance(), len_bytes];
    // SAFETY: memory that is written to stays borrowed until its `Loan` has lent nothing in its place.
    let [variant, error, ..] = unsafe { door::call(class, arguments) };
    if variant == SUCCESS {
        Ok(())
    } else {
        Err(ErrorCode::from_number(error))
    }
}

/// Asks the kernel about this app's memory, or changes it. Returns the address that is the answer, where there
/// is one.
///
/// # Safety
///
/// Memory that is given up is not used any more.
pub(crate) unsafe fn memop(operation: usize, argument: usize) -> Result<usize> {
    const SUCCESS: usize = 128;
    const SUCCESS_POINTER: usize = 136;
    const SUCCESS_ADDRESS: usize = 137;
    // SAFETY: the caller's promise; memory that is lent stays in place, as the kernel does not let the break go
    // below it.
    let [variant, value, ..] = unsafe { door::call(Class::Memop, [operation, argument, 0, 0]) };
    match variant {
        SUCCESS => Ok(0),
        SUCCESS_POINTER | SUCCESS_ADDRESS => Ok(value),
        _ => Err(ErrorCode::from_number(value)),
    }
}

const YIELD_NO_WAIT: usize = 0;
const YIELD_WAIT: usize = 1;
const YIELD_WAIT_FOR: usize = 2;

/// Makes one upcall, if one is there. Returns whether one was.
pub fn yield_no_wait() -> bool {
    let mut made: u8 = 0;
    door::yield_with_upcall(YIELD_NO_WAIT, (&raw mut made).expose_provenance());
    // SAFETY: it is our own variable; the kernel has written to it by its address.
    unsafe { (&raw const made).read_volatile() != 0 }
}

/// Sleeps until an upcall is there, and makes it.
pub fn yield_wait() {
    door::yield_with_upcall(YIELD_WAIT, 0);
}

/// Sleeps until a driver's upcall is there, and returns its values in place of making it. Nothing needs to be
/// subscribed. Other upcalls stay where they are.
pub fn wait_for(driver: usize, subscription: usize) -> [usize; 3] {
    let arguments = [YIELD_WAIT_FOR, driver, subscription, 0];
    // SAFETY: this yield makes no upcall, and lends no memory.
    let [first, second, third, _] = unsafe { door::call(Class::Yield, arguments) };
    [first, second, third]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_has_its_code_and_another_form_is_none() {
        assert_eq!(CommandReturn([0, 2, 0, 0]).unit(), Err(ErrorCode::BUSY));
        assert_eq!(CommandReturn([1, 2, 0, 0]).u32(), Err(ErrorCode::BUSY));
        assert_eq!(CommandReturn([0, 11, 0, 0]).any(), Err(ErrorCode::NODEVICE));
        assert_eq!(CommandReturn([128, 0, 0, 0]).any(), Ok(()));
        assert_eq!(CommandReturn([129, 7, 0, 0]).any(), Ok(()));
        assert_eq!(CommandReturn([129, 7, 0, 0]).u32(), Ok(7));
        assert_eq!(CommandReturn([130, 7, 8, 0]).two_u32(), Ok((7, 8)));
        assert_eq!(CommandReturn([131, 1 << 40, 0, 0]).u64(), Ok(1 << 40));
        assert_eq!(
            CommandReturn([129, 7, 0, 0]).unit(),
            Err(ErrorCode::BADRVAL)
        );
    }
}
