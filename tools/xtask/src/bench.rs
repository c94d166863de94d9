//! `bench`: counts instructions in QEMU and bytes in the image, twice, and compares the figures with
//! the design's.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use qemu::{Machine, Options};

use crate::apps;
use crate::cli::Result;
use crate::elf_sizes;
use crate::kernel_image::{self, Flavour};
use crate::repository::target;
use crate::setup;
use crate::targets::{TARGETS, Target};

/// The longest that one image may take. It takes seconds; a loaded host may take longer.
const LIMIT: Duration = Duration::from_secs(300);

/// The apps that are loaded when the boot is measured.
const FOUR_APPS: [&str; 4] = ["hello", "count", "blink", "calculator"];

/// The processes in a crowd.
const CROWD: usize = 1_000;

/// QEMU's exit status after a write of 0x10 to port 0xf4, which is how a measurement ends.
const DONE: i32 = 0x10 << 1 | 1;

/// The kernel's command line where it is apps that measure.
const MEASURE_APPS: &str = "panic=exit measure=apps";

/// Figures by their names: instructions, unless a name says otherwise.
pub type Figures = BTreeMap<String, u64>;

/// Builds, measures, prints a table and writes `target/bench.json`.
pub fn run() -> Result {
    setup::prepare(&["build", "run"])?;
    let kernel = kernel_image::build(Flavour::Ordinary)?.kernel();
    let images = kernel_image::build(Flavour::Bench)?;
    let tbfs = apps::pack_all()?;
    let measure_all = || -> Result<Figures> {
        let mut figures = measure(options(&images.benchmarks()))?;
        let machine = options(&images.kernel());
        let few = FOUR_APPS.map(|name| tbf(&tbfs, name));
        figures.extend(measure(machine.clone().apps(few))?);
        figures.extend(measure(client_and_server(&images.kernel(), &tbfs))?);
        let machine = machine.command_line(MEASURE_APPS);
        let crowd = vec![tbf(&tbfs, "bench.sleeper"); CROWD - 1];
        let crowd = crowd.into_iter().chain([tbf(&tbfs, "bench.crowd")]);
        figures.extend(measure(machine.memory_mib(512).apps(crowd))?);
        Ok(figures)
    };
    let mut figures = measure_all()?;
    let differences = differences(&figures, &measure_all()?);

    let sizes = elf_sizes::of(&kernel)?;
    figures.insert("kernel_text_bytes".into(), sizes.text_bytes);
    figures.insert("kernel_data_bytes".into(), sizes.data_bytes);
    figures.insert("kernel_bss_bytes".into(), sizes.bss_bytes);
    print!("{}", table(&figures));
    write(&figures)?;
    if differences.is_empty() {
        return Ok(());
    }
    Err(format!(
        "TWO RUNS DIFFER, so these figures mean nothing:\n{}",
        differences.join("\n")
    ))
}

/// The machine in which apps measure system calls and messages.
pub fn client_and_server(kernel: &Path, tbfs: &Path) -> Options {
    let pair = ["bench.server", "bench.client"].map(|name| tbf(tbfs, name));
    options(kernel).command_line(MEASURE_APPS).apps(pair)
}

/// A machine that counts instructions.
fn options(image: &Path) -> Options {
    Options::kernel(image)
        .command_line("panic=exit")
        .memory_mib(128)
        .icount()
}

fn tbf(folder: &Path, process: &str) -> PathBuf {
    folder.join(format!("{process}.tbf"))
}

/// Runs a machine that prints its figures to port 0xe9, or as an app to the serial line.
fn measure(options: Options) -> Result<Figures> {
    let mut machine = Machine::try_boot(&options)?;
    let status = machine.try_wait_exit(LIMIT);
    let said = machine.debug_console();
    let mut figures = parse(&said);
    figures.extend(parse(&figure_lines(&machine.transcript())));
    if status == Some(DONE) && !figures.is_empty() {
        return Ok(figures);
    }
    let end = match status {
        Some(DONE) => "ended without a figure".into(),
        Some(status) => format!("ended with status {status}, not {DONE}"),
        None => format!("did not end in {LIMIT:?}"),
    };
    Err(format!(
        "the machine {end}\n--- port 0xe9:\n{said}\n--- serial:\n{}",
        machine.transcript()
    ))
}

