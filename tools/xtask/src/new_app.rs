//! `new app`: a folder in `apps/` that is an app, made from one that is there.

use std::fs;
use std::path::Path;

use crate::capsules::{self, Module, read, write, written};
use crate::cli::Result;
use crate::repository::root;
use crate::words;

/// What a new app is a copy of: the smallest one.
const MODEL: &str = "hello";

/// What one that calls a capsule is a copy of, where it can ask the capsule the same as this app does.
const CALLER: &str = "tally";

/// The program of one that calls another capsule.
const CALLER_OF_ANY: &str = include_str!("../models/caller.rs");

/// The longest name. It must fit in a TBF header of 256 bytes, with some permissions.
const MAX_NAME_LEN_BYTES: usize = 32;

/// Makes the app `name`, which calls the capsule that it is to use.
pub fn make(name: &str, uses: Option<&str>) -> Result {
    make_in(root(), name, uses)?;
    println!(
        "apps/{name} is an app: `make run APPS={name}` runs it, and\n\
         `cargo test --manifest-path apps/Cargo.toml -p {name}` tests it."
    );
    Ok(())
}

fn make_in(root: &Path, name: &str, uses: Option<&str>) -> Result {
    check(name)?;
    let apps = root.join("apps");
    let folder = apps.join(name);
    if folder.exists() {
        return Err(format!("apps/{name} is there already; choose another name"));
    }
    let (model, program) = match uses {
        Some(capsule) => (CALLER, caller(root, capsule)?),
        None => (MODEL, read(&apps.join(MODEL).join("src/main.rs"))?),
    };
    let manifest = read(&apps.join(model).join("Cargo.toml"))?;
    let manifest = manifest.replace(&format!("\"{model}\""), &format!("\"{name}\""));
    let sources = folder.join("src");
    fs::create_dir_all(&sources).map_err(|error| format!("{}: {error}", sources.display()))?;
    write(&folder.join("Cargo.toml"), &manifest)?;
    write(&sources.join("main.rs"), &program)
}

/// A program that calls a capsule.
fn caller(root: &Path, capsule: &str) -> Result<String> {
    let modules = capsules::modules(root)?;
    let mut drivers = Vec::new();
    for module in &modules {
        if let Some(number) = module.number(root)? {
            drivers.push((module, number));
        }
    }
    let find = |name| drivers.iter().find(|(module, _)| module.name == name);
    let names = || drivers.iter().map(|(module, _)| module.name.as_str());
    let Some((used, number)) = find(capsule) else {
        let names = names().collect::<Vec<_>>().join(" ");
        return Err(format!(
            "there is no capsule '{capsule}' that apps can call; there are: {names}"
        ));
    };
    let (model, model_number) = find(CALLER).ok_or(format!("the model, {CALLER}, is gone"))?;
    let program = if used.tables() == model.tables() {
        read(&root.join("apps").join(CALLER).join("src/main.rs"))?
    } else {
        CALLER_OF_ANY.into()
    };
    let file = |module: &Module| module.file.display().to_string();
    let program = program.replace(&file(model), &file(used));
    Ok(words::replace(
        &program,
        &[
            (&written(*model_number), &written(*number)),
            (&format!("{model_number:#x}"), &format!("{number:#x}")),
        ],
    ))
}

/// A name is that of a folder, a package, a program and a process.
fn check(name: &str) -> Result {
    let wish = "a name is lower-case letters, digits, '-' and '_', with a letter first";
    let is_plain = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_');
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(is_plain) {
        return Err(format!("'{name}' is no name for an app: {wish}"));
    }
    if name.len() > MAX_NAME_LEN_BYTES {
        let len_bytes = name.len();
        return Err(format!(
            "'{name}' has {len_bytes} characters; a name has at most {MAX_NAME_LEN_BYTES}"
        ));
    }
    // `none` stands for no app in APPS, those up to `examples` are folders of cargo's, where it would put the program,
    // and the others name a crate or a word of Rust.
    let taken = "none target build deps incremental examples test core alloc std main crate self";
    if taken.split(' ').any(|taken| taken == name) {
        return Err(format!(
            "'{name}' means something else already; choose another name"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::new_capsule::{self, Kind};
    use crate::scratch::Scratch;

    #[test]
    fn malformed_names_are_refused() {
        for name in ["", "Hello", "1st", "my app", "../x", "ü", "-x", "a.b"] {
            let message = check(name).unwrap_err();
            assert!(
                message.contains(&format!("'{name}' is no name")),
                "{message}"
            );
        }
        assert!(
            check(&"a".repeat(33))
                .unwrap_err()
                .contains("33 characters")
        );
        for name in ["none", "build", "deps", "incremental", "examples"] {
            let message = check(name).unwrap_err();
            assert!(message.contains("something else already"), "{message}");
        }
        assert_eq!(check("my-app_2"), Ok(()));
    }

    #[test]
    #[ignore = "builds what it makes: a stage of its own"]
    fn a_new_app_builds_and_passes_its_test_at_once() {
        let scratch = Scratch::new("app");
        make_in(&scratch.root, "fresh", None).unwrap();
        let output = scratch.cargo("apps", &["test", "--package", "fresh"]);
        let output = output.unwrap();
        assert!(output.contains("test result: ok. 1 passed"), "{output}");
    }

    #[test]
    #[ignore = "builds what it makes: a stage of its own"]
    fn a_new_app_calls_the_capsule_that_it_is_to_use() {
        let scratch = Scratch::new("caller");
        let steps = new_capsule::make_in(&scratch.root, Kind::Driver, "fresh_bell").unwrap();
        let (_, number) = steps.split_once("Apps know it as 0x8000").unwrap();
        for (name, capsule, folder, number, tests) in [
            (
                "fresh-ringer",
                "fresh_bell",
                "extra",
                &format!("8000_{}", &number[..4]),
                3,
            ),
            ("fresh-lamp", "led", "core", &"2".into(), 1),
            ("fresh-who", "process_info", "core", &"10002".into(), 1),
        ] {
            make_in(&scratch.root, name, Some(capsule)).unwrap();
            let program = scratch.root.join(format!("apps/{name}/src/main.rs"));
            let program = read(&program).unwrap();
            for line in [
                format!("`capsules/{folder}/src/{capsule}.rs`"),
                format!("DRIVER: usize = 0x{number};"),
            ] {
                assert!(program.contains(&line), "{line}: {program}");
            }
            let output = scratch.cargo("apps", &["test", "--package", name]);
            let output = output.unwrap();
            let passed = format!("test result: ok. {tests} passed");
            assert!(output.contains(&passed), "{output}");
        }
    }

    #[test]
    fn a_capsule_that_is_not_there_or_no_driver_is_answered_with_those_that_are() {
        for capsule in ["lead", "blink", "clock", ""] {
            let message = make_in(root(), "fresh", Some(capsule)).unwrap_err();
            assert!(
                message.contains(&format!("no capsule '{capsule}'")),
                "{message}"
            );
            assert!(
                message.contains(" led ") && message.contains(" tally"),
                "{message}"
            );
        }
        assert!(!root().join("apps/fresh").exists());
    }

    #[test]
    fn a_taken_name_is_refused() {
        for name in ["hello", "capsa"] {
            let message = make_in(root(), name, None).unwrap_err();
            let taken = format!("apps/{name} is there already");
            assert!(message.contains(&taken), "{message}");
        }
    }
}
