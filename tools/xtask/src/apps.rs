//! Builds the apps, packs each into a TBF, and puts those that are wanted into one bundle.
//!
//! The bundle is the TBFs one after another, as they would lie in the flash of a Tock board. A TBF is a whole
//! number of pages, so that one that starts a page is followed by one that does.

use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::{fs, io, iter};

use qemu::Value;

use crate::bare_metal::{self, TARGET};
use crate::cli::Result;
use crate::elf2tab;
use crate::repository::{host_cargo, output_of, root, run, target, variable};

/// The apps that are loaded when nobody chooses.
const DEFAULT: &str = "hello blink clock snake calculator ask";

/// What stands for all variants of an app.
const ALL: &str = "all";

/// What `cargo metadata` and the app's own `[package.metadata.tbf]` say about an app.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct App {
    /// The name of its folder and its program, and of its process where it has no variants.
    pub name: String,
    /// Memory for its heap.
    pub heap_bytes: u64,
    /// Memory for what drivers keep about it.
    pub grant_bytes: u64,
    /// Driver and command numbers that it may use. None is all.
    pub permissions: Vec<(u64, u64)>,
    /// Processes of it that tell by their name what they are to do: `name.variant`.
    pub variants: Vec<String>,
}

impl App {
    /// The names of the processes that it can be.
    fn processes(&self) -> impl Iterator<Item = String> {
        let plain = self.variants.is_empty().then(|| self.name.clone());
        let variants = self.variants.iter();
        let variants = variants.map(|variant| format!("{}.{variant}", self.name));
        plain.into_iter().chain(variants)
    }
}

/// Builds all apps, and makes the bundle of those that the variable `APPS` names, in its order. `None` where it
/// is `none`.
pub fn bundle() -> Result<Option<PathBuf>> {
    let words = variable("APPS").unwrap_or(DEFAULT.into());
    if words == "none" {
        return Ok(None);
    }
    let tbfs = pack(&words)?.into_iter().map(|(_, tbf)| tbf);
    let bytes = tbfs.collect::<Vec<_>>().concat();
    let path = folder().join("bundle");
    write_whole(&path, &bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Some(path))
}

/// Writes a file that others never see a part of.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let own = path.with_extension(process::id().to_string());
    fs::write(&own, bytes)?;
    fs::rename(own, path)
}

/// Builds all apps, and packs those that `words` name, in their order. Returns the name of each process, and its
/// TBF.
pub fn pack(words: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let apps = list()?;
    let chosen = choose(words, &apps)?;
    let programs = build()?;
    let mut packed = Vec::new();
    for Chosen {
        app,
        process,
        count,
    } in chosen
    {
        let tbf = read(&elf2tab::pack(app, &process, &programs, &folder())?)?;
        packed.extend(iter::repeat_n((process, tbf), count));
    }
    Ok(packed)
}

/// Builds and packs all apps, for tests that bundle them as they like. Returns the folder that holds their TBFs.
pub fn pack_all() -> Result<PathBuf> {
    let programs = build()?;
    forget_tbfs(&folder()).map_err(|error| format!("{}: {error}", folder().display()))?;
    for app in list()? {
        for process in app.processes() {
            elf2tab::pack(&app, &process, &programs, &folder())?;
        }
    }
    Ok(folder())
}

