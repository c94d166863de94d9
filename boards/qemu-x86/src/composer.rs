//! Makes the kernel and the drivers that apps call: each with what it keeps of a process, and as client of its
//! device.

use capsules_core::{
    Calendar, DateTimeMux, KeyEvent, Keyboard,
    alarm::{self, AlarmDriver},
    console::{self, Console},
    date_time::{self, DateTimeCapsule},
    ipc::{self, Ipc},
    key_driver::{self, KeyDriver},
    process_info::{self, ProcessInfo},
    rng::{self, RngDriver},
    text_screen::{self, TextScreen},
};
use chip_pc::vga::Window;
use chip_x86_64::RandomNumbers;
use kernel::{
    Kernel,
    boot::BootArena,
    capabilities::{
        MemoryAllocationCapability, ProcessManagementCapability, ProcessStartCapability,
    },
    create_capability,
    deferred_call::DeferredCallClient,
    grant::{AllowRoSize, AllowRwSize, Grant, UpcallSize},
    hil::{
        date_time::DateTime, keyboard::ScancodeKeyboard, rng::Rng,
        text_screen::TextScreen as TextScreenDevice,
    },
    process::ProcessTable,
    syscall::SyscallDriver,
    task::TaskRecord,
};

use crate::{devices::Devices, time::Time};

/// Tasks that the kernel has room for.
const TASKS: usize = 16;
/// Key events that wait to be read: a line typed ahead, two events a key.
const KEYS: usize = 128;
/// What apps have written to the console and is not shown yet: four screenfuls.
const CONSOLE_BUFFER: usize = 8192;
/// The longest text that an app writes to the screen at a time.
const SCREEN_BUFFER: usize = 256;

/// Makes drivers. All that need a grant are made before the first app is loaded.
pub struct Composer {
    pub boot: &'static BootArena,
    pub kernel: &'static Kernel,
    pub time: Time,
    pub devices: &'static Devices,
}

impl Composer {
    pub fn new(
        boot: &'static BootArena,
        processes: &'static ProcessTable,
        time: Time,
        devices: &'static Devices,
    ) -> Self {
        let records = boot.slice(TASKS, |_| TaskRecord::new());
        Self {
            boot,
            kernel: boot.place(Kernel::new(records, processes)),
            time,
            devices,
        }
    }

    /// A driver that needs nothing but its grant.
    pub fn with_grant<T, U, O, W, D>(
        &self,
        driver_num: usize,
        make: fn(Grant<T, U, O, W>) -> D,
    ) -> &'static dyn SyscallDriver
    where
        T: Default,
        U: UpcallSize,
        O: AllowRoSize,
        W: AllowRwSize,
        D: SyscallDriver + 'static,
    {
        self.boot.place(make(self.grant(driver_num)))
    }

    fn grant<T: Default, U: UpcallSize, O: AllowRoSize, W: AllowRwSize>(
        &self,
        driver_num: usize,
    ) -> Grant<T, U, O, W> {
        let right = create_capability!(MemoryAllocationCapability);
        self.kernel.create_grant(driver_num, &right)
    }

    pub fn alarm(&self) -> &'static dyn SyscallDriver {
        let deadlines = self.time.deadlines();
        let grant = self.grant(alarm::DRIVER_NUM);
        let driver = &*self.boot.place(AlarmDriver::new(deadlines, grant));
        deadlines.set_client(driver);
        driver
    }

    pub fn console(&self) -> &'static Console {
        let grant = self.grant(console::DRIVER_NUM);
        let buffer = self.boot.buffer::<CONSOLE_BUFFER>();
        self.boot.place(Console::new(grant, buffer))
    }

    pub fn ipc(&self) -> &'static Ipc<'static> {
        let deadlines = self.time.deadlines();
        let grant = self.grant(ipc::DRIVER_NUM);
        let processes = self.kernel.processes();
        let ipc = &*self.boot.place(Ipc::new(grant, processes, deadlines));
        deadlines.set_client(ipc);
        ipc
    }

    pub fn process_info(&self) -> &'static dyn SyscallDriver {
        let right = create_capability!(ProcessManagementCapability, ProcessStartCapability);
        let grant = self.grant(process_info::DRIVER_NUM);
        let processes = self.kernel.processes();
        self.boot.place(ProcessInfo::new(processes, grant, right))
    }

    pub fn rng(&self) -> &'static dyn SyscallDriver {
        let source: &'static RandomNumbers<'static> = &self.devices.random;
        let grant = self.grant(rng::DRIVER_NUM);
        let driver = &*self.boot.place(RngDriver::new(source, grant));
        source.set_client(driver);
        source.register();
        driver
    }

    /// The clock that knows the date: for the shells, and the driver that apps call.
    pub fn calendar(&self) -> (&'static Calendar<'static>, &'static dyn SyscallDriver) {
        let Devices { cmos, .. } = self.devices;
        let users: &DateTimeMux<'static, 2> = self.boot.place(DateTimeMux::new(cmos));
        cmos.set_client(users);
        cmos.register();
        let user = || &*self.boot.place(users.user().expect("there are two users"));
        let (ours, theirs) = (user(), user());
        let calendar = &*self.boot.place(Calendar::new(ours));
        ours.set_client(calendar);
        let grant = self.grant(date_time::DRIVER_NUM);
        let driver = &*self.boot.place(DateTimeCapsule::new(theirs, grant));
        theirs.set_client(driver);
        (calendar, driver)
    }

    /// The keyboard, and the driver that apps hear of it from.
    pub fn keyboard(&self) -> (&'static Keyboard<'static>, &'static KeyDriver) {
        let grant = self.grant(key_driver::DRIVER_NUM);
        let driver = &*self.boot.place(KeyDriver::new(grant));
        let queue = self.boot.slice(KEYS, |_| KeyEvent::NONE);
        let keyboard = &*self.boot.place(Keyboard::new(queue));
        keyboard.set_apps(driver);
        self.devices.keyboard.set_scancode_client(keyboard);
        (keyboard, driver)
    }

    pub fn text_screen(&self, window: &'static Window<'static>) -> &'static TextScreen<'static> {
        let grant = self.grant(text_screen::DRIVER_NUM);
        let buffer = self.boot.buffer::<SCREEN_BUFFER>();
        let driver = &*self.boot.place(TextScreen::new(window, buffer, grant));
        window.set_client(Some(driver));
        window.register();
        driver
    }
}
