//! The status bar: lights, time since boot and tasks, in one row of a screen.

use core::{
    convert::Infallible,
    fmt::{self, Write},
};

use capsules_core::{Clock, Output};
use heapless::String;
use kernel::{Kernel, hil::led::Led};

/// How often the bar looks for changes.
const PERIOD_MS: u32 = 100;

/// Room for the bar's text, control sequences included.
const TEXT_BYTES: usize = 256;

/// Shows the bar on `output`, a row by itself, for ever.
pub async fn run(
    output: &Output<'_>,
    clock: &Clock<'_>,
    kernel: &Kernel,
    lights: &[(&str, &dyn Led)],
) -> Infallible {
    let mut shown = String::<TEXT_BYTES>::new();
    loop {
        let mut text = String::new();
        // A bar that does not fit is cut: the row has no more room either.
        let _ = draw(&mut text, clock, kernel, lights);
        if text != shown {
            output.print(format_args!("{text}")).await;
            shown = text;
        }
        clock.after(PERIOD_MS).await;
    }
}

fn draw(
    text: &mut impl Write,
    clock: &Clock<'_>,
    kernel: &Kernel,
    lights: &[(&str, &dyn Led)],
) -> fmt::Result {
    let seconds = clock.now_us() / 1_000_000;
    write!(text, "\r\x1b[97;44m Capsa  ")?;
    for (_, led) in lights {
        write!(
            text,
            "{}",
            if led.read() {
                "\x1b[93m■ "
            } else {
                "\x1b[30m■ "
            }
        )?;
    }
    write!(
        text,
        "\x1b[97m  up {}:{:02}:{:02}  {} of {} tasks ready\x1b[K",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        kernel.tasks_ready(),
        kernel.tasks().count()
    )
}
