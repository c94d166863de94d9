//! The list of what apps may call.

use core::cell::Cell;

use super::SyscallDriverLookup;
use crate::{collections::NumberMap, syscall::SyscallDriver};

/// A row of the list.
pub struct DriverRow<'a> {
    /// The number that apps know the driver by.
    pub number: usize,
    /// Its name, for people.
    pub name: &'static str,
    driver: &'a dyn SyscallDriver,
    calls: Cell<u64>,
}

impl<'a> DriverRow<'a> {
    /// A row.
    pub const fn new(number: usize, name: &'static str, driver: &'a dyn SyscallDriver) -> Self {
        Self {
            number,
            name,
            driver,
            calls: Cell::new(0),
        }
    }

    /// How many system calls have reached it: not those that the kernel serves for it, such as a second subscribe.
    pub fn calls(&self) -> u64 {
        self.calls.get()
    }
}

/// The list, with an index by which a driver is found in a few steps.
pub struct DriverTable<'a> {
    rows: &'a [DriverRow<'a>],
    index: NumberMap<&'a DriverRow<'a>>,
}

impl<'a> DriverTable<'a> {
    /// The list of `rows`.
    ///
    /// # Panics
    /// If two rows have one number, or there are more than 128.
    pub fn new(rows: &'a [DriverRow<'a>]) -> Self {
        let index = NumberMap::new();
        for row in rows {
            let is_new = index.insert(row.number, row);
            assert!(is_new, "two drivers have the number {:#x}", row.number);
        }
        Self { rows, index }
    }

    /// The rows, in the board's order.
    pub fn rows(&self) -> &'a [DriverRow<'a>] {
        self.rows
    }
}

impl SyscallDriverLookup for DriverTable<'_> {
    #[inline]
    fn with_driver<F, R>(&self, driver_num: usize, f: F) -> R
    where
        F: FnOnce(Option<&dyn SyscallDriver>) -> R,
    {
        f(self.index.get(driver_num).map(|row| {
            row.calls.set(row.calls.get() + 1);
            row.driver
        }))
    }
}

/// Makes the list of what apps may call, for [`DriverTable::new`]: rows of name, number and driver.
///
/// ```
/// # use kernel::{ProcessId, process, syscall::SyscallDriver};
/// # struct Nothing;
/// # impl SyscallDriver for Nothing {
/// #     fn allocate_grant(&self, _: ProcessId) -> Result<(), process::Error> { Ok(()) }
/// # }
/// let rows = kernel::drivers! {
///     "nothing", 0x90 => &Nothing,
/// };
/// assert_eq!(rows[0].name, "nothing");
/// ```
#[macro_export]
macro_rules! drivers {
    ($($(#[$attribute:meta])* $name:literal, $number:expr => $driver:expr),* $(,)?) => {
        [$($(#[$attribute])* $crate::platform::DriverRow::new($number, $name, $driver)),*]
    };
}
