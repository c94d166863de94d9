//! `tools/setup`: what this machine lacks, and what a bare-metal cargo needs to know.

use std::process::Stdio;

use crate::cli::Result;
use crate::repository::{output_of, program, root, run};

/// Installs what is missing for `needs`. Quick and silent where nothing is.
pub fn prepare(needs: &[&str]) -> Result {
    // It asks before it installs, and only asks a terminal.
    run(program(root().join("tools/setup"))
        .args(needs)
        .stdin(Stdio::inherit()))
}

/// The environment of a cargo that builds for bare metal: names and values.
pub fn bare_metal_environment() -> Result<Vec<(String, String)>> {
    output_of(program(root().join("tools/setup")).arg("env")).map(|text| parse(&text))
}

fn parse(text: &str) -> Vec<(String, String)> {
    text.lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_split_at_its_first_equals_sign() {
        let flags = ("FLAGS".to_string(), "--sysroot=/a b".to_string());
        assert_eq!(parse("FLAGS=--sysroot=/a b\n"), [flags]);
        assert_eq!(parse(""), []);
    }
}
