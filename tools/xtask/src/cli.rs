//! The subcommands.

use crate::kernel_image::{self, Flavour};
use crate::{bench, cd_image, emulator, setup, test};

/// `Err` holds a message for a person: what was wrong, and what would be right.
pub type Result<T = ()> = std::result::Result<T, String>;

struct Subcommand {
    name: &'static str,
    /// The one option that it takes.
    option: Option<&'static str>,
    summary: &'static str,
    /// Gets whether the option was given.
    run: fn(bool) -> Result,
}

const SUBCOMMANDS: [Subcommand; 6] = [
    Subcommand {
        name: "build",
        option: Some("--bench"),
        summary: "build the kernel; with --bench the images that measure themselves",
        run: build,
    },
    Subcommand {
        name: "run",
        option: None,
        summary: "start the kernel in QEMU, with its serial line in this terminal",
        run: |_| emulator::run(),
    },
    Subcommand {
        name: "debug",
        option: None,
        summary: "as run, but wait for gdb before the first instruction",
        run: |_| emulator::debug(),
    },
    Subcommand {
        name: "image",
        option: None,
        summary: "make target/capsa.iso, a CD that starts the kernel",
        run: |_| image(),
    },
    Subcommand {
        name: "test",
        option: None,
        summary: "run all tests: on the host, of interleavings, and in QEMU",
        run: |_| test::run(),
    },
    Subcommand {
        name: "bench",
        option: None,
        summary: "count instructions and bytes, and compare them with the design's figures",
        run: |_| bench::run(),
    },
];

/// Does what the words after `cargo xtask` say.
pub fn dispatch(words: &[&str]) -> Result {
    let Some((name, options)) = words.split_first() else {
        print!("{}", list());
        return Ok(());
    };
    if ["help", "-h", "--help"].contains(name) {
        print!("{}", list());
        return Ok(());
    }
    let Some(subcommand) = SUBCOMMANDS
        .iter()
        .find(|subcommand| subcommand.name == *name)
    else {
        return Err(format!(
            "there is no subcommand '{name}'\n\n{}",
            list().trim_end()
        ));
    };
    match (options, subcommand.option) {
        ([], _) => (subcommand.run)(false),
        ([given], Some(known)) if *given == known => (subcommand.run)(true),
        (_, Some(known)) => Err(format!("{name} takes {known} or nothing, not {options:?}")),
        (_, None) => Err(format!("{name} takes no options, not {options:?}")),
    }
}

fn list() -> String {
    let mut list = String::from("cargo xtask SUBCOMMAND\n\n");
    for Subcommand { name, summary, .. } in &SUBCOMMANDS {
        list += &format!("  {name:<7}{summary}\n");
    }
    list
}

fn build(bench: bool) -> Result {
    setup::prepare(&["build"])?;
    let flavour = if bench {
        Flavour::Bench
    } else {
        Flavour::Ordinary
    };
    kernel_image::build(flavour)?;
    Ok(())
}

fn image() -> Result {
    setup::prepare(&["build", "image"])?;
    let kernel = kernel_image::build(Flavour::Ordinary)?.kernel();
    cd_image::make(&kernel)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_subcommand_is_answered_with_the_list() {
        let message = dispatch(&["fly"]).unwrap_err();
        assert!(
            message.contains("'fly'") && message.contains("  bench  count"),
            "{message}"
        );
    }

    #[test]
    fn an_unknown_option_is_refused() {
        assert!(
            dispatch(&["run", "--fast"])
                .unwrap_err()
                .contains("takes no options")
        );
        assert!(
            dispatch(&["build", "--fast"])
                .unwrap_err()
                .contains("--bench")
        );
    }

    #[test]
    fn the_list_is_no_error() {
        assert_eq!(dispatch(&[]), Ok(()));
    }
}
