//! The two terminals: the serial line, and the screen with the keyboard.

use capsules_core::{Clock, Device, Keyboard, Output, SerialKeys, console::Console};
use capsules_system::shell::Terminal;
use chip_pc::{uart::Uart, vga::Window};
use kernel::{
    boot::BootArena,
    deferred_call::DeferredCallClient,
    hil::{
        text_screen::TextScreen,
        uart::{Receive, Transmit},
    },
};

/// Text that waits for a device: a screenful at most, so that a command seldom waits.
const OUTPUT_QUEUE: usize = 2048;
/// Text that a device is given at a time.
const OUTPUT_BUFFER: usize = 256;
/// Bytes typed ahead or pasted that wait to be read; what is beyond that waits in the sender.
const INPUT_QUEUE: usize = 1024;
/// Bytes that the serial port receives at a time: as many as it queues itself.
const INPUT_BUFFER: usize = 16;

/// The serial line.
pub fn serial(
    boot: &BootArena,
    port: &'static Uart<'static>,
    clock: &'static Clock<'static>,
    console: &'static Console,
) -> Terminal<'static> {
    let buffer = boot.buffer::<OUTPUT_BUFFER>();
    let output = boot.place(Output::new(
        Device::Serial(port),
        boot.buffer::<OUTPUT_QUEUE>(),
        buffer,
    ));
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
        clock,
        console: Some(console),
    }
}

/// A window of the screen, and the keyboard.
pub fn screen(
    boot: &BootArena,
    window: Window<'static>,
    keyboard: &'static Keyboard<'static>,
    clock: &'static Clock<'static>,
) -> Terminal<'static> {
    Terminal {
        name: "screen",
        keys: keyboard,
        output: text(boot, window),
        clock,
        console: None,
    }
}

/// Text to a window of the screen.
pub fn text(boot: &BootArena, window: Window<'static>) -> &'static Output<'static> {
    let window = boot.place(window);
    let buffer = boot.buffer::<OUTPUT_BUFFER>();
    let output = boot.place(Output::new(
        Device::Screen(window),
        boot.buffer::<OUTPUT_QUEUE>(),
        buffer,
    ));
    window.register();
    window.set_client(Some(output));
    output
}
