//! The ready set and its wakers, in every interleaving: `RUSTFLAGS="--cfg loom" cargo test --test loom`.
//!
//! The set is all that an interrupt handler and the code that it interrupts share in memory (see ONE-THREAD in the
//! kernel's documentation). A thread here is a handler, and may come at any time; on the machine it comes less often.
#![cfg(loom)]

use std::cell::Cell;

use kernel::ready::ReadySet;
use loom::{
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    thread,
};

/// A set for one run of the model. Wakers need one that lives for ever.
fn set() -> &'static ReadySet {
    Box::leak(Box::new(ReadySet::new()))
}

/// Takes all that is set.
fn take_all(set: &ReadySet) -> Vec<usize> {
    let mut taken = Vec::new();
    set.pass(|bit| taken.push(bit));
    taken
}

#[test]
fn a_bit_that_is_set_while_another_is_taken_is_never_lost() {
    loom::model(|| {
        let set = set();
        let setters: Vec<_> = [3, 70]
            .map(|bit| thread::spawn(move || set.set(bit)))
            .into_iter()
            .collect();
        let mut taken = take_all(set);
        setters
            .into_iter()
            .for_each(|setter| setter.join().unwrap());
        taken.extend(take_all(set));
        taken.sort_unstable();
        assert_eq!(taken, [3, 70]);
        assert!(set.is_empty());
    });
}

#[test]
fn two_setters_of_one_word_both_arrive() {
    loom::model(|| {
        let set = set();
        let other = thread::spawn(move || set.set(5));
        set.set(6);
        let mut taken = take_all(set);
        other.join().unwrap();
        taken.extend(take_all(set));
        taken.sort_unstable();
        assert_eq!(taken, [5, 6]);
    });
}

#[test]
fn what_was_written_before_a_wake_is_seen_by_whoever_takes_the_bit() {
    loom::model(|| {
        let set = set();
        let written = Arc::new(AtomicBool::new(false));
        let waker = set.waker(9);
        let writer = {
            let written = written.clone();
            thread::spawn(move || {
                written.store(true, Relaxed);
                waker.wake();
            })
        };
        if take_all(set) == [9] {
            assert!(written.load(Relaxed));
        }
        writer.join().unwrap();
    });
}

/// The kernel loop sleeps when it finds the set empty. If a wake-up comes after that look, the set is not empty
/// when the processor is about to sleep with interrupts on, and the interrupt ends the sleep.
#[test]
fn a_loop_that_found_nothing_sees_every_wake_that_had_returned() {
    loom::model(|| {
        let set = set();
        let woken = Arc::new(AtomicBool::new(false));
        let waker = set.waker(64);
        let interrupt = {
            let woken = woken.clone();
            thread::spawn(move || {
                waker.clone().wake_by_ref();
                woken.store(true, loom::sync::atomic::Ordering::Release);
            })
        };
        let had_returned = woken.load(loom::sync::atomic::Ordering::Acquire);
        let mut taken = take_all(set);
        if had_returned {
            assert_eq!(taken, [64]);
        }
        interrupt.join().unwrap();
        taken.extend(take_all(set));
        assert_eq!(taken, [64]);
    });
}

/// A device's line interrupts for each byte, and the loop takes all that there are. A byte may come while it does.
#[test]
fn a_byte_that_comes_while_its_line_is_served_is_not_left_in_the_device() {
    const LINE: usize = 4;
    loom::model(|| {
        let set = set();
        let device = Arc::new(AtomicUsize::new(0));
        let handler = {
            let device = device.clone();
            thread::spawn(move || {
                for _ in 0..2 {
                    device.fetch_add(1, Relaxed);
                    set.set(LINE);
                }
            })
        };
        let taken = Cell::new(0);
        let serve = |_| taken.set(taken.get() + device.swap(0, Relaxed));
        set.pass(serve);
        handler.join().unwrap();
        set.pass(serve);
        assert!(set.is_empty());
        assert_eq!(taken.get(), 2);
    });
}

/// The loop has the processor, and gives it to handlers in its window and in its sleep only: as `sti` and `hlt` do,
/// sleeping lets them in and waits for them in one step. What is lost leaves it asleep for ever, which loom tells.
#[test]
fn the_loop_does_not_sleep_through_an_interrupt() {
    loom::model(|| {
        let set = set();
        let processor = Arc::new((Mutex::new(()), Condvar::new()));
        let handlers: Vec<_> = [1, 4]
            .map(|line| {
                let processor = processor.clone();
                thread::spawn(move || {
                    let (interrupts, asleep) = &*processor;
                    let _handler = interrupts.lock().unwrap();
                    set.set(line);
                    asleep.notify_one();
                })
            })
            .into_iter()
            .collect();
        let (interrupts, asleep) = &*processor;
        let mut off = Some(interrupts.lock().unwrap());
        let mut served = Vec::new();
        while served.len() < handlers.len() {
            set.pass(|line| {
                served.push(line);
                // The window.
                off.take();
                off = Some(interrupts.lock().unwrap());
            });
            if set.is_empty() && served.len() < handlers.len() {
                off = off.take().map(|off| asleep.wait(off).unwrap());
            }
        }
        drop(off);
        handlers
            .into_iter()
            .for_each(|handler| handler.join().unwrap());
        served.sort_unstable();
        assert_eq!(served, [1, 4]);
    });
}
