//! Prints a number each second, and keeps the pace.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

use capsa::{Result, alarm, println, process, tasks};

capsa::app!(main);

const PERIOD_MS: u32 = 1000;

fn main() {
    let counted = tasks::block_on(count(u32::MAX));
    if let Err(error) = counted {
        println!("{}: there is no clock: {error}", process::name());
    }
}

async fn count(last: u32) -> Result {
    let mut time = alarm::now()?;
    let period = alarm::ticks_of_ms(PERIOD_MS)?;
    for number in 1..=last {
        println!("{}: {number}", process::name());
        time += period;
        alarm::sleep_until(time).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use capsa::fake::Kernel;

    #[test]
    fn a_number_is_printed_each_second() {
        let kernel = Kernel::new();
        tasks::block_on(count(3)).unwrap();
        assert_eq!(kernel.console(), "app: 1\napp: 2\napp: 3\n");
        assert_eq!(kernel.now_ms(), 3000);
    }
}
