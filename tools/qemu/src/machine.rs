//! A machine that runs, and everything that can be done to it from outside.

use std::fs;
use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf, absolute};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::failure::Failure;
use crate::flash;
use crate::keyboard;
use crate::monitor::Monitor;
use crate::options::{
    BUNDLE, DEBUG_CONSOLE, INSTALL_SOCKET, MONITOR_SOCKET, Options, SERIAL_FILE, SERIAL_SOCKET,
};
use crate::process::{self, POLL_INTERVAL, Process};
use crate::scratch_directory::ScratchDirectory;
use crate::screen::Screen;
use crate::serial_line::SerialLine;

/// The longest that QEMU may take to open its sockets.
const START_LIMIT: Duration = Duration::from_secs(20);

/// The longest that a machine takes to end once it has begun to.
const END_LIMIT: Duration = Duration::from_millis(100);

/// The time between two looks at the screen. A look costs about a millisecond.
const LOOK_INTERVAL: Duration = Duration::from_millis(10);

/// A machine that runs. It ends when this value goes away.
pub struct Machine {
    // Dropped in this order: the files go after the process that has them open.
    serial: SerialLine,
    monitor: Monitor,
    process: Process,
    directory: ScratchDirectory,
}

impl Machine {
    /// Starts a machine.
    ///
    /// # Panics
    ///
    /// Where [`try_boot`](Self::try_boot) fails, with its message.
    #[track_caller]
    pub fn boot(options: Options) -> Self {
        match Self::try_boot(&options) {
            Ok(machine) => machine,
            Err(message) => panic!("{message}"),
        }
    }

    /// Starts a machine.
    ///
    /// # Errors
    ///
    /// A message for a person: the image is missing, QEMU is missing, or QEMU refuses the options.
    pub fn try_boot(options: &Options) -> Result<Self, String> {
        let image = options.image();
        if !image.is_file() {
            let image = image.display();
            return Err(format!(
                "there is no image {image}; `cargo xtask test` makes what it needs"
            ));
        }
        let failed = |error: io::Error| format!("the machine's files could not be made: {error}");
        let mut command = options.command().map_err(failed)?;
        let directory = ScratchDirectory::new().map_err(failed)?;
        if options.has_flash() {
            command.extend(flash::make(directory.path()).map_err(failed)?);
        }
        let bundle = options.bundle();
        bundle
            .and_then(|bundle| fs::write(directory.file(BUNDLE), bundle))
            .map_err(failed)?;
        // QEMU connects to us, and before its machine runs: so no byte of it is missed.
        let serial = listen(&directory, SERIAL_SOCKET).map_err(failed)?;
        let monitor = listen(&directory, MONITOR_SOCKET).map_err(failed)?;
        let mut process =
            Process::start(&command, &directory).map_err(|error| process::explain(&error))?;

        let mut connect = || -> Result<_, String> {
            let serial = accept(&serial, &mut process)?;
            let serial = SerialLine::new(serial).map_err(failed)?;
            let monitor = Monitor::new(accept(&monitor, &mut process)?)?;
            Ok((serial, monitor))
        };
        match connect() {
            Ok((serial, monitor)) => Ok(Self {
                serial,
                monitor,
                process,
                directory,
            }),
            Err(message) => Err(Failure::new(message)
                .section("QEMU", &process::output(&directory))
                .message()),
        }
    }

    /// Sends bytes down the serial line.
    ///
    /// # Panics
    ///
    /// When the machine does not take them.
    #[track_caller]
    pub fn send(&mut self, bytes: &[u8]) {
        if let Err(error) = self.serial.send(bytes) {
            let text = String::from_utf8_lossy(bytes);
            self.fail(format!("the serial line does not take {text:?}: {error}"));
        }
    }

    /// Waits until what the serial line brought after the last match contains `text`. Returns what
    /// came since then, up to and including `text`.
    ///
    /// # Panics
    ///
    /// When `limit` passes, or the machine ends, before that. The message shows what came instead.
    #[track_caller]
    pub fn expect(&mut self, text: &str, limit: Duration) -> String {
        match self.serial.expect(text, limit) {
            Some(received) => received,
            None => self.fail(format!(
                "{text:?} did not come down the serial line in {limit:?}"
            )),
        }
    }

    /// Everything that the serial line brought so far.
    pub fn transcript(&self) -> String {
        let file = self.directory.read(SERIAL_FILE);
        if file.is_empty() {
            return self.serial.transcript();
        }
        file
    }

    /// QEMU's end of the second serial line: a socket that one at a time can be connected to.
    pub fn install_socket(&self) -> PathBuf {
        self.directory.file(INSTALL_SOCKET)
    }

    /// Types `text` on the machine's keyboard, which has the US layout.
    ///
    /// # Panics
    ///
    /// For a character that this keyboard does not have, and when the machine does not take the keys.
    #[track_caller]
    pub fn type_keys(&mut self, text: &str) {
        for character in text.chars() {
            let Some(keys) = keyboard::keys_of(character) else {
                panic!("a US keyboard has no key for {character:?}");
            };
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            self.press(&keys);
        }
    }

