//! Commands about the shell itself.

use super::{Context, rows, say, text};

/// Clears a terminal and puts its cursor in the first place.
pub const CLEAR: &str = "\x1b[2J\x1b[H";

super::table! {
    "help" "" "lists the commands" => help;
    "clear" "" "clears the screen" => clear;
    "echo" "TEXT" "prints TEXT" => echo;
    "history" "" "lists the lines entered before" => history;
}

const HINT: &str = "Tab completes a command, Up and Down bring back lines, Ctrl-C ends a command.";

async fn help(context: &Context<'_, '_>, _: &str) {
    let table = text(|f| {
        for row in rows() {
            writeln!(f, "  {:8} {:12} {}", row.name, row.arguments, row.summary)?;
        }
        writeln!(f, "{HINT}")
    });
    say!(context, "{table}");
}

async fn clear(context: &Context<'_, '_>, _: &str) {
    say!(context, "{CLEAR}");
}

async fn echo(context: &Context<'_, '_>, arguments: &str) {
    say!(context, "{arguments}\n");
}

async fn history(context: &Context<'_, '_>, _: &str) {
    let table = text(|f| {
        for (index, line) in context.history.iter().enumerate() {
            writeln!(f, "{:4}  {line}", index + 1)?;
        }
        Ok(())
    });
    say!(context, "{table}");
}
