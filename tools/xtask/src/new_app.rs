//! `new app`: a folder in `apps/` that is an app.

use std::fs;
use std::path::Path;

use crate::cli::Result;
use crate::repository::root;

/// What the new app is a copy of: the smallest one.
const MODEL: &str = "hello";

/// The longest name. It must fit in a TBF header of 256 bytes, with some permissions.
const MAX_NAME_LEN_BYTES: usize = 32;

/// Makes the app `name`.
pub fn make(name: &str) -> Result {
    make_in(&root().join("apps"), name)?;
    println!(
        "apps/{name} is an app: `make run APPS={name}` runs it, and\n\
         `cargo test --manifest-path apps/Cargo.toml -p {name}` tests it."
    );
    Ok(())
}

fn make_in(apps: &Path, name: &str) -> Result {
    check(name)?;
    let folder = apps.join(name);
    if folder.exists() {
        return Err(format!("apps/{name} is there already; choose another name"));
    }
    let sources = folder.join("src");
    fs::create_dir_all(&sources).map_err(|error| format!("{}: {error}", sources.display()))?;
    for file in ["Cargo.toml", "src/main.rs"] {
        let model = apps.join(MODEL).join(file);
        let text =
            fs::read_to_string(&model).map_err(|error| format!("{}: {error}", model.display()))?;
        let path = folder.join(file);
        fs::write(
            &path,
            text.replace(&format!("\"{MODEL}\""), &format!("\"{name}\"")),
        )
        .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
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
    // `none` stands for no app in APPS, `target` is cargo's, and the others name a crate or a word of Rust.
    if [
        "none", "target", "test", "core", "alloc", "std", "main", "crate", "self",
    ]
    .contains(&name)
    {
        return Err(format!(
            "'{name}' means something else already; choose another name"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::{host_cargo, output_of, target};
    use std::env;

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
        assert!(check("none").is_err());
        assert_eq!(check("my-app_2"), Ok(()));
    }

    /// In a workspace that has the model and nothing else, and the library where it is.
    #[test]
    fn a_new_app_builds_and_passes_its_test_at_once() {
        let real = root().join("apps");
        let apps = env::temp_dir().join(format!("capsa-new-app-{}", std::process::id()));
        let read = |name: &str| fs::read_to_string(real.join(name)).unwrap();
        let library = format!("path = \"{}\"", real.join("capsa").display());
        let workspace = read("Cargo.toml").replace("path = \"capsa\"", &library);
        fs::create_dir_all(apps.join("hello/src")).unwrap();
        fs::write(apps.join("Cargo.toml"), workspace).unwrap();
        for file in ["Cargo.lock", "hello/Cargo.toml", "hello/src/main.rs"] {
            fs::write(apps.join(file), read(file)).unwrap();
        }
        make_in(&apps, "fresh").unwrap();
        let mut cargo = host_cargo();
        cargo
            .args(["test", "--offline", "--package", "fresh", "--manifest-path"])
            .arg(apps.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(target("apps").join("new"));
        let output = output_of(&mut cargo);
        fs::remove_dir_all(apps).unwrap();
        let output = output.unwrap();
        assert!(output.contains("test result: ok. 1 passed"), "{output}");
    }

    #[test]
    fn a_taken_name_is_refused() {
        let message = make_in(&root().join("apps"), "hello").unwrap_err();
        assert!(message.contains("apps/hello is there already"), "{message}");
        let message = make_in(&root().join("apps"), "capsa").unwrap_err();
        assert!(message.contains("apps/capsa is there already"), "{message}");
    }
}
