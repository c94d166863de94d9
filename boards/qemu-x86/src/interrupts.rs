//! Has an interrupt come at every instruction of the kernel's critical paths, one after the other, and waits for what
//! it brings.
//!
//! Run by `system-tests/tests/interrupts.rs`, with `-icount shift=0,sleep=off`: there an instruction takes a
//! nanosecond, and a device interrupts between two instructions that are the same ones each time. In each round the
//! clock's alarm is set to the same distance, then some `nop`s are executed, one fewer than in the round before, and
//! then the path, the same each time. So the interrupt moves along the path, instruction by instruction.
//!
//! Its handler also has a key come to the keyboard controller, and bytes to a serial port that hears itself. So at
//! each place three lines interrupt, and a tick, a key and bytes must reach their clients, once.
//!
//! | path | from the `nop`s to |
//! |---|---|
//! | `idle` | the look at the ready set, and asleep |
//! | `busy` | turns of the loop with a task that keeps waking itself, where each serves a bit and opens the window |
//! | `called` | an app that goes on after a system call, its instructions, and its next system calls |
//! | `interrupted` | an app that goes on after an interrupt |
//!
//! The first two are taken if there is no app, the others if there is one. What is lost is waited for for ever: then
//! the last line on the debug console says in which round.
#![no_std]
#![no_main]

mod apps;
mod boot;
#[expect(dead_code, reason = "no person chooses")]
mod choices;
mod debug_console;
#[expect(dead_code, reason = "not all devices interrupt")]
mod devices;
mod memory;
mod panic;

use core::{
    arch::asm,
    cell::Cell,
    convert::Infallible,
    fmt::{self, Write},
    mem,
    pin::pin,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    task::Poll,
};

use bootloader_api::{BootInfo, entry_point};
use chip_pc::{clock, pic::Pic, power};
use chip_x86_64::{InterruptController, Processor};
use debug_console::{DONE, DebugConsole};
use devices::Devices;
use kernel::{
    ErrorCode, Kernel, ProcessId,
    deferred_call::DeferredCallClient,
    drivers,
    hil::{
        keyboard::{ScancodeClient, ScancodeKeyboard},
        time::{Alarm, AlarmClient, Time},
        uart::{self, Receive, ReceiveClient},
    },
    platform::{AddressSpaces, Chip, DriverTable, Pause, SystemCallHandler},
    process::{self, StoredState},
    syscall::{CommandReturn, SyscallDriver},
    task::{Task, TaskRecord, WakerCell, leaf},
};
use x86_64::instructions::{interrupts, port::PortWrite};

entry_point!(main);

/// The driver that the app calls.
const DRIVER_NUM: usize = 0xb000_0001;

/// From setting the alarm to its interrupt. That is 3 counts of the interval timer: 2514 instructions.
const DISTANCE_US: u32 = 2;
/// The `nop`s of the first round: the interrupt waits already when the path begins.
const NOPS: usize = 2514;
/// So many instructions of each path are interrupted: all of it, and more.
const ROUNDS: usize = 1_000;
/// Longer than the clock needs to measure the time-stamp counter.
const WARM_UP_US: u32 = 100_000;
/// Bytes that come at a time: as many as the serial port's driver has it collect before it interrupts.
const BYTES: usize = 8;

fn main(info: &'static mut BootInfo) -> ! {
    let mut pages = memory::BootPages::new(&info.memory_regions);
    let space = pages.protect(&boot::image(), &info.memory_regions);
    let boot = pages.arena();
    let processor = &*boot.place(Processor::new::<Burst>(boot, space));
    let devices = &*boot.place(Devices::new());
    let choices = choices::Choices::new(boot, &devices.clock);
    let processes = apps::table(boot, pages.pool(&info.memory_regions), processor, &choices);
    let arrivals = &*boot.place(Arrivals {
        devices,
        ticks: Cell::new(0),
        keys: Cell::new(0),
        bytes: Cell::new(0),
        all: WakerCell::new(),
    });
    let chip = &*boot.place(WatchedProcessor {
        processor,
        devices,
        next: Cell::new(None),
        called: WakerCell::new(),
        places: Cell::default(),
    });
    let kernel = Kernel::new(boot.slice(1, |_| TaskRecord::new()), processes);
    apps::load(processes, info);

    devices.clock.set_alarm_client(arrivals);
    devices.keyboard.set_scancode_client(arrivals);
    devices.cmos.register();
    devices.random.register();
    devices.serial.register();
    devices.install_line.register();
    devices.install_line.set_receive_client(arrivals);
    devices.start();
    hear_itself();
    arrivals.receive(boot.buffer::<BYTES>());

    let drivers = DriverTable::new(boot.place(drivers! {
        "interrupts", DRIVER_NUM => chip,
    }));
    let has_app = processes.with_slot(0, |_| ()).is_some();
    let conductor = pin!(conduct(chip, arrivals, has_app));
    kernel.run(
        chip,
        &(&drivers, &(), &()),
        devices,
        &mut [Task::new("conductor", conductor)],
    )
}

