//! The words by which a test makes a fake's operations go wrong.

use std::cell::RefCell;

use chip_fake as fake;
use kernel::{
    ErrorCode,
    hil::text_screen::{TextScreen, TextScreenClient},
};

/// Notes how each operation ended, and starts as many new ones from within the callback as it was given.
struct Client {
    screen: &'static fake::TextScreen,
    next: RefCell<Vec<&'static mut [u8]>>,
    results: RefCell<Vec<Result<(), ErrorCode>>>,
}

impl TextScreenClient for Client {
    fn command_complete(&self, result: Result<(), ErrorCode>) {
        self.results.borrow_mut().push(result);
        if let Some(text) = self.next.borrow_mut().pop() {
            let len = text.len();
            self.screen.print(text, len).expect("it is idle by now");
        }
    }

    fn write_complete(&self, _: &'static mut [u8], _: usize, result: Result<(), ErrorCode>) {
        self.command_complete(result);
    }
}

fn screen() -> (fake::Machine, &'static fake::TextScreen, &'static Client) {
    let screen = fake::TextScreen::new(80, 25);
    let client = &*fake::leak(Client {
        screen,
        next: RefCell::default(),
        results: RefCell::default(),
    });
    screen.set_client(Some(client));
    (fake::Machine::new(), screen, client)
}

#[test]
fn as_many_calls_are_refused_as_the_test_says_and_have_no_callback() {
    let (machine, screen, client) = screen();
    screen.refuse_next(ErrorCode::OFF);
    screen.refuse_next(ErrorCode::NOMEM);
    assert_eq!(screen.clear(), Err(ErrorCode::OFF));
    assert_eq!(screen.clear(), Err(ErrorCode::NOMEM));
    assert_eq!(screen.clear(), Ok(()));
    machine.run();
    assert_eq!(*client.results.borrow(), [Ok(())]);
}

#[test]
fn a_busy_fake_keeps_the_refusal_for_the_next_operation() {
    let (machine, screen, _) = screen();
    assert_eq!(screen.clear(), Ok(()));
    screen.refuse_next(ErrorCode::OFF);
    assert_eq!(screen.clear(), Err(ErrorCode::BUSY));
    machine.run();
    assert_eq!(screen.clear(), Err(ErrorCode::OFF));
}

#[test]
fn as_many_operations_fail_as_the_test_says() {
    let (machine, screen, client) = screen();
    screen.fail_next(ErrorCode::FAIL);
    screen.fail_next(ErrorCode::NOACK);
    for _ in 0..3 {
        assert_eq!(screen.show_cursor(), Ok(()));
        machine.run();
    }
    let expected = [Err(ErrorCode::FAIL), Err(ErrorCode::NOACK), Ok(())];
    assert_eq!(*client.results.borrow(), expected);
}

#[test]
fn a_callback_is_late_only_while_it_is_held() {
    let (machine, screen, client) = screen();
    screen.hold();
    assert_eq!(screen.clear(), Ok(()));
    machine.run();
    assert_eq!(*client.results.borrow(), []);
    assert_eq!(screen.clear(), Err(ErrorCode::BUSY));
    screen.release();
    assert_eq!(
        *client.results.borrow(),
        [],
        "releasing is no turn of the kernel loop"
    );
    machine.run();
    assert_eq!(*client.results.borrow(), [Ok(())]);
}

#[test]
fn a_client_may_start_the_next_operation_from_within_the_callback() {
    let (machine, screen, client) = screen();
    for text in [b"two", b"one"] {
        client.next.borrow_mut().push(fake::leak(*text));
    }
    assert_eq!(screen.clear(), Ok(()));
    machine.run();
    assert_eq!(screen.printed(), b"onetwo");
    assert_eq!(*client.results.borrow(), [Ok(()); 3]);
}
