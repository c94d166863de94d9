//! Text to a serial port or a screen.

use capsules_core::{Device, Output};
use chip_fake as fake;
use kernel::{
    ErrorCode,
    hil::{text_screen::TextScreen as _, uart::Transmit as _},
};

type TaskOutput = &'static Output<'static>;

/// Small enough for any text to wait.
const QUEUE: usize = 16;
const BUFFER: usize = 5;

fn serial() -> (fake::Machine, &'static fake::Uart, TaskOutput) {
    let port = fake::Uart::new();
    let device = Device::Serial(port);
    let output = &*fake::leak(Output::new(
        device,
        fake::leak([0; QUEUE]),
        fake::leak([0; BUFFER]),
    ));
    port.set_transmit_client(output);
    (fake::Machine::new(), port, output)
}

fn screen() -> (fake::Machine, &'static fake::TextScreen, TaskOutput) {
    let screen = fake::TextScreen::new(80, 25);
    let device = Device::Screen(screen);
    let output = &*fake::leak(Output::new(
        device,
        fake::leak([0; QUEUE]),
        fake::leak([0; BUFFER]),
    ));
    screen.set_client(Some(output));
    (fake::Machine::new(), screen, output)
}

/// Text that is far longer than the queue, and in which every place is different.
fn long_text() -> String {
    (0..2_000).map(|number| format!("{number}, ")).collect()
}

#[test]
fn a_long_text_goes_through_a_small_queue_whole_and_in_order() {
    let (machine, port, output) = serial();
    let done = machine.task("prints", async {
        output.print(format_args!("<{}>", long_text())).await;
        output.print(format_args!("{:>8}", "end")).await;
    });
    machine.run();
    assert!(done.is_there());
    assert_eq!(port.take_text(), format!("<{}>     end", long_text()));
}

#[test]
fn a_screen_is_written_like_a_port() {
    let (machine, screen, output) = screen();
    machine.task("prints", async {
        output.print(format_args!("{}\n", long_text())).await
    });
    machine.run();
    assert_eq!(screen.printed(), (long_text() + "\r\n").into_bytes());
}

#[test]
fn a_text_that_the_queue_has_room_for_is_not_waited_for() {
    let (machine, port, output) = serial();
    port.hold();
    assert_eq!(
        fake::poll_once(output.print(format_args!("sixteen bytes 16"))),
        Some(())
    );
    assert_eq!(
        fake::poll_once(output.print(format_args!("five5"))),
        Some(())
    );
    assert_eq!(fake::poll_once(output.print(format_args!("!"))), None);
    port.release();
    machine.run();
    assert_eq!(port.take_text(), "sixteen bytes 16five5");
}

#[test]
fn a_line_break_is_a_return_and_a_feed_and_is_not_doubled() {
    let (machine, port, output) = serial();
    machine.task("prints", async {
        output
            .print(format_args!("one\ntwo\r\nthree\n\nfour\r"))
            .await;
        output.print(format_args!("\nfive\n")).await;
        for line in 0..100 {
            output.print(format_args!("{line}\n")).await;
        }
    });
    machine.run();
    let lines: String = (0..100).map(|line| format!("{line}\r\n")).collect();
    assert_eq!(
        port.take_text(),
        format!("one\r\ntwo\r\nthree\r\n\r\nfour\r\nfive\r\n{lines}")
    );
}

#[test]
fn the_start_of_a_line_is_known() {
    let (machine, _, output) = serial();
    assert!(output.is_at_line_start());
    fake::poll_once(output.print(format_args!("text")));
    assert!(!output.is_at_line_start());
    machine.run();
    fake::poll_once(output.print(format_args!("\n")));
    assert!(output.is_at_line_start());
    fake::poll_once(output.print(format_args!("\x1b[H")));
    output.set_at_line_start();
    assert!(output.is_at_line_start());
}

#[test]
fn a_print_that_is_given_up_writes_nothing_more() {
    let (machine, port, output) = serial();
    port.hold();
    let text = long_text();
    assert_eq!(fake::poll_once(output.print(format_args!("{text}"))), None);
    port.release();
    machine.run();
    let written = port.take_text();
    assert!(written.len() >= QUEUE && written.len() < text.len());
    assert!(text.starts_with(&written));
    assert_eq!(
        fake::poll_once(output.print(format_args!("next"))),
        Some(())
    );
    machine.run();
    assert_eq!(port.take_text(), "next");
}

#[test]
fn flushing_waits_until_the_device_has_taken_everything() {
    for text in ["four", "more than a buffer"] {
        let (machine, port, output) = serial();
        assert_eq!(
            fake::poll_once(output.flush()),
            Some(()),
            "there is nothing to wait for"
        );
        port.hold();
        let flushed = machine.task("flushes", async move {
            output.print(format_args!("{text}")).await;
            output.flush().await;
        });
        machine.run();
        assert!(!flushed.is_there());
        port.release();
        machine.run();
        assert!(flushed.is_there());
        assert_eq!(port.take_text(), text);
    }
}

#[test]
fn a_device_that_loses_what_it_is_given_does_not_stop_the_writer() {
    let (machine, port, output) = serial();
    port.fail_next_transmit(ErrorCode::FAIL);
    let text = long_text();
    let done = machine.task("prints", async {
        output.print(format_args!("{}", long_text())).await
    });
    machine.run();
    assert!(done.is_there());
    assert_eq!(port.take_text(), text[BUFFER..], "one buffer is lost");
}

#[test]
fn a_device_that_refuses_a_text_is_given_the_next() {
    let (machine, port, output) = serial();
    port.refuse_next_transmit(ErrorCode::OFF);
    assert_eq!(
        fake::poll_once(output.print(format_args!("lost"))),
        Some(())
    );
    assert_eq!(
        fake::poll_once(output.print(format_args!("kept"))),
        Some(())
    );
    machine.run();
    assert_eq!(port.take_text(), "kept");
}

#[test]
fn bytes_that_the_queue_has_no_room_for_are_not_taken() {
    let (machine, port, output) = serial();
    port.hold();
    // The device has the first five; sixteen wait.
    assert_eq!(output.write(b"01234"), 5);
    assert_eq!(output.write(b"56789abcdefghijk"), 16);
    assert_eq!(output.write(b"lost"), 0);
    let room = fake::poll_once(output.room());
    assert_eq!(room, None, "there is none until the device has taken some");
    port.release();
    machine.run();
    assert_eq!(port.take_text(), "0123456789abcdefghijk");
    assert_eq!(fake::poll_once(output.room()), Some(()));
}

#[test]
fn who_waits_for_room_goes_on_when_the_device_has_taken_some() {
    let (machine, port, output) = serial();
    let done = machine.task("writes", async {
        let mut rest = &b"a line that is longer than the queue is, and then some"[..];
        while !rest.is_empty() {
            output.room().await;
            rest = &rest[output.write(rest)..];
        }
    });
    machine.run();
    assert!(done.is_there());
    let text = "a line that is longer than the queue is, and then some";
    assert_eq!(port.take_text(), text);
}