/// Goes along all paths, and ends the machine.
async fn conduct(
    chip: &'static WatchedProcessor,
    arrivals: &'static Arrivals,
    has_app: bool,
) -> Infallible {
    // The clock has to know its speed first.
    set_alarm(chip.devices, WARM_UP_US);
    arrivals.all(false).await;
    arrivals.forget();
    let paths = match has_app {
        false => ["idle", "busy"],
        true => ["called", "interrupted"],
    };
    for path in paths {
        chip.places.take();
        for round in 0..ROUNDS {
            let _ = writeln!(DebugConsole, "{path} {round}");
            if path == "called" {
                chip.call().await;
            }
            match has_app {
                false => interrupt_soon(chip.devices, round),
                true => chip.next.set(Some(round)),
            }
            arrivals.all(path == "busy").await;
            arrivals.expect_one_each();
        }
        let [window, asleep, process] = chip.places.get();
        let _ = writeln!(
            DebugConsole,
            "{path}: {window} in the window, {asleep} asleep, {process} in the process"
        );
    }
    power::exit(DONE)
}

/// Has the interrupt of a round come.
#[inline(always)]
fn interrupt_soon(devices: &Devices, round: usize) {
    let nops = NOPS - round.min(NOPS);
    set_alarm(devices, DISTANCE_US);
    // SAFETY: jumps to one of the `nop`s or to their end; each is a byte.
    unsafe {
        asm!(
            "lea {place}, [rip + 2f]",
            "sub {place}, {nops}",
            "jmp {place}",
            ".fill {NOPS}, 1, 0x90",
            "2:",
            place = out(reg) _,
            nops = in(reg) nops,
            NOPS = const NOPS,
        );
    }
}

fn set_alarm(devices: &Devices, distance_us: u32) {
    let clock = &devices.clock;
    clock.set_alarm(clock.now(), distance_us.into());
}

/// What has arrived in this round.
struct Arrivals {
    devices: &'static Devices,
    ticks: Cell<usize>,
    keys: Cell<usize>,
    bytes: Cell<usize>,
    all: WakerCell,
}

impl Arrivals {
    /// Waits until there is some of each; busily, if the loop is to go on meanwhile.
    async fn all(&self, is_busy: bool) {
        leaf(|context| {
            if self.ticks.get() >= 1 && self.keys.get() >= 1 && self.bytes.get() >= BYTES {
                return Poll::Ready(());
            }
            match is_busy {
                true => context.waker().wake_by_ref(),
                false => self.all.register(context),
            }
            Poll::Pending
        })
        .await;
    }

    fn expect_one_each(&self) {
        let arrived = (self.ticks.get(), self.keys.get(), self.bytes.get());
        assert_eq!(arrived, (1, 1, BYTES), "ticks, keys, bytes");
        self.forget();
    }

    fn forget(&self) {
        for count in [&self.ticks, &self.keys, &self.bytes] {
            count.set(0);
        }
    }

    fn count(&self, count: &Cell<usize>, more: usize) {
        count.set(count.get() + more);
        self.all.wake();
    }

    fn receive(&self, buffer: &'static mut [u8]) {
        let result = self.devices.install_line.receive_buffer(buffer, BYTES);
        assert!(result.is_ok(), "the serial port receives already");
    }
}

impl AlarmClient for Arrivals {
    fn alarm(&self) {
        self.count(&self.ticks, 1);
    }
}

impl ScancodeClient for Arrivals {
    fn scancode(&self, _: u8) {
        self.count(&self.keys, 1);
    }
}

