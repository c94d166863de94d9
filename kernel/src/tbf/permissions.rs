//! The commands that an app may call.

use super::{
    TbfError,
    element::{Element, u16_at, u32_at},
};

/// How many commands one entry speaks for: one bit each.
const COMMANDS_PER_ENTRY: usize = 64;

/// The bytes of the number of entries, which comes first.
const COUNT_BYTES: usize = 2;

/// Driver number, offset, and a 64-bit mask.
const ENTRY_BYTES: usize = 16;

/// What an app's header says about 64 commands of a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandPermissions {
    /// The header has no permissions: everything is allowed.
    NoPermsAtAll,
    /// The header has permissions, but none for this driver: nothing of it is allowed.
    NoPermsThisDriver,
    /// Bit n: the command n after the first of the 64 is allowed.
    Mask(u64),
}

/// The permissions of an app whose header has some: what they do not name is forbidden.
#[derive(Clone, Copy, Debug)]
pub struct TbfPermissions<'a> {
    entries: &'a [[u8; ENTRY_BYTES]],
}

impl<'a> TbfPermissions<'a> {
    pub(super) fn new(value: &'a [u8]) -> Self {
        let entries = value.get(COUNT_BYTES..).unwrap_or_default();
        Self {
            entries: entries.as_chunks().0,
        }
    }

    /// Whether `element` holds as many entries as it says.
    pub(super) fn check(element: &Element) -> Result<(), TbfError> {
        let count = u16_at(element.value, 0).unwrap_or(0);
        let expected = COUNT_BYTES + ENTRY_BYTES * usize::from(count);
        if element.value.len() == expected {
            Ok(())
        } else {
            Err(element.wrong_length(expected))
        }
    }

    /// Whether the app may call this command of this driver.
    pub fn allows(&self, driver_num: usize, command_num: usize) -> bool {
        match self.commands(driver_num, command_num / COMMANDS_PER_ENTRY) {
            CommandPermissions::Mask(mask) => mask & (1 << (command_num % COMMANDS_PER_ENTRY)) != 0,
            CommandPermissions::NoPermsAtAll | CommandPermissions::NoPermsThisDriver => false,
        }
    }

    /// What the header says about the 64 commands of a driver from number `64 * offset` on; never
    /// [`CommandPermissions::NoPermsAtAll`]. Of two entries for the same commands the first counts.
    pub fn commands(&self, driver_num: usize, offset: usize) -> CommandPermissions {
        let is = |entry: &[u8], at, number| u32_at(entry, at).is_some_and(|n| n as usize == number);
        let mut of_driver = self
            .entries
            .iter()
            .filter(|entry| is(&entry[..], 0, driver_num))
            .peekable();
        if of_driver.peek().is_none() {
            return CommandPermissions::NoPermsThisDriver;
        }
        let mask = of_driver
            .find(|entry| is(&entry[..], 4, offset))
            .and_then(|entry| entry.last_chunk::<8>());
        CommandPermissions::Mask(mask.map_or(0, |mask| u64::from_le_bytes(*mask)))
    }
}
