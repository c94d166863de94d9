//! A queue in which a task stands once, however often it is woken.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::AcqRel},
    },
    task::Wake,
};

use crossbeam_queue::ArrayQueue;

/// Wakes the task of a number.
pub struct MergingWaker {
    number: usize,
    is_queued: AtomicBool,
    queue: Arc<ArrayQueue<usize>>,
}

impl MergingWaker {
    /// A waker of task `number`. With as much room in `queue` as there are tasks, it is never full.
    pub fn new(number: usize, queue: Arc<ArrayQueue<usize>>) -> Arc<Self> {
        let is_queued = AtomicBool::new(false);
        Arc::new(Self {
            number,
            is_queued,
            queue,
        })
    }

    /// Says that the task was taken out of the queue and is about to be polled.
    pub fn taken(&self) {
        self.is_queued.swap(false, AcqRel);
    }
}

impl Wake for MergingWaker {
    fn wake(self: Arc<Self>) {
        if !self.is_queued.swap(true, AcqRel) {
            self.queue
                .push(self.number)
                .expect("the queue has room for every task");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Waker;

    #[test]
    fn five_wakes_take_one_place_and_a_sixth_after_the_poll_another() {
        let queue = Arc::new(ArrayQueue::new(1));
        let task = MergingWaker::new(7, queue.clone());
        let waker = Waker::from(task.clone());
        (0..5).for_each(|_| waker.wake_by_ref());
        assert_eq!((queue.pop(), queue.pop()), (Some(7), None));
        task.taken();
        waker.wake();
        assert_eq!(queue.pop(), Some(7));
    }
}
