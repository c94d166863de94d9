//! Tasks and time.

use core::future::{pending, poll_fn};
use core::pin::{Pin, pin};
use core::task::Poll;
use std::cell::{Cell, RefCell};

use capsa::completion::Completion;
use capsa::fake::Kernel;
use capsa::syscall::{command, yield_no_wait, yield_wait};
use capsa::tasks::{MAX_TASKS, block_on, run};
use capsa::{alarm, console, print};

#[test]
fn tasks_that_sleep_take_turns_by_time() {
    let kernel = Kernel::new();
    let log = RefCell::new(Vec::new());
    let ticker = async |name: &'static str, period_ms| {
        for number in 1..=3 {
            alarm::sleep(period_ms).await;
            log.borrow_mut().push((name, number, kernel.now_ms()));
        }
    };
    run([pin!(ticker("slow", 500)), pin!(ticker("fast", 200))]);
    let expected = [
        ("fast", 1, 200),
        ("fast", 2, 400),
        ("slow", 1, 500),
        ("fast", 3, 600),
        ("slow", 2, 1000),
        ("slow", 3, 1500),
    ];
    assert_eq!(log.take(), expected);
}

#[test]
fn a_task_is_polled_only_when_it_was_woken() {
    let _kernel = Kernel::new();
    let polls = Cell::new(0);
    let idle = poll_fn(|_| {
        polls.set(polls.get() + 1);
        if polls.get() == 2 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    });
    let busy = async {
        for _ in 0..10 {
            alarm::sleep(1).await;
        }
        assert_eq!(polls.get(), 1);
    };
    // It ends because the other task's waker wakes it.
    let waker = RefCell::new(None);
    let idle = async {
        poll_fn(|context| {
            waker.replace(Some(context.waker().clone()));
            Poll::Ready(())
        })
        .await;
        idle.await;
    };
    let wake = async {
        busy.await;
        waker.take().unwrap().wake();
    };
    run([pin!(idle), pin!(wake)]);
    assert_eq!(polls.get(), 2);
}

#[test]
fn a_task_that_wakes_itself_keeps_no_other_from_what_it_waits_for() {
    let kernel = Kernel::new();
    kernel.type_text("x");
    let typed = Cell::new(None);
    let turns = Cell::new(0);
    let busy = poll_fn(|context| {
        turns.set(turns.get() + 1);
        assert!(turns.get() < 100, "the other task has no turn");
        if typed.get().is_some() {
            return Poll::Ready(());
        }
        // So that time goes on.
        print!(".");
        context.waker().wake_by_ref();
        Poll::Pending
    });
    let patient = async {
        alarm::sleep(5).await;
        typed.set(console::next_byte().await.ok());
    };
    run([pin!(busy), pin!(patient)]);
    assert_eq!(typed.get(), Some(b'x'));
}

#[test]
fn a_future_of_two_times_wakes_at_the_earlier() {
    let kernel = Kernel::new();
    let result = block_on(alarm::timeout(300, alarm::sleep(100)));
    assert_eq!((result, kernel.now_ms()), (Some(()), 100));
    let result = block_on(alarm::timeout(300, alarm::sleep(1000)));
    assert_eq!((result, kernel.now_ms()), (None, 400));
}

#[test]
fn a_long_sleep_outlasts_the_wraps_of_the_clock() {
    let kernel = Kernel::new();
    // Its 32 bits last for a day and a half.
    const WEEK_MS: u32 = 7 * 24 * 60 * 60 * 1000;
    alarm::sleep_ms(WEEK_MS);
    assert_eq!(kernel.now_ms(), u64::from(WEEK_MS));
}

