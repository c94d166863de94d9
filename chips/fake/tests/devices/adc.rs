//! The fake converter of voltages to numbers keeps the promises of its HIL.

use std::cell::{Cell, RefCell};

use chip_fake as fake;
use kernel::{
    ErrorCode,
    hil::adc::{Adc, AdcHighSpeed, Client, HighSpeedClient},
};

struct Samples {
    adc: &'static fake::Adc,
    samples: RefCell<Vec<u16>>,
    full: RefCell<Vec<Vec<u16>>>,
    /// What the client does when it is called.
    then: Cell<Then>,
}

#[derive(Clone, Copy)]
enum Then {
    Nothing,
    Sample,
    Stop,
}

impl Samples {
    fn act(&self) {
        match self.then.replace(Then::Nothing) {
            Then::Nothing => {}
            Then::Sample => assert_eq!(self.adc.sample(&1), Ok(())),
            Then::Stop => assert_eq!(self.adc.stop_sampling(), Ok(())),
        }
    }
}

impl Client for Samples {
    fn sample_ready(&self, sample: u16) {
        self.samples.borrow_mut().push(sample);
        self.act();
    }
}

impl HighSpeedClient for Samples {
    fn samples_ready(&self, buf: &'static mut [u16], length: usize) {
        self.full.borrow_mut().push(buf[..length].to_vec());
        self.act();
    }
}

fn adc() -> (fake::Machine, &'static fake::Adc, &'static Samples) {
    let adc = fake::Adc::new(2);
    let samples = &*fake::leak(Samples {
        adc,
        samples: RefCell::default(),
        full: RefCell::default(),
        then: Cell::new(Then::Nothing),
    });
    adc.set_client(samples);
    adc.set_highspeed_client(samples);
    (fake::Machine::new(), adc, samples)
}

fn buffers() -> [&'static mut [u16]; 2] {
    [fake::leak([0; 4]), fake::leak([0; 4])]
}

#[test]
fn a_sample_has_the_bits_of_the_converter_at_the_top() {
    let (machine, adc, samples) = adc();
    adc.set(1, 0x1234);
    assert_eq!(adc.sample(&1), Ok(()));
    assert_eq!(adc.sample(&0), Err(ErrorCode::BUSY));
    assert!(samples.samples.borrow().is_empty());
    machine.run();
    assert_eq!(*samples.samples.borrow(), [0x1230]);
    assert_eq!(adc.get_resolution_bits(), 12);
}

#[test]
fn sampling_that_is_refused_brings_no_sample() {
    let (machine, adc, samples) = adc();
    adc.refuse_next(ErrorCode::OFF);
    assert_eq!(adc.sample(&0), Err(ErrorCode::OFF));
    assert_eq!(adc.sample(&2), Err(ErrorCode::INVAL));
    for frequency in [0, 1_000_001] {
        assert_eq!(adc.sample_continuous(&0, frequency), Err(ErrorCode::INVAL));
    }
    assert_eq!(adc.stop_sampling(), Err(ErrorCode::INVAL));
    machine.run();
    assert!(samples.samples.borrow().is_empty());
}

#[test]
fn a_sample_that_is_held_comes_when_it_is_released_unless_sampling_stops() {
    let (machine, adc, samples) = adc();
    adc.hold();
    assert_eq!(adc.sample(&0), Ok(()));
    machine.run();
    assert!(samples.samples.borrow().is_empty());
    adc.release();
    machine.run();
    assert_eq!(*samples.samples.borrow(), [0]);
    assert_eq!((adc.sample(&0), adc.stop_sampling()), (Ok(()), Ok(())));
    machine.run();
    assert_eq!(*samples.samples.borrow(), [0]);
}

#[test]
fn a_client_can_ask_for_a_sample_when_it_gets_one() {
    let (machine, adc, samples) = adc();
    adc.set(1, 0x10);
    samples.then.set(Then::Sample);
    assert_eq!(adc.sample(&0), Ok(()));
    machine.run();
    assert_eq!(*samples.samples.borrow(), [0, 0x10]);
}

#[test]
fn steady_samples_come_as_time_passes_until_the_client_stops_them() {
    let (machine, adc, samples) = adc();
    assert_eq!(adc.sample_continuous(&0, 1_000), Ok(()));
    machine.run();
    assert!(samples.samples.borrow().is_empty());
    for voltage in [0x10, 0x20] {
        adc.set(0, voltage);
        adc.pass(1);
        machine.run();
    }
    // The first of these is lost, since nobody hears of it in time.
    adc.set(0, 0x30);
    adc.pass(1);
    adc.set(0, 0x40);
    adc.pass(1);
    samples.then.set(Then::Stop);
    machine.run();
    adc.pass(1);
    machine.run();
    assert_eq!(*samples.samples.borrow(), [0x10, 0x20, 0x40]);
}

#[test]
fn buffers_are_filled_in_turn_and_retrieved_when_sampling_stops() {
    let (machine, adc, samples) = adc();
    let [first, second] = buffers();
    assert!(adc.sample_highspeed(&0, 1_000, first, 2, second, 4).is_ok());
    assert_eq!(adc.retrieve_buffers(), Err(ErrorCode::INVAL));
    let (error, third) = adc.provide_buffer(fake::leak([0; 1]), 1).unwrap_err();
    assert_eq!(error, ErrorCode::BUSY);
    adc.set(0, 0x10);
    adc.pass(2);
    adc.set(0, 0x20);
    adc.pass(3);
    machine.run();
    assert_eq!(*samples.full.borrow(), [[0x10; 2]]);
    assert!(adc.provide_buffer(third, 1).is_ok());
    // One for the second buffer, one for the third, and one is lost.
    adc.pass(3);
    samples.then.set(Then::Stop);
    machine.run();
    assert_eq!(samples.full.borrow().last(), Some(&vec![0x20; 4]));
    let (third, none) = adc.retrieve_buffers().unwrap();
    assert_eq!((third.as_deref(), none), (Some(&[0x20][..]), None));
    let (error, _) = adc.provide_buffer(third.unwrap(), 1).unwrap_err();
    assert_eq!(error, ErrorCode::INVAL);
}

#[test]
fn buffers_come_back_from_sampling_that_is_refused() {
    let (machine, adc, samples) = adc();
    let [mut first, mut second] = buffers();
    adc.refuse_next(ErrorCode::OFF);
    for (length, expected) in [
        (4, ErrorCode::OFF),
        (0, ErrorCode::INVAL),
        (5, ErrorCode::INVAL),
    ] {
        let refusal = adc.sample_highspeed(&0, 1_000, first, 4, second, length);
        let error;
        (error, first, second) = refusal.unwrap_err();
        assert_eq!(error, expected);
    }
    machine.run();
    assert!(adc.sample_highspeed(&0, 1_000, first, 4, second, 4).is_ok());
    assert_eq!(adc.stop_sampling(), Ok(()));
    let [third, fourth] = buffers();
    let (error, ..) = adc
        .sample_highspeed(&0, 1_000, third, 4, fourth, 4)
        .unwrap_err();
    assert_eq!(error, ErrorCode::BUSY, "it has buffers");
    machine.run();
    assert!(samples.full.borrow().is_empty());
}
