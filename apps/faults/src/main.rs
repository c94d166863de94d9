//! Does one thing that no app may do, or that no app does: the one that its process is named after.
//!
//! The same image is packed once for each: `faults.null_read` reads address 0. A process of [`FATAL`] must end as
//! faulted; one of [`HARMLESS`] must end by itself, with completion code 0. Neither may harm anyone else.
#![cfg_attr(target_os = "none", no_std, no_main)]

mod instructions;
mod memory;
mod system_calls;

use capsa::{print, println, process};

use instructions as i;
use memory as m;
use system_calls as s;

capsa::app!(main);

/// Acts by their names.
type Acts<T> = [(&'static str, fn() -> T)];

/// What must end as a fault.
const FATAL: &Acts<()> = &[
    ("null_read", m::null_read),
    ("null_write", m::null_write),
    ("null_call", m::null_call),
    ("kernel_read", m::kernel_read),
    ("kernel_write", m::kernel_write),
    ("kernel_call", m::kernel_call),
    ("low_memory_read", m::low_memory_read),
    ("noncanonical_read", m::noncanonical_read),
    ("noncanonical_call", m::noncanonical_call),
    ("image_write", m::image_write),
    ("image_end_read", m::image_end_read),
    ("ram_end_read", m::ram_end_read),
    ("ram_call", m::ram_call),
    ("stack_overflow", m::stack_overflow),
    ("stack_lost", m::stack_lost),
    ("divide_by_zero", i::divide_by_zero),
    ("undefined", i::undefined),
    ("breakpoint", i::breakpoint),
    ("debug_trap", i::debug_trap),
    ("single_step", i::single_step),
    ("interrupt_0x20", i::interrupt_0x20),
    ("interrupt_0x80", i::interrupt_0x80),
    ("interrupts_off", i::interrupts_off),
    ("halt", i::halt),
    ("port_in", i::port_in),
    ("port_out", i::port_out),
    ("read_cr3", i::read_cr3),
    ("read_msr", i::read_msr),
    ("load_gdt", i::load_gdt),
    ("far_return", i::far_return),
    ("unknown_class", s::unknown_class),
    ("unknown_yield", s::unknown_yield),
];

/// What must do no harm, and returns whether the answer was right.
const HARMLESS: &Acts<bool> = &[
    ("no_stack", s::no_stack),
    ("direction_flag", s::direction_flag),
    ("alignment_flag", s::alignment_flag),
    ("lend_kernel", s::lend_kernel),
    ("lend_beyond", s::lend_beyond),
    ("lend_wrapping", s::lend_wrapping),
    ("lend_image_to_write", s::lend_image_to_write),
    ("subscribe_kernel", s::subscribe_kernel),
    ("break_beyond", s::break_beyond),
    ("break_below", s::break_below),
    ("no_driver", s::no_driver),
    ("unknown_exit", s::unknown_exit),
    ("yield_to_kernel", s::yield_to_kernel),
];

fn main() {
    let name = process::name();
    let act = name.split_once('.').map_or("", |(_, act)| act);
    if let Some((_, act)) = FATAL.iter().find(|(known, _)| *known == act) {
        act();
        println!("{name}: went on");
    } else if let Some((_, act)) = HARMLESS.iter().find(|(known, _)| *known == act) {
        if act() {
            return;
        }
        println!("{name}: got a wrong answer");
    } else {
        print!("{name}: it can be");
        for known in names() {
            print!(" {known}");
        }
        println!();
    }
    process::exit(1);
}

fn names() -> impl Iterator<Item = &'static str> {
    let fatal = FATAL.iter().map(|(name, _)| *name);
    fatal.chain(HARMLESS.iter().map(|(name, _)| *name))
}

#[cfg(test)]
mod tests {
    use capsa::fake::Kernel;

    #[test]
    fn there_is_a_process_for_each_name() {
        let manifest = include_str!("../Cargo.toml");
        let (_, variants) = manifest.split_once("\nvariants = [").unwrap();
        let (variants, _) = variants.split_once(']').unwrap();
        let variants: Vec<&str> = variants.split('"').skip(1).step_by(2).collect();
        assert_eq!(variants, super::names().collect::<Vec<&str>>());
    }

    #[test]
    fn a_process_of_another_name_lists_them() {
        let kernel = Kernel::new();
        assert_eq!(kernel.run(super::main), 1);
        assert!(
            kernel
                .console()
                .starts_with("app: it can be null_read null_write")
        );
    }
}
