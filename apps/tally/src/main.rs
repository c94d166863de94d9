//! Calls a capsule, and prints what it answers: `capsules/extra/src/tally.rs` says what it can do.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

use capsa::{Result, completion::Completion, println, process, syscall, tasks};

capsa::app!(main);

/// The capsule's number.
const DRIVER: usize = 0x8000_0100;

/// The command that adds to the count.
const ADD: usize = 1;
/// The upcall that follows.
const COUNTED: usize = 0;

fn main() {
    let name = process::name();
    match syscall::exists(DRIVER) {
        Ok(()) => add_some().unwrap_or_else(|error| println!("{name}: {error}")),
        Err(error) => println!("{name}: there is no driver {DRIVER:#x} for it: {error}"),
    }
}

fn add_some() -> Result {
    static COUNT: Completion = Completion::new();
    COUNT.subscribe(DRIVER, COUNTED)?;
    for number in 1..=3 {
        syscall::command(DRIVER, ADD, number, 0).unit()?;
        let [count, sum, _] = tasks::block_on(COUNT.wait());
        println!("{}: {count} of {sum}", process::name());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use capsa::ErrorCode;
    use capsa::fake::{Kernel, Reply};

    #[test]
    fn what_is_added_is_told_with_the_sum_of_all_apps() {
        let kernel = Kernel::new();
        let mut count = 0;
        kernel.add_driver(DRIVER, move |command, number, _| match command {
            0 => Reply::success(),
            ADD => {
                count += number;
                Reply::success().and_upcall(COUNTED, [count, 10 + count, 0])
            }
            _ => Reply::failure(ErrorCode::NOSUPPORT),
        });
        main();
        assert_eq!(
            kernel.console(),
            "app: 1 of 11\napp: 3 of 13\napp: 6 of 16\n"
        );
    }

    #[test]
    fn a_failure_is_told() {
        let kernel = Kernel::new();
        kernel.add_driver(DRIVER, |command, _, _| match command {
            0 => Reply::success(),
            _ => Reply::failure(ErrorCode::INVAL),
        });
        main();
        assert_eq!(kernel.console(), "app: INVAL\n");
    }

    #[test]
    fn without_the_capsule_the_app_says_so() {
        let kernel = Kernel::new();
        main();
        let text = "app: there is no driver 0x80000100 for it: NODEVICE\n";
        assert_eq!(kernel.console(), text);
    }
}
