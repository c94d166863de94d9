//! Capsa on QEMU's PC: what the machine is made of, and the two lists that say what it does.
#![no_std]
#![no_main]

mod apps;
mod boot;
mod choices;
mod composer;
#[cfg(feature = "bench")]
mod debug_console;
mod devices;
mod lights;
mod memory;
mod memory_report;
mod panic;
#[cfg(feature = "bench")]
mod probe;
mod terminals;
mod time;

use bootloader_api::{BootInfo, entry_point};
use capsules_core::{
    Clock, alarm, console, date_time, ipc, key_driver, led, low_level_debug, process_info, rng,
    text_screen,
};
use capsules_extra as extra;
use capsules_system::{
    blink, installer, permission_filter,
    shell::{self, Blink, Machine},
    status_bar,
};
use chip_pc::{pic::Pic, power};
use chip_x86_64::Processor;
use kernel::{
    capabilities::ProcessStartCapability, create_capability, drivers, platform::DriverTable,
    pool::Pool, process::ProcessEndClient, tasks,
};

use crate::{
    choices::Choices, composer::Composer, devices::Devices, memory::BootPages, terminals::Screen,
    time::Time,
};

entry_point!(main);

const VERSION: &str = concat!("Capsa ", env!("CARGO_PKG_VERSION"));

fn main(info: &'static mut BootInfo) -> ! {
    // The processor, memory and devices.
    let image = boot::image();
    let mut pages = BootPages::new(&info.memory_regions);
    let space = pages.protect(&image, &info.memory_regions);
    let boot = pages.arena();
    let processor = &*boot.place(Processor::new::<Pic>(boot, space));
    let devices = &*boot.place(Devices::new());
    let time = Time::new(boot, &devices.clock);

    // Processes.
    let choices = Choices::new(boot, &devices.clock);
    let memory = pages.pool(&info.memory_regions);
    let processes = apps::table(boot, memory, processor, &choices);

    // What people and apps share.
    let composer = Composer::new(boot, processes, time, devices);
    let kernel = composer.kernel;
    let console = composer.console();
    let (keyboard, keys) = composer.keyboard();
    let (calendar, date_time) = composer.calendar();
    let serial = terminals::serial(&composer, console);
    let install_line = terminals::install_line(&composer);
    let screen = Screen::new(&composer, keyboard, keys);
    let lights = &*boot.place(lights::lights(boot, &devices.keyboard));
    let ipc = composer.ipc();
    let ended: [&dyn ProcessEndClient; 3] = [ipc, serial.foreground, screen.shell.foreground];
    processes.set_end_client(boot.place(ended));

    #[cfg(feature = "bench")]
    let processor = &*boot.place(probe::Probe::new(processor, processes));

    // What apps may call.
    let drivers = &*boot.place(DriverTable::new(boot.place(drivers! {
        "alarm", alarm::DRIVER_NUM => composer.alarm(),
        "console", console::DRIVER_NUM => console,
        "led", led::DRIVER_NUM => boot.place(led::LedDriver::new(boot.place(lights.map(|(_, light)| light)))),
        "low-level debug", low_level_debug::DRIVER_NUM => &low_level_debug::LowLevelDebug,
        "ipc", ipc::DRIVER_NUM => ipc,
        "process info", process_info::DRIVER_NUM => composer.process_info(),
        "rng", rng::DRIVER_NUM => composer.rng(),
        "text screen", text_screen::DRIVER_NUM => screen.apps,
        "date and time", date_time::DRIVER_NUM => date_time,
        "keyboard", key_driver::DRIVER_NUM => keys,
        "tally", extra::tally::DRIVER_NUM => composer.with_grant(extra::tally::DRIVER_NUM, extra::tally::Tally::new),
        #[cfg(feature = "bench")]
        "probe", probe::DRIVER_NUM => processor,
    })));
    let permissions = &permission_filter::TbfHeaderFilterDefaultAllow;
    let turns = composer.time.slice_timer();
    apps::load(processes, info);

    // What the commands of a shell can reach.
    let blinkers = &*boot.place(Pool::new());
    let may_start = &*boot.place(create_capability!(ProcessStartCapability));
    let machine = &*boot.place(Machine {
        version: VERSION,
        choices: boot.place(choices.names),
        kernel,
        may_start,
        drivers,
        lights,
        blinkers,
        keyboard,
        calendar,
        memory: memory_report::map(boot, &info.memory_regions),
        image: memory_report::image(boot, &image),
        arena: boot,
        reset: power::reset,
        shutdown: power::shutdown,
    });
    let clocks = [(); 6].map(|()| composer.time.clock());
    let blinker = async |job: Blink, clock: &Clock<'_>| {
        blink::blink(lights[job.light].1, clock, job.period_ms).await;
    };

    #[cfg(feature = "bench")]
    processor.set_outputs([serial.output, screen.shell.output], console);

    devices.start();
    boot.close();

    // What runs by itself.
    kernel.run(
        processor,
        &(drivers, permissions, turns),
        devices,
        tasks! {
            "serial shell" => shell::run(serial, machine),
            "screen shell" => shell::run(screen.shell, machine),
            "status bar" => status_bar::run(screen.bar, clocks[0], kernel, lights),
            "installer" => installer::run(install_line, clocks[5], processes, may_start),
            "blinker 0" => blinkers.worker(0, async |job| blinker(job, clocks[1]).await),
            "blinker 1" => blinkers.worker(1, async |job| blinker(job, clocks[2]).await),
            "blinker 2" => blinkers.worker(2, async |job| blinker(job, clocks[3]).await),
            "blinker 3" => blinkers.worker(3, async |job| blinker(job, clocks[4]).await),
        },
    )
}
