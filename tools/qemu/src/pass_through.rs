//! A machine between this process's own input and output, for use in a pipe.

use std::io::{self, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;

use crate::process::code;
use crate::watchdog::Watchdog;

/// Runs `qemu`, whose serial line is its standard input and output, between ours, and returns its exit
/// status.
///
/// A machine loses what comes before its driver has set up the serial port: the first bytes of a short
/// pipe. So nothing goes in before the machine has said something.
///
/// # Errors
///
/// QEMU does not start, or our output is closed. QEMU has ended then.
pub fn pass_through(qemu: &mut Command) -> io::Result<i32> {
    pass(qemu, io::stdin(), &mut io::stdout())
}

fn pass(
    qemu: &mut Command,
    input: impl Read + Send + 'static,
    output: &mut impl Write,
) -> io::Result<i32> {
    let mut child = qemu.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let pass = || {
        let _watchdog = Watchdog::new(child.id(), None)?;
        pass_bytes(&mut child, input, output)
    };
    let passed = pass();
    if passed.is_err() {
        let _ = child.kill();
    }
    let status = child.wait()?;
    passed.map(|()| code(status))
}

/// Passes bytes both ways until the machine's end.
fn pass_bytes(
    child: &mut Child,
    mut input: impl Read + Send + 'static,
    output: &mut impl Write,
) -> io::Result<()> {
    let (said_something, may_start) = mpsc::channel();
    if let Some(mut machine) = child.stdin.take() {
        // Never waited for: it may be reading when the machine ends.
        thread::spawn(move || {
            if may_start.recv().is_ok() {
                let _ = io::copy(&mut input, &mut machine);
            }
        });
    }
    let Some(mut machine) = child.stdout.take() else {
        return Ok(());
    };
    let mut chunk = [0; 4096];
    loop {
        let count = machine.read(&mut chunk)?;
        if count == 0 {
            return Ok(());
        }
        output.write_all(&chunk[..count])?;
        output.flush()?;
        let _ = said_something.send(());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    fn machine(script: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]);
        shell
    }

    /// Notes that it was read.
    struct Input(Arc<AtomicBool>, &'static [u8]);

    impl Read for Input {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.store(true, Ordering::SeqCst);
            self.1.read(buffer)
        }
    }

    /// Notes whether the input had been read when the machine first said something.
    struct Output(Arc<AtomicBool>, Vec<u8>);

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            assert!(
                !self.1.is_empty() || !self.0.load(Ordering::SeqCst),
                "too early"
            );
            self.1.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn input_goes_in_once_the_machine_has_said_something() {
        let was_read = Arc::new(AtomicBool::new(false));
        let mut output = Output(was_read.clone(), Vec::new());
        let mut machine = machine("echo ready; read -r line; echo \"got $line\"; exit 33");
        let status = pass(&mut machine, Input(was_read, b"help\n"), &mut output).unwrap();
        assert_eq!(status, 33);
        assert_eq!(output.1, b"ready\ngot help\n");
    }

    #[test]
    fn a_closed_output_ends_the_machine() {
        let mut full: &mut [u8] = &mut [];
        let error = pass(
            &mut machine("echo on; exec sleep 600"),
            io::empty(),
            &mut full,
        )
        .unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WriteZero);
    }
}
