//! Turns each light on and off in turn.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

use capsa::{Result, alarm, led};

capsa::app!(main);

const PERIOD_MS: u32 = 500;

fn main() {
    // Without lights there is nothing to do.
    while once_around(|| alarm::sleep_ms(PERIOD_MS)).is_ok() {}
}

fn once_around(pause: impl Fn()) -> Result {
    for light in 0..led::count()? {
        led::turn_on(light)?;
        pause();
        led::turn_off(light)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use capsa::fake::Kernel;
    use std::cell::RefCell;

    #[test]
    fn one_light_is_on_at_a_time() {
        let kernel = Kernel::new();
        let seen = RefCell::new(Vec::new());
        once_around(|| seen.borrow_mut().push(kernel.lights())).unwrap();
        let (on, off) = (true, false);
        assert_eq!(
            seen.take(),
            [[on, off, off], [off, on, off], [off, off, on]]
        );
        assert_eq!(kernel.lights(), [off; 3]);
    }
}