/// Takes the lines of the form `name value`; a kernel may have more to say.
fn parse(text: &str) -> Figures {
    let figure = |line: &str| {
        let (name, value) = line.trim_end().split_once(' ')?;
        Some((name.to_string(), value.parse().ok()?))
    };
    text.lines().filter_map(figure).collect()
}

/// The lines `figure NAME VALUE` of a terminal, wherever the prompt has been.
fn figure_lines(terminal: &str) -> String {
    let figures = terminal
        .lines()
        .filter_map(|line| Some(line.split_once("figure ")?.1));
    figures.map(|figure| format!("{figure}\n")).collect()
}

fn differences(first: &Figures, second: &Figures) -> Vec<String> {
    let text = |value: Option<&u64>| value.map_or("nothing".into(), u64::to_string);
    let mut names: Vec<&String> = first.keys().chain(second.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let differs = |name: &&&String| first.get(**name) != second.get(**name);
    let describe = |name: &String| {
        format!(
            "  {name}: {}, then {}",
            text(first.get(name)),
            text(second.get(name))
        )
    };
    names
        .iter()
        .filter(differs)
        .map(|name| describe(name))
        .collect()
}

fn table(figures: &Figures) -> String {
    let missing = TARGETS
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !figures.contains_key(*name));
    let names = figures.keys().map(String::as_str).chain(missing);
    let mut table = String::new();
    for name in names {
        let value = figures.get(name).copied();
        let target = Target::of(name);
        let verdict = match (target, value) {
            (None, _) => "",
            (_, None) => "not measured",
            (Some(target), Some(value)) => {
                let met = target.is_met(value, |other| figures.get(other).copied());
                if met { "met" } else { "MISSED" }
            }
        };
        let value = value.map_or("-".into(), |value| value.to_string());
        let target = target.map_or(String::new(), Target::describe);
        table += format!("{name:<24}{value:>10}  {target:<30}{verdict}").trim_end();
        table += "\n";
    }
    table
}

fn write(figures: &Figures) -> Result {
    let path = target("bench.json");
    let json = qemu::json!(figures);
    fs::write(&path, format!("{json:#}\n")).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(text: &str) -> Figures {
        parse(text)
    }

    #[test]
    fn lines_that_are_no_figures_are_passed_over() {
        let figures = figures("Capsa is up\r\ncommand_existing 97\r\ntext here\nname -1\n");
        assert_eq!(figures, Figures::from([("command_existing".into(), 97)]));
    }

    #[test]
    fn figures_of_two_runs_are_compared_by_name() {
        let differences = differences(&figures("a 1\nb 2\nc 3"), &figures("a 1\nb 3\nd 4"));
        let expected = [
            "  b: 2, then 3",
            "  c: 3, then nothing",
            "  d: nothing, then 4",
        ];
        assert_eq!(differences, expected);
    }

    #[test]
    fn the_table_says_which_targets_are_missed() {
        let table = table(&figures(
            "command_existing 97\nboot_to_prompt 1000001\nother 5",
        ));
        let row = |name| -> Vec<&str> {
            let line = table.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().collect()
        };
        assert_eq!(
            row("command_existing"),
            ["command_existing", "97", "<=", "100", "met"]
        );
        assert_eq!(
            row("boot"),
            ["boot_to_prompt", "1000001", "<=", "1000000", "MISSED"]
        );
        assert_eq!(row("other"), ["other", "5"]);
        assert_eq!(
            row("alarm_set_fire_10 "),
            ["alarm_set_fire_10", "-", "<=", "350", "not", "measured"]
        );
    }
}
