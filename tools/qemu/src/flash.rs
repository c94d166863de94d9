//! Flash chips: QEMU lets a machine have one only below another that its BIOS is in.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::QEMU;

/// What is in the chip, in the directory that QEMU runs in.
const FLASH: &str = "flash";
const FLASH_BYTES: usize = 1 << 20;

/// The BIOS as a chip takes it: as large as the chip.
const BIOS: &str = "bios-256k.bin";

/// Makes a chip that is erased, and one with the BIOS in it. Returns QEMU's arguments for both.
pub(crate) fn make(directory: &Path) -> io::Result<Vec<OsString>> {
    fs::write(directory.join(FLASH), vec![0xff; FLASH_BYTES])?;
    fs::copy(bios()?, directory.join(BIOS))?;
    let chips = [format!("readonly=on,file={BIOS}"), format!("file={FLASH}")];
    let argument = |chip| {
        [
            "-drive".into(),
            format!("if=pflash,format=raw,{chip}").into(),
        ]
    };
    Ok(chips.into_iter().flat_map(argument).collect())
}

/// Finds the BIOS in the folders that QEMU looks for it in.
fn bios() -> io::Result<PathBuf> {
    let list = Command::new(QEMU).args(["-L", "help"]).output()?.stdout;
    let list = String::from_utf8_lossy(&list);
    let mut files = list.lines().map(|folder| Path::new(folder).join(BIOS));
    let missing = || io::Error::other(format!("none of QEMU's folders has {BIOS}:\n{list}"));
    files.find(|file| file.is_file()).ok_or_else(missing)
}
