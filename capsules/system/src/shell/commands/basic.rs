//! Commands about the shell itself.

use core::fmt::{self, Formatter};

use super::{Context, GROUPS, Group, Row, row, rows, say, text};
use crate::line::{WIDTH, nearest};

/// Clears a terminal and puts its cursor in the first place.
pub const CLEAR: &str = "\x1b[2J\x1b[H";

super::table! {
    "help" "[COMMAND]" "lists the commands, or tells about one" => help;
    "clear" "" "clears the screen" => clear;
    "echo" "TEXT" "prints TEXT" => echo;
    "history" "" "lists the lines entered before" => history;
    "console-stop" "" "lets this shell ignore everything but `console-start`" => console_stop;
    "console-start" "" "lets it go on" => console_start;
}

const HINT: &str = "`help COMMAND` tells more. Tab completes, Up brings lines back, Ctrl-C ends.";

/// Columns of the names of groups.
const GROUP_COLUMNS: usize = 10;

async fn help(context: &Context<'_, '_>, name: &str) {
    if name.is_empty() {
        say!(context, "{}{HINT}\n", text(list));
    } else if let Some(row) = row(name) {
        let Row {
            name,
            arguments,
            summary,
        } = row;
        let blank = if arguments.is_empty() { "" } else { " " };
        say!(context, "{name}{blank}{arguments}\n  {summary}\n");
    } else {
        unknown(context, name).await;
    }
}

/// All commands, a block for each group.
fn list(f: &mut Formatter<'_>) -> fmt::Result {
    for Group { name, rows } in GROUPS {
        write!(f, "{name:GROUP_COLUMNS$}")?;
        let mut column = GROUP_COLUMNS;
        for row in *rows {
            if column + row.name.len() >= WIDTH {
                write!(f, "\n{:GROUP_COLUMNS$}", "")?;
                column = GROUP_COLUMNS;
            }
            write!(f, " {}", row.name)?;
            column += 1 + row.name.len();
        }
        writeln!(f)?;
    }
    Ok(())
}

/// Says that there is no such command, and which one may have been meant.
pub async fn unknown(context: &Context<'_, '_>, name: &str) {
    match nearest(name, rows().map(|row| row.name)) {
        Some(near) => say!(context, "{name}: no such command. Did you mean `{near}`?\n"),
        None => say!(context, "{name}: no such command. Try `help`.\n"),
    }
}

async fn clear(context: &Context<'_, '_>, _: &str) {
    say!(context, "{CLEAR}");
    context.terminal.output.set_at_line_start();
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

async fn console_stop(context: &Context<'_, '_>, _: &str) {
    context.is_stopped.set(true);
}

async fn console_start(context: &Context<'_, '_>, _: &str) {
    say!(context, "this shell is not stopped\n");
}
