//! Prints a line and ends.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

use capsa::{println, process};

capsa::app!(main);

fn main() {
    println!("{}: hello, world", process::name());
}

#[cfg(test)]
mod tests {
    use capsa::fake::Kernel;

    #[test]
    fn one_line_is_printed() {
        let kernel = Kernel::new();
        assert_eq!(kernel.run(super::main), 0);
        assert_eq!(kernel.console(), "app: hello, world\n");
    }
}
