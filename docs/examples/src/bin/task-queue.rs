//! Counts the instructions of a wake and the poll that follows, with the ready set and with a queue and a map, among few
//! tasks and among many. Run by `cargo run --release -p book-examples --bin task-queue`; it needs valgrind.
//!
//! The program runs itself under valgrind, with two numbers of rounds: what is not part of a round is in both counts, so
//! their difference is free of it.
#![deny(unsafe_code)]

use std::{
    cell::RefCell,
    env,
    future::{pending, poll_fn},
    hint::black_box,
    pin::Pin,
    process::{Command, ExitCode},
    rc::Rc,
    task::{Context, Poll, Waker},
};

use book_examples::queue_executor::QueueExecutor;
use chip_fake::leak;
use kernel::ready::ReadySet;

const ROUNDS: u64 = 10_000;
const TASKS: [usize; 3] = [1, 10, 1_000];
/// Runs so many rounds among so many tasks.
type Run = fn(usize, u64);
const EXECUTORS: [(&str, Run); 2] = [("ready-set", ready_set), ("queue-and-map", queue_and_map)];

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let result = match words[..] {
        [] => measure_all(),
        [name, tasks, rounds] => run(name, tasks, rounds),
        _ => Err("it takes no arguments".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("task-queue: {message}");
            ExitCode::FAILURE
        }
    }
}

fn measure_all() -> Result<(), String> {
    println!("instructions for a wake and the poll that follows, among {TASKS:?} tasks");
    for (name, _) in EXECUTORS {
        print!("{name:<16}");
        for tasks in TASKS {
            let difference = count(name, tasks, 2 * ROUNDS)? - count(name, tasks, ROUNDS)?;
            print!("{:>6}", difference / ROUNDS);
        }
        println!();
    }
    Ok(())
}

/// The instructions of this program with these arguments.
fn count(name: &str, tasks: usize, rounds: u64) -> Result<u64, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind
        .arg(program)
        .args([name, &tasks.to_string(), &rounds.to_string()]);
    let output = valgrind
        .output()
        .map_err(|error| format!("valgrind cannot be started ({error}); install it"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let collected = said
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    let count = collected.and_then(|(_, count)| count.trim().parse().ok());
    count.ok_or_else(|| format!("valgrind counted nothing:\n{said}"))
}

fn run(name: &str, tasks: &str, rounds: &str) -> Result<(), String> {
    let executor = EXECUTORS.iter().find(|(known, _)| *known == name);
    let (_, run) = executor.ok_or_else(|| format!("there is no executor '{name}'"))?;
    let number = |word: &str| word.parse().map_err(|error| format!("'{word}': {error}"));
    run(number(tasks)? as usize, number(rounds)?);
    Ok(())
}

/// The task that is woken: as small as can be. It leaves its waker in `place`.
fn subject(place: Rc<RefCell<Option<Waker>>>) -> impl Future<Output = ()> {
    poll_fn(move |context| {
        place
            .borrow_mut()
            .get_or_insert_with(|| context.waker().clone());
        Poll::Pending
    })
}

/// Wakes the subject and lets `run_until_idle` serve it, so many times.
fn rounds(place: &RefCell<Option<Waker>>, rounds: u64, mut run_until_idle: impl FnMut()) {
    let waker = place.borrow().clone().expect("the subject was polled");
    for _ in 0..rounds {
        black_box(&waker).wake_by_ref();
        run_until_idle();
    }
}

fn ready_set(tasks: usize, count: u64) {
    let place = Rc::default();
    let mut futures: Vec<Pin<Box<dyn Future<Output = ()>>>> = Vec::new();
    futures.push(Box::pin(subject(Rc::clone(&place))));
    futures.resize_with(tasks, || Box::pin(pending()));
    let ready: &'static ReadySet = leak(ReadySet::new());
    (0..tasks).for_each(|number| ready.set(number));
    let mut run_until_idle = || {
        while !ready.is_empty() {
            ready.pass(|number| {
                if let Some(future) = futures.get_mut(number) {
                    let waker = ready.waker(number);
                    let _ = future.as_mut().poll(&mut Context::from_waker(&waker));
                }
            });
        }
    };
    run_until_idle();
    rounds(&place, count, run_until_idle);
}

fn queue_and_map(tasks: usize, count: u64) {
    let place = Rc::default();
    let mut executor = QueueExecutor::new(tasks.max(100));
    executor.spawn(subject(Rc::clone(&place)));
    (1..tasks).for_each(|_| executor.spawn(pending()));
    executor.run_until_idle();
    rounds(&place, count, || executor.run_until_idle());
}
