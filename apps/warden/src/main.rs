//! Counts the processes, which takes a permission, and tries what it has no permission for.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

use capsa::{led, low_level_debug, println, syscall};

capsa::app!(main);

const PROCESS_INFO: usize = 0x1_0002;
const COUNT: usize = 1;
const CHANGE: usize = 6;

fn main() {
    let info = |command| syscall::command(PROCESS_INFO, command, 0, 0);
    println!("warden: processes {:?}", info(COUNT).u32());
    println!("warden: change {:?}", info(CHANGE).unit());
    println!("warden: lights {:?}", led::count());
    println!("warden: debug {:?}", low_level_debug::print(1));
}

#[cfg(test)]
mod tests {
    use capsa::fake::Kernel;

    #[test]
    fn without_a_filter_there_are_lights() {
        let kernel = Kernel::new();
        super::main();
        assert!(kernel.console().contains("warden: lights Ok(3)\n"));
    }
}