#[test]
fn a_task_may_wait_by_itself_while_others_do() {
    let kernel = Kernel::new();
    let other = Cell::new(0);
    let blocking = async {
        alarm::sleep_ms(50);
        // What it waits for after that is its own again.
        alarm::sleep(50).await;
        assert_eq!(kernel.now_ms(), 100);
    };
    let patient = async {
        alarm::sleep(20).await;
        other.set(kernel.now_ms());
    };
    run([pin!(patient), pin!(blocking)]);
    // It had to wait until the first was done, and then no longer.
    assert_eq!(other.get(), 50);
}

#[test]
fn an_alarm_that_is_set_gives_way_to_an_earlier_one() {
    let kernel = Kernel::new();
    kernel.type_text("x");
    let late = async { alarm::sleep(500).await };
    let early = async {
        // It comes when the alarm is set for the other one.
        console::next_byte().await.unwrap();
        alarm::sleep(100).await;
        assert_eq!(kernel.now_ms(), 100);
    };
    run([pin!(late), pin!(early)]);
    assert_eq!(kernel.now_ms(), 500);
}

#[test]
fn a_time_that_nobody_waits_for_any_more_wakes_nobody() {
    let kernel = Kernel::new();
    kernel.type_text("x");
    let polls = Cell::new(0);
    let waker = RefCell::new(None);
    let waits = async {
        alarm::timeout(100, console::next_byte())
            .await
            .unwrap()
            .unwrap();
        poll_fn(|context| {
            polls.set(polls.get() + 1);
            let first = waker.replace(Some(context.waker().clone())).is_none();
            if first {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
    };
    let wakes = async {
        alarm::sleep(500).await;
        assert_eq!(polls.get(), 1);
        waker.take().unwrap().wake();
        waker.replace(Some(core::task::Waker::noop().clone()));
    };
    run([pin!(waits), pin!(wakes)]);
    assert_eq!(polls.get(), 2);
}

#[test]
fn what_an_upcall_left_is_taken_once() {
    static FIRED: Completion = Completion::new();
    let _kernel = Kernel::new();
    FIRED.subscribe(0, 0).unwrap();
    assert_eq!(FIRED.take(), None);
    command(0, 5, 1, 0).u32().unwrap();
    yield_wait();
    assert!(FIRED.take().is_some());
    assert_eq!(FIRED.take(), None);
    assert!(!yield_no_wait());
}

#[test]
fn a_byte_typed_while_nobody_waits_is_kept() {
    let kernel = Kernel::new();
    assert_eq!(block_on(alarm::timeout(10, console::next_byte())), None);
    kernel.type_text("ab");
    assert_eq!(block_on(console::next_byte()), Ok(b'a'));
    assert_eq!(block_on(console::next_byte()), Ok(b'b'));
}

#[test]
fn a_line_comes_while_another_task_goes_on() {
    let kernel = Kernel::new();
    let ticks = Cell::new(0);
    let typist = async {
        for piece in ["he", "llo\n", "more"] {
            alarm::sleep(100).await;
            ticks.set(ticks.get() + 1);
            kernel.type_text(piece);
        }
    };
    let reader = async {
        let mut line = [0; 8];
        assert_eq!(console::next_line(&mut line).await, Ok(&b"hello"[..]));
        assert_eq!(ticks.get(), 2);
        let mut short = [0; 3];
        assert_eq!(console::next_line(&mut short).await, Ok(&b"mor"[..]));
    };
    run([pin!(typist), pin!(reader)]);
}

#[test]
#[should_panic(expected = "the app waits for what cannot come")]
fn who_waits_for_nothing_is_stopped() {
    let _kernel = Kernel::new();
    block_on(pending::<()>());
}

#[test]
#[should_panic(expected = "32 tasks at most")]
fn one_task_too_many_is_refused() {
    let _kernel = Kernel::new();
    let idle = || Box::pin(async { block_on(pending::<()>()) });
    let mut futures: [_; MAX_TASKS] = core::array::from_fn(|_| idle());
    run(futures
        .each_mut()
        .map(|future| future.as_mut() as Pin<&mut dyn Future<Output = ()>>));
}
