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
    /// Numbers for a developer to look at.
    LowLevelDebug = 0x00008,
    /// Calls between apps.
    Ipc = 0x10000,
    /// What processes there are.
    ProcessInfo = 0x10002,
    /// Random numbers.
    Rng = 0x40001,
    /// A screen of characters.
    TextScreen = 0x90003,
    /// The date.
    DateTime = 0x90007,
    /// The keyboard. Tock has no driver like it, and leaves the numbers with this bit to others.
    Keyboard = 0x8000_0000,
}
