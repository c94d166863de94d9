//! Measures the kernel's paths in guest instructions and prints `name value` lines to QEMU's debug console.
//!
//! Run by `make bench`, with `-icount shift=0,sleep=off`: there the time-stamp counter counts
//! instructions, plus one for each nanosecond asleep, so the figures repeat to the digit. Time asleep is
//! taken out.
//!
//! A kernel runs two tasks: the conductor, which measures one path after the other, and the subject, a future
//! as small as can be. When the conductor is done it starts a second kernel, in which a thousand tasks
//! sleep beside them.
#![no_std]
#![no_main]

mod alarm_bench;
mod boot;
mod debug_console;
mod memory;
mod no_processes;
mod panic;

use core::{
    arch::asm,
    cell::Cell,
    convert::Infallible,
    fmt::Write,
    future::{Future, Pending, pending},
    pin::Pin,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    task::{Context, Poll},
};

use alarm_bench::{Alarms, TimeLapse};
use bootloader_api::{BootInfo, entry_point};
use chip_pc::{
    clock::{self, Clock},
    pic::Pic,
    power,
};
use chip_x86_64::{FIRST_INTERRUPT_VECTOR, InterruptController, Processor, time_stamp};
use debug_console::{DONE, DebugConsole};
use kernel::{
    Kernel,
    boot::BootArena,
    platform::{Chip, DriverTable, InterruptService, Pause, SystemCallHandler},
    process::StoredState,
    task::{Task, TaskRecord, WakerCell, leaf},
};
use no_processes::no_processes;

entry_point!(main);

/// How often each path is measured; the figure is the mean.
const ROUNDS: u64 = 10_000;
/// Tasks that sleep in the second kernel.
const SLEEPERS: usize = 1_000;
/// Alarms that are set at a time, at most.
const ALARMS: usize = 1_000;
/// A line that no device has: its interrupt is raised by software.
const SOFTWARE_LINE: u8 = 5;
/// Longer than the clock needs to measure the time-stamp counter.
const WARM_UP_US: u64 = 100_000;

fn main(info: &'static mut BootInfo) -> ! {
    let mut pages = memory::BootPages::new(&info.memory_regions);
    let space = pages.protect(&boot::image(), &info.memory_regions);
    let boot = pages.arena();
    let processor = Processor::new::<StampingPic>(boot, space);
    let chip = &*boot.place(SleepMeter {
        processor,
        asleep: Cell::new(0),
    });
    let timer = &*boot.place(Clock::new());
    Pic::new().enable(clock::INTERRUPT_LINE as usize);
    let rounds = &*boot.place(Rounds {
        left: Cell::new(0),
        finished: WakerCell::new(),
    });
    let devices = &*boot.place(Devices {
        timer,
        subject: WakerCell::new(),
    });
    let subject = &*boot.place(Subject {
        wakes: Cell::new(0),
        raised_at: Cell::new(0),
        interrupted: Cell::new(0),
    });
    let bench = &*boot.place(Bench {
        boot,
        chip,
        devices,
        rounds,
        subject,
    });
    run(bench, measure_few(bench), 0)
}

/// What all parts of the measurement share.
struct Bench {
    boot: &'static BootArena,
    chip: &'static SleepMeter,
    devices: &'static Devices,
    rounds: &'static Rounds,
    subject: &'static Subject,
}

/// Runs a kernel with a conductor, the subject and tasks that sleep.
fn run(
    bench: &'static Bench,
    conductor: impl Future<Output = Infallible> + 'static,
    sleepers: usize,
) -> ! {
    let conductor = bench.boot.place(conductor);
    // SAFETY: the future was placed for ever, and this is the only reference to it.
    let mut conductor = Some(unsafe { Pin::new_unchecked(conductor) });
    let mut subject = Some(Pin::new(bench.boot.place(SubjectTask {
        subject: bench.subject,
        bench,
    })));
    let tasks = bench.boot.slice(sleepers + 2, |_| {
        if let Some(conductor) = conductor.take() {
            Task::new("conductor", conductor)
        } else if let Some(subject) = subject.take() {
            Task::new("subject", subject)
        } else {
            let sleeper: Pin<&mut Pending<Infallible>> = Pin::new(bench.boot.place(pending()));
            Task::new("sleeper", sleeper)
        }
    });
    let records = bench.boot.slice(tasks.len(), |_| TaskRecord::new());
    let processes = no_processes(bench.boot, &bench.chip.processor);
    let kernel = Kernel::new(records, processes);
    let no_drivers = DriverTable::new(&[]);
    kernel.run(bench.chip, &(&no_drivers, &(), &()), bench.devices, tasks)
}

async fn measure_few(bench: &'static Bench) -> Infallible {
    report("task_wake_poll", bench.task_wake_poll().await);
    report("interrupt_to_task", bench.interrupt_to_task().await);
    bench.virtual_alarms();
    bench.interrupting_alarms().await;
    run(bench, measure_many(bench), SLEEPERS)
}

async fn measure_many(bench: &'static Bench) -> Infallible {
    report("task_wake_poll_1000", bench.task_wake_poll().await);
    power::exit(DONE)
}

fn report(name: &str, value: u64) {
    let _ = writeln!(DebugConsole, "{name} {value}");
}

impl Bench {
    /// Instructions since the machine was started.
    fn instructions(&self) -> u64 {
        time_stamp::read() - self.chip.asleep.get()
    }

