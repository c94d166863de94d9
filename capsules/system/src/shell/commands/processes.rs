//! Commands about apps and their processes.

use core::fmt::{self, Display};

use heapless::String;
use kernel::{
    ErrorCode, ProcessId,
    process::{Process, ProcessAddresses, ProcessTable, State},
};

use super::{Context, say, text};
use crate::shell::foreground::HOW_IT_COMES_BACK;

super::table! {
    "list" "" "apps: memory used and given, what they did" => list;
    "process" "APP" "all about an app" => process;
    "run" "APP" "lends this terminal to an app, until it ends or Ctrl-C" => run_app;
    "start" "APP" "lets an app go on" => start;
    "stop" "APP" "keeps an app from running" => stop;
    "restart" "APP" "starts an app anew" => restart;
    "terminate" "APP" "ends an app" => terminate;
    "boot" "APP" "starts an app that has ended" => boot;
    "fault" "APP" "treats an app as if it had faulted" => fault;
    "uninstall" "APP" "removes an app" => uninstall;
}

/// Bytes of an app's name that are shown.
const NAME_BYTES: usize = 24;

/// An app's name, for people.
pub(crate) type AppName = String<NAME_BYTES>;

/// As much of `name` as is shown. An app could hide terminal control sequences in it.
pub(crate) fn app_name(name: &str) -> AppName {
    let mut shown = AppName::new();
    let visible = name
        .chars()
        .map(|it| if it.is_control() { '?' } else { it });
    // What does not fit is left out.
    let _ = visible
        .into_iter()
        .try_for_each(|letter| shown.push(letter));
    shown
}

/// A row of the list. Its numbers are short and its name gives way, so that it is never longer than a row of a
/// terminal.
pub(crate) struct Row<'p>(pub(crate) &'p dyn Process);

pub(crate) const HEADING: &str =
    "   ID NAME          STATE      USED  GIVEN GRANTS  CALLS QUEUED RESTARTS SLICES";

/// Columns of the process's number and its name, with the blank between.
const ID_AND_NAME: usize = 19;

impl Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let process = self.0;
        let ProcessAddresses {
            sram_start,
            sram_app_brk,
            sram_grant_start,
            sram_end,
            ..
        } = process.get_addresses();
        let used = sram_app_brk - sram_start + (sram_end - sram_grant_start);
        let id = process.processid().id();
        let id_columns = (id.checked_ilog10().unwrap_or(0) as usize + 1).max(5);
        let name_columns = ID_AND_NAME.saturating_sub(1 + id_columns);
        let name = app_name(process.get_process_name());
        let state = match process.get_state() {
            State::YieldedFor(_) => State::Yielded,
            state => state,
        };
        write!(f, "{id:5} {name:name_columns$.name_columns$} {state:8}")?;
        for (count, columns) in [
            (used, 6),
            (sram_end - sram_start, 6),
            (process.grant_allocated_count().unwrap_or(0), 6),
            (process.debug_syscall_count(), 6),
            (process.pending_tasks(), 6),
            (process.get_restart_count(), 8),
            (process.debug_timeslice_expiration_count(), 6),
        ] {
            let (count, unit) = short(count);
            write!(f, " {count:0$}{unit}", columns - unit.len())?;
        }
        Ok(())
    }
}

/// A number of at most four digits, and a unit of at most one letter.
fn short(mut number: usize) -> (usize, &'static str) {
    let mut units = ["", "k", "M", "G", "T", "P"].into_iter();
    let mut unit = units.next();
    while number > 9_999 {
        number /= 1_000;
        unit = units.next();
    }
    // 64 bits are less than 10,000 peta and 20 exa.
    (number, unit.unwrap_or("E"))
}

async fn list(context: &Context<'_, '_>, _: &str) {
    let table = context.machine.kernel.processes();
    say!(context, "{HEADING}\n");
    for slot in 0..table.capacity() {
        // The process may be gone when there is room for its row: it is looked at then.
        if table.with_slot(slot, |_| ()).is_some() {
            let row = text(|f| {
                let row = table.with_slot(slot, |process| writeln!(f, "{}", Row(process)));
                row.unwrap_or(Ok(()))
            });
            say!(context, "{row}");
        }
    }
}

/// Whether a person means `process` with `wanted`: its name or its number.
fn is_meant(process: &dyn Process, wanted: &str) -> bool {
    let number = process.processid().id();
    process.get_process_name() == wanted || wanted.parse() == Ok(number)
}

/// The slots of the processes that a person means.
fn meant<'t>(table: &'t ProcessTable, wanted: &'t str) -> impl Iterator<Item = usize> {
    (0..table.capacity()).filter(move |slot| {
        let is_meant = table.with_slot(*slot, |process| is_meant(process, wanted));
        is_meant.unwrap_or(false)
    })
}

/// Does something to each process that a person means, and says what `act` calls it.
async fn each(context: &Context<'_, '_>, wanted: &str, act: impl Fn(&dyn Process) -> &'static str) {
    let table = context.machine.kernel.processes();
    let mut is_somebody_meant = false;
    for slot in meant(table, wanted) {
        let done = table.with_slot(slot, &act);
        if let Some((done, id)) = done.zip(id_in(table, slot)) {
            say!(context, "{done} process {id:?}\n");
            is_somebody_meant = true;
        }
    }
    if !is_somebody_meant {
        nobody(context, wanted).await;
    }
}

