//! What kind of machine to start, and QEMU's arguments for it.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf, absolute};

/// QEMU's end of the serial line, in the directory that it runs in.
pub(crate) const SERIAL_SOCKET: &str = "serial.socket";
/// What the machine wrote to its serial line, where that is no socket.
pub(crate) const SERIAL_FILE: &str = "serial";
/// QEMU's end of the second serial line, which a host connects to as it likes.
pub(crate) const INSTALL_SOCKET: &str = "install.socket";
/// QEMU's end of the machine protocol.
pub(crate) const MONITOR_SOCKET: &str = "monitor.socket";
/// What the machine writes to port 0xe9.
pub(crate) const DEBUG_CONSOLE: &str = "debug-console";
/// The apps to load, in the same directory.
pub(crate) const BUNDLE: &str = "bundle";

/// QEMU's arguments, with spaces between, for what every machine of this kind has: all that the processor
/// can do, no network, and a port (0xf4) that ends QEMU.
pub const BOARD: &str =
    "-cpu max -nic none -parallel none -device isa-debug-exit,iobase=0xf4,iosize=0x04";

/// What kind of machine to start: a PC with 64 MiB, a keyboard, two serial lines, and everything else as QEMU has it.
#[derive(Clone, Debug)]
pub struct Options {
    boot: Boot,
    memory_mib: u32,
    accelerator: &'static str,
    icount: bool,
    keyboard: bool,
    install_line: bool,
    flash: bool,
    reboot: bool,
    apps: Vec<App>,
    arguments: Vec<OsString>,
}

#[derive(Clone, Debug)]
enum App {
    File(PathBuf),
    Image(Vec<u8>),
}

#[derive(Clone, Debug)]
enum Boot {
    Kernel { path: PathBuf, command_line: String },
    Iso { path: PathBuf },
}

impl Options {
    /// A machine that starts the kernel in the ELF file `path` directly.
    pub fn kernel(path: impl Into<PathBuf>) -> Self {
        Self::new(Boot::Kernel {
            path: path.into(),
            command_line: String::new(),
        })
    }

    /// A machine that starts from the CD image `path`.
    pub fn iso(path: impl Into<PathBuf>) -> Self {
        Self::new(Boot::Iso { path: path.into() })
    }

    fn new(boot: Boot) -> Self {
        Self {
            boot,
            memory_mib: 64,
            accelerator: "tcg",
            icount: false,
            keyboard: true,
            install_line: true,
            flash: false,
            reboot: false,
            apps: Vec::new(),
            arguments: Vec::new(),
        }
    }

    /// How much memory the machine has.
    #[must_use]
    pub fn memory_mib(mut self, memory_mib: u32) -> Self {
        self.memory_mib = memory_mib;
        self
    }

    /// How QEMU executes instructions: what comes after its option `-accel`, and options after that.
    #[must_use]
    pub fn accelerator(mut self, accelerator: &'static str) -> Self {
        self.accelerator = accelerator;
        self
    }

    /// Makes the machine's time the number of instructions it has run, one a nanosecond, so that a
    /// run repeats to the digit.
    ///
    /// Its serial line goes to a file, which always takes what is written, and not to who drives the machine,
    /// who may be slow: `transcript` shows it, but nothing can be sent or expected.
    #[must_use]
    pub fn icount(mut self) -> Self {
        self.icount = true;
        self
    }

    /// The kernel's command line.
    ///
    /// # Panics
    ///
    /// For a CD, whose command line is in the image.
    #[must_use]
    #[track_caller]
    pub fn command_line(mut self, text: impl Into<String>) -> Self {
        match &mut self.boot {
            Boot::Kernel { command_line, .. } => *command_line = text.into(),
            Boot::Iso { .. } => panic!("a CD has its kernel's command line in its own grub.cfg"),
        }
        self
    }

    /// A machine without keyboard and keyboard controller.
    #[must_use]
    pub fn without_keyboard(mut self) -> Self {
        self.keyboard = false;
        self
    }

    /// A machine without the second serial line.
    #[must_use]
    pub fn without_install_line(mut self) -> Self {
        self.install_line = false;
        self
    }

    /// A machine with an erased flash chip of 1 MiB, below the one that its BIOS is in, which is write-protected.
    #[must_use]
    pub fn flash(mut self) -> Self {
        self.flash = true;
        self
    }

    /// Lets the machine start again when it resets itself; otherwise QEMU ends with status 0 then.
    #[must_use]
    pub fn reboot(mut self) -> Self {
        self.reboot = true;
        self
    }

    /// Loads these apps, each a TBF file, in their order, after those that were named before.
    ///
    /// # Panics
    ///
    /// For a CD, which has its apps in it.
    #[must_use]
    #[track_caller]
    pub fn apps(self, tbfs: impl IntoIterator<Item = impl Into<PathBuf>>) -> Self {
        self.load(tbfs.into_iter().map(|tbf| App::File(tbf.into())))
    }

    /// As [`apps`](Self::apps), for TBFs that are in no file.
    ///
    /// # Panics
    ///
    /// For a CD, which has its apps in it.
    #[must_use]
    #[track_caller]
    pub fn images(self, tbfs: impl IntoIterator<Item = Vec<u8>>) -> Self {
        self.load(tbfs.into_iter().map(App::Image))
    }

    #[track_caller]
    fn load(mut self, apps: impl Iterator<Item = App>) -> Self {
        assert!(
            matches!(self.boot, Boot::Kernel { .. }),
            "a CD has its apps in it"
        );
        self.apps.extend(apps);
        self
    }

