//! Where things are, and how the programs that work on them are run.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::{env, io};

use crate::cli::Result;

/// The folder that holds everything.
pub fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| root_of(env::var_os("CARGO_MANIFEST_DIR")));
    &ROOT
}

/// The root of a checkout whose xtask cargo runs from the folder `package`. Cargo does not build xtask again in a checkout
/// that was moved or copied: where it was built may be another one.
fn root_of(package: Option<OsString>) -> PathBuf {
    let package = package.unwrap_or(env!("CARGO_MANIFEST_DIR").into());
    let package = Path::new(&package);
    package.ancestors().nth(2).unwrap_or(package).into()
}

/// The folder `target/name`, for what is built apart from cargo's ordinary output.
pub fn target(name: &str) -> PathBuf {
    root().join("target").join(name)
}

/// An environment variable given by a person. make passes on a variable that is not set as an empty one.
pub fn variable(name: &str) -> Option<String> {
    value(env::var_os(name))
}

/// The value of a variable. What is no text is refused by whoever knows what it could be.
fn value(given: Option<OsString>) -> Option<String> {
    let given = given?.to_string_lossy().into_owned();
    (!given.is_empty()).then_some(given)
}

/// A program that runs at the root and reads nothing: our input may be meant for the machine.
pub fn program(name: impl Into<OsString>) -> Command {
    let mut command = Command::new(name.into());
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// The cargo that runs us, for work on the host.
pub fn host_cargo() -> Command {
    program(env::var_os("CARGO").unwrap_or("cargo".into()))
}

/// Waits for `command`, whose output a person sees.
pub fn run(command: &mut Command) -> Result {
    let status = command
        .status()
        .map_err(|error| cannot_start(command, &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{} failed ({status})", words(command)))
    }
}

/// Waits for `command` and returns what it printed. What it complained about is in the error.
pub fn output_of(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .map_err(|error| cannot_start(command, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(format!(
        "{} failed ({}):\n{}",
        words(command),
        output.status,
        complaint.trim_end()
    ))
}

/// A message about `command`, which did not start.
pub fn cannot_start(command: &Command, error: &io::Error) -> String {
    format!("{} cannot be started: {error}", words(command))
}

/// The command as a person would type it: the program without its folder, then the arguments.
pub fn words(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program
        .file_name()
        .unwrap_or(program.as_os_str())
        .to_string_lossy();
    let arguments = command
        .get_args()
        .map(|argument| argument.to_string_lossy());
    std::iter::once(name)
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn the_root_is_where_the_tools_are() {
        assert!(root().join("tools/setup").is_file());
    }

    #[test]
    fn a_checkout_that_was_moved_is_where_it_is_now() {
        let moved = root_of(Some("/moved/tools/xtask".into()));
        assert_eq!(moved, Path::new("/moved"));
        assert!(root_of(None).join("tools/setup").is_file());
    }

    #[test]
    fn a_variable_is_given_unless_it_is_empty() {
        let of_bytes = |bytes: &[u8]| value(Some(OsStr::from_bytes(bytes).into()));
        assert_eq!(of_bytes(b"64M").as_deref(), Some("64M"));
        assert_eq!(of_bytes(b"\xff").as_deref(), Some("\u{fffd}"));
        assert_eq!((of_bytes(b""), value(None)), (None, None));
    }

    #[test]
    fn a_failure_names_the_command_and_what_it_said() {
        let message =
            output_of(program("/bin/sh").args(["-c", "echo no >&2; exit 3"])).unwrap_err();
        assert!(message.starts_with("sh -c "), "{message}");
        assert!(
            message.contains("3") && message.ends_with("\nno"),
            "{message}"
        );
    }
}
