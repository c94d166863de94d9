//! The kernel loop, tasks, deferred calls and the pool, as a board sees them.

mod forever;
mod pool;

use std::{
    cell::{Cell, RefCell},
    convert::Infallible,
    future::{Future, pending, poll_fn},
    task::{Poll, Waker},
};

use chip_fake::{self as fake, leak};
use kernel::{
    Kernel,
    deferred_call::{DeferredCall, DeferredCallClient},
    platform::{InterruptService, interrupt_raised},
    ready::Cause,
    task::{Task, TaskRecord, TaskState, WakerCell, leaf, yield_now},
    tasks,
};

fn kernel<const TASKS: usize>() -> &'static Kernel {
    let processes = fake::Machine::with_room_for(0, 0).processes();
    let records = leak([const { TaskRecord::new() }; TASKS]);
    leak(Kernel::new(records, processes))
}

/// A task that lives as long as the test, so that its list can be run again.
fn task(name: &'static str, future: impl Future<Output = Infallible> + 'static) -> Task<'static> {
    Task::new(name, leak(Box::pin(future)).as_mut())
}

/// Waits until `event` is woken.
#[track_caller]
fn wait(event: &WakerCell) -> impl Future<Output = ()> {
    let mut is_waiting = false;
    leaf(move |context| {
        if is_waiting {
            return Poll::Ready(());
        }
        is_waiting = true;
        event.register(context);
        Poll::Pending
    })
}

#[test]
fn a_task_that_always_wakes_itself_lets_a_hundred_others_have_as_many_turns() {
    const OTHERS: usize = 100;
    const TURNS: usize = 50;
    let turns = &*leak([const { Cell::new(0) }; OTHERS + 1]);
    let takes_turns = |number: usize| async move {
        for _ in 0..TURNS {
            turns[number].set(turns[number].get() + 1);
            let counts = turns.iter().map(Cell::get);
            assert!(counts.clone().max().unwrap() - counts.min().unwrap() <= 1);
            yield_now().await;
        }
        pending().await
    };
    let mut tasks: Vec<_> = (0..=OTHERS)
        .map(|number| task("", takes_turns(number)))
        .collect();
    kernel::<{ OTHERS + 1 }>().run_until_idle(&(), &mut tasks);
    assert!(turns.iter().all(|turns| turns.get() == TURNS));
}

#[test]
fn a_waker_may_be_called_after_its_task_is_gone() {
    let (kernel, kept) = (kernel::<2>(), RefCell::new(None::<Waker>));
    kernel.run_until_idle(
        &(),
        tasks! {
            "keeps" => poll_fn(|context| {
                kept.replace(Some(context.waker().clone()));
                Poll::Pending
            }),
        },
    );
    let waker = kept.take().unwrap();
    waker.wake_by_ref();
    kernel.run_until_idle(&(), tasks! {});
    let clone = waker.clone();
    drop(waker);
    clone.wake();
    kernel.run_until_idle(&(), tasks! {});
    assert_eq!(kernel.tasks().next().unwrap().polls, 1);
}

#[test]
fn wakes_before_a_turn_are_one_turn() {
    let (kernel, kept) = (kernel::<2>(), &*leak(RefCell::new(None::<Waker>)));
    let waits = poll_fn(|context| {
        kept.replace(Some(context.waker().clone()));
        Poll::Pending
    });
    let mut tasks = [task("waits", waits), task("other", pending())];
    kernel.run_until_idle(&(), &mut tasks);
    for _ in 0..5 {
        kept.borrow().as_ref().unwrap().wake_by_ref();
    }
    let info = || kernel.tasks().next().unwrap();
    assert_eq!((kernel.tasks_ready(), info().state), (1, TaskState::Ready));
    kernel.run_until_idle(&(), &mut tasks);
    assert_eq!((kernel.tasks_ready(), info().polls), (0, 2));
}

#[test]
fn a_task_that_yields_lets_all_others_run_first() {
    let order = RefCell::new(String::new());
    let writes = |letter: char| {
        let order = &order;
        async move {
            for _ in 0..3 {
                order.borrow_mut().push(letter);
                yield_now().await;
            }
            pending().await
        }
    };
    kernel::<3>().run_until_idle(
        &(),
        tasks! { "a" => writes('a'), "b" => writes('b'), "c" => writes('c') },
    );
    assert_eq!(*order.borrow(), "abcabcabc");
}

