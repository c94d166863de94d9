//! Commands that look into the kernel.

use kernel::{debug::LogReader, process::State, ready::Cause, task::TaskInfo};

use super::{Context, say, text};
use crate::shell::{LOG_LINE_BYTES, Machine, MemoryRange};

super::table! {
    "kernel" "" "the kernel's version, and where its parts are" => kernel;
    "status" "" "how many processes there are, and how they are run" => status;
    "tasks" "" "what runs by itself, what woke it and what it waits for" => tasks;
    "drivers" "" "what apps may call, and how often they did" => drivers;
    "log" "" "the kernel's log" => log;
    "panic" "" "panics the kernel" => panic;
}

async fn kernel(context: &Context<'_, '_>, _: &str) {
    let Machine { version, image, .. } = context.machine;
    let table = text(|f| {
        writeln!(f, "{version}")?;
        for MemoryRange {
            start,
            end,
            purpose,
        } in *image
        {
            let bytes = end - start;
            writeln!(f, "{start:#018x} {end:#018x} {bytes:8} bytes  {purpose}")?;
        }
        Ok(())
    });
    say!(context, "{table}");
}

async fn status(context: &Context<'_, '_>, _: &str) {
    let (mut all, mut active, mut slices) = (0, 0, 0);
    context.machine.kernel.processes().each(|process| {
        all += 1;
        active += usize::from(matches!(
            process.get_state(),
            State::Running | State::Yielded | State::YieldedFor(_)
        ));
        slices += process.debug_timeslice_expiration_count();
    });
    let choices = text(|f| {
        let mut choices = context.machine.choices.iter();
        choices.try_for_each(|(name, value)| writeln!(f, "{name}={value}"))
    });
    say!(
        context,
        "processes           {all}\nactive              {active}\ntime slices used up {slices}\n{choices}"
    );
}

async fn tasks(context: &Context<'_, '_>, _: &str) {
    let kernel = context.machine.kernel;
    let table = text(|f| {
        writeln!(f, "task          state     polls woken by     waits at")?;
        for TaskInfo {
            name,
            state,
            polls,
            woken_by,
            parked_at,
        } in kernel.tasks()
        {
            write!(f, "{name:13} {state:7} {polls:7} ")?;
            match woken_by {
                Cause::Start => write!(f, "{:12} ", "the start")?,
                Cause::Interrupt(line) => write!(f, "interrupt {line:<2} ")?,
                Cause::DeferredCall(number) => write!(f, "callback {number:<3} ")?,
                Cause::Task(number) => write!(f, "{:12} ", kernel.task_name(number))?,
                Cause::Process => write!(f, "{:12} ", "a process")?,
            }
            match parked_at {
                Some(place) => writeln!(f, "{}:{}", place.file(), place.line())?,
                None => writeln!(f)?,
            }
        }
        Ok(())
    });
    say!(context, "{table}");
}

async fn drivers(context: &Context<'_, '_>, _: &str) {
    let table = text(|f| {
        writeln!(f, "number     name                  calls")?;
        for row in context.machine.drivers.rows() {
            let (number, name, calls) = (row.number, row.name, row.calls());
            writeln!(f, "{number:#010x} {name:15} {calls:11}")?;
        }
        Ok(())
    });
    say!(context, "{table}");
}

async fn log(context: &Context<'_, '_>, _: &str) {
    let Ok(mut log) = LogReader::new() else {
        return say!(context, "log: too many readers\n");
    };
    let mut line = [0; LOG_LINE_BYTES];
    while let Some((text, _)) = log.next_line(&mut line) {
        say!(context, "{text}\n");
    }
}

async fn panic(_: &Context<'_, '_>, _: &str) {
    panic!("a person asked for it");
}
