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
        say!(context, "{}{HINT}\n", text(|f| list(GROUPS, f)));
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

/// The names of commands, a block for each group.
fn list(groups: &[Group], f: &mut Formatter<'_>) -> fmt::Result {
    for Group { name, rows } in groups {
        write!(f, "{name:GROUP_COLUMNS$}")?;
        let mut column = GROUP_COLUMNS;
        for row in *rows {
            let columns = 1 + row.name.len();
            if column + columns >= WIDTH {
                write!(f, "\n{:GROUP_COLUMNS$}", "")?;
                column = GROUP_COLUMNS;
            }
            write!(f, " {}", row.name)?;
            column += columns;
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::{format, string::ToString, vec::Vec};

    const fn row(name: &'static str) -> Row {
        Row {
            name,
            arguments: "",
            summary: "",
        }
    }

    #[test]
    fn names_that_a_row_of_the_list_has_no_room_for_begin_another() {
        const FULL: &[Row] = &[const { row("of-twenty-two-letters-") }; 3];
        const OVERFULL: &[Row] = &[const { row("of-13-letters") }; 5];
        let groups = [("full", FULL), ("overfull", OVERFULL), ("last", &FULL[..1])];
        let groups = groups.map(|(name, rows)| Group { name, rows });
        let list = text(|f| list(&groups, f)).to_string();
        let (long, short) = (" of-twenty-two-letters-", " of-13-letters");
        let expected = [
            format!("full      {}", long.repeat(3)),
            format!("overfull  {}", short.repeat(4)),
            format!("          {short}"),
            format!("last      {long}"),
        ];
        assert_eq!(list.lines().collect::<Vec<_>>(), expected);
        assert_eq!(expected[0].len(), WIDTH - 1);
        assert_eq!(expected[1].len() + short.len(), WIDTH);
    }
}