/// The identifier of the run of a process that there is now: one that was started is another than before.
fn id_in(table: &ProcessTable, slot: usize) -> Option<ProcessId> {
    table.with_slot(slot, |process| process.processid())
}

async fn nobody(context: &Context<'_, '_>, wanted: &str) {
    match wanted {
        "" => say!(context, "which app? `list` lists them\n"),
        _ => say!(context, "no app is called {wanted}: `list` lists them\n"),
    }
}

async fn run_app(context: &Context<'_, '_>, app: &str) {
    let table = context.machine.kernel.processes();
    let Some(slot) = meant(table, app).next() else {
        return nobody(context, app).await;
    };
    table.with_slot(slot, |process| {
        process.start(context.machine.may_start);
        process.resume();
    });
    if let Some(id) = id_in(table, slot) {
        let foreground = context.terminal.foreground;
        foreground.lend(id);
        if !foreground.has_screen() {
            say!(context, "{HOW_IT_COMES_BACK}\n");
        }
    }
}

async fn start(context: &Context<'_, '_>, app: &str) {
    each(context, app, |process| match process.get_state() {
        State::Stopped(_) => {
            process.resume();
            "resumed"
        }
        _ => "not stopped:",
    })
    .await;
}

async fn stop(context: &Context<'_, '_>, app: &str) {
    each(context, app, |process| match process.get_state() {
        State::Running | State::Yielded | State::YieldedFor(_) => {
            process.stop();
            "stopped"
        }
        _ => "not running:",
    })
    .await;
}

async fn restart(context: &Context<'_, '_>, app: &str) {
    each(context, app, |process| {
        process.try_restart(None);
        "restarted"
    })
    .await;
}

async fn terminate(context: &Context<'_, '_>, app: &str) {
    each(context, app, |process| match process.is_running() {
        true => {
            process.terminate(None);
            "ended"
        }
        false => "ended already:",
    })
    .await;
}

async fn fault(context: &Context<'_, '_>, app: &str) {
    each(context, app, |process| match process.is_running() {
        true => {
            process.set_fault_state();
            "faulted"
        }
        false => "ended already:",
    })
    .await;
}

async fn boot(context: &Context<'_, '_>, app: &str) {
    let right = context.machine.may_start;
    each(context, app, |process| match process.is_running() {
        true => "not ended:",
        false => {
            process.start(right);
            "started"
        }
    })
    .await;
}

async fn uninstall(context: &Context<'_, '_>, app: &str) {
    let table = context.machine.kernel.processes();
    let mut is_somebody_meant = false;
    while let Some(id) = meant(table, app).find_map(|slot| id_in(table, slot)) {
        if let Err(error) = table.remove(id) {
            let error = ErrorCode::from(error);
            return say!(context, "process {id:?} cannot be removed: {error:?}\n");
        }
        say!(context, "removed process {id:?}\n");
        is_somebody_meant = true;
    }
    if !is_somebody_meant {
        nobody(context, app).await;
    }
}

async fn process(context: &Context<'_, '_>, app: &str) {
    let table = context.machine.kernel.processes();
    let Some(slot) = meant(table, app).next() else {
        return nobody(context, app).await;
    };
    let parts: [fn(&dyn Process, &mut fmt::Formatter<'_>) -> fmt::Result; 4] = [
        overview,
        map,
        |process, f| {
            process.write_registers(f)?;
            writeln!(f)
        },
        |process, f| process.write_allows(f),
    ];
    for part in parts {
        let part = text(|f| {
            let written = table.with_slot(slot, |process| part(process, f));
            written.unwrap_or(Ok(()))
        });
        say!(context, "{part}");
    }
}

fn overview(process: &dyn Process, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(f, "{HEADING}\n{}", Row(process))?;
    let dropped = process.debug_dropped_upcall_count();
    write!(f, "upcalls dropped {dropped}, ")?;
    match process.get_completion_code() {
        None => writeln!(f, "has not ended"),
        Some(None) => writeln!(f, "ended without a code"),
        Some(Some(code)) => writeln!(f, "ended with code {code}"),
    }
}

/// The memory map, from the highest address down.
fn map(process: &dyn Process, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let addresses = process.get_addresses();
    let sizes = process.get_sizes();
    let kernel = sizes.process_control_block + sizes.grant_pointers;
    let grants_end = addresses.sram_end - kernel;
    let rows = [
        (grants_end, addresses.sram_end, "the kernel's"),
        (addresses.sram_grant_start, grants_end, "grants"),
        (addresses.sram_app_brk, addresses.sram_grant_start, "unused"),
        (
            addresses.sram_start,
            addresses.sram_app_brk,
            "the app's memory",
        ),
        (
            addresses.flash_non_protected_start,
            addresses.flash_end,
            "the app's binary",
        ),
        (
            addresses.flash_start,
            addresses.flash_non_protected_start,
            "the app's header",
        ),
    ];
    for (start, end, purpose) in rows {
        writeln!(
            f,
            "{start:#010x} {end:#010x} {:8} bytes  {purpose}",
            end - start
        )?;
    }
    if let Some(heap) = addresses.sram_heap_start {
        writeln!(f, "{heap:#010x} its heap starts")?;
    }
    if let Some(stack) = addresses.sram_stack_top {
        writeln!(f, "{stack:#010x} its stack starts, growing down")?;
    }
    Ok(())
}
