//! A machine with one driver, which does what the test says.

use std::cell::RefCell;

use chip_fake as fake;
use kernel::{
    ProcessId,
    grant::{AllowRoCount, AllowRwCount, Grant, GrantData, GrantKernelData, UpcallCount},
    process::{self, PAGE_BYTES},
    processbuffer::UserspaceReadableProcessBuffer,
    syscall::{CommandReturn, SyscallDriver},
    upcall::UpcallError,
};

/// The driver.
pub const DRIVER: usize = 0x9_9999;

/// A driver without a grant.
pub const POOR_DRIVER: usize = 0x9_9998;

/// A number that no driver has.
pub const NOBODY: usize = 0x9_9997;

/// How many upcalls and how many buffers of each kind the driver has.
pub const UPCALLS: u8 = 3;
pub const BUFFERS: u8 = 2;

/// What the driver keeps of each process.
pub type Apps = Grant<u32, UpcallCount<UPCALLS>, AllowRoCount<BUFFERS>, AllowRwCount<BUFFERS>>;

type Action = Box<dyn FnOnce([usize; 3], ProcessId) -> CommandReturn>;

pub struct Driver {
    pub apps: Apps,
    action: RefCell<Option<Action>>,
    /// The buffer that processes go on reading.
    pub kept: RefCell<UserspaceReadableProcessBuffer>,
}

impl Driver {
    /// Says what the next command does.
    pub fn next_command(
        &self,
        action: impl FnOnce([usize; 3], ProcessId) -> CommandReturn + 'static,
    ) {
        self.action.replace(Some(Box::new(action)));
    }

    /// Enters the grant of an app that has made calls.
    #[track_caller]
    pub fn enter<R>(
        &self,
        app: &fake::App,
        fun: impl FnOnce(&mut GrantData<u32>, &GrantKernelData) -> R,
    ) -> R {
        self.apps.enter(app.process_id(), fun).unwrap()
    }

    /// Schedules an upcall as a device does, whenever it likes.
    #[track_caller]
    pub fn schedule(
        &self,
        app: &fake::App,
        number: usize,
        values: (usize, usize, usize),
    ) -> Result<(), UpcallError> {
        self.enter(app, |_, kernel_data| {
            kernel_data.schedule_upcall(number, values)
        })
    }
}

impl SyscallDriver for Driver {
    fn command(&self, number: usize, r2: usize, r3: usize, id: ProcessId) -> CommandReturn {
        match self.action.take() {
            Some(action) => action([number, r2, r3], id),
            None => CommandReturn::success(),
        }
    }

    fn allocate_grant(&self, id: ProcessId) -> Result<(), process::Error> {
        self.apps.enter(id, |_, _| ())
    }

    fn allow_userspace_readable(
        &self,
        _: ProcessId,
        which: usize,
        buffer: UserspaceReadableProcessBuffer,
    ) -> Result<UserspaceReadableProcessBuffer, (UserspaceReadableProcessBuffer, kernel::ErrorCode)>
    {
        match which {
            0 => Ok(self.kept.replace(buffer)),
            _ => Err((buffer, kernel::ErrorCode::NOSUPPORT)),
        }
    }
}

struct PoorDriver;

impl SyscallDriver for PoorDriver {
    fn allocate_grant(&self, _: ProcessId) -> Result<(), process::Error> {
        Ok(())
    }
}

pub struct Bench {
    pub machine: fake::Machine,
    pub driver: &'static Driver,
}

impl Bench {
    pub fn new() -> Self {
        Self::on(fake::Machine::new())
    }

    pub fn on(machine: fake::Machine) -> Self {
        let driver = &*fake::leak(Driver {
            apps: machine.grant(DRIVER),
            action: RefCell::new(None),
            kept: RefCell::default(),
        });
        let machine = machine
            .driver(DRIVER, driver)
            .driver(POOR_DRIVER, &PoorDriver);
        Self { machine, driver }
    }

    /// An app whose RAM has eight pages of its own.
    pub fn large_app(&self, name: &str) -> fake::App<'_> {
        let image = fake::image(name).minimum_ram(8 * PAGE_BYTES as u32);
        self.machine.load(&image).unwrap()
    }
}

/// Tests with an app of either width, each on a machine of its own.
pub fn each_width(test: impl Fn(&Bench, &fake::App)) {
    for image in [fake::image("wide"), fake::image_of_32_bits("narrow")] {
        let bench = Bench::new();
        test(&bench, &bench.machine.load(&image).unwrap());
    }
}
