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

    /// The promises.
    pub fn promises(&self) -> PathBuf {
        self.folder.join("promises")
    }
}

/// Builds the images. Each flavour has a folder of its own: one never takes the other's place.
pub fn build(flavour: Flavour) -> Result<Images> {
    let folder = target(match flavour {
        Flavour::Ordinary => "bare-metal",
        Flavour::Bench => "bench-image",
        Flavour::Promises => "promises-image",
    });
    let images = Images {
        folder: folder.join(TARGET).join("release"),
    };
    let mut cargo = bare_metal::cargo_build(&folder, &CODE_MODEL.map(String::from))?;
    cargo.args(["--package", PACKAGE]);
    let image = match flavour {
        Flavour::Promises => images.promises(),
        Flavour::Ordinary | Flavour::Bench => images.kernel(),
    };
    match flavour {
        Flavour::Ordinary => {}
        Flavour::Bench => drop(cargo.args(["--features", "bench"])),
        Flavour::Promises => drop(cargo.args(["--features", "promises", "--bin", "promises"])),
    }
    // The first build takes a while and shows that it goes on; after that only trouble is shown.
    if image.exists() {
        cargo.arg("--quiet");
    }
    run(&mut cargo)?;
    Ok(images)
}
