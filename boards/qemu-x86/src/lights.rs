//! The lights: the keyboard's three and three on the screen.

use capsules_system::lamp::Lamp;
use chip_pc::ps2::{Light, Ps2Keyboard};
use kernel::{boot::BootArena, hil::led::Led};

/// The lights, with their names.
pub fn lights(
    boot: &BootArena,
    keyboard: &'static Ps2Keyboard<'static>,
) -> [(&'static str, &'static dyn Led); 6] {
    [
        ("scroll lock", boot.place(keyboard.light(Light::ScrollLock))),
        ("num lock", boot.place(keyboard.light(Light::NumLock))),
        ("caps lock", boot.place(keyboard.light(Light::CapsLock))),
        ("screen 0", boot.place(Lamp::new())),
        ("screen 1", boot.place(Lamp::new())),
        ("screen 2", boot.place(Lamp::new())),
    ]
}
