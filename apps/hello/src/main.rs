//! Prints a line and ends.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

use capsa::println;

capsa::app!(main);

fn main() {
    println!("hello: hello, world");
}

#[cfg(test)]
mod tests {
    use capsa::fake::Kernel;

    #[test]
    fn one_line_is_printed() {
        let kernel = Kernel::new();
        super::main();
        assert_eq!(kernel.console(), "hello: hello, world\n");
    }
}
