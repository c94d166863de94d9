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

    #[test]
    fn the_callers_path_for_cd_is_not_followed() {
        let scratch = std::env::temp_dir().join(format!("capsa-setup-{}", std::process::id()));
        std::fs::create_dir_all(scratch.join("tools")).unwrap();
        let mut setup = program("bash");
        setup.args(["tools/setup", "env"]).env("CDPATH", &scratch);
        let output = setup.output().unwrap();
        std::fs::remove_dir_all(&scratch).unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(!said.contains(scratch.to_str().unwrap()), "{said}");
    }
}
