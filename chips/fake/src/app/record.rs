//! What the apps of a test have seen of a driver, for the check that every row of its table has a test.
//!
//! `cargo xtask capsules` names a folder, and reads there what each capsule's tests have seen. A line is the
//! driver's number and one of these:
//!
//! ```text
//!   command 1 success        the command was given, and answered so
//!   command 1 BUSY
//!   upcall 0                 the app was given the upcall
//!   read-only 1              the app shared the buffer
//!   read-write 1
//! ```

use std::{
    collections::BTreeSet,
    env,
    fmt::Display,
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    sync::Mutex,
    thread,
};

/// Names the folder. Nothing is kept if it is not set.
const FOLDER: &str = "CAPSA_CALLS";

/// How the names of packages begin whose tests count.
const CAPSULES: &str = "capsules-";

/// What is in the folder's files already, of this program.
static WRITTEN: Mutex<BTreeSet<(PathBuf, String)>> = Mutex::new(BTreeSet::new());

/// Notes what an app of the test that runs has seen.
///
/// # Panics
/// If there is no writing to the folder: then the check would complain of tests that are there.
pub(super) fn note(driver_number: usize, seen: impl Display) {
    let package = env::var("CARGO_PKG_NAME").unwrap_or_default();
    let Some(folder) = env::var_os(FOLDER).filter(|_| package.starts_with(CAPSULES)) else {
        return;
    };
    let capsule = capsule(&package.replace('-', "_"));
    let file = Path::new(&folder).join(package).join(capsule);
    let line = format!("{driver_number:#x} {seen}");
    let mut written = WRITTEN.lock().unwrap_or_else(|error| error.into_inner());
    if written.insert((file.clone(), line.clone())) {
        append(&file, &line).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
}

fn append(file: &Path, line: &str) -> std::io::Result<()> {
    fs::create_dir_all(file.parent().unwrap_or(file))?;
    let mut file = File::options().create(true).append(true).open(file)?;
    writeln!(file, "{line}")
}

/// The capsule that the test is of: the file in `tests`, or the module of its crate that a test in `src` is in.
fn capsule(its_crate: &str) -> String {
    let program = env::current_exe().unwrap_or_default();
    let program = program.file_stem().unwrap_or_default().to_string_lossy();
    // What comes after the last hyphen tells builds of one program apart.
    let program = program.rsplit_once('-').map_or(&*program, |(name, _)| name);
    let thread = thread::current();
    let module = thread.name().and_then(|name| name.split("::").next());
    if program == its_crate {
        module.unwrap_or_default().to_owned()
    } else {
        program.to_owned()
    }
}
