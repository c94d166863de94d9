//! The terminals: the serial line, and the screen with the keyboard, under a status bar. And the line that apps
//! are installed over.

use capsules_core::{
    Device, Keyboard, Output, SerialBytes, SerialKeys, console::Console, key_driver::KeyDriver,
};
use capsules_system::shell::{AppScreen, Foreground, Terminal};
use chip_pc::vga::{COLUMNS, ROWS, Window};
use kernel::{
    boot::BootArena,
    deferred_call::DeferredCallClient,
    hil::{
        text_screen::TextScreen,
        uart::{Receive, Transmit},
    },
};

use crate::composer::Composer;

/// Text that waits for a device: a screenful at most, so that a command seldom waits.
const OUTPUT_QUEUE: usize = 2048;
/// Text that a device is given at a time.
const OUTPUT_BUFFER: usize = 256;
/// Bytes typed ahead or pasted that wait to be read; what is beyond that waits in the sender.
const INPUT_QUEUE: usize = 1024;
/// Bytes that a serial port receives at a time: as many as it queues itself.
const INPUT_BUFFER: usize = 16;

/// Rows of the status bar.
const BAR_ROWS: usize = 1;

/// The serial line.
pub fn serial(composer: &Composer, console: &'static Console) -> Terminal<'static> {
    let (boot, port) = (composer.boot, &composer.devices.serial);
    let output = output(boot, Device::Serial(port));
    let keys = boot.place(SerialKeys::new(
        port,
        boot.buffer::<INPUT_QUEUE>(),
        boot.buffer::<INPUT_BUFFER>(),
    ));
    port.register();
    port.set_transmit_client(output);
    port.set_receive_client(keys);
    keys.start();
    Terminal {
        name: "serial line",
        keys,
        output,
        clock: composer.time.clock(),
        console: Some(console),
        foreground: boot.place(Foreground::new(None)),
    }
}

/// The line that apps are installed over.
pub fn install_line(composer: &Composer) -> &'static SerialBytes<'static> {
    let (boot, port) = (composer.boot, &composer.devices.install_line);
    let (incoming, outgoing) = (
        boot.buffer::<INPUT_BUFFER>(),
        boot.buffer::<OUTPUT_BUFFER>(),
    );
    let line = boot.place(SerialBytes::new(port, incoming, outgoing));
    port.register();
    port.set_transmit_client(line);
    port.set_receive_client(line);
    line
}

/// The screen under the status bar, and the keyboard. The apps' screen has the same place as the shell's.
pub struct Screen {
    pub shell: Terminal<'static>,
    pub apps: &'static capsules_core::text_screen::TextScreen<'static>,
    pub bar: &'static Output<'static>,
}

impl Screen {
    pub fn new(
        composer: &Composer,
        keyboard: &'static Keyboard<'static>,
        keys: &'static KeyDriver,
    ) -> Self {
        let (boot, screen) = (composer.boot, &composer.devices.screen);
        let bar = boot.place(screen.window(0..BAR_ROWS, false));
        let ours = &*boot.place(screen.window(BAR_ROWS..ROWS, true));
        let memory = boot.slice((ROWS - BAR_ROWS) * COLUMNS, |_| 0);
        let theirs = &*boot.place(screen.hidden_window(ours, memory));
        let apps = composer.text_screen(theirs);
        let foreground = Foreground::new(Some(AppScreen {
            keys,
            screen: apps,
            exchange: boot.place(|| ours.exchange(theirs)),
        }));
        let shell = Terminal {
            name: "screen",
            keys: keyboard,
            output: text(boot, ours),
            clock: composer.time.clock(),
            console: None,
            foreground: boot.place(foreground),
        };
        Self {
            shell,
            apps,
            bar: text(boot, bar),
        }
    }
}

/// Text to a window of the screen.
fn text(boot: &BootArena, window: &'static Window<'static>) -> &'static Output<'static> {
    let output = output(boot, Device::Screen(window));
    window.register();
    window.set_client(Some(output));
    output
}

fn output(boot: &BootArena, device: Device<'static>) -> &'static Output<'static> {
    let queue = boot.buffer::<OUTPUT_QUEUE>();
    let buffer = boot.buffer::<OUTPUT_BUFFER>();
    boot.place(Output::new(device, queue, buffer))
}
