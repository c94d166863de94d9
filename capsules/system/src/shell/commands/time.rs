//! Commands about time.

use kernel::hil::date_time::DateTimeValues;

use super::{Context, say};

super::table! {
    "uptime" "" "how long the machine has been running" => uptime;
    "date" "" "date and time of day, as the machine's clock has them" => date;
    "sleep" "MS" "waits; everything else goes on" => sleep;
}

async fn uptime(context: &Context<'_, '_>, _: &str) {
    let us = context.terminal.clock.now_us();
    let seconds = us / 1_000_000;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    say!(
        context,
        "up {hours}:{minutes:02}:{:02}.{:06}\n",
        seconds % 60,
        us % 1_000_000
    );
}

async fn date(context: &Context<'_, '_>, _: &str) {
    match context.machine.calendar.now().await {
        Ok(now) => {
            let DateTimeValues {
                year,
                month,
                day,
                day_of_week,
                hour,
                minute,
                seconds,
            } = now;
            let month = month as u8 + 1;
            say!(
                context,
                "{day_of_week:?} {year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{seconds:02}\n"
            );
        }
        Err(error) => say!(context, "date: the clock can't be read ({error:?})\n"),
    }
}

async fn sleep(context: &Context<'_, '_>, arguments: &str) {
    match arguments.parse() {
        Ok(ms) => context.terminal.clock.after(ms).await,
        Err(_) => say!(
            context,
            "sleep: how many milliseconds? As in `sleep 1000`.\n"
        ),
    }
}
