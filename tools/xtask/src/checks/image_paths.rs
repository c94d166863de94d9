//! What an image tells of the machine that built it: nothing, or two builds of one tree would differ.

use std::fs;
use std::path::{Path, PathBuf};

use object::elf::SHF_ALLOC;
use object::{File, Object, ObjectSection, SectionFlags};

use crate::bare_metal::cargo_home;
use crate::cli::Result;
use crate::repository::root;

/// Folders that people build in, on any machine.
const HOMES: [&str; 3] = ["/root/", "/home/", "/Users/"];

/// Checks what is loaded of the kernel, and all that is in `apps`, a folder of TBFs.
pub fn check(kernel: &Path, apps: &Path) -> Result {
    let mut needles = HOMES.map(String::from).to_vec();
    needles.extend(
        [root().to_path_buf(), cargo_home()].map(|path: PathBuf| path.display().to_string()),
    );
    let mut found = Vec::new();
    for (name, bytes) in loaded(kernel)? {
        found.extend(complaint(&name, &bytes, &needles));
    }
    for entry in fs::read_dir(apps).map_err(|error| format!("{}: {error}", apps.display()))? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_some_and(|extension| extension == "tbf") {
            found.extend(complaint(
                &path.display().to_string(),
                &read(&path)?,
                &needles,
            ));
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    Err(found.join("\n"))
}

/// The sections that are loaded, each with a name for people.
fn loaded(path: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let failed = |error: object::Error| format!("{}: {error}", path.display());
    let bytes = read(path)?;
    let file = File::parse(&*bytes).map_err(failed)?;
    let mut sections = Vec::new();
    for section in file.sections() {
        if let SectionFlags::Elf { sh_flags, .. } = section.flags()
            && sh_flags & SHF_ALLOC == SHF_ALLOC
        {
            let name = format!(
                "{}, section {}",
                path.display(),
                section.name().map_err(failed)?
            );
            sections.push((name, section.data().map_err(failed)?.to_vec()));
        }
    }
    Ok(sections)
}

fn complaint(name: &str, bytes: &[u8], needles: &[String]) -> Option<String> {
    let at = |needle: &String| {
        bytes
            .windows(needle.len())
            .position(|window| window == needle.as_bytes())
    };
    let place = needles.iter().find_map(at)?;
    let text = bytes[place..]
        .iter()
        .take(80)
        .take_while(|byte| byte.is_ascii_graphic());
    let text: String = text.map(|byte| char::from(*byte)).collect();
    Some(format!(
        "{name} tells a path of this machine, {text}: see `remapping` in tools/xtask/src/bare_metal.rs"
    ))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_this_machine_is_told() {
        let needles = ["/build/here".to_string()];
        let bytes = b"panicked at \0/build/here/kernel/src/x.rs\0 more";
        let message = complaint("image", bytes, &needles).unwrap();
        assert!(
            message.contains("/build/here/kernel/src/x.rs:"),
            "{message}"
        );
        assert_eq!(complaint("image", b"kernel/src/x.rs", &needles), None);
    }

    /// This program was built without remapping.
    #[test]
    fn what_is_loaded_of_a_program_is_looked_at() {
        let path = std::env::current_exe().unwrap();
        let apps = std::env::temp_dir();
        let marker = concat!(env!("CARGO_MANIFEST_DIR"), "/src/checks");
        std::hint::black_box(marker);
        let message = check(&path, &apps).unwrap_err();
        assert!(message.contains("section .rodata"), "{message}");
    }
}