/// Removes what was packed before: an app that is no more would be tested.
fn forget_tbfs(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "tbf") {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Tests of all apps, on the host.
pub fn host_tests() -> Command {
    let mut cargo = host_cargo();
    cargo
        .args(["test", "--no-fail-fast", "--manifest-path"])
        .arg(manifest())
        .arg("--target-dir")
        .arg(folder().join("host"));
    cargo
}

/// Where TBFs and the bundle are put.
fn folder() -> PathBuf {
    target("apps")
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Builds all apps, always: what they share is built the same way whichever are wanted. Returns the folder that
/// holds them.
fn build() -> Result<PathBuf> {
    let folder = folder().join("build");
    let script = root().join("apps/capsa/link.ld");
    let flags = [
        "-Crelocation-model=static".into(),
        format!("-Clink-arg=-T{}", script.display()),
        "-Clink-arg=--no-pie".into(),
        // Segments of an app are not loaded from its ELF file, and need no pages of their own there.
        "-Clink-arg=--nmagic".into(),
        // What is zeroed has a load address like all else, though nothing is loaded from there: it may be
        // that of the image's end.
        "-Clink-arg=--no-check-sections".into(),
    ];
    let mut cargo = bare_metal::cargo_build(&folder, &flags)?;
    cargo
        .args(["--quiet", "--workspace", "--manifest-path"])
        .arg(manifest());
    run(&mut cargo)?;
    Ok(folder.join(TARGET).join("release"))
}

fn manifest() -> PathBuf {
    root().join("apps/Cargo.toml")
}

/// All apps that there are.
pub fn list() -> Result<Vec<App>> {
    let mut cargo = host_cargo();
    cargo
        .args([
            "metadata",
            "--no-deps",
            "--format-version=1",
            "--manifest-path",
        ])
        .arg(manifest());
    let metadata: Value = output_of(&mut cargo)?
        .parse()
        .map_err(|error| format!("cargo metadata: {error}"))?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages
        .filter(|package| is_program(package))
        .map(app)
        .collect()
}

fn is_program(package: &Value) -> bool {
    let targets = package["targets"].as_array().into_iter().flatten();
    targets
        .filter_map(|target| target["kind"][0].as_str())
        .any(|kind| kind == "bin")
}

fn app(package: &Value) -> Result<App> {
    let name = package["name"].as_str().unwrap_or_default();
    let wishes = &package["metadata"]["tbf"];
    let number = |key: &str, default| match &wishes[key] {
        Value::Null => Ok(default),
        value => value.as_u64().ok_or(format!(
            "apps/{name}/Cargo.toml: {key} is {value}, not a number of bytes"
        )),
    };
    let permission = |pair: &Value| {
        let numbers = pair[0].as_u64().zip(pair[1].as_u64());
        numbers.ok_or(format!(
            "apps/{name}/Cargo.toml: {pair} is no permission; [1, 0] would be driver 1, command 0"
        ))
    };
    let permissions = wishes["permissions"].as_array().into_iter().flatten();
    let variants = wishes["variants"].as_array().into_iter().flatten();
    let variants = variants.filter_map(Value::as_str);
    Ok(App {
        name: name.into(),
        heap_bytes: number("heap_bytes", 0)?,
        grant_bytes: number("grant_bytes", 1024)?,
        permissions: permissions.map(permission).collect::<Result<_>>()?,
        variants: variants.map(str::to_owned).collect(),
    })
}

/// A process to bundle.
#[derive(PartialEq, Eq, Debug)]
struct Chosen<'a> {
    app: &'a App,
    process: String,
    /// How many of it.
    count: usize,
}

/// Which processes are wanted: `words` are their names, `name.all` for all variants of an app, and `name*count` for
/// several.
fn choose<'a>(words: &str, apps: &'a [App]) -> Result<Vec<Chosen<'a>>> {
    let mut chosen = Vec::new();
    for word in words.split_whitespace() {
        let (name, count) = word.split_once('*').unwrap_or((word, "1"));
        let count: u16 = count.parse().map_err(|_| {
            let most = u16::MAX;
            format!("'{word}' has no number up to {most} after its '*'")
        })?;
        let before = chosen.len();
        for app in apps {
            let all = format!("{}.{ALL}", app.name);
            let wanted = |process: &String| process == name || name == all;
            chosen.extend(app.processes().filter(wanted).map(|process| Chosen {
                app,
                process,
                count: count.into(),
            }));
        }
        if chosen.len() == before {
            return Err(unknown(name, apps));
        }
    }
    if chosen.is_empty() {
        return Err(unknown("", apps));
    }
    Ok(chosen)
}

