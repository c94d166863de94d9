//! What the last word of a line may be completed to.

use kernel::process::ProcessTable;

use super::commands::{self, AppName, app_name};

/// The names that a word may be completed to.
pub(super) enum Candidates {
    Commands,
    Apps(&'static ProcessTable),
}

impl Candidates {
    /// What the last word of `line` may become, and that word; `None` if nothing is known of it.
    pub(super) fn of<'l>(line: &'l str, apps: &'static ProcessTable) -> Option<(&'l str, Self)> {
        let Some((command, word)) = line.split_once(' ') else {
            return Some((line, Self::Commands));
        };
        let candidates = match commands::row(command)?.arguments {
            "APP" => Self::Apps(apps),
            "[COMMAND]" => Self::Commands,
            _ => return None,
        };
        Some((word.trim_start(), candidates))
    }

    /// The name at `place` or the next one there is after it. Moves `place` on.
    pub(super) fn next(&self, place: &mut usize) -> Option<AppName> {
        match self {
            Self::Commands => {
                let row = commands::rows().nth(*place)?;
                *place += 1;
                row.name.try_into().ok()
            }
            Self::Apps(table) => loop {
                if *place >= table.capacity() {
                    return None;
                }
                let name = table.with_slot(*place, |process| app_name(process.get_process_name()));
                *place += 1;
                if name.is_some() {
                    return name;
                }
            },
        }
    }
}
