//! What it costs to wait: ten tasks wait for an event that comes after a second, on the simple executor and on the
//! efficient one. Run by `cargo run --release -p book-examples --bin waiting`.
//!
//! A thread is the device. Its `unpark` is the interrupt, and `park` is how the processor sleeps.
#![deny(unsafe_code)]

use std::{
    fs,
    future::poll_fn,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::{Poll, Waker},
    thread::{self, Thread},
    time::Duration,
};

use book_examples::{
    efficient_executor::poll_ready,
    simple_executor::{Task, poll_in_turn},
};
use chip_fake::leak;
use kernel::ready::ReadySet;

const TASKS: usize = 10;
const DELAY: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Event {
    has_happened: AtomicBool,
    waiting: Mutex<Vec<Waker>>,
}

impl Event {
    /// Happens after a second, on another thread, and interrupts `processor`.
    fn start(self: &Arc<Self>, processor: Thread) {
        let event = self.clone();
        thread::spawn(move || {
            thread::sleep(DELAY);
            event.has_happened.store(true, SeqCst);
            let mut waiting = event.waiting.lock().expect("nobody panics with it");
            waiting.drain(..).for_each(Waker::wake);
            processor.unpark();
        });
    }

    /// Waits until the event has happened.
    fn wait(&self) -> impl Future<Output = ()> {
        poll_fn(|context| {
            // In this order with the lock held, since the event happens on another thread.
            let mut waiting = self.waiting.lock().expect("nobody panics with it");
            if self.has_happened.load(SeqCst) {
                return Poll::Ready(());
            }
            if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                waiting.push(context.waker().clone());
            }
            Poll::Pending
        })
    }
}

fn main() {
    measure("simple", poll_in_turn);
    measure("efficient", |tasks| {
        poll_ready(tasks, leak(ReadySet::new()), thread::park)
    });
}

fn measure(name: &str, run: impl Fn(&mut [Task]) -> u64) {
    let event = Arc::new(Event::default());
    let mut futures: Vec<_> = (0..TASKS).map(|_| Box::pin(event.wait())).collect();
    let mut tasks: Vec<Task> = Vec::new();
    for future in &mut futures {
        tasks.push(Some(future.as_mut()));
    }
    event.start(thread::current());
    let before_ms = processor_time_ms();
    let polls = run(&mut tasks);
    let busy_ms = processor_time_ms() - before_ms;
    println!(
        "{name}: {polls} polls, {busy_ms:.1} ms of processor time in {} ms",
        DELAY.as_millis()
    );
}

/// How long this thread has had a processor, in milliseconds: the first number of the file, which counts nanoseconds.
fn processor_time_ms() -> f64 {
    let file = "/proc/thread-self/schedstat";
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let nanoseconds = text
        .split(' ')
        .next()
        .and_then(|number| number.parse().ok());
    nanoseconds.map_or_else(
        || panic!("{file} starts with no number: {text}"),
        |ns: f64| ns / 1e6,
    )
}
