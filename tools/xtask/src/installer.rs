//! `install`, `uninstall` and `list`: the apps of a machine that `run` has started and that still runs.

use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

use install_line::Host;

use crate::apps;
use crate::cli::Result;
use crate::repository::{root, variable};
use crate::setup;

/// Where each machine has a socket, named after the process that has started it. From the root, because a socket's
/// path can't be longer than about a hundred bytes.
const FOLDER: &str = "target/machines";

/// QEMU's argument for the line that apps are installed over.
pub fn line() -> Result<String> {
    let folder = root().join(FOLDER);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let number = process::id();
    Ok(format!("unix:{FOLDER}/{number}.socket,server=on,wait=off"))
}

/// Builds and packs an app, and makes the machine load it.
pub fn install(app: &str) -> Result {
    let machine = machine()?;
    setup::prepare(&["build"])?;
    for (process, tbf) in apps::pack(app)? {
        let installed = connect(&machine)?.install(&tbf);
        say(installed.map_err(|reason| format!("{process} is not installed: {reason}"))?);
    }
    Ok(())
}

/// Makes the machine remove an app.
pub fn uninstall(app: &str) -> Result {
    let removed = connect(&machine()?)?.remove(app);
    say(removed.map_err(|reason| format!("{app} is not removed: {reason}"))?);
    Ok(())
}

/// Prints which apps there are.
pub fn list() -> Result {
    say(connect(&machine()?)?.list()?);
    Ok(())
}

fn say(lines: Vec<String>) {
    lines.iter().for_each(|line| println!("{line}"));
}

fn connect(socket: &Path) -> Result<Host<UnixStream>> {
    Host::connect(socket).map_err(|error| format!("the machine at {}: {error}", socket.display()))
}

/// The socket of the machine that runs, or of the one that the variable `MACHINE` names.
fn machine() -> Result<PathBuf> {
    env::set_current_dir(root()).map_err(|error| format!("{}: {error}", root().display()))?;
    choose(running(Path::new(FOLDER)), variable("MACHINE"))
}

/// The machines that run: numbers and sockets.
fn running(folder: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let sockets = entries.map(|entry| entry.path());
    // One that was killed leaves its socket, and nobody behind it.
    let alive = sockets.filter(|socket| match Host::reach(socket) {
        Ok(_) => true,
        Err(error) => error.kind() == ErrorKind::TimedOut,
    });
    let number = |socket: PathBuf| Some((socket.file_stem()?.to_str()?.to_owned(), socket));
    let mut machines: Vec<_> = alive.filter_map(number).collect();
    machines.sort();
    machines
}

fn choose(machines: Vec<(String, PathBuf)>, wanted: Option<String>) -> Result<PathBuf> {
    let is_meant = |number: &String| wanted.as_ref().is_none_or(|wanted| wanted == number);
    let meant = machines.iter().filter(|(number, _)| is_meant(number));
    let numbers = || {
        let numbers: Vec<&str> = machines.iter().map(|(number, _)| &**number).collect();
        numbers.join(" ")
    };
    match (&*meant.collect::<Vec<_>>(), &wanted) {
        ([(_, socket)], _) => Ok(socket.clone()),
        ([], Some(wanted)) => Err(format!(
            "no machine {wanted} runs; there are: {}",
            numbers()
        )),
        ([], None) => Err("no machine runs; `make run` starts one".into()),
        ([(number, _), ..], _) => Err(format!(
            "several machines run: {}; end all but one, or name one, as in MACHINE={number}",
            numbers()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    fn machines(numbers: &[&str]) -> Vec<(String, PathBuf)> {
        let machine = |number: &&str| (number.to_string(), PathBuf::from(number));
        numbers.iter().map(machine).collect()
    }

    #[test]
    fn the_only_machine_is_meant() {
        assert_eq!(choose(machines(&["7"]), None), Ok("7".into()));
        let message = choose(machines(&[]), None).unwrap_err();
        assert!(message.contains("make run"), "{message}");
    }

    #[test]
    fn of_several_machines_one_must_be_named() {
        let message = choose(machines(&["7", "8"]), None).unwrap_err();
        assert!(
            message.contains("machines run: 7 8") && message.contains("MACHINE=7"),
            "{message}"
        );
        let chosen = |wanted: &str| choose(machines(&["7", "8"]), Some(wanted.into()));
        assert_eq!(chosen("8"), Ok("8".into()));
        let message = chosen("9").unwrap_err();
        assert!(
            message.contains("no machine 9 runs; there are: 7 8"),
            "{message}"
        );
    }

    #[test]
    fn a_machine_that_was_killed_does_not_run() {
        let folder = env::temp_dir().join(format!("capsa-machines-{}", process::id()));
        fs::create_dir(&folder).unwrap();
        let dead = UnixListener::bind(folder.join("1.socket"));
        drop(dead);
        let _alive = UnixListener::bind(folder.join("2.socket")).unwrap();
        let found = running(&folder);
        let none = running(&folder.join("none"));
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found, [("2".into(), folder.join("2.socket"))]);
        assert_eq!(none, []);
    }
}
