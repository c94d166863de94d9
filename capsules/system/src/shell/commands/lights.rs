//! Commands about lights.

use core::{
    fmt::{self, Display},
    str::SplitWhitespace,
};

use kernel::hil::led::Led;

use super::{Context, say, text};
use crate::shell::{BLINKERS, Blink};

super::table! {
    "led" "ACTION [N]" "lights: list, on N, off N, toggle N, blink N MS, stop N" => led;
}

async fn led(context: &Context<'_, '_>, arguments: &str) {
    let mut words = arguments.split_whitespace();
    let done = match words.next() {
        None | Some("list") => return say!(context, "{}", list(context)),
        Some(action) => act(context, action, words),
    };
    if let Err(complaint) = done {
        say!(context, "led: {complaint}\n");
    }
}

/// Does an action other than listing, with the words that follow it.
fn act(
    context: &Context<'_, '_>,
    action: &str,
    mut words: SplitWhitespace<'_>,
) -> Result<(), Complaint> {
    match action {
        "on" => steady(context, &mut words)?.on(),
        "off" => steady(context, &mut words)?.off(),
        "toggle" => steady(context, &mut words)?.toggle(),
        "stop" => {
            let (number, _) = light(context, &mut words)?;
            stop(context, number)
                .then_some(())
                .ok_or(Complaint::NotBlinking)?;
        }
        "blink" => {
            let (number, _) = light(context, &mut words)?;
            let period_ms = words.next().and_then(|word| word.parse().ok());
            let period_ms = period_ms
                .filter(|ms| *ms > 0)
                .ok_or(Complaint::WhichPeriod)?;
            stop(context, number);
            let blink = Blink {
                light: number,
                period_ms,
            };
            context
                .machine
                .blinkers
                .spawn(blink)
                .map_err(|_| Complaint::AllBusy)?;
        }
        _ => return Err(Complaint::WhichAction),
    }
    Ok(())
}

/// The light that the next word means, and its number.
fn light<'a>(
    context: &Context<'_, 'a>,
    words: &mut SplitWhitespace<'_>,
) -> Result<(usize, &'a dyn Led), Complaint> {
    let number = words
        .next()
        .and_then(|word| word.parse().ok())
        .ok_or(Complaint::WhichLight)?;
    let lights = context.machine.lights;
    let (_, light) = lights.get(number).ok_or(Complaint::NoSuchLight {
        number,
        lights: lights.len(),
    })?;
    Ok((number, *light))
}

/// The same, which blinks no longer.
fn steady<'a>(
    context: &Context<'_, 'a>,
    words: &mut SplitWhitespace<'_>,
) -> Result<&'a dyn Led, Complaint> {
    let (number, light) = light(context, words)?;
    stop(context, number);
    Ok(light)
}

/// Why a line could not be carried out.
enum Complaint {
    WhichAction,
    WhichLight,
    WhichPeriod,
    NoSuchLight { number: usize, lights: usize },
    NotBlinking,
    AllBusy,
}

impl Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WhichAction => f.write_str("list, on, off, toggle, blink or stop?"),
            Self::WhichLight => f.write_str("which light? `led list` lists them"),
            Self::WhichPeriod => f.write_str("how many milliseconds? As in `led blink 3 500`"),
            Self::NoSuchLight { number, lights } => {
                write!(
                    f,
                    "there is no light {number}, only 0 to {}",
                    lights.saturating_sub(1)
                )
            }
            Self::NotBlinking => f.write_str("that light does not blink"),
            Self::AllBusy => {
                write!(
                    f,
                    "{BLINKERS} lights blink, which is all that can: `led stop N` first"
                )
            }
        }
    }
}

fn list(context: &Context<'_, '_>) -> impl Display {
    text(move |f| {
        for (number, (name, light)) in context.machine.lights.iter().enumerate() {
            let state = if light.read() { "on" } else { "off" };
            write!(f, "{number:3}  {name:12} {state}")?;
            if let Some((_, blink)) = blinking(context, number) {
                write!(f, ", toggled every {} ms", blink.period_ms)?;
            }
            writeln!(f)?;
        }
        Ok(())
    })
}

/// Ends the blinking of a light; whether it blinked.
fn stop(context: &Context<'_, '_>, light: usize) -> bool {
    let worker = blinking(context, light).map(|(worker, _)| worker);
    worker.is_some_and(|worker| context.machine.blinkers.cancel(worker).is_ok())
}

fn blinking(context: &Context<'_, '_>, light: usize) -> Option<(usize, Blink)> {
    context
        .machine
        .blinkers
        .jobs()
        .find(|(_, blink)| blink.light == light)
}
