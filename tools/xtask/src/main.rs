//! `cargo xtask`: what the make targets do. Run without a subcommand, it lists them.
#![forbid(unsafe_code)]

mod apps;
mod bare_metal;
mod bench;
mod capsules;
mod cd_image;
mod checks;
mod ci;
mod cli;
mod docs;
mod drivers;
mod elf2tab;
mod elf_sizes;
mod emulator;
mod figures;
mod fuzz;
mod installer;
mod kernel_image;
mod new_app;
mod new_capsule;
mod repository;
#[cfg(test)]
mod scratch;
mod setup;
mod stages;
mod targets;
mod test;
mod trace;
mod words;

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    // A word that is no text is no name of anything here: it is refused as what it looks like.
    let words: Vec<OsString> = env::args_os().skip(1).collect();
    let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    let words: Vec<&str> = words.iter().map(|word| &**word).collect();
    match cli::dispatch(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