impl ReceiveClient for Arrivals {
    fn received_buffer(
        &self,
        buffer: &'static mut [u8],
        len: usize,
        _: Result<(), ErrorCode>,
        _: uart::Error,
    ) {
        self.count(&self.bytes, len);
        self.receive(buffer);
    }
}

/// The timer's interrupts that there were.
static INTERRUPTS: AtomicU32 = AtomicU32::new(0);

/// The interrupt controller, where the timer's interrupt brings two more.
struct Burst;

impl InterruptController for Burst {
    fn acknowledge(line: usize) -> bool {
        if line == clock::INTERRUPT_LINE as usize {
            INTERRUPTS.store(INTERRUPTS.load(Relaxed) + 1, Relaxed);
            press_key();
            send_bytes();
        }
        Pic::acknowledge(line)
    }
}

/// Has the keyboard controller behave as if the keyboard had sent a byte.
fn press_key() {
    const WRITE_OUTPUT: u8 = 0xd2;
    const SCANCODE: u8 = 0x1e;
    write(0x64, WRITE_OUTPUT);
    write(0x60, SCANCODE);
}

/// COM2.
const PORT: u16 = 0x2f8;

/// Connects the serial port's output with its input.
fn hear_itself() {
    const MODEM_CONTROL: u16 = 4;
    const LOOP_BACK: u8 = 1 << 4;
    write(PORT + MODEM_CONTROL, LOOP_BACK);
}

fn send_bytes() {
    for byte in 0..BYTES as u8 {
        write(PORT, byte);
    }
}

fn write(port: u16, value: u8) {
    // SAFETY: ports of the keyboard controller and of a serial port, which change no memory.
    unsafe { u8::write_to_port(port, value) };
}

/// The processor; it tells where the interrupts came.
struct WatchedProcessor {
    processor: &'static Processor,
    devices: &'static Devices,
    /// The round that begins when the process goes on.
    next: Cell<Option<usize>>,
    called: WakerCell,
    /// How often it was in the window, asleep, and in the process.
    places: Cell<[u32; 3]>,
}

impl WatchedProcessor {
    /// Waits until the app makes its system call. The kernel then has something to do before the app goes on.
    async fn call(&self) {
        let mut is_first = true;
        leaf(|context| {
            if mem::take(&mut is_first) {
                self.called.register(context);
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
    }

    /// Returns what `run` does, and whether the timer has interrupted meanwhile.
    fn watch<T>(&self, place: usize, run: impl FnOnce() -> T) -> (T, bool) {
        let before = INTERRUPTS.load(Relaxed);
        let result = run();
        assert!(
            !interrupts::are_enabled(),
            "interrupts are on in the kernel"
        );
        let is_interrupted = INTERRUPTS.load(Relaxed) != before;
        if is_interrupted {
            let mut places = self.places.get();
            places[place] += 1;
            self.places.set(places);
        }
        (result, is_interrupted)
    }
}

impl Chip for WatchedProcessor {
    fn accept_interrupts(&self) {
        self.watch(0, || self.processor.accept_interrupts());
    }

    fn sleep(&self) {
        self.watch(1, || self.processor.sleep());
    }

    fn run_process<H: SystemCallHandler>(&self, state: &StoredState, calls: &mut H) -> Pause {
        let (pause, is_interrupted) = self.watch(2, || {
            if let Some(round) = self.next.take() {
                interrupt_soon(self.devices, round);
            }
            self.processor.run_process(state, calls)
        });
        if is_interrupted {
            let _ = self.processor.write_registers(state, &mut FirstLine);
        }
        pause
    }
}

/// What an app calls so that its next round begins, with command 1. The others do nothing.
impl SyscallDriver for WatchedProcessor {
    fn command(&self, command: usize, _: usize, _: usize, _: ProcessId) -> CommandReturn {
        if command == 1 {
            self.called.wake();
        }
        CommandReturn::success()
    }

    fn allocate_grant(&self, _: ProcessId) -> Result<(), process::Error> {
        Ok(())
    }
}

/// The first line of registers, to the debug console: where the process goes on is in it. More is an error.
struct FirstLine;

impl fmt::Write for FirstLine {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        match text.split_once('\n') {
            None => DebugConsole.write_str(text),
            Some((end, _)) => {
                writeln!(DebugConsole, "{end}")?;
                Err(fmt::Error)
            }
        }
    }
}
