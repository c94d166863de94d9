//! Makes a CD image that starts the kernel by GRUB, on any PC.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::cli::Result;
use crate::repository::{output_of, program, target, variable};

/// Makes `target/capsa.iso` from the kernel. Its command line comes from the variable `CMDLINE`.
pub fn make(kernel: &Path) -> Result<PathBuf> {
    let tree = target("iso");
    write_tree(&tree, kernel).map_err(|error| format!("{}: {error}", tree.display()))?;

    let iso = target("capsa.iso");
    let mut grub = program("grub-mkrescue");
    // Only what starting this kernel takes: 1.3 MB instead of 5.
    grub.args([
        "--install-modules=multiboot2 normal iso9660 biosdisk serial boot",
        "--locales=",
        "--fonts=",
        "--themes=",
        "--output",
    ]);
    output_of(grub.arg(&iso).arg(&tree))?;
    Ok(iso)
}

fn write_tree(tree: &Path, kernel: &Path) -> io::Result<()> {
    let boot = tree.join("boot");
    fs::create_dir_all(boot.join("grub"))?;
    fs::copy(kernel, boot.join("capsa.elf"))?;
    fs::write(
        boot.join("grub/grub.cfg"),
        configuration(variable("CMDLINE").as_deref()),
    )
}

fn configuration(command_line: Option<&str>) -> String {
    let kernel = ["/boot/capsa.elf", command_line.unwrap_or_default()].join(" ");
    format!(
        "set timeout=0\nmenuentry \"Capsa\" {{\n    multiboot2 {}\n}}\n",
        kernel.trim_end()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_gets_its_command_line() {
        assert!(configuration(Some("panic=exit")).contains("/boot/capsa.elf panic=exit\n}"));
        assert!(configuration(None).contains("/boot/capsa.elf\n}"));
    }
}