/// Says what there is instead.
fn unknown(name: &str, apps: &[App]) -> String {
    let (app, _) = name.split_once('.').unwrap_or((name, ""));
    let names: Vec<String> = match apps.iter().find(|known| known.name == app) {
        Some(app) => app
            .processes()
            .chain([format!("{app}.{ALL}", app = app.name)])
            .collect(),
        None => apps.iter().map(|app| app.name.clone()).collect(),
    };
    format!("there is no app '{name}'; there are: {}", names.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> App {
        app(&qemu::json!({ "name": name })).unwrap()
    }

    fn with_variants(name: &str, variants: &[&str]) -> App {
        let tbf = qemu::json!({ "variants": variants });
        app(&qemu::json!({ "name": name, "metadata": { "tbf": tbf } })).unwrap()
    }

    fn names(words: &str, apps: &[App]) -> Result<Vec<(String, usize)>> {
        let chosen = choose(words, apps)?.into_iter();
        Ok(chosen
            .map(|chosen| (chosen.process, chosen.count))
            .collect())
    }

    #[test]
    fn apps_are_taken_in_the_order_that_they_are_named_in() {
        let apps = [named("blink"), named("hello")];
        let expected = [("hello".into(), 1), ("blink".into(), 3)];
        assert_eq!(names("hello blink*3", &apps).unwrap(), expected);
        assert!(names(" ", &apps).unwrap_err().contains("blink"));
    }

    #[test]
    #[ignore = "builds what it packs: a stage of its own"]
    fn variants_that_are_packed_at_the_same_time_keep_their_names() {
        let apps = list().unwrap();
        let faults = apps.iter().find(|app| app.name == "faults").unwrap();
        let names: Vec<String> = faults.processes().take(20).collect();
        let (some, others) = names.split_at(10);
        let pack_and_look = |names: &[String]| {
            for (name, tbf) in pack(&names.join(" ")).unwrap() {
                let bytes = name.as_bytes();
                assert!(tbf.windows(bytes.len()).any(|it| it == bytes), "{name}");
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(|| pack_and_look(some));
            pack_and_look(others);
        });
    }

    #[test]
    fn a_variant_is_a_process_of_its_own() {
        let apps = [named("hello"), with_variants("faults", &["a", "b"])];
        let expected = [("faults.a".into(), 1), ("faults.b".into(), 1)];
        assert_eq!(names("faults.b", &apps).unwrap(), expected[1..]);
        assert_eq!(names("faults.all", &apps).unwrap(), expected);
        let message = names("faults", &apps).unwrap_err();
        assert!(
            message.contains("faults.a faults.b faults.all"),
            "{message}"
        );
    }

    #[test]
    fn an_app_that_is_not_there_is_answered_with_those_that_are() {
        let message = names("hullo", &[named("blink"), named("hello")]).unwrap_err();
        assert!(
            message.contains("'hullo'") && message.contains("blink hello"),
            "{message}"
        );
        for word in ["hello*many", "hello*", "hello*-1", "hello*65536"] {
            let message = names(word, &[named("hello")]).unwrap_err();
            assert!(message.contains(&format!("'{word}' has no number")));
        }
    }

    #[test]
    fn an_app_gets_what_its_manifest_asks_for() {
        let tbf = qemu::json!({ "heap_bytes": 4096, "permissions": [[1, 0], [1, 1]] });
        let app = app(&qemu::json!({ "name": "a", "metadata": { "tbf": tbf } })).unwrap();
        assert_eq!((app.heap_bytes, app.grant_bytes), (4096, 1024));
        assert_eq!(app.permissions, [(1, 0), (1, 1)]);
    }

    #[test]
    fn a_wish_that_is_no_number_is_refused() {
        let tbf = qemu::json!({ "heap_bytes": "much" });
        let message = app(&qemu::json!({ "name": "a", "metadata": { "tbf": tbf } })).unwrap_err();
        assert!(
            message.contains("apps/a/Cargo.toml: heap_bytes is \"much\""),
            "{message}"
        );
    }
}
