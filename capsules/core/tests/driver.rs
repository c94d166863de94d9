//! Numbers of drivers.

use capsules_core::driver::NUM;

/// Numbers of Tock's drivers (its `doc/syscalls/README.md`), with which apps are compiled.
#[test]
fn drivers_that_tock_has_too_have_its_numbers() {
    for (driver, number) in [
        (NUM::Alarm, 0x0_0000),
        (NUM::Console, 0x0_0001),
        (NUM::Led, 0x0_0002),
        (NUM::LowLevelDebug, 0x0_0008),
        (NUM::Ipc, 0x1_0000),
        (NUM::ProcessInfo, 0x1_0002),
        (NUM::Rng, 0x4_0001),
        (NUM::TextScreen, 0x9_0003),
        (NUM::DateTime, 0x9_0007),
    ] {
        assert_eq!(driver as usize, number, "{driver:?}");
    }
}

#[test]
fn a_driver_that_tock_does_not_have_has_a_number_that_tock_leaves_to_others() {
    assert_eq!(NUM::Keyboard as usize & 1 << 31, 1 << 31);
}
