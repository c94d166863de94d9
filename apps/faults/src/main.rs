//! Does one thing that no app may do, or that no app does: the one that its process is named after.
//!
//! The same image is packed once for each: `faults.null_read` reads address 0. What must come of each is in the
//! table in `acts.rs`; a process that finds something else says so, and ends with code 1.
#![cfg_attr(target_os = "none", no_std, no_main)]

mod floating_point;
mod instructions;
mod lends;
mod memory;
mod raw;
mod segments;
mod system_calls;

use capsa::{print, println, process};

capsa::app!(main, stack_bytes = 4096);

/// An act.
enum Act {
    /// Must not come back.
    Fatal(fn()),
    /// Returns whether all was as it should be.
    Harmless(fn() -> bool),
}

/// The outcomes in the table make acts of functions.
mod outcome {
    use super::Act;

    pub const fn faults(act: fn()) -> Act {
        Act::Fatal(act)
    }

    pub const fn runs(act: fn()) -> Act {
        Act::Fatal(act)
    }

    pub const fn restarts(act: fn()) -> Act {
        Act::Fatal(act)
    }

    pub const fn ends(act: fn() -> bool) -> Act {
        Act::Harmless(act)
    }

    pub const fn ends_or_faults(act: fn() -> bool) -> Act {
        Act::Harmless(act)
    }
}

macro_rules! acts {
    ($($module:ident { $($act:ident $outcome:ident $($reason:literal)*;)* })*) => {
        const ACTS: &[(&str, Act)] = &[
            $($((stringify!($act), outcome::$outcome($module::$act)),)*)*
        ];
    };
}

include!("acts.rs");

fn main() {
    let name = process::name();
    let act = name.split_once('.').map_or("", |(_, act)| act);
    match ACTS.iter().find(|(known, _)| *known == act) {
        Some((_, Act::Harmless(act))) if act() => {
            println!("{name}: as it should be");
            return;
        }
        Some((_, Act::Harmless(_))) => println!("{name}: not as it should be"),
        Some((_, Act::Fatal(act))) => {
            act();
            println!("{name}: went on");
        }
        None => {
            print!("{name}: it can be");
            for (known, _) in ACTS {
                print!(" {known}");
            }
            println!();
        }
    }
    process::exit(1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use capsa::fake::Kernel;

    #[test]
    fn there_is_a_process_for_each_act() {
        let manifest = include_str!("../Cargo.toml");
        let (_, variants) = manifest.split_once("\nvariants = [").unwrap();
        let (variants, _) = variants.split_once(']').unwrap();
        let variants: Vec<&str> = variants.split('"').skip(1).step_by(2).collect();
        let acts: Vec<&str> = ACTS.iter().map(|(name, _)| *name).collect();
        assert_eq!(variants, acts);
    }

    #[test]
    fn a_process_of_another_name_lists_them() {
        let kernel = Kernel::new();
        assert_eq!(kernel.run(main), 1);
        assert!(
            kernel
                .console()
                .starts_with("app: it can be null_read null_write")
        );
    }
}
