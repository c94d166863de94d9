//! Capsa on QEMU's PC: what the machine is made of, and the two lists that say what it does.
#![no_std]
#![no_main]

mod apps;
mod boot;
#[cfg(feature = "bench")]
mod boot_probe;
#[cfg(feature = "bench")]
mod debug_console;
mod interrupts;
mod memory;
mod memory_report;
mod panic;
mod terminals;

use bootloader_api::{BootInfo, entry_point};
use capsules_core::{
    AlarmDeadlines, AlarmMux, Calendar, Clock, KeyEvent, Keyboard, SliceTimer, VirtualAlarm,
    alarm::{self, AlarmDriver},
    console::{self, Console},
    ipc::{self, Ipc},
    led::{self, LedDriver},
};
use capsules_system::{
    blink::{Blink, blink},
    lamp::Lamp,
    shell::{self, Machine},
    status_bar,
};
use chip_pc::{
    cmos::Cmos,
    pic::Pic,
    power,
    ps2::{self, Light, Ps2Keyboard},
    uart::{self, COM1, Uart},
    vga::{self, ROWS},
};
use chip_x86_64::Processor;
use kernel::{
    Kernel,
    boot::BootArena,
    capabilities::{MemoryAllocationCapability, ProcessStartCapability},
    collections::DeadlineNode,
    create_capability, debug,
    deferred_call::DeferredCallClient,
    drivers,
    hil::{
        date_time::DateTime, keyboard::ScancodeKeyboard, led::Led, time::Alarm, uart::Configure,
    },
    platform::DriverTable,
    pool::Pool,
    process::MAX_PROCESSES,
    task::TaskRecord,
    tasks,
    utilities::cells::OptionalCell,
};

use crate::{interrupts::Interrupts, memory::BootPages};

entry_point!(main);

type Alarms = AlarmMux<'static, chip_pc::clock::Clock<'static>>;
type TaskAlarm = VirtualAlarm<'static, chip_pc::clock::Clock<'static>>;

/// Virtual alarms: one for each task's clock.
const ALARMS: usize = 16;
/// Tasks that the kernel has room for.
const TASKS: usize = 16;
/// Key events that wait to be read: a line typed ahead, two events a key.
const KEYS: usize = 128;

const VERSION: &str = concat!("Capsa ", env!("CARGO_PKG_VERSION"));

