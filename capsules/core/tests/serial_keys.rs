//! Keys from a serial line.

use capsules_core::{Key, Keys, SerialKeys};
use chip_fake as fake;
use kernel::{
    hil::uart::{Error, Receive as _},
    task::yield_now,
};

type TaskKeys = &'static dyn Keys;

const QUEUE: usize = 32;
const BUFFER: usize = 16;

fn machine() -> (fake::Machine, &'static fake::Uart, TaskKeys) {
    let port = fake::Uart::new();
    let queue = fake::leak([0; QUEUE]);
    let keys = &*fake::leak(SerialKeys::new(port, queue, fake::leak([0; BUFFER])));
    port.set_receive_client(keys);
    keys.start();
    (fake::Machine::new(), port, keys)
}

/// The keys that wait to be read, and the bytes of each.
fn waiting(keys: TaskKeys) -> Vec<(Key, Vec<u8>)> {
    std::iter::from_fn(|| fake::poll_once(keys.next()))
        .map(|event| (event.key.unwrap(), event.bytes().to_vec()))
        .collect()
}

#[test]
fn ten_thousand_bytes_in_bursts_arrive_whole_and_in_order() {
    let (machine, port, keys) = machine();
    let text: Vec<u8> = (0..10_000u32)
        .map(|number| b' ' + (number * 7 % 95) as u8)
        .collect();
    let read = machine.task("reads", async move {
        let mut read = Vec::new();
        while read.len() < 10_000 {
            let Some(Key::Char(character)) = keys.next().await.key else {
                panic!()
            };
            read.push(character as u8);
            if read.len() % 3 == 0 {
                yield_now().await;
            }
        }
        read
    });
    let mut rest = &text[..];
    for burst in (1..100).cycle() {
        let (now, later) = rest.split_at(burst.min(rest.len()));
        port.receive(now);
        machine.run();
        rest = later;
        if rest.is_empty() {
            break;
        }
    }
    assert!(read.take().unwrap() == text);
}

#[test]
fn the_sender_is_held_back_while_nobody_reads() {
    let (machine, port, keys) = machine();
    port.receive(&[b'x'; 100]);
    machine.run();
    assert_eq!(port.unreceived(), 100 - QUEUE, "nothing is lost");
    let mut read = 0;
    while fake::poll_once(keys.next()).is_some() {
        machine.run();
        read += 1;
    }
    assert_eq!((read, port.unreceived()), (100, 0));
}

#[test]
fn a_sequence_is_one_key_that_carries_its_bytes() {
    let (machine, port, keys) = machine();
    for burst in ["a\x1b[", "A\x1b[1;5C", "\u{e9}\x1b[3~", "\r"] {
        port.receive(burst.as_bytes());
        machine.run();
    }
    let expected: [(Key, &[u8]); 6] = [
        (Key::Char('a'), b"a"),
        (Key::Up, b"\x1b[A"),
        (Key::Right, b"\x1b[1;5C"),
        (Key::Char('é'), "é".as_bytes()),
        (Key::Delete, b"\x1b[3~"),
        (Key::Enter, b"\r"),
    ];
    assert_eq!(
        waiting(keys),
        expected.map(|(key, bytes)| (key, bytes.to_vec()))
    );
}

#[test]
fn control_c_forgets_what_was_typed_before_it_and_interrupts_once() {
    let (machine, port, keys) = machine();
    port.receive(b"typed ahead");
    machine.run();
    port.receive(b"more\x03next");
    machine.run();
    assert_eq!(fake::poll_once(keys.interrupt()), Some(()));
    assert_eq!(fake::poll_once(keys.interrupt()), None);
    let typed: Vec<Key> = waiting(keys).into_iter().map(|(key, _)| key).collect();
    assert_eq!(typed, ['n', 'e', 'x', 't'].map(Key::Char));
}

#[test]
fn control_c_is_a_key_to_who_reads_keys_and_then_no_interrupt() {
    let (machine, port, keys) = machine();
    port.receive(b"\x03");
    machine.run();
    assert_eq!(waiting(keys), [(Key::Control('c'), b"\x03".to_vec())]);
    assert_eq!(fake::poll_once(keys.interrupt()), None);
}

#[test]
fn waiting_for_an_interrupt_leaves_other_keys_where_they_are() {
    let (machine, port, keys) = machine();
    let interrupt = machine.task("waits", async { keys.interrupt().await });
    port.receive(b"abc");
    machine.run();
    assert!(!interrupt.is_there());
    assert_eq!(waiting(keys).len(), 3);
    port.receive(b"\x03");
    machine.run();
    assert!(interrupt.is_there());
}

#[test]
fn an_error_on_the_line_is_in_the_log_and_the_bytes_are_kept() {
    let (machine, port, keys) = machine();
    port.disturb_next_receive(Error::FramingError);
    port.receive(b"ab");
    machine.run();
    assert_eq!(machine.log(), ["serial line: FramingError"]);
    assert_eq!(waiting(keys).len(), 2);
}

#[test]
fn a_sequence_that_is_too_long_to_be_kept_ends_with_its_last_bytes() {
    let (machine, port, keys) = machine();
    port.receive(b"\x1b[0000000000003~x");
    machine.run();
    let [delete, x] = waiting(keys).try_into().unwrap();
    assert_eq!(delete, (Key::Delete, b"0000003~".to_vec()));
    assert_eq!(x, (Key::Char('x'), b"x".to_vec()));
}
