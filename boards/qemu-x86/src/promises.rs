//! Puts the machine's devices to the checks that the fakes are put to, so that neither drifts from the other.
//!
//! What becomes of each promise is a line on QEMU's debug console: `ok SUITE::PROMISE` or
//! `FAILED SUITE::PROMISE: WHY`. What has to come from outside is asked for there, too: `send LETTERS` to the
//! serial line, `press KEY...` on the keyboard. A system test does that, and counts the promises.
#![no_std]
#![no_main]

mod boot;
mod debug_console;
mod devices;
mod memory;
mod no_processes;
mod panic;

use core::{convert::Infallible, fmt::Write, task::Context};

use bootloader_api::{BootInfo, entry_point};
use chip_pc::{
    clock::Clock,
    flash::{Flash, Page},
    pic::Pic,
    power,
    ps2::Light,
    vga::ROWS,
};
use chip_x86_64::Processor;
use kernel::{
    Kernel, boot::BootArena, deferred_call::DeferredCallClient, platform::DriverTable,
    task::TaskRecord, tasks,
};
use promises::{
    Outside, Pace, Verdict, alarm, date_time, flash, keyboard, led, rng, text_screen, uart_receive,
    uart_transmit,
};

use debug_console::{DONE, DebugConsole};
use devices::Devices;
use no_processes::no_processes;

entry_point!(main);

/// Bytes of each buffer that a check sends, receives or prints: enough for all.
const BUFFER: usize = 64;

fn main(info: &'static mut BootInfo) -> ! {
    let mut pages = memory::BootPages::new(&info.memory_regions);
    let space = pages.protect(&boot::image(), &info.memory_regions);
    let boot = pages.arena();
    let processor = &*boot.place(Processor::new::<Pic>(boot, space));
    let devices = &*boot.place(Devices::new());
    devices.serial.register();
    devices.install_line.register();
    devices.random.register();
    devices.cmos.register();
    devices.start();
    let pace = boot.place(MachineTime(&devices.clock));

    let records = boot.slice(1, |_| TaskRecord::new());
    let kernel = Kernel::new(records, no_processes(boot, processor));
    let no_drivers = DriverTable::new(&[]);
    kernel.run(
        processor,
        &(&no_drivers, &(), &()),
        devices,
        tasks! { "promises" => check_all(boot, devices, pace) },
    )
}

/// Puts a device to all checks of a suite, one after the other.
macro_rules! check {
    ($name:literal, $boot:ident.place($suite:expr)) => {
        let suite = &*$boot.place($suite);
        suite.start();
        for promise in suite.promises() {
            report($name, promise, suite.check(promise).await);
        }
    };
}

async fn check_all(
    boot: &'static BootArena,
    devices: &'static Devices,
    pace: &'static dyn Pace,
) -> Infallible {
    let Devices {
        clock,
        serial,
        keyboard,
        ..
    } = devices;
    let buffers = || [(); 2].map(|()| &mut boot.buffer::<BUFFER>()[..]);
    let screen = &*boot.place(devices.screen.window(0..ROWS, true));
    screen.register();

    check!("alarm", boot.place(alarm::Suite::new(clock, pace)));
    check!(
        "uart_transmit",
        boot.place(uart_transmit::Suite::new(serial, pace, buffers()))
    );
    check!(
        "uart_receive",
        boot.place(uart_receive::Suite::new(serial, &Host, pace, buffers()))
    );
    check!(
        "keyboard",
        boot.place(keyboard::Suite::new(keyboard, &Host, pace))
    );
    check!(
        "led",
        boot.place(led::Suite::new(boot.place(keyboard.light(Light::CapsLock))))
    );
    check!(
        "text_screen",
        boot.place(text_screen::Suite::new(screen, pace, buffers()))
    );
    check!("rng", boot.place(rng::Suite::new(&devices.random, pace)));
    check!(
        "date_time",
        boot.place(date_time::Suite::new(&devices.cmos, pace))
    );
    check_flash(boot, pace).await;
    power::exit(DONE)
}

/// Checks the flash chip, and that the BIOS's, which QEMU protects, says that it is.
async fn check_flash(boot: &'static BootArena, pace: &'static dyn Pace) {
    let [flash, bios] = memory::flash_chips().map(|bytes| &*boot.place(Flash::new(bytes)));
    for chip in [flash, bios] {
        chip.register();
        let answer = chip.start().map_err(|_| "it does not answer");
        report("flash", "a_chip_says_what_it_is", answer);
    }
    let pages = || [(); 2].map(|()| boot.place(Page::default()));
    check!("flash", boot.place(flash::Suite::new(flash, pace, pages())));
    let suite = &*boot.place(flash::Suite::new(bios, pace, pages()));
    suite.start();
    let verdict = match suite.check("writing_clears_bits_only").await {
        Err("the operation fails") => Ok(()),
        _ => Err("it does not"),
    };
    report("flash", "writing_to_a_protected_chip_fails", verdict);
}

fn report(suite: &str, promise: &str, verdict: Verdict) {
    let _ = match verdict {
        Ok(()) => writeln!(DebugConsole, "ok {suite}::{promise}"),
        Err(why) => writeln!(DebugConsole, "FAILED {suite}::{promise}: {why}"),
    };
}

/// The machine's clock.
struct MachineTime(&'static Clock<'static>);

impl Pace for MachineTime {
    fn now_us(&self) -> u64 {
        self.0.now_us()
    }

    fn wake_later(&self, context: &Context<'_>) {
        context.waker().wake_by_ref();
    }
}

/// Whoever reads the debug console.
struct Host;

impl Outside for Host {
    fn send(&self, bytes: &[u8]) {
        let letters = core::str::from_utf8(bytes).unwrap_or_default();
        let _ = writeln!(DebugConsole, "send {letters}");
    }

    fn press(&self, keys: &[&str]) {
        let _ = write!(DebugConsole, "press");
        for key in keys {
            let _ = write!(DebugConsole, " {key}");
        }
        let _ = writeln!(DebugConsole);
    }
}