#[test]
fn a_task_sees_itself_running_and_others_waiting() {
    let kernel = kernel::<2>();
    let states = RefCell::new(Vec::new());
    let looks = async {
        states
            .borrow_mut()
            .extend(kernel.tasks().map(|task| task.state));
        pending().await
    };
    kernel.run_until_idle(&(), tasks! { "waits" => pending(), "looks" => looks });
    assert_eq!(*states.borrow(), [TaskState::Waiting, TaskState::Running]);
}

struct Calls {
    count: Cell<usize>,
    again: Cell<usize>,
    event: WakerCell,
    deferred_call: DeferredCall,
}

impl Calls {
    fn new() -> &'static Self {
        leak(Self {
            count: Cell::new(0),
            again: Cell::new(0),
            event: WakerCell::new(),
            deferred_call: DeferredCall::new(),
        })
    }
}

impl DeferredCallClient for Calls {
    fn handle_deferred_call(&self) {
        assert!(!self.deferred_call.is_pending());
        self.count.set(self.count.get() + 1);
        self.event.wake();
        if let Some(left) = self.again.get().checked_sub(1) {
            self.again.set(left);
            self.deferred_call.set();
        }
    }

    fn register(&'static self) {
        self.deferred_call.register(self);
    }
}

#[test]
fn a_deferred_call_comes_once_each_time_it_is_set() {
    let (kernel, calls, other) = (kernel::<1>(), Calls::new(), Calls::new());
    calls.register();
    other.register();
    calls.deferred_call.set();
    calls.deferred_call.set();
    assert!(calls.deferred_call.is_pending());
    assert_eq!(calls.count.get(), 0);
    kernel.run_until_idle(&(), tasks! {});
    kernel.run_until_idle(&(), tasks! {});
    assert_eq!(calls.count.get(), 1);
    calls.deferred_call.set();
    calls.again.set(3);
    kernel.run_until_idle(&(), tasks! {});
    assert_eq!((calls.count.get(), other.count.get()), (5, 0));
}

#[test]
#[should_panic = "2 deferred calls were made but 1 registered: call `register()` on each"]
fn a_deferred_call_that_nobody_registered_is_found() {
    Calls::new().register();
    Calls::new();
    kernel::<1>().run_until_idle(&(), tasks! {});
}

#[test]
#[should_panic = "3 tasks, but room for 2: give `Kernel::new` more records"]
fn too_many_tasks_are_refused_with_both_numbers() {
    kernel::<2>().run_until_idle(
        &(),
        tasks! { "a" => pending(), "b" => pending(), "c" => pending() },
    );
}

/// Serves the interrupt of one line.
struct Line<'a> {
    number: u32,
    event: &'a WakerCell,
}

impl InterruptService for Line<'_> {
    fn service_interrupt(&self, interrupt: u32) -> bool {
        if interrupt == self.number {
            self.event.wake();
        }
        interrupt == self.number
    }
}

#[test]
fn what_woke_a_task_is_known() {
    let kernel = kernel::<2>();
    let (by_line, by_task) = (&*leak(WakerCell::new()), &*leak(WakerCell::new()));
    let calls = Calls::new();
    calls.register();
    let wakes = async {
        wait(by_line).await;
        wait(&calls.event).await;
        by_task.wake();
        pending().await
    };
    let waits = async {
        wait(by_task).await;
        pending().await
    };
    let mut tasks = [task("wakes", wakes), task("waits", waits)];
    let causes = || kernel.tasks().map(|task| task.woken_by).collect::<Vec<_>>();

    let line = Line {
        number: 7,
        event: by_line,
    };
    kernel.run_until_idle(&line, &mut tasks);
    assert_eq!(causes(), [Cause::Start, Cause::Start]);
    interrupt_raised(7);
    kernel.run_until_idle(&line, &mut tasks);
    assert_eq!(causes(), [Cause::Interrupt(7), Cause::Start]);
    calls.deferred_call.set();
    kernel.run_until_idle(&line, &mut tasks);
    assert_eq!(causes(), [Cause::DeferredCall(0), Cause::Task(0)]);
    assert_eq!(kernel.task_name(0), "wakes");
}

