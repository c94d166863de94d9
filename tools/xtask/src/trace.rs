//! `trace`: the instructions of a system call, one after the other, as QEMU executes them.
//!
//! The machine is the one in which `bench` measures: the first thing that its client does ten thousand times is to
//! ask a driver whether it is there (`command_existing`).

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{collections::BTreeMap, fs};

use object::{File as Elf, Object, ObjectSymbol, SymbolKind};
use qemu::Machine;

use crate::apps;
use crate::bench;
use crate::cli::Result;
use crate::kernel_image::{self, Flavour};
use crate::repository::{output_of, program, target};
use crate::setup;

/// The function in which the kernel begins to serve a system call.
const ENTRY: &str = "chip_x86_64::doors::system_call";

/// How often a call must come in the same way before it is taken for the one that is repeated.
const REPETITIONS: usize = 50;

/// The longest that this may take; it takes seconds.
const LIMIT: Duration = Duration::from_secs(300);

/// The addresses of apps: their images, and then the first of what is the kernel's.
const APPS: (u64, u64) = (0x40_0000, 0x4f_ffff);
const APPS_END: u64 = 1 << 30;

/// An instruction that was executed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// The function that it is in.
    pub function: String,
    /// As QEMU writes it.
    pub text: String,
}

/// Traces a system call, and prints its instructions.
pub fn run() -> Result {
    print!("{}", listing(&system_call()?));
    Ok(())
}

/// The instructions of a system call that reaches a driver, from the kernel's first one to the app's last one.
pub fn system_call() -> Result<Vec<Step>> {
    setup::prepare(&["build", "run"])?;
    let kernel = kernel_image::build(Flavour::Bench)?.kernel();
    let tbfs = apps::pack_all()?;
    let functions = Functions::of(&kernel)?;
    let entry = functions.address(ENTRY)?;
    let log = target("trace.log");
    // What was traced before would be taken for this machine's.
    let _ = fs::remove_file(&log);
    let (first, last) = functions.range();
    let options = bench::client_and_server(&kernel, &tbfs)
        .accelerator(one_instruction_a_block()?)
        .arguments(["-d", "exec,nochain,in_asm", "-dfilter"])
        .arguments([format!(
            "{first:#x}..{last:#x},{:#x}..{:#x}",
            APPS.0, APPS.1
        )])
        .arguments(["-D".as_ref(), log.as_os_str()]);
    let mut machine = Machine::try_boot(&options)?;
    let mut calls = Calls::new(entry);
    let deadline = Instant::now() + LIMIT;
    let mut lines = BufReader::new(open(&log, deadline)?);
    let mut line = Vec::new();
    while !calls.take(&line) {
        line.clear();
        // The file grows: a line that has no end yet is read on.
        while !line.ends_with(b"\n") {
            let read = lines.read_until(b'\n', &mut line);
            if read.map_err(|error| error.to_string())? == 0 {
                if Instant::now() > deadline || machine.try_wait_exit(Duration::ZERO).is_some() {
                    return Err("the machine has ended, and no system call was repeated".into());
                }
                sleep(Duration::from_millis(10));
            }
        }
    }
    let _ = fs::remove_file(log);
    Ok(calls.steps(&functions))
}

fn open(log: &Path, deadline: Instant) -> Result<File> {
    loop {
        match File::open(log) {
            Ok(file) => return Ok(file),
            Err(_) if Instant::now() < deadline => sleep(Duration::from_millis(10)),
            Err(error) => return Err(format!("{}: {error}", log.display())),
        }
    }
}

/// QEMU's accelerator, told to look at its log before each instruction. The option has another name since 8.1.
fn one_instruction_a_block() -> Result<&'static str> {
    let version = output_of(program(qemu::QEMU).arg("--version"))?;
    let is_old = ["version 7.", "version 8.0"]
        .iter()
        .any(|it| version.contains(it));
    Ok(if is_old {
        "tcg -singlestep"
    } else {
        "tcg,one-insn-per-tb=on"
    })
}

/// The kernel's functions by their addresses.
struct Functions(BTreeMap<u64, String>);

impl Functions {
    fn of(kernel: &Path) -> Result<Self> {
        let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", kernel.display());
        let bytes = fs::read(kernel).map_err(|error| failed(&error))?;
        let elf = Elf::parse(&*bytes).map_err(|error| failed(&error))?;
        let functions = elf
            .symbols()
            .filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.size() > 0);
        let named = functions.filter_map(|symbol| {
            let name = rustc_demangle::demangle(symbol.name().ok()?);
            Some((symbol.address(), format!("{name:#}")))
        });
        Ok(Self(named.collect()))
    }

    fn address(&self, name: &str) -> Result<u64> {
        let found = self.0.iter().find(|(_, known)| *known == name);
        found
            .map(|(address, _)| *address)
            .ok_or(format!("the kernel has no function {name}"))
    }

    /// From the first function to somewhat after the last.
    fn range(&self) -> (u64, u64) {
        let first = self.0.first_key_value().map_or(0, |(address, _)| *address);
        let last = self.0.last_key_value().map_or(0, |(address, _)| *address);
        (first, last | 0xfff)
    }

    fn name(&self, address: u64) -> &str {
        if address < APPS_END {
            return "the app";
        }
        let function = self.0.range(..=address).next_back();
        function.map_or("?", |(_, name)| name)
    }
}

