//! Bytes over a serial line.

use capsules_core::SerialBytes;
use chip_fake as fake;
use kernel::{
    ErrorCode,
    hil::uart::{Receive as _, Transmit as _},
    task::yield_now,
};

type Line = &'static SerialBytes<'static>;

const BUFFER: usize = 16;
/// Far more than that.
const LEN: usize = 10_000;

fn machine() -> (fake::Machine, &'static fake::Uart, Line) {
    let port = fake::Uart::new();
    let buffers = (fake::leak([0; BUFFER]), fake::leak([0; BUFFER]));
    let line = &*fake::leak(SerialBytes::new(port, buffers.0, buffers.1));
    port.set_receive_client(line);
    port.set_transmit_client(line);
    (fake::Machine::new(), port, line)
}

fn bytes() -> Vec<u8> {
    (0..LEN).map(|number| (number * 7 % 256) as u8).collect()
}

#[test]
fn bytes_arrive_whole_and_in_order_in_whatever_bursts_they_come() {
    let (machine, port, line) = machine();
    let read = machine.task("reads", async move {
        let mut read = Vec::new();
        while read.len() < LEN {
            read.push(line.next().await);
            if read.len() % 3 == 0 {
                yield_now().await;
            }
        }
        read
    });
    let bytes = bytes();
    let mut rest = &bytes[..];
    for burst in (1..100).cycle() {
        let (now, later) = rest.split_at(burst.min(rest.len()));
        port.receive(now);
        machine.run();
        rest = later;
        if rest.is_empty() {
            break;
        }
    }
    assert!(read.take().unwrap() == bytes);
}

#[test]
fn bytes_that_nobody_reads_stay_on_the_line() {
    let (machine, port, line) = machine();
    port.receive(&bytes());
    machine.run();
    assert_eq!(port.unreceived(), LEN);
    assert_eq!(fake::poll_once(line.next()), None);
    machine.run();
    assert_eq!(port.unreceived(), LEN - BUFFER);
    let read: Vec<u8> = (0..BUFFER)
        .filter_map(|_| fake::poll_once(line.next()))
        .collect();
    assert_eq!(read, bytes()[..BUFFER]);
    machine.run();
    assert_eq!(port.unreceived(), LEN - BUFFER);
}

#[test]
fn much_is_written_whole_and_in_order() {
    let (machine, port, line) = machine();
    let written = machine.task("writes", async move {
        line.write(&bytes()).await;
        line.write(b"").await;
        line.write(b"end").await;
    });
    machine.run();
    assert!(written.is_there());
    assert!(port.take_sent() == [&*bytes(), b"end"].concat());
}

#[test]
fn what_a_write_has_not_reached_when_it_is_given_up_is_not_written() {
    let (machine, port, line) = machine();
    port.hold();
    assert_eq!(fake::poll_once(line.write(&bytes())), None);
    assert_eq!(fake::poll_once(line.write(b"never")), None);
    port.release();
    machine.run();
    assert_eq!(port.take_sent(), bytes()[..BUFFER]);
    assert_eq!(fake::poll_once(line.write(b"next")), Some(()));
    machine.run();
    assert_eq!(port.take_sent(), b"next");
}

#[test]
fn a_port_that_refuses_once_works_the_next_time() {
    let (machine, port, line) = machine();
    port.refuse_next_receive(ErrorCode::OFF);
    port.receive(b"x");
    assert_eq!(fake::poll_once(line.next()), None);
    machine.run();
    assert_eq!(machine.log(), ["serial line: can't receive (OFF)"]);
    assert_eq!(fake::poll_once(line.next()), None);
    machine.run();
    assert_eq!(fake::poll_once(line.next()), Some(b'x'));

    port.refuse_next_transmit(ErrorCode::OFF);
    assert_eq!(fake::poll_once(line.write(b"lost")), Some(()));
    assert_eq!(fake::poll_once(line.write(b"written")), Some(()));
    machine.run();
    assert_eq!(port.take_sent(), b"written");
}

#[test]
#[should_panic = "a line needs buffers"]
fn a_line_without_a_buffer_is_refused_aloud() {
    let (incoming, outgoing) = (fake::leak([0; 1]), fake::leak([]));
    SerialBytes::new(fake::Uart::new(), incoming, outgoing);
}