#[test]
fn a_task_that_nothing_in_the_kernel_woke_was_woken_by_a_process() {
    let (kernel, event) = (kernel::<1>(), &*leak(WakerCell::new()));
    let waits = async {
        wait(event).await;
        pending().await
    };
    let mut tasks = [task("waits", waits)];
    kernel.run_until_idle(&(), &mut tasks);
    event.wake();
    assert_eq!(kernel.tasks().next().unwrap().woken_by, Cause::Process);
}

#[test]
fn a_task_is_parked_at_the_line_of_its_await() {
    async fn inner(event: &WakerCell) -> u32 {
        let line = line!() + 1;
        wait(event).await;
        line
    }
    let kernel = kernel::<1>();
    let event = &*leak(WakerCell::new());
    let last_line = &*leak(Cell::new(0));
    let nested = async {
        last_line.set(inner(event).await);
        last_line.set(line!() + 1);
        wait(event).await;
        pending().await
    };
    let mut tasks = [task("nested", nested)];
    assert_eq!(kernel.tasks().count(), 0);
    let parked_at = || kernel.tasks().next().unwrap().parked_at;

    kernel.run_until_idle(&(), &mut tasks);
    let first = parked_at().unwrap();
    assert_eq!(first.file(), file!());
    event.wake();
    kernel.run_until_idle(&(), &mut tasks);
    let second = parked_at().unwrap();
    assert_eq!(second.line(), last_line.get());
    assert_ne!(first.line(), second.line());
    event.wake();
    kernel.run_until_idle(&(), &mut tasks);
    assert_eq!(parked_at(), None, "what it waits for is no leaf");
}

#[test]
fn a_place_for_one_waker_wakes_who_was_there_before() {
    let kernel = kernel::<2>();
    let event = &*leak(WakerCell::new());
    let waits = |_| async {
        wait(event).await;
        pending().await
    };
    let mut tasks = [task("first", waits(1)), task("second", waits(2))];
    kernel.run_until_idle(&(), &mut tasks);
    let polls = || kernel.tasks().map(|task| task.polls).collect::<Vec<_>>();
    assert_eq!(polls(), [2, 1], "the first had to make room");
    event.wake();
    event.wake();
    kernel.run_until_idle(&(), &mut tasks);
    assert_eq!(polls(), [2, 2]);
}

#[test]
fn a_task_that_waits_for_its_turn_is_ready_to_who_asks_in_the_same_pass() {
    let kernel = kernel::<2>();
    let states = RefCell::new(Vec::new());
    let looks = async {
        states
            .borrow_mut()
            .extend(kernel.tasks().map(|task| task.state));
        pending().await
    };
    kernel.run_until_idle(&(), tasks! { "looks" => looks, "after" => pending() });
    assert_eq!(*states.borrow(), [TaskState::Running, TaskState::Ready]);
}

/// Looks at another's deferred call, and asks for it again.
struct Asks {
    other: &'static Calls,
    was_pending: Cell<bool>,
    deferred_call: DeferredCall,
}

impl DeferredCallClient for Asks {
    fn handle_deferred_call(&self) {
        self.was_pending.set(self.other.deferred_call.is_pending());
        self.other.deferred_call.set();
    }

    fn register(&'static self) {
        self.deferred_call.register(self);
    }
}

/// Both deferred calls are asked for, then the first asks for the second again.
fn asks() -> &'static Asks {
    let deferred_call = DeferredCall::new();
    let asks = leak(Asks {
        other: Calls::new(),
        was_pending: Cell::new(false),
        deferred_call,
    });
    let asks = &*asks;
    asks.register();
    asks.other.register();
    asks.deferred_call.set();
    asks.other.deferred_call.set();
    kernel::<1>().run_until_idle(&(), tasks! {});
    asks
}

#[test]
fn a_deferred_call_is_pending_until_it_comes() {
    assert!(asks().was_pending.get());
}

#[test]
fn asking_again_for_a_deferred_call_before_it_came_changes_nothing() {
    assert_eq!(asks().other.count.get(), 1);
}
