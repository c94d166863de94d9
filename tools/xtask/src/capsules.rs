//! The capsules that there are, as their sources tell.

use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use crate::cli::Result;

/// The numbers of the drivers in `capsules/extra`: `capsules/core/src/driver.rs` says who has which.
const NUMBERS: RangeInclusive<usize> = 0x8000_0100..=0x8000_ffff;

const DRIVER_NUM: &str = "pub const DRIVER_NUM: usize = ";

/// A module of a capsule crate.
pub struct Module {
    pub name: String,
    /// Its file, as seen from the root.
    pub file: PathBuf,
    pub text: String,
}

/// All modules of all capsule crates, sorted by name.
pub fn modules(root: &Path) -> Result<Vec<Module>> {
    let mut modules = Vec::new();
    for package in entries(&root.join("capsules"))? {
        for entry in entries(&package.join("src"))? {
            let file = if entry.is_dir() {
                entry.join("mod.rs")
            } else {
                entry.clone()
            };
            let name = entry.file_stem().unwrap_or_default().to_string_lossy();
            modules.push(Module {
                name: name.into_owned(),
                text: read(&file)?,
                file: file.strip_prefix(root).unwrap_or(&file).into(),
            });
        }
    }
    modules.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(modules)
}

impl Module {
    /// The number that apps know it by; `None` if it is no driver.
    pub fn number(&self, root: &Path) -> Result<Option<usize>> {
        let mut lines = self.text.lines();
        let Some(value) = lines.find_map(|line| line.strip_prefix(DRIVER_NUM)) else {
            return Ok(None);
        };
        let value = value.trim_end_matches(';');
        let number = match value.strip_prefix("driver::NUM::") {
            Some(name) => {
                let name = name.trim_end_matches(" as usize");
                let numbers = read(&root.join("capsules/core/src/driver.rs"))?;
                let mut numbers = numbers.lines().filter_map(|line| line.split_once(" = "));
                numbers
                    .find(|(known, _)| known.trim() == name)
                    .and_then(|(_, number)| parse(number.trim_end_matches(',')))
            }
            None => parse(value),
        };
        let unknown = || format!("{}: '{value}' is no number", self.file.display());
        Ok(Some(number.ok_or_else(unknown)?))
    }

    /// The tables of its documentation: what apps can ask of it, and what they are told.
    pub fn tables(&self) -> Vec<&str> {
        let lines = self.text.lines();
        lines.filter(|line| line.starts_with("//! |")).collect()
    }
}

/// The next number that no driver has.
pub fn next_number(root: &Path) -> Result<usize> {
    let mut next = *NUMBERS.start();
    for module in modules(root)? {
        if let Some(number) = module.number(root)?.filter(|n| NUMBERS.contains(n)) {
            next = next.max(number + 1);
        }
    }
    if NUMBERS.contains(&next) {
        Ok(next)
    } else {
        Err(format!("no number is left from {NUMBERS:x?}"))
    }
}

/// As a source has it: Tock's have five digits, and ours eight.
pub fn written(number: usize) -> String {
    if number < 0x10_0000 {
        return format!("{number:#x}");
    }
    format!("{:#x}_{:04x}", number >> 16, number & 0xffff)
}

/// A number as a source has it.
fn parse(text: &str) -> Option<usize> {
    let digits = text.replace('_', "");
    usize::from_str_radix(digits.strip_prefix("0x")?, 16).ok()
}

/// What is in a folder, in the order of the names.
pub fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let complain = |error| format!("{}: {error}", folder.display());
    let entries = fs::read_dir(folder).map_err(complain)?;
    let mut paths = entries
        .map(|entry| Ok(entry.map_err(complain)?.path()))
        .collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

pub fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

pub fn write(path: &Path, text: &str) -> Result {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::root;
    use std::collections::BTreeMap;

    /// The board would say so, when it is started.
    #[test]
    fn no_two_capsules_have_the_same_number() {
        let mut known = BTreeMap::new();
        for module in modules(root()).unwrap() {
            if let Some(number) = module.number(root()).unwrap() {
                let other = known.insert(number, module.name.clone());
                assert_eq!(other, None, "{} has the number {number:#x}", module.name);
            }
        }
        assert_eq!(known[&2], "led");
        assert_eq!(known[&0x8000_0000], "key_driver");
        assert_eq!(known[&0x8000_0100], "tally");
        assert!(next_number(root()).unwrap() > 0x8000_0100);
    }

    #[test]
    fn numbers_are_written_as_they_are_read() {
        for (number, text) in [
            (2, "0x2"),
            (0x4_0001, "0x40001"),
            (0x8000_0100, "0x8000_0100"),
        ] {
            assert_eq!(
                (written(number).as_str(), parse(text)),
                (text, Some(number))
            );
        }
        assert_eq!(parse("many"), None);
    }
}
