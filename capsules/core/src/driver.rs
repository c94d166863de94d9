//! The numbers that apps know drivers by, as Tock has them.

/// A driver's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum NUM {
    /// Alarms.
    Alarm = 0x00000,
    /// The console.
    Console = 0x00001,
    /// Lights.
    Led = 0x00002,
    /// Calls between apps.
    Ipc = 0x10000,
}
