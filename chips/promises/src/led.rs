//! Lights: [`kernel::hil::led`].

use kernel::hil::led::Led;

use crate::{Verdict, ensure};

/// Hands the names of this suite's promises to the macro `$each`.
#[macro_export]
macro_rules! led_promises {
    ($each:ident) => {
        $each! {
            on_takes_effect_before_it_returns
            off_takes_effect_before_it_returns
            toggle_turns_on_what_is_off_and_off_what_is_on
        }
    };
}

/// The suite.
pub struct Suite<'a> {
    light: &'a dyn Led,
}

impl Suite<'_> {
    /// The suite for `light`.
    pub fn new(light: &'static dyn Led) -> Self {
        Self { light }
    }

    /// Prepares the light.
    pub fn start(&self) {
        self.light.init();
    }

    led_promises!(by_name);

    async fn on_takes_effect_before_it_returns(&self) -> Verdict {
        for _ in 0..2 {
            self.light.on();
            ensure(self.light.read(), "it is off")?;
        }
        Ok(())
    }

    async fn off_takes_effect_before_it_returns(&self) -> Verdict {
        self.light.on();
        for _ in 0..2 {
            self.light.off();
            ensure(!self.light.read(), "it is on")?;
        }
        Ok(())
    }

    async fn toggle_turns_on_what_is_off_and_off_what_is_on(&self) -> Verdict {
        self.light.off();
        self.light.toggle();
        ensure(self.light.read(), "it is off after the first time")?;
        self.light.toggle();
        ensure(!self.light.read(), "it is on after the second time")
    }
}
