//! Ends QEMU when its owner is gone without having ended it, because the owner was killed.
//!
//! The watchdog is a shell that waits for the end of a pipe which only the owner holds open. The system
//! closes the pipe whichever way the owner goes.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Signals that a terminal sends to all of its processes reach the watchdog too: it must outlive them.
const SCRIPT: &str =
    r#"trap '' HUP INT TERM; read -r line; kill -KILL "$1" 2>/dev/null; rm -rf -- ${2:+"$2"}"#;

/// Watches over one process. Dropping it ends the watch, and must come before that process's number
/// can be another's.
pub(crate) struct Watchdog {
    shell: Child,
}

impl Watchdog {
    /// A watchdog that ends `process` and then removes `directory`, where there is one.
    pub(crate) fn new(process: u32, directory: Option<&Path>) -> io::Result<Self> {
        let shell = Command::new("sh")
            .args(["-c", SCRIPT, "watchdog", &process.to_string()])
            .arg(directory.map_or(OsStr::new(""), Path::as_os_str))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { shell })
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        // Before its pipe closes: it has nothing to do any more.
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch_directory::ScratchDirectory;
    use std::os::unix::process::ExitStatusExt;

    fn sleeper() -> Child {
        Command::new("sleep").arg("600").spawn().unwrap()
    }

    #[test]
    fn when_the_owner_goes_the_process_and_its_directory_go() {
        let directory = ScratchDirectory::new().unwrap();
        let mut process = sleeper();
        let mut watchdog = Watchdog::new(process.id(), Some(directory.path())).unwrap();
        // What the system does when the owner ends.
        drop(watchdog.shell.stdin.take());
        assert_eq!(process.wait().unwrap().signal(), Some(9));
        watchdog.shell.wait().unwrap();
        assert!(!directory.path().exists());
    }

    #[test]
    fn a_dismissed_watchdog_does_nothing() {
        let mut process = sleeper();
        drop(Watchdog::new(process.id(), None).unwrap());
        assert!(process.try_wait().unwrap().is_none());
        process.kill().unwrap();
        process.wait().unwrap();
    }
}