    /// More arguments for QEMU, after all others. File names among them must be absolute.
    #[must_use]
    pub fn arguments(mut self, more: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.arguments.extend(more.into_iter().map(Into::into));
        self
    }

    /// The file that the machine starts from.
    pub(crate) fn image(&self) -> &Path {
        match &self.boot {
            Boot::Kernel { path, .. } | Boot::Iso { path } => path,
        }
    }

    /// Whether the machine has a flash chip.
    pub(crate) fn has_flash(&self) -> bool {
        self.flash
    }

    /// What is in the file [`BUNDLE`], which is there if this is not empty: one app after another.
    pub(crate) fn bundle(&self) -> io::Result<Vec<u8>> {
        self.apps.iter().try_fold(Vec::new(), |mut bundle, app| {
            match app {
                App::File(path) => bundle.extend(fs::read(path)?),
                App::Image(bytes) => bundle.extend(bytes),
            }
            Ok(bundle)
        })
    }

    /// All of QEMU's arguments. The names of our own files are relative, because QEMU would take a
    /// comma in a directory's name for the end of it.
    pub(crate) fn command(&self) -> io::Result<Vec<OsString>> {
        let machine = if self.keyboard { "pc" } else { "pc,i8042=off" };
        let mut command: Vec<OsString> = Vec::new();
        let mut add = |words: &str| command.extend(words.split(' ').map(OsString::from));
        let (accelerator, memory_mib) = (self.accelerator, self.memory_mib);
        add(&format!(
            "-M {machine} -accel {accelerator} -m {memory_mib}M"
        ));
        add(BOARD);
        add("-display none -monitor none");
        let serial = match self.icount {
            true => format!("file:{SERIAL_FILE}"),
            false => "chardev:serial".into(),
        };
        add(&format!(
            "-chardev socket,id=serial,path={SERIAL_SOCKET} -serial {serial}"
        ));
        if self.install_line {
            add(&format!("-serial unix:{INSTALL_SOCKET},server=on,wait=off"));
        }
        add(&format!("-chardev socket,id=monitor,path={MONITOR_SOCKET}"));
        add("-mon chardev=monitor,mode=control");
        add(&format!("-debugcon file:{DEBUG_CONSOLE}"));
        if self.icount {
            add("-icount shift=0,sleep=off -rtc base=2026-01-01,clock=vm");
        }
        if !self.reboot {
            add("-no-reboot");
        }
        match &self.boot {
            Boot::Kernel { command_line, .. } => {
                command.extend(["-append", command_line, "-kernel"].map(OsString::from));
            }
            Boot::Iso { .. } => add("-boot d -cdrom"),
        }
        command.push(absolute(self.image())?.into());
        if !self.apps.is_empty() {
            command.extend(["-initrd", BUNDLE].map(OsString::from));
        }
        command.extend(self.arguments.iter().cloned());
        Ok(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(options: &Options) -> String {
        options
            .command()
            .unwrap()
            .join(" ".as_ref())
            .into_string()
            .unwrap()
    }

    #[test]
    fn a_kernel_gets_its_command_line() {
        let command = command(
            &Options::kernel("/k.elf")
                .command_line("panic=exit")
                .memory_mib(8),
        );
        assert!(
            command.contains("-append panic=exit -kernel /k.elf"),
            "{command}"
        );
        assert!(command.contains("-m 8M"), "{command}");
        assert!(command.contains("-no-reboot"), "{command}");
        assert!(!command.contains("-icount"), "{command}");
    }

    #[test]
    fn a_relative_image_is_found_from_another_directory() {
        let here = std::env::current_dir().unwrap();
        let command = command(&Options::iso("c.iso").icount().reboot());
        assert!(
            command.ends_with(&format!("-cdrom {}/c.iso", here.display())),
            "{command}"
        );
        assert!(command.contains("-icount shift=0,sleep=off"), "{command}");
        assert!(!command.contains("-no-reboot"), "{command}");
    }

    #[test]
    fn the_keyboard_can_be_left_out() {
        assert!(command(&Options::kernel("k")).starts_with("-M pc -accel"));
        assert!(command(&Options::kernel("k").without_keyboard()).starts_with("-M pc,i8042=off "));
    }

    #[test]
    fn the_second_serial_line_comes_after_the_first_and_can_be_left_out() {
        let with = command(&Options::kernel("k"));
        assert!(with.contains("-serial chardev:serial -serial unix:install.socket,"));
        let without = command(&Options::kernel("k").without_install_line());
        assert_eq!(without.matches("-serial").count(), 1);
    }

    #[test]
    fn apps_are_bundled_only_if_there_are_some() {
        assert!(!command(&Options::kernel("/k")).contains("-initrd"));
        let options = Options::kernel("/k").apps(["/a.tbf"]);
        assert!(command(&options).ends_with("-kernel /k -initrd bundle"));
    }

    #[test]
    fn images_come_after_the_apps_that_were_named_before() {
        let file = std::env::temp_dir().join(format!("capsa-options-{}", std::process::id()));
        fs::write(&file, "file ").unwrap();
        let options = Options::kernel("/k")
            .apps([&file])
            .images([b"image".to_vec()]);
        let bundle = options.bundle();
        fs::remove_file(file).unwrap();
        assert_eq!(bundle.unwrap(), b"file image");
    }

    #[test]
    #[should_panic(expected = "grub.cfg")]
    fn a_cd_takes_no_command_line() {
        let _ = Options::iso("c.iso").command_line("panic=exit");
    }
}
