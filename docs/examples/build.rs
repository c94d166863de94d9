//! Makes a module of each page of the book, so that its Rust blocks are doc tests.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src");
    let mut modules = String::new();
    let mut folders = vec![pages.clone()];
    while let Some(folder) = folders.pop() {
        // Cargo looks at everything in it.
        println!("cargo::rerun-if-changed={}", folder.display());
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                let name = module_name(path.strip_prefix(&pages).unwrap());
                modules += &format!("#[doc = include_str!({path:?})]\nmod {name} {{}}\n");
            }
        }
    }
    let file = PathBuf::from(env::var_os("OUT_DIR").unwrap()).join("pages.rs");
    fs::write(file, modules).unwrap();
}

/// `async/the-waker.md` as a name in Rust: `async_the_waker`, with a word before it since it may start with a digit.
fn module_name(page: &Path) -> String {
    let name = page.with_extension("");
    let name = name
        .to_string_lossy()
        .replace(|c: char| !c.is_alphanumeric(), "_");
    format!("page_{}", name.to_lowercase())
}
