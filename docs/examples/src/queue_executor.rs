//! An executor with a queue of task numbers and a map of tasks, for a kernel that has a heap. It is here to be compared
//! with the ready set; `docs/src/async/07-the-task-queue.md` does that.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::Arc,
    task::{Context, Wake, Waker},
};

use crossbeam_queue::ArrayQueue;

type Number = usize;

/// Tasks by their numbers, and the numbers of those that were woken.
pub struct QueueExecutor {
    tasks: BTreeMap<Number, Pin<Box<dyn Future<Output = ()>>>>,
    /// One for each task, so that a poll allocates nothing.
    wakers: BTreeMap<Number, Waker>,
    queue: Arc<ArrayQueue<Number>>,
}

struct NumberWaker {
    number: Number,
    queue: Arc<ArrayQueue<Number>>,
}

impl Wake for NumberWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.queue
            .push(self.number)
            .expect("the queue of woken tasks is full");
    }
}

impl QueueExecutor {
    /// An executor without tasks, with room for `capacity` wake-ups.
    ///
    /// # Panics
    /// If `capacity` is 0.
    pub fn new(capacity: usize) -> Self {
        Self {
            tasks: BTreeMap::new(),
            wakers: BTreeMap::new(),
            queue: Arc::new(ArrayQueue::new(capacity)),
        }
    }

    /// Adds a task, and wakes it.
    ///
    /// # Panics
    /// If the queue is full.
    pub fn spawn(&mut self, future: impl Future<Output = ()> + 'static) {
        let number = self.tasks.len();
        let queue = self.queue.clone();
        let waker = Waker::from(Arc::new(NumberWaker { number, queue }));
        waker.wake_by_ref();
        self.tasks.insert(number, Box::pin(future));
        self.wakers.insert(number, waker);
    }

    /// Polls what was woken until nothing is. Tasks never end.
    pub fn run_until_idle(&mut self) {
        while let Some(number) = self.queue.pop() {
            let (Some(task), Some(waker)) = (self.tasks.get_mut(&number), self.wakers.get(&number))
            else {
                continue;
            };
            let _ = task.as_mut().poll(&mut Context::from_waker(waker));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::Cell, future::poll_fn, rc::Rc, task::Poll};

    /// A task that wakes itself five times at its first poll, and the number of its polls.
    fn eager(executor: &mut QueueExecutor) -> Rc<Cell<u32>> {
        let polls = Rc::new(Cell::new(0));
        let counted = polls.clone();
        executor.spawn(poll_fn(move |context| {
            counted.set(counted.get() + 1);
            if counted.get() == 1 {
                (0..5).for_each(|_| context.waker().wake_by_ref());
            }
            Poll::Pending
        }));
        polls
    }

    #[test]
    fn five_wakes_are_five_polls() {
        let mut executor = QueueExecutor::new(100);
        let polls = eager(&mut executor);
        executor.run_until_idle();
        assert_eq!(polls.get(), 1 + 5);
    }

    #[test]
    #[should_panic = "the queue of woken tasks is full"]
    fn one_wake_too_many_is_a_panic() {
        let mut executor = QueueExecutor::new(4);
        eager(&mut executor);
        executor.run_until_idle();
    }
}
