//! Apps whose memory is used up: no driver has room for what it keeps of them.

use std::ops::Range;

use kernel::{
    ErrorCode, ProcessId,
    grant::{AllowRoCount, AllowRwCount, Grant, UpcallCount},
    process::{self, PAGE_BYTES},
    syscall::{CommandReturn, SyscallDriver},
};

use crate::{App, Machine, leak};

/// The numbers of drivers that use memory up. Nobody else's have the four highest bits.
pub const HUNGRY_DRIVERS: Range<usize> = 0xf000_0000..0xf000_0009;

type HungryGrant<const N: usize> =
    Grant<Bytes<N>, UpcallCount<0>, AllowRoCount<0>, AllowRwCount<0>>;

struct Bytes<const N: usize>([u8; N]);

impl<const N: usize> Default for Bytes<N> {
    fn default() -> Self {
        Self([0; N])
    }
}

/// A driver that keeps `N` bytes of each process, if there is room for them.
struct Hungry<const N: usize>(HungryGrant<N>);

impl<const N: usize> SyscallDriver for Hungry<N> {
    fn command(&self, _: usize, _: usize, _: usize, process_id: ProcessId) -> CommandReturn {
        let result = self.0.enter(process_id, |_, _| ());
        result.map_err(ErrorCode::from).into()
    }

    fn allocate_grant(&self, process_id: ProcessId) -> Result<(), process::Error> {
        self.0.enter(process_id, |_, _| ())
    }
}

impl Machine {
    /// Adds drivers for [`App::use_all_memory`].
    #[must_use]
    pub fn with_hungry_drivers(self) -> Self {
        // From half a page on, so that there is none left for anything.
        self.hungry::<2048>(0)
            .hungry::<1024>(1)
            .hungry::<512>(2)
            .hungry::<256>(3)
            .hungry::<128>(4)
            .hungry::<64>(5)
            .hungry::<32>(6)
            .hungry::<16>(7)
            .hungry::<8>(8)
    }

    fn hungry<const N: usize>(self, place: usize) -> Self {
        let number = HUNGRY_DRIVERS.start + place;
        let driver = leak(Hungry::<N>(self.grant(number)));
        self.driver(number, driver)
    }
}

impl App<'_> {
    /// Has all the memory used that there is for what drivers keep of the app. The machine is one
    /// [with hungry drivers](Machine::with_hungry_drivers), which the app may call.
    #[track_caller]
    pub fn use_all_memory(&self) {
        let at = self.addresses();
        let highest = at.sram_grant_start / PAGE_BYTES * PAGE_BYTES;
        let moved = self.memop(0, highest);
        moved.expect("an app can have the pages that no driver uses");
        for driver_number in HUNGRY_DRIVERS {
            self.command(driver_number, 1, 0, 0);
        }
    }
}
