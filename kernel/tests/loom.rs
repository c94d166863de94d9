//! The ready set and its wakers, in every interleaving: `RUSTFLAGS="--cfg loom" cargo test --test loom`.
#![cfg(loom)]

use kernel::ready::{Passes, ReadySet};
use loom::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
};

/// A set for one run of the model. Wakers need one that lives for ever.
fn set() -> &'static ReadySet {
    Box::leak(Box::new(ReadySet::new()))
}

/// Takes all that is set.
fn take_all(set: &ReadySet, passes: &mut Passes, taken: &mut Vec<usize>) {
    taken.extend(std::iter::from_fn(|| passes.next(set)));
}

#[test]
fn a_bit_that_is_set_while_another_is_taken_is_never_lost() {
    loom::model(|| {
        let set = set();
        let setters: Vec<_> = [3, 70]
            .map(|bit| thread::spawn(move || set.set(bit)))
            .into_iter()
            .collect();
        let (mut passes, mut taken) = (Passes::new(), Vec::new());
        take_all(set, &mut passes, &mut taken);
        setters
            .into_iter()
            .for_each(|setter| setter.join().unwrap());
        take_all(set, &mut passes, &mut taken);
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
        let (mut passes, mut taken) = (Passes::new(), Vec::new());
        take_all(set, &mut passes, &mut taken);
        other.join().unwrap();
        take_all(set, &mut passes, &mut taken);
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
        let mut passes = Passes::new();
        if passes.next(set) == Some(9) {
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
        let mut passes = Passes::new();
        let had_returned = woken.load(loom::sync::atomic::Ordering::Acquire);
        let taken = passes.next(set);
        if had_returned {
            assert_eq!(taken, Some(64));
        }
        interrupt.join().unwrap();
        assert_eq!(taken.or_else(|| passes.next(set)), Some(64));
    });
}
