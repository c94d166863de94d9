//! `run` and `debug`: the machine in the foreground, for a person or for a pipe.
//!
//! Before a terminal xtask turns into QEMU, so that keys, signals and the exit status are QEMU's own.
//! In a pipe it stands between, so that no input is lost. Standard output carries what the machine says
//! and nothing else; all notices go to standard error.

use std::io::{IsTerminal, stdin};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio, exit};

use qemu::{BOARD, QEMU, pass_through};

use crate::apps;
use crate::cli::Result;
use crate::installer;
use crate::kernel_image::{self, Flavour};
use crate::repository::{cannot_start, output_of, program, root, target, variable};
use crate::setup;

/// What shows the machine's screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Screen {
    None,
    /// The terminal itself; the serial line goes elsewhere.
    Curses,
    Window(&'static str),
}

/// Builds the kernel and becomes a machine that runs it.
pub fn run() -> Result {
    start(&build()?, &[])
}

/// As `run`, with the machine stopped before its first instruction until gdb says go on.
pub fn debug() -> Result {
    let kernel = build()?;
    eprintln!(
        "In another terminal: gdb -d {} {} -ex 'target remote :1234'",
        root().display(),
        kernel.display()
    );
    start(&kernel, &["-s", "-S"])
}

fn build() -> Result<PathBuf> {
    setup::prepare(&["build", "run"])?;
    Ok(kernel_image::build(Flavour::Ordinary)?.kernel())
}

fn start(kernel: &Path, more: &[&str]) -> Result {
    let terminal = stdin().is_terminal();
    let screen = screen(terminal)?;
    let mut qemu = program(QEMU);
    let memory = variable("MEMORY").unwrap_or("128M".into());
    qemu.args(["-M", "pc", "-m", &memory]);
    qemu.args(["-accel", variable("ACCEL").as_deref().unwrap_or("tcg")]);
    qemu.args(BOARD.split(' '));
    qemu.arg("-kernel")
        .arg(kernel)
        .arg("-append")
        .arg(command_line(terminal));
    if let Some(bundle) = apps::bundle()? {
        qemu.arg("-initrd").arg(bundle);
    }
    qemu.args(more);
    connect(&mut qemu, screen, terminal)?;
    qemu.args(["-serial", &installer::line()?]);
    if terminal {
        let error = qemu.stdin(Stdio::inherit()).exec();
        return Err(cannot_start(&Command::new(QEMU), &error));
    }
    match pass_through(&mut qemu) {
        Ok(status) => exit(status),
        Err(error) => Err(format!("{QEMU}: {error}")),
    }
}

/// Without a person a panic ends the machine, and the exit status says so.
fn command_line(terminal: bool) -> String {
    let given = variable("CMDLINE").unwrap_or_default();
    let more = if terminal { "" } else { "panic=exit" };
    [given.as_str(), more].join(" ").trim().into()
}

/// Connects screen and serial line, and says how to leave.
fn connect(qemu: &mut Command, screen: Screen, terminal: bool) -> Result {
    match screen {
        Screen::None => qemu.args(["-display", "none"]),
        Screen::Window(kind) => qemu.args(["-display", kind]),
        Screen::Curses => return connect_curses(qemu),
    };
    if terminal {
        qemu.args(["-serial", "mon:stdio"]);
        eprintln!("Ctrl-A X ends the machine.");
    } else {
        qemu.args(["-serial", "stdio", "-monitor", "none"]);
    }
    Ok(())
}

fn connect_curses(qemu: &mut Command) -> Result {
    let socket = target(&format!("serial-{}.socket", process::id()));
    let socket = socket.strip_prefix(root()).unwrap_or(&socket).display();
    let serial = format!("unix:{socket},server=on,wait=off");
    qemu.args(["-display", "curses", "-serial", &serial]);
    eprint!(
        "The screen takes this terminal: Alt-2 and `quit` end the machine. The serial line is at \
         `socat -,raw,echo=0 unix-connect:{socket}`. Enter starts. "
    );
    stdin()
        .read_line(&mut String::new())
        .map(drop)
        .map_err(|error| error.to_string())
}

fn screen(terminal: bool) -> Result<Screen> {
    match variable("SCREEN").as_deref() {
        Some("none") => Ok(Screen::None),
        Some("curses") if terminal => Ok(Screen::Curses),
        Some("curses") => Err("SCREEN=curses needs a terminal to draw on".into()),
        Some("window") => window()?
            .ok_or("QEMU has no window here; Debian's package qemu-system-gui adds one".into()),
        Some(other) => Err(format!(
            "SCREEN is '{other}'; it can be window, curses, none, or not set"
        )),
        None if variable("DISPLAY")
            .or(variable("WAYLAND_DISPLAY"))
            .is_some() =>
        {
            Ok(window()?.unwrap_or(Screen::None))
        }
        None => Ok(Screen::None),
    }
}

fn window() -> Result<Option<Screen>> {
    output_of(program(QEMU).args(["-display", "help"])).map(|list| pick_window(&list))
}

/// Picks from QEMU's list of displays, which has one a line.
fn pick_window(list: &str) -> Option<Screen> {
    let kinds = ["gtk", "sdl"];
    let kind = kinds
        .into_iter()
        .find(|kind| list.lines().any(|line| line.trim() == *kind))?;
    Some(Screen::Window(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_one_that_qemu_lists() {
        let list = "Available display backend types:\nnone\ncurses\n";
        assert_eq!(pick_window(list), None);
        assert_eq!(
            pick_window(&format!("{list}sdl\n")),
            Some(Screen::Window("sdl"))
        );
        assert_eq!(
            pick_window(&format!("{list}sdl\ngtk\n")),
            Some(Screen::Window("gtk"))
        );
    }
}
