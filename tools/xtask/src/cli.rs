//! The subcommands.

use crate::kernel_image::{self, Flavour};
use crate::new_capsule::{self, Kind};
use crate::repository::variable;
use crate::{
    apps, bench, cd_image, checks, ci, docs, drivers, emulator, figures, fuzz, installer, new_app,
    setup, test, trace,
};

/// `Err` holds a message for a person: what was wrong, and what would be right.
pub type Result<T = ()> = std::result::Result<T, String>;

struct Subcommand {
    name: &'static str,
    /// What words may come after it.
    arguments: &'static str,
    summary: &'static str,
    /// Gets those words; `None` when they are others.
    run: fn(&[&str]) -> Option<Result>,
}

const SUBCOMMANDS: [Subcommand; 20] = [
    Subcommand {
        name: "build",
        arguments: "--bench, --interrupts, --promises or nothing",
        summary: "build the kernel; or the images that measure, or interrupt, themselves; or the one that checks its devices",
        run: |words| match words {
            [] => Some(build(Flavour::Ordinary)),
            ["--bench"] => Some(build(Flavour::Bench)),
            ["--interrupts"] => Some(build(Flavour::Interrupts)),
            ["--promises"] => Some(build(Flavour::Promises)),
            _ => None,
        },
    },
    Subcommand {
        name: "apps",
        arguments: NOTHING,
        summary: "build the apps, and make target/apps/bundle of those that APPS names",
        run: |words| words.is_empty().then(apps),
    },
    Subcommand {
        name: "new",
        arguments: "app NAME [--uses CAPSULE], or capsule NAME [--async]",
        summary: "make an app, or a capsule, that builds, runs and has its tests",
        run: |words| match words {
            ["app", name] => Some(new_app::make(name, None)),
            ["app", name, "--uses", capsule] => Some(new_app::make(name, Some(capsule))),
            ["capsule", name] => Some(new_capsule::make(Kind::Driver, name)),
            ["capsule", name, "--async"] => Some(new_capsule::make(Kind::Task, name)),
            _ => None,
        },
    },
    Subcommand {
        name: "run",
        arguments: NOTHING,
        summary: "start the kernel in QEMU, with its serial line in this terminal",
        run: |words| words.is_empty().then(emulator::run),
    },
    Subcommand {
        name: "debug",
        arguments: NOTHING,
        summary: "as run, but wait for gdb before the first instruction",
        run: |words| words.is_empty().then(emulator::debug),
    },
    Subcommand {
        name: "install",
        arguments: "APP",
        summary: "build an app and load it into the machine that runs",
        run: |words| match words {
            [app] => Some(installer::install(app)),
            _ => None,
        },
    },
    Subcommand {
        name: "uninstall",
        arguments: "APP",
        summary: "remove an app from the machine that runs",
        run: |words| match words {
            [app] => Some(installer::uninstall(app)),
            _ => None,
        },
    },
    Subcommand {
        name: "list",
        arguments: NOTHING,
        summary: "show the apps of the machine that runs",
        run: |words| words.is_empty().then(installer::list),
    },
    Subcommand {
        name: "image",
        arguments: NOTHING,
        summary: "make target/capsa.iso, a CD that starts the kernel with the apps that APPS names",
        run: |words| words.is_empty().then(image),
    },
    Subcommand {
        name: "test",
        arguments: NOTHING,
        summary: "run all tests: on the host, of interleavings, with fuzzed inputs, and in QEMU",
        run: |words| words.is_empty().then(test::run),
    },
    Subcommand {
        name: "capsules",
        arguments: NOTHING,
        summary: "run the tests of the capsules, and tell of what their docs say and no test sees",
        run: |words| words.is_empty().then(drivers::test_capsules),
    },
    Subcommand {
        name: "drivers",
        arguments: NOTHING,
        summary: "write the book's page of drivers from the docs of the capsules",
        run: |words| words.is_empty().then(drivers::write_page),
    },
    Subcommand {
        name: "check",
        arguments: NOTHING,
        summary: "compare the sources with what the conventions say of the whole tree",
        run: |words| words.is_empty().then(checks::run),
    },
    Subcommand {
        name: "unsafe",
        arguments: NOTHING,
        summary: "bring the ledger of unsafe code in the book up to date",
        run: |words| words.is_empty().then(checks::unsafe_ledger::update),
    },
    Subcommand {
        name: "ci",
        arguments: NOTHING,
        summary: "all that must pass before a change lands: formatting, lints, checks and tests",
        run: |words| words.is_empty().then(ci::run),
    },
    Subcommand {
        name: "bench",
        arguments: NOTHING,
        summary: "count instructions and bytes, and compare them with the design's figures",
        run: |words| words.is_empty().then(bench::run),
    },
    Subcommand {
        name: "trace",
        arguments: NOTHING,
        summary: "print the instructions of a system call, as QEMU executes them",
        run: |words| words.is_empty().then(trace::run),
    },
    Subcommand {
        name: "figures",
        arguments: NOTHING,
        summary: "write the figures of the last bench, and the trace, into the book",
        run: |words| words.is_empty().then(figures::run),
    },
    Subcommand {
        name: "docs",
        arguments: "--external-links or nothing",
        summary: "build the book in target/book; with --external-links list the links to other sites",
        run: |words| match words {
            [] => Some(docs::build()),
            ["--external-links"] => Some(docs::list_external()),
            _ => None,
        },
    },
    Subcommand {
        name: "fuzz",
        arguments: "nothing, or a target with libFuzzer's options",
        summary: "fuzz each target for SECONDS_EACH seconds, 60 unless told; or one as libFuzzer is told",
        run: |words| match words {
            [] => Some(fuzz::run_all()),
            [target, options @ ..] => Some(fuzz::run_one(target, options)),
        },
    },
];

const NOTHING: &str = "no options";

/// Does what the words after `cargo xtask` say.
pub fn dispatch(words: &[&str]) -> Result {
    let Some((name, words)) = words.split_first() else {
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
    (subcommand.run)(words).unwrap_or_else(|| {
        let arguments = subcommand.arguments;
        let given = match words {
            [] => "nothing".into(),
            _ => format!("`{}`", words.join(" ")),
        };
        Err(format!("{name} takes {arguments}, not {given}"))
    })
}

fn list() -> String {
    let mut list = String::from("cargo xtask SUBCOMMAND\n\n");
    for Subcommand { name, summary, .. } in &SUBCOMMANDS {
        list += &format!("  {name:<11}{summary}\n");
    }
    list
}

fn build(flavour: Flavour) -> Result {
    setup::prepare(&["build"])?;
    kernel_image::build(flavour)?;
    Ok(())
}

fn apps() -> Result {
    setup::prepare(&["build"])?;
    if let Some(bundle) = apps::bundle()? {
        println!("{}", bundle.display());
    }
    Ok(())
}

fn image() -> Result {
    setup::prepare(&["build", "image"])?;
    let kernel = kernel_image::build(Flavour::Ordinary)?.kernel();
    let (command_line, bundle) = (variable("CMDLINE"), apps::bundle()?);
    cd_image::make("capsa", &kernel, command_line.as_deref(), bundle.as_deref())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_subcommand_is_answered_with_the_list() {
        let message = dispatch(&["fly"]).unwrap_err();
        assert!(
            message.contains("'fly'") && message.contains("  bench      count"),
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
