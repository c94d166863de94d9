//! The commands: one file a group, one row a command.
//!
//! A new command is an `async fn` and a row in the table of its group; a new group is a file and a line in
//! the list of groups below.

mod basic;
mod kernel;
mod keyboard;
mod lights;
mod machine;
mod processes;
mod time;

use core::{
    cell::Cell,
    fmt::{self, Formatter},
};

use super::{Machine, Terminal};
use crate::line::History;

pub use basic::{CLEAR, unknown};
pub(crate) use processes::{AppName, app_name};
pub(crate) use processes::{HEADING, Row as ProcessRow};

/// What a command can reach.
pub struct Context<'c, 'a> {
    pub(super) terminal: &'c Terminal<'a>,
    pub(super) machine: &'a Machine<'a>,
    pub(super) history: &'c History,
    /// Whether the shell is to ignore what is typed.
    pub(super) is_stopped: &'c Cell<bool>,
}

/// What people are told of a command.
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// Its arguments. `APP` is completed with the names of apps, `COMMAND` with those of commands.
    pub arguments: &'static str,
    /// What it does.
    pub summary: &'static str,
}

/// Commands that belong together.
pub struct Group {
    /// What they are about.
    pub name: &'static str,
    /// Its commands.
    pub rows: &'static [Row],
}

/// Prints to the terminal of a context, as `print!` does.
macro_rules! say {
    ($context:expr, $($text:tt)*) => {
        $context.terminal.output.print(format_args!($($text)*)).await
    };
}
use say;

/// Text that a closure writes: a whole table in one `say!`. It may be written more than once.
fn text<F: Fn(&mut Formatter<'_>) -> fmt::Result>(write: F) -> impl fmt::Display {
    struct Text<F>(F);

    impl<F: Fn(&mut Formatter<'_>) -> fmt::Result> fmt::Display for Text<F> {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            (self.0)(f)
        }
    }
    Text(write)
}

/// The table of a group: name, arguments and summary of each command, and the function that runs it.
macro_rules! table {
    ($($name:literal $arguments:literal $summary:literal => $run:ident;)*) => {
        /// What people are told of these commands.
        pub const ROWS: &[$crate::shell::commands::Row] = &[$(
            $crate::shell::commands::Row {
                name: $name,
                arguments: $arguments,
                summary: $summary,
            },
        )*];

        /// Runs a command; `false` if it is not in this group.
        pub async fn run(
            context: &$crate::shell::commands::Context<'_, '_>,
            name: &str,
            arguments: &str,
        ) -> bool {
            match name {
                $($name => $run(context, arguments).await,)*
                _ => return false,
            }
            true
        }
    };
}
use table;

/// The groups, in the order that `help` shows them.
macro_rules! groups {
    ($($group:ident)*) => {
        /// All groups.
        pub const GROUPS: &[Group] = &[$(
            Group {
                name: stringify!($group),
                rows: $group::ROWS,
            },
        )*];

        /// Runs a command; `false` if there is none of that name.
        pub async fn run(context: &Context<'_, '_>, name: &str, arguments: &str) -> bool {
            if !arguments.is_empty() && row(name).is_some_and(|row| row.arguments.is_empty()) {
                say!(context, "{name}: it takes nothing after its name\n");
                return true;
            }
            $($group::run(context, name, arguments).await ||)* false
        }
    };
}

groups!(basic time lights keyboard processes kernel machine);

/// All commands.
pub fn rows() -> impl Iterator<Item = &'static Row> + Clone {
    GROUPS.iter().flat_map(|group| group.rows)
}

/// The command of this name.
pub fn row(name: &str) -> Option<&'static Row> {
    rows().find(|row| row.name == name)
}
