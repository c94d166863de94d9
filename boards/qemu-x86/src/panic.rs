//! What a panic leaves: a dump on the serial line and on the screen.

use core::{
    fmt::{self, Write},
    panic::PanicInfo,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use chip_pc::{
    power,
    uart::{COM1, PanicPort},
    vga::PanicScreen,
};
use kernel::debug::{self, LogReader};

use crate::boot;

/// The status that QEMU's debug exit device is given: QEMU ends with 2 * 0x20 + 1 = 65.
const EXIT_CODE: u8 = 0x20;

/// Lines of the log in a dump: what fits on the screen under the registers.
const LOG_LINES: usize = 8;

static PANICKED: AtomicBool = AtomicBool::new(false);

// Where the board is linted as if for the host, that has a panic handler of its own.
#[cfg_attr(target_os = "none", panic_handler)]
#[cfg_attr(not(target_os = "none"), expect(dead_code))]
fn panic(info: &PanicInfo<'_>) -> ! {
    // A panic while dumping ends here: what was printed so far is all there is.
    if !PANICKED.swap(true, Relaxed) {
        // SAFETY: nothing of the kernel runs after this.
        let (mut port, mut screen) = unsafe { (PanicPort::new(COM1), PanicScreen::new()) };
        let _ = dump(&mut screen, info);
        let _ = dump(&mut port, info);
    }
    match boot::option("panic") {
        Some("exit") => power::exit(EXIT_CODE),
        Some("reset") => power::reset(),
        _ => power::halt(),
    }
}

fn dump(out: &mut impl Write, info: &PanicInfo<'_>) -> fmt::Result {
    writeln!(out, "\n\nKERNEL PANIC: {}", info.message())?;
    if let Some(place) = info.location() {
        writeln!(out, "  at {}:{}", place.file(), place.line())?;
    }
    writeln!(out, "The tasks:")?;
    debug::dump_tasks(out)?;
    dump_log(out)?;
    writeln!(out, "The machine is stopped.")
}

/// The newest lines of the log.
fn dump_log(out: &mut impl Write) -> fmt::Result {
    let mut line = [0; 160];
    let Ok(mut reader) = LogReader::new() else {
        return Ok(());
    };
    let mut lines = 0;
    while reader.next_line(&mut line).is_some() {
        lines += 1;
    }
    drop(reader);
    let Ok(mut reader) = LogReader::new() else {
        return Ok(());
    };
    writeln!(out, "The log's newest lines:")?;
    for number in 0..lines {
        if let Some((text, _)) = reader.next_line(&mut line)
            && number + LOG_LINES >= lines
        {
            writeln!(out, "  {text}")?;
        }
    }
    Ok(())
}
