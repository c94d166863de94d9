//! The pool: jobs that come and go in workers that never end.

use super::*;
use kernel::{ErrorCode, pool::Pool};

type Jobs = &'static Pool<char, 2>;

/// A pool whose workers wait in each job for an event, and note what happens to it.
struct Bench {
    kernel: &'static Kernel,
    pool: Jobs,
    tasks: RefCell<[Task<'static>; 2]>,
    finish: &'static [WakerCell; 2],
    notes: &'static RefCell<Vec<String>>,
}

struct Note(char, &'static RefCell<Vec<String>>);

impl Drop for Note {
    fn drop(&mut self) {
        self.1.borrow_mut().push(format!("{} dropped", self.0));
    }
}

impl Bench {
    fn new() -> Self {
        let (pool, finish) = (&*leak(Pool::new()), &*leak([const { WakerCell::new() }; 2]));
        let notes = &*leak(RefCell::<Vec<String>>::default());
        let worker = |number: usize| {
            pool.worker(number, async move |job| {
                notes.borrow_mut().push(format!("{job} starts"));
                let _note = Note(job, notes);
                wait(&finish[number]).await;
                notes.borrow_mut().push(format!("{job} ends"));
            })
        };
        let tasks = RefCell::new([task("worker 0", worker(0)), task("worker 1", worker(1))]);
        Self {
            kernel: kernel::<2>(),
            pool,
            tasks,
            finish,
            notes,
        }
    }

    /// Runs, and returns what was noted since the last run.
    fn run(&self) -> Vec<String> {
        self.kernel
            .run_until_idle(&(), &mut *self.tasks.borrow_mut());
        self.notes.take()
    }

    fn jobs(&self) -> Vec<(usize, char)> {
        self.pool.jobs().collect()
    }
}

#[test]
fn a_job_runs_in_a_free_worker_to_its_end() {
    let bench = Bench::new();
    assert_eq!(bench.run(), [""; 0]);
    assert_eq!(bench.pool.spawn('a'), Ok(0));
    assert_eq!(bench.pool.spawn('b'), Ok(1));
    assert_eq!(bench.jobs(), [(0, 'a'), (1, 'b')]);
    assert_eq!(bench.run(), ["a starts", "b starts"]);
    bench.finish[0].wake();
    assert_eq!(bench.run(), ["a ends", "a dropped"]);
    assert_eq!(bench.jobs(), [(1, 'b')]);
}

#[test]
fn a_job_may_be_given_before_the_workers_run() {
    let bench = Bench::new();
    assert_eq!(bench.pool.spawn('a'), Ok(0));
    assert_eq!(bench.run(), ["a starts"]);
}

#[test]
fn a_full_pool_hands_the_job_back_until_a_worker_is_free() {
    let bench = Bench::new();
    assert_eq!(
        (bench.pool.spawn('a'), bench.pool.spawn('b')),
        (Ok(0), Ok(1))
    );
    assert_eq!(bench.pool.spawn('c'), Err('c'));
    bench.run();
    bench.finish[1].wake();
    bench.run();
    assert_eq!(bench.pool.spawn('c'), Ok(1));
    assert_eq!(bench.run(), ["c starts"]);
}

#[test]
fn cancelling_drops_the_job_where_it_waits_and_the_worker_takes_the_next() {
    let bench = Bench::new();
    bench.pool.spawn('a').unwrap();
    bench.run();
    assert_eq!(bench.pool.cancel(0), Ok(()));
    assert_eq!(bench.jobs(), []);
    assert_eq!(bench.run(), ["a dropped"]);
    assert_eq!(bench.pool.spawn('b'), Ok(0));
    assert_eq!(bench.run(), ["b starts"]);
}

#[test]
fn a_job_that_is_cancelled_before_its_worker_had_a_turn_never_starts() {
    let bench = Bench::new();
    bench.run();
    bench.pool.spawn('a').unwrap();
    assert_eq!(bench.pool.cancel(0), Ok(()));
    assert_eq!(bench.pool.spawn('b'), Ok(0));
    assert_eq!(bench.run(), ["b starts"]);
    assert_eq!(bench.pool.spawn('c'), Ok(1));
}

#[test]
fn a_worker_whose_job_was_cancelled_takes_another_before_it_had_a_turn() {
    let bench = Bench::new();
    bench.pool.spawn('a').unwrap();
    bench.run();
    assert_eq!(bench.pool.cancel(0), Ok(()));
    assert_eq!(bench.pool.spawn('b'), Ok(0));
    assert_eq!(bench.run(), ["a dropped", "b starts"]);
}

#[test]
fn only_a_worker_with_a_job_can_be_cancelled() {
    let bench = Bench::new();
    assert_eq!(bench.pool.cancel(0), Err(ErrorCode::ALREADY));
    assert_eq!(bench.pool.cancel(2), Err(ErrorCode::INVAL));
    bench.pool.spawn('a').unwrap();
    assert_eq!(bench.pool.cancel(0), Ok(()));
    assert_eq!(bench.pool.cancel(0), Err(ErrorCode::ALREADY));
}
