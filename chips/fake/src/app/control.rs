//! What others do to the process: the shell, a fault policy, a driver.

use kernel::{capabilities::ProcessStartCapability, create_capability, process::Error};

use super::App;
use crate::processor::Step;

impl App<'_> {
    /// Makes the process do what it may not do, as it runs.
    ///
    /// # Panics
    /// If it can't run.
    #[track_caller]
    pub fn fault(&self) {
        let registers = self.machine.step(self.slot, Step::Fault);
        assert!(
            registers.is_some(),
            "{} can't run ({:?})",
            self.name,
            self.state()
        );
    }

    /// Keeps it from running until it is resumed.
    #[track_caller]
    pub fn stop(&self) {
        self.process(|process| process.stop());
    }

    /// Lets it go on from where it was stopped.
    #[track_caller]
    pub fn resume(&self) {
        self.process(|process| process.resume());
    }

    /// Ends it, and starts it anew.
    #[track_caller]
    pub fn restart(&self) {
        self.process(|process| process.try_restart(None));
    }

    /// Starts it anew if it has ended.
    #[track_caller]
    pub fn start(&self) {
        let right = create_capability!(ProcessStartCapability);
        self.process(|process| process.start(&right));
    }

    /// Ends it.
    #[track_caller]
    pub fn terminate(&self) {
        self.process(|process| process.terminate(None));
    }

    /// Removes it from the machine.
    ///
    /// # Errors
    /// As [`ProcessTable::remove`](kernel::process::ProcessTable::remove).
    #[track_caller]
    pub fn remove(&self) -> Result<(), Error> {
        self.machine.processes().remove(self.process_id())
    }
}
