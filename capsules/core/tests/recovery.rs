//! What went wrong once leaves everything usable: refusals, readings given up, noise on the line.

use capsules_core::{Calendar, Device, Key, Keys, Output, SerialKeys};
use chip_fake as fake;
use kernel::{
    ErrorCode,
    hil::{
        date_time::{DateTime as _, DateTimeValues, DayOfWeek, Month},
        uart::{Receive as _, Transmit as _},
    },
};

fn output() -> (fake::Machine, &'static fake::Uart, &'static Output<'static>) {
    let port = fake::Uart::new();
    let device = Device::Serial(port);
    let output = &*fake::leak(Output::new(device, fake::leak([0; 16]), fake::leak([0; 5])));
    port.set_transmit_client(output);
    (fake::Machine::new(), port, output)
}

#[test]
fn a_device_that_refuses_does_not_hang_a_writer_that_waits_for_room() {
    let (machine, port, output) = output();
    port.refuse_next_transmit(ErrorCode::OFF);
    let done = machine.task("prints", async {
        output.print(format_args!("{:40}", "text")).await
    });
    machine.run();
    assert!(done.is_there());
}

#[test]
fn flushing_ends_when_a_device_refuses() {
    let (machine, port, output) = output();
    port.refuse_next_transmit(ErrorCode::OFF);
    let done = machine.task("prints", async {
        output.print(format_args!("twelve bytes")).await;
        output.flush().await;
    });
    machine.run();
    assert!(done.is_there());
}

#[test]
fn a_reading_that_is_given_up_is_not_the_next_readers() {
    const DATE: DateTimeValues = DateTimeValues {
        year: 2026,
        month: Month::October,
        day: 3,
        day_of_week: DayOfWeek::Saturday,
        hour: 9,
        minute: 5,
        seconds: 0,
    };
    let (machine, clock) = (fake::Machine::new(), fake::DateTime::new(DATE));
    let calendar = &*fake::leak(Calendar::new(clock));
    clock.set_client(calendar);
    assert!(fake::poll_once(calendar.now()).is_none());
    machine.run();
    clock.stand_at(DateTimeValues { hour: 10, ..DATE });
    assert_ne!(
        fake::poll_once(calendar.now()),
        Some(Ok(DATE)),
        "an hour too old"
    );
}

fn serial() -> (fake::Machine, &'static fake::Uart, &'static dyn Keys) {
    let port = fake::Uart::new();
    let keys = &*fake::leak(SerialKeys::new(
        port,
        fake::leak([0; 32]),
        fake::leak([0; 16]),
    ));
    port.set_receive_client(keys);
    keys.start();
    (fake::Machine::new(), port, keys)
}

#[test]
fn a_key_carries_no_bytes_of_what_came_before_it() {
    let (machine, port, keys) = serial();
    port.receive(b"\r\na\xffb");
    machine.run();
    let bytes: Vec<_> = std::iter::from_fn(|| fake::poll_once(keys.next()))
        .map(|event| event.bytes().to_vec())
        .collect();
    assert_eq!(bytes, [b"\r", b"a", b"b"]);
}

#[test]
fn control_c_forgets_the_start_of_a_sequence() {
    let (machine, port, keys) = serial();
    port.receive(b"\x1b[");
    machine.run();
    assert_eq!(fake::poll_once(keys.next()), None);
    port.receive(b"\x03");
    machine.run();
    assert_eq!(fake::poll_once(keys.interrupt()), Some(()));
    port.receive(b"A");
    machine.run();
    assert_eq!(
        fake::poll_once(keys.next()).unwrap().key,
        Some(Key::Char('A'))
    );
}