    /// Measures from one poll of a task that wakes itself to the next.
    async fn task_wake_poll(&self) -> u64 {
        self.subject.wakes.set(ROUNDS);
        let start = self.instructions();
        self.devices.subject.wake();
        self.rounds.run(0).await;
        (self.instructions() - start) / ROUNDS
    }

    /// Measures from an interrupt to the first instruction of the task that waits for it.
    async fn interrupt_to_task(&self) -> u64 {
        self.devices.subject.wake();
        self.rounds.run(ROUNDS).await;
        self.subject.interrupted.get() / ROUNDS
    }

    /// Measures the multiplexer alone, as other systems' timers were measured.
    fn virtual_alarms(&self) {
        let time = &*self.boot.place(TimeLapse::new());
        let alarms = Alarms::new(self.boot, time, ALARMS, self.rounds);
        for (name, count) in [("alarm_set_fire_10", 10), ("alarm_set_fire_1000", ALARMS)] {
            alarms.set(count, 0);
            self.rounds.left.set(ROUNDS);
            let start = self.instructions();
            time.fire(alarms.mux);
            report(name, (self.instructions() - start) / ROUNDS);
            alarms.clear();
        }
    }

    /// Measures all that happens between two alarms of the board's clock: the interrupt, the kernel loop, the
    /// multiplexer, and setting the interval timer.
    async fn interrupting_alarms(&self) {
        let alarms = Alarms::new(self.boot, self.devices.timer, ALARMS, self.rounds);
        // The clock has to know its speed first.
        alarms.set(1, WARM_UP_US);
        self.rounds.run(1).await;
        for (name, count) in [("alarm_interrupt_10", 10), ("alarm_interrupt_1000", ALARMS)] {
            alarms.set(count, WARM_UP_US);
            let start = self.instructions();
            self.rounds.run(ROUNDS).await;
            report(name, (self.instructions() - start) / ROUNDS);
            alarms.clear();
        }
    }
}

/// Counts down.
struct Rounds {
    left: Cell<u64>,
    finished: WakerCell,
}

impl Rounds {
    /// Starts counting `rounds` and waits until it is over.
    async fn run(&self, rounds: u64) {
        self.left.set(rounds);
        let mut is_first = true;
        leaf(|context| {
            if core::mem::take(&mut is_first) {
                self.finished.register(context);
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
    }

    /// Counts one; `false` when it is over.
    fn next(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }
}

/// What is measured of one task.
struct Subject {
    /// How often it still wakes itself.
    wakes: Cell<u64>,
    /// When the last interrupt was raised; 0 before the first.
    raised_at: Cell<u64>,
    /// The time from interrupts to polls, summed up.
    interrupted: Cell<u64>,
}

/// The task that is measured: wakes itself, and then waits for interrupts.
struct SubjectTask {
    subject: &'static Subject,
    bench: &'static Bench,
}

impl SubjectTask {
    #[inline(never)]
    fn wait(&self, context: &Context<'_>) -> Poll<Infallible> {
        let polled_at = time_stamp::read();
        let Subject {
            raised_at,
            interrupted,
            ..
        } = self.subject;
        if raised_at.get() > 0 {
            interrupted.set(interrupted.get() + polled_at - raised_at.get());
        }
        self.bench.devices.subject.register(context);
        if self.bench.rounds.next() {
            raised_at.set(time_stamp::read());
            raise_interrupt();
        } else {
            raised_at.set(0);
            self.bench.rounds.finished.wake();
        }
        Poll::Pending
    }
}

impl Future for SubjectTask {
    type Output = Infallible;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Infallible> {
        match self.subject.wakes.get() {
            0 => self.wait(context),
            left => {
                self.subject.wakes.set(left - 1);
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}

fn raise_interrupt() {
    // SAFETY: the vector's stub returns with all registers as they were.
    unsafe { asm!("int {}", const FIRST_INTERRUPT_VECTOR + SOFTWARE_LINE) };
}

/// The processor, counting the time asleep.
struct SleepMeter {
    processor: Processor,
    asleep: Cell<u64>,
}

/// When the last interrupt was handled.
static INTERRUPTED_AT: AtomicU64 = AtomicU64::new(0);

impl Chip for SleepMeter {
    fn accept_interrupts(&self) {
        self.processor.accept_interrupts();
    }

    fn sleep(&self) {
        let start = time_stamp::read();
        self.processor.sleep();
        self.asleep
            .set(self.asleep.get() + INTERRUPTED_AT.load(Relaxed) - start);
    }

    fn run_process<H: SystemCallHandler>(&self, state: &StoredState, calls: &mut H) -> Pause {
        self.processor.run_process(state, calls)
    }
}

/// The interrupt controller, noting the time of interrupts.
struct StampingPic;

impl InterruptController for StampingPic {
    fn acknowledge(line: usize) -> bool {
        INTERRUPTED_AT.store(time_stamp::read(), Relaxed);
        Pic::acknowledge(line)
    }
}

struct Devices {
    timer: &'static Clock<'static>,
    /// The subject's task, which waits for the software's interrupt.
    subject: WakerCell,
}

impl InterruptService for Devices {
    fn service_interrupt(&self, line: u32) -> bool {
        match line {
            clock::INTERRUPT_LINE => self.timer.handle_interrupt(),
            _ => self.subject.wake(),
        }
        true
    }
}
