//! Builds the kernel for bare metal.

use std::path::PathBuf;

use crate::bare_metal::{self, TARGET};
use crate::cli::Result;
use crate::repository::{run, target};

const PACKAGE: &str = "qemu-x86";

/// The image lies at a fixed place in the last two gigabytes of the address space, so the compiler may write
/// addresses into instructions, with a sign.
const CODE_MODEL: [&str; 2] = ["-Crelocation-model=static", "-Ccode-model=kernel"];

/// Which images to build.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// The kernel.
    Ordinary,
    /// The benchmarks, and the kernel with feature `bench`, which says when it is ready and ends.
    Bench,
    /// The machine that interrupts itself, for a test.
    Interrupts,
    /// The promises of the kernel's HIL, put to the devices.
    Promises,
}

/// The folder that holds the images of one flavour.
pub struct Images {
    folder: PathBuf,
}

impl Images {
    /// The kernel.
    pub fn kernel(&self) -> PathBuf {
        self.folder.join(PACKAGE)
    }

    /// The benchmarks.
    pub fn benchmarks(&self) -> PathBuf {
        self.folder.join("bench")
    }

    /// The machine that interrupts itself.
    pub fn interrupts(&self) -> PathBuf {
        self.folder.join("interrupts")
    }

    /// The promises.
    pub fn promises(&self) -> PathBuf {
        self.folder.join("promises")
    }
}

/// Builds the images. No flavour takes the place of another: those that make a kernel have a folder each.
pub fn build(flavour: Flavour) -> Result<Images> {
    let folder = target(match flavour {
        Flavour::Bench => "bench-image",
        Flavour::Ordinary | Flavour::Interrupts | Flavour::Promises => "bare-metal",
    });
    let images = Images {
        folder: folder.join(TARGET).join("release"),
    };
    let mut cargo = bare_metal::cargo_build(&folder, &CODE_MODEL.map(String::from))?;
    cargo.args(["--package", PACKAGE]);
    match flavour {
        Flavour::Ordinary => &mut cargo,
        Flavour::Bench => cargo.args(["--features", "bench"]),
        Flavour::Interrupts => cargo.args(["--features", "interrupts", "--bin", "interrupts"]),
        Flavour::Promises => cargo.args(["--features", "promises", "--bin", "promises"]),
    };
    // The first build takes a while and shows that it goes on; after that only trouble is shown.
    if images.kernel().exists() {
        cargo.arg("--quiet");
    }
    run(&mut cargo)?;
    Ok(images)
}
