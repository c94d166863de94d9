//! QEMU as a process that ends with its owner, whichever way the owner ends.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::scratch_directory::ScratchDirectory;
use crate::watchdog::Watchdog;

/// The program that every machine is.
pub const QEMU: &str = "qemu-system-x86_64";

/// What QEMU says itself; the machine says nothing here.
const OUTPUT: &str = "qemu-output";

/// How often a condition that cannot be waited for is looked at.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(2);

pub(crate) struct Process {
    qemu: Child,
    /// Gone once QEMU was seen to have ended: from then on its number may be another process's.
    watchdog: Option<Watchdog>,
}

impl Process {
    /// Starts QEMU in `directory`, which is given up to the watchdog too.
    pub(crate) fn start(arguments: &[OsString], directory: &ScratchDirectory) -> io::Result<Self> {
        let output = File::create(directory.file(OUTPUT))?;
        let qemu = Command::new(QEMU)
            .args(arguments)
            .current_dir(directory.path())
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()?;
        let mut process = Self {
            qemu,
            watchdog: None,
        };
        process.watchdog = Some(Watchdog::new(process.qemu.id(), Some(directory.path()))?);
        Ok(process)
    }

    /// QEMU's exit status, where it has ended.
    pub(crate) fn exit_status(&mut self) -> Option<i32> {
        let status = self.qemu.try_wait().ok()??;
        self.watchdog = None;
        Some(code(status))
    }

    /// Waits for QEMU's end; `None` when `limit` passes first.
    pub(crate) fn wait(&mut self, limit: Duration) -> Option<i32> {
        let deadline = Instant::now() + limit;
        loop {
            let status = self.exit_status();
            if status.is_some() || Instant::now() >= deadline {
                return status;
            }
            sleep(POLL_INTERVAL);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.watchdog = None;
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
    }
}

/// What QEMU said itself.
pub(crate) fn output(directory: &ScratchDirectory) -> String {
    directory.read(OUTPUT)
}

/// An exit status as a shell has it: a signal counts as 128 plus its number.
pub(crate) fn code(status: ExitStatus) -> i32 {
    status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

/// What to tell a person when QEMU does not start at all.
pub(crate) fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!("there is no {QEMU}; `tools/setup run` installs it"),
        _ => format!("{QEMU} did not start: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_of_a_signal_is_a_shells() {
        assert_eq!(code(ExitStatus::from_raw(33 << 8)), 33);
        assert_eq!(code(ExitStatus::from_raw(9)), 137);
    }
}