/// System calls, as they come out of QEMU's log.
struct Calls {
    entry: u64,
    /// The instructions of the call so far, and of the one before.
    call: Vec<u64>,
    before: Vec<u64>,
    repetitions: usize,
    texts: BTreeMap<u64, String>,
}

impl Calls {
    fn new(entry: u64) -> Self {
        Self {
            entry,
            call: Vec::new(),
            before: Vec::new(),
            repetitions: 0,
            texts: BTreeMap::new(),
        }
    }

    /// Takes a line. Returns whether a call has come often enough in the same way.
    fn take(&mut self, line: &[u8]) -> bool {
        let line = String::from_utf8_lossy(line);
        if let Some(address) = executed(&line) {
            if address == self.entry {
                self.repetitions = match self.call == self.before {
                    true => self.repetitions + 1,
                    false => 0,
                };
                self.before = std::mem::take(&mut self.call);
            }
            self.call.push(address);
        } else if let Some((address, text)) = disassembled(&line) {
            self.texts.insert(address, text);
        }
        self.repetitions >= REPETITIONS
    }

    fn steps(&self, functions: &Functions) -> Vec<Step> {
        let step = |address: &u64| Step {
            function: functions.name(*address).to_owned(),
            text: self.texts.get(address).cloned().unwrap_or_default(),
        };
        self.before.iter().map(step).collect()
    }
}

/// `Trace 0: 0x7f… [cs base/address/flags/flags] function`.
fn executed(line: &str) -> Option<u64> {
    let (_, fields) = line.strip_prefix("Trace ")?.split_once('[')?;
    u64::from_str_radix(fields.split('/').nth(1)?, 16).ok()
}

/// `0xaddress:  bytes  instruction`.
fn disassembled(line: &str) -> Option<(u64, String)> {
    let (address, rest) = line.strip_prefix("0x")?.split_once(": ")?;
    let is_byte = |word: &&str| word.len() == 2 && u8::from_str_radix(word, 16).is_ok();
    let words = rest.split_whitespace().skip_while(is_byte);
    let text = words.collect::<Vec<_>>().join(" ");
    Some((u64::from_str_radix(address, 16).ok()?, text))
}

/// Runs of instructions in one function.
pub fn runs(steps: &[Step]) -> impl Iterator<Item = &[Step]> {
    steps.chunk_by(|one, next| one.function == next.function)
}

/// The instructions, a block for each run in one function. Addresses in them are those of one build, and left out.
pub fn listing(steps: &[Step]) -> String {
    let mut listing = String::new();
    for run in runs(steps) {
        if !listing.is_empty() {
            listing += "\n";
        }
        listing += &format!("{}: {}\n", run[0].function, run.len());
        for step in run {
            listing += &format!("  {}\n", without_addresses(&step.text));
        }
    }
    listing
}

/// The instruction with dots in the place of addresses: of numbers of five digits or more that are no immediates.
fn without_addresses(instruction: &str) -> String {
    let mut parts = instruction.split("0x");
    let mut rest = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_digit = |letter: char| letter.is_ascii_hexdigit();
        let after = part.trim_start_matches(is_digit);
        let is_address = part.len() - after.len() >= 5 && !rest.ends_with('$');
        rest += &match is_address {
            true => format!("…{after}"),
            false => format!("0x{part}"),
        };
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: &str = "\
Trace 0: 0x7f1e [0000000000000000/ffffffff80100514/0040c0b0/ff020201] system_call
----------------
IN: system_call
0xffffffff80100514:  4c 8b 05 0d 6b 04 00     movq     0x46b0d(%rip), %r8

Trace 0: 0x7f1e [0000000000000000/00000000004001d7/0040c0b3/ff020201]
";

    #[test]
    fn a_call_that_is_repeated_is_found_with_its_instructions() {
        let mut calls = Calls::new(0xffff_ffff_8010_0514);
        let other = CALL.replace("4001d7", "400200");
        let log = other + &CALL.repeat(REPETITIONS + 2);
        let taken = log.lines().position(|line| calls.take(line.as_bytes()));
        assert!(taken.is_some_and(|lines| lines > REPETITIONS));
        let functions = Functions(BTreeMap::from([(0xffff_ffff_8010_0500, "door".into())]));
        let step = |function: &str, text: &str| Step {
            function: function.into(),
            text: text.into(),
        };
        let expected = [step("door", "movq 0x46b0d(%rip), %r8"), step("the app", "")];
        assert_eq!(calls.steps(&functions), expected);
        let listed = listing(&expected);
        assert_eq!(listed, "door: 1\n  movq …(%rip), %r8\n\nthe app: 1\n  \n");
    }

    #[test]
    fn an_address_is_left_out_and_an_offset_is_not() {
        let shown = [
            ("je 0xffffffff80102ae1", "je …"),
            ("callq *0x46ad9(%rip)", "callq *…(%rip)"),
            ("movq %rsp, 0xa0(%r8)", "movq %rsp, 0xa0(%r8)"),
            ("movabsq $0xb00000000, %rsi", "movabsq $0xb00000000, %rsi"),
            ("jmpq *-0x7feca850(, %rsi, 8)", "jmpq *-…(, %rsi, 8)"),
        ];
        for (instruction, expected) in shown {
            assert_eq!(without_addresses(instruction), expected);
        }
    }
}