fn main(info: &'static mut BootInfo) -> ! {
    // Memory and the processor.
    let image = boot::image();
    let mut pages = BootPages::new(&info.memory_regions);
    pages.protect(&image, &info.memory_regions);
    let boot = pages.arena();
    let processor = &*boot.place(Processor::new::<Pic>(boot));
    let processes = apps::table(boot, pages.pool(&info.memory_regions), processor);
    let kernel = &*boot.place(Kernel::new(
        boot.slice(TASKS, |_| TaskRecord::new()),
        processes,
    ));

    // Devices.
    let pic = Pic::new();
    let timer = &*boot.place(chip_pc::clock::Clock::new());
    let cmos = &*boot.place(Cmos::new());
    let port = &*boot.place(Uart::new(COM1));
    let ps2 = &*boot.place(Ps2Keyboard::new());
    let screen = &*boot.place(vga::Screen::new());
    let interrupts = Interrupts {
        clock: timer,
        keyboard: ps2,
        serial: port,
    };

    // Time: one alarm for each task that waits.
    let alarms = &*boot.place(AlarmMux::new(
        timer,
        boot.slice(ALARMS, |_| DeadlineNode::new()),
        boot.slice(ALARMS, |_| OptionalCell::empty()),
    ));
    timer.set_alarm_client(alarms);
    debug::set_clock(timer);
    let clock = || {
        let alarm = &*boot.place(alarms.alarm().expect("ALARMS counts every clock"));
        let clock = &*boot.place(Clock::new(alarm));
        alarm.set_alarm_client(clock);
        clock
    };
    let calendar = &*boot.place(Calendar::new(cmos));
    cmos.set_client(calendar);
    cmos.register();

    // What drivers keep of each process.
    let may_allocate = create_capability!(MemoryAllocationCapability);
    let console_driver = &*boot.place(Console::new(
        kernel.create_grant(console::DRIVER_NUM, &may_allocate),
    ));
    let app_alarms = deadlines(boot, alarms);
    let alarm_driver = &*boot.place(AlarmDriver::new(
        app_alarms,
        kernel.create_grant(alarm::DRIVER_NUM, &may_allocate),
    ));
    app_alarms.set_client(alarm_driver);
    let call_deadlines = deadlines(boot, alarms);
    let ipc = &*boot.place(Ipc::new(
        kernel.create_grant(ipc::DRIVER_NUM, &may_allocate),
        processes,
        call_deadlines,
    ));
    call_deadlines.set_client(ipc);
    processes.set_end_client(ipc);

    // Keys, screens and lights.
    let keyboard = &*boot.place(Keyboard::new(boot.slice(KEYS, |_| KeyEvent::NONE)));
    ps2.set_scancode_client(keyboard);
    let serial = terminals::serial(boot, port, clock(), console_driver);
    let bar = terminals::text(boot, screen.window(0..1, false));
    let screen = terminals::screen(boot, screen.window(1..ROWS, true), keyboard, clock());
    let lights = &*boot.place(lights(boot, ps2));

    // What apps may call.
    let drivers = &*boot.place(DriverTable::new(boot.place(drivers! {
        "alarm", alarm::DRIVER_NUM => alarm_driver,
        "console", console::DRIVER_NUM => console_driver,
        "led", led::DRIVER_NUM =>
            boot.place(LedDriver::new(boot.place(lights.map(|(_, light)| light)))),
        "ipc", ipc::DRIVER_NUM => ipc,
    })));
    let slices = slice_timer(boot, alarms);
    apps::load(processes, info);

    let blinkers = &*boot.place(Pool::new());
    let blinker = async |job: Blink, clock: &Clock<'_>| {
        blink(lights[job.light].1, clock, job.period_ms).await;
    };
    let machine = &*boot.place(Machine {
        version: VERSION,
        kernel,
        may_start: boot.place(create_capability!(ProcessStartCapability)),
        drivers,
        lights,
        blinkers,
        keyboard,
        calendar,
        memory: memory_report::map(boot, &info.memory_regions),
        image: memory_report::sizes(&image),
        arena: boot,
        reset: power::reset,
        shutdown: power::shutdown,
    });
    let clocks = [clock(), clock(), clock(), clock(), clock()];

    #[cfg(feature = "bench")]
    let processor = &boot_probe::BootProbe {
        processor,
        outputs: [serial.output, screen.output],
    };

    start(&pic, ps2, port);
    boot.close();

    // What runs by itself.
    kernel.run(
        processor,
        &(drivers, &(), slices),
        &interrupts,
        tasks! {
            "serial shell" => shell::run(serial, machine),
            "screen shell" => shell::run(screen, machine),
            "status bar" => status_bar::run(bar, clocks[0], kernel, lights),
            "blinker 0" => blinkers.worker(0, async |job| blinker(job, clocks[1]).await),
            "blinker 1" => blinkers.worker(1, async |job| blinker(job, clocks[2]).await),
            "blinker 2" => blinkers.worker(2, async |job| blinker(job, clocks[3]).await),
            "blinker 3" => blinkers.worker(3, async |job| blinker(job, clocks[4]).await),
        },
    )
}

/// The timer that ends the turns of processes.
fn slice_timer(
    boot: &BootArena,
    alarms: &'static Alarms,
) -> &'static SliceTimer<'static, TaskAlarm> {
    let alarm = &*boot.place(alarms.alarm().expect("ALARMS counts it"));
    let timer = &*boot.place(SliceTimer::new(alarm));
    alarm.set_alarm_client(timer);
    timer
}

/// A deadline for each process.
fn deadlines(
    boot: &BootArena,
    alarms: &'static Alarms,
) -> &'static AlarmDeadlines<'static, TaskAlarm> {
    let alarm = &*boot.place(alarms.alarm().expect("ALARMS counts it"));
    let nodes = boot.slice(MAX_PROCESSES, |_| DeadlineNode::new());
    let deadlines = &*boot.place(AlarmDeadlines::new(alarm, nodes));
    alarm.set_alarm_client(deadlines);
    deadlines
}

/// The keyboard's three lights and three on the screen, with their names.
fn lights(
    boot: &BootArena,
    keyboard: &'static Ps2Keyboard<'static>,
) -> [(&'static str, &'static dyn Led); 6] {
    [
        ("scroll lock", boot.place(keyboard.light(Light::ScrollLock))),
        ("num lock", boot.place(keyboard.light(Light::NumLock))),
        ("caps lock", boot.place(keyboard.light(Light::CapsLock))),
        ("screen 0", boot.place(Lamp::new())),
        ("screen 1", boot.place(Lamp::new())),
        ("screen 2", boot.place(Lamp::new())),
    ]
}

/// Starts the devices that interrupt. The machine works without any of them but the timer.
fn start(pic: &Pic, keyboard: &Ps2Keyboard<'_>, serial: &Uart<'_>) {
    match keyboard.start() {
        Ok(()) => pic.enable(ps2::INTERRUPT_LINE as usize),
        Err(error) => debug!("no PS/2 keyboard ({error:?}): the serial line works without it"),
    }
    pic.enable(chip_pc::clock::INTERRUPT_LINE as usize);
    if let Err(error) = serial.configure(uart::PARAMETERS) {
        debug!("no serial port ({error:?}): the screen works without it");
    }
    pic.enable(COM1.interrupt_line as usize);
}
