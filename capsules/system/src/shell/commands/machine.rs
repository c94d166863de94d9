//! Commands about the machine.

use kernel::boot::ArenaUse;

use super::{Context, say, text};
use crate::shell::{Machine, MemoryRange};

super::table! {
    "mem" "" "memory: the map, image and arena, what apps have left" => mem;
    "version" "" "what this is" => version;
    "reset" "" "restarts the machine" => reset;
    "shutdown" "" "switches the machine off" => shutdown;
}

async fn mem(context: &Context<'_, '_>, _: &str) {
    let Machine {
        kernel,
        memory,
        image,
        arena,
        ..
    } = context.machine;
    let table = text(|f| {
        for MemoryRange {
            start,
            end,
            purpose,
        } in *memory
        {
            let kib = (end - start).div_ceil(1024);
            writeln!(f, "{start:#014x} {end:#014x} {kib:11} KiB  {purpose}")?;
        }
        write!(f, "image")?;
        for (number, part) in image.iter().enumerate() {
            let separator = if number == 0 { " " } else { "," };
            let bytes = part.end - part.start;
            write!(f, "{separator} {bytes} bytes of {}", part.purpose)?;
        }
        writeln!(f)?;
        let ArenaUse {
            used_bytes,
            len_bytes,
        } = arena.usage();
        let left = len_bytes - used_bytes;
        writeln!(
            f,
            "arena  {used_bytes} of {len_bytes} bytes used, {left} left"
        )?;
        let pool = kernel.processes().pool();
        let (free_bytes, largest_bytes) = (pool.free_bytes(), pool.largest_bytes());
        writeln!(
            f,
            "apps   {free_bytes} bytes left, {largest_bytes} in one piece"
        )
    });
    say!(context, "{table}");
}

async fn version(context: &Context<'_, '_>, _: &str) {
    say!(context, "{}\n", context.machine.version);
}

async fn reset(context: &Context<'_, '_>, _: &str) {
    context.terminal.output.flush().await;
    (context.machine.reset)()
}

async fn shutdown(context: &Context<'_, '_>, _: &str) {
    context.terminal.output.flush().await;
    (context.machine.shutdown)()
}