    /// Presses keys together, by QEMU's names for them: `["ctrl", "c"]`, `["f1"]`, `["up"]`.
    ///
    /// # Panics
    ///
    /// When the machine does not take them.
    #[track_caller]
    pub fn press(&mut self, keys: &[&str]) {
        if let Err(message) = keyboard::press(&mut self.monitor, keys) {
            self.fail(format!("the keys {keys:?} were not pressed: {message}"));
        }
    }

    /// Has QEMU execute a command of its machine protocol, such as
    /// `json!({ "execute": "query-status" })`, and returns the answer.
    ///
    /// # Panics
    ///
    /// When QEMU refuses.
    #[track_caller]
    pub fn monitor(&mut self, command: Value) -> Value {
        match self.monitor.execute(&command) {
            Ok(answer) => answer,
            Err(error) => self.fail(error.to_string()),
        }
    }

    /// The text screen as it is now.
    ///
    /// # Panics
    ///
    /// When the machine has ended.
    #[track_caller]
    pub fn screen(&mut self) -> Screen {
        match self.look() {
            Ok(screen) => screen,
            Err(message) => self.fail(message),
        }
    }

    /// Waits until `text` stands in one row of the screen, and returns that screen.
    ///
    /// # Panics
    ///
    /// When `limit` passes, or the machine ends, before that. The message shows what is there instead.
    #[track_caller]
    pub fn expect_screen(&mut self, text: &str, limit: Duration) -> Screen {
        let deadline = Instant::now() + limit;
        loop {
            let screen = self.screen();
            if screen.find(text).is_some() {
                return screen;
            }
            if Instant::now() >= deadline {
                self.fail(format!(
                    "{text:?} did not come up on the screen in {limit:?}"
                ));
            }
            sleep(LOOK_INTERVAL);
        }
    }

    /// Writes the picture on the screen to a PNG file.
    ///
    /// # Panics
    ///
    /// When QEMU cannot write it.
    #[track_caller]
    pub fn screen_png(&mut self, path: impl AsRef<Path>) {
        let path = absolute(path).unwrap_or_else(|error| panic!("{error}"));
        self.monitor(json!({
            "execute": "screendump",
            "arguments": { "filename": path, "format": "png" },
        }));
    }

    /// Waits until QEMU ends, and returns its exit status: 0 after a shutdown, `value << 1 | 1` after
    /// a write of `value` to port 0xf4.
    ///
    /// # Panics
    ///
    /// When `limit` passes first.
    #[track_caller]
    pub fn wait_exit(&mut self, limit: Duration) -> i32 {
        match self.try_wait_exit(limit) {
            Some(status) => status,
            None => self.fail(format!("the machine still ran after {limit:?}")),
        }
    }

    /// As [`wait_exit`](Self::wait_exit), with `None` when `limit` passes first.
    pub fn try_wait_exit(&mut self, limit: Duration) -> Option<i32> {
        let status = self.process.wait(limit)?;
        self.serial.finish();
        Some(status)
    }

    /// What the machine wrote to port 0xe9 so far.
    pub fn debug_console(&self) -> String {
        self.directory.read(DEBUG_CONSOLE)
    }

    fn look(&mut self) -> Result<Screen, String> {
        const FILE: &str = "screen-memory";
        let command = json!({
            "execute": "pmemsave",
            "arguments": { "val": Screen::ADDRESS, "size": Screen::LEN_BYTES, "filename": FILE },
        });
        self.monitor
            .execute(&command)
            .map_err(|error| error.to_string())?;
        let memory = fs::read(self.directory.file(FILE)).map_err(|error| error.to_string())?;
        let len_bytes = memory.len();
        Screen::new(memory).ok_or(format!("{len_bytes} bytes of screen memory are no screen"))
    }

    /// Panics with `what` and all that there is to see of the machine.
    #[track_caller]
    fn fail(&mut self, what: String) -> ! {
        let screen = self.look().map(|screen| screen.text()).unwrap_or_default();
        // The serial line of a machine that ends closes a moment before QEMU does.
        let end = self
            .process
            .wait(END_LIMIT)
            .map(|status| format!("ended with status {status}"));
        let message = Failure::new(what)
            .section("serial line since the last match", &self.serial.unmatched())
            .section("screen", &screen)
            .section("debug console", &self.debug_console())
            .section("QEMU", &process::output(&self.directory))
            .section("machine", &end.unwrap_or_default())
            .message();
        panic!("{message}")
    }
}

fn listen(directory: &ScratchDirectory, name: &str) -> io::Result<UnixListener> {
    let listener = UnixListener::bind(directory.file(name))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Waits for QEMU to connect, which it never does where it refuses its arguments.
fn accept(listener: &UnixListener, process: &mut Process) -> Result<UnixStream, String> {
    let deadline = Instant::now() + START_LIMIT;
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                return stream
                    .set_nonblocking(false)
                    .map(|()| stream)
                    .map_err(|e| e.to_string());
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(format!("QEMU's socket: {error}")),
        }
        if let Some(status) = process.exit_status() {
            return Err(format!("QEMU ended at once, with status {status}"));
        }
        if Instant::now() >= deadline {
            return Err(format!("QEMU did not open its sockets in {START_LIMIT:?}"));
        }
        sleep(POLL_INTERVAL);
    }
}
