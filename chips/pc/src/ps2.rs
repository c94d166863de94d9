//! The PS/2 keyboard and its controller, the 8042 (IBM Personal System/2 Hardware Interface Technical
//! Reference, keyboard controller and keyboard sections).
//!
//! The controller translates what the keyboard sends to scan codes of set 1. Bytes go to the client as they
//! come; what they mean is the client's business. The driver waits while the machine boots, and for room
//! when it sends a command, never for long: where there is no controller every port reads as ones.

use core::cell::Cell;

use kernel::{
    ErrorCode, debug,
    hil::{
        keyboard::{ScancodeClient, ScancodeKeyboard},
        led::Led,
    },
    utilities::{
        cells::OptionalCell,
        registers::{
            LocalRegisterCopy,
            interfaces::{Readable, Writeable},
            register_bitfields,
        },
    },
};

use crate::port::Port;

/// The keyboard's interrupt line.
pub const INTERRUPT_LINE: u32 = 1;

register_bitfields![u8,
    Status [
        /// A byte waits to be read.
        OUTPUT_FULL OFFSET(0) NUMBITS(1) [],
        /// The controller has not taken the last byte yet.
        INPUT_FULL OFFSET(1) NUMBITS(1) [],
        /// The byte that waits is from the mouse.
        FROM_MOUSE OFFSET(5) NUMBITS(1) []
    ],
    Configuration [
        KEYBOARD_INTERRUPT OFFSET(0) NUMBITS(1) [],
        MOUSE_INTERRUPT OFFSET(1) NUMBITS(1) [],
        KEYBOARD_OFF OFFSET(4) NUMBITS(1) [],
        MOUSE_OFF OFFSET(5) NUMBITS(1) [],
        TRANSLATE OFFSET(6) NUMBITS(1) []
    ]
];

/// Commands to the controller.
mod controller {
    pub const READ_CONFIGURATION: u8 = 0x20;
    pub const WRITE_CONFIGURATION: u8 = 0x60;
    pub const MOUSE_OFF: u8 = 0xa7;
    pub const SELF_TEST: u8 = 0xaa;
    pub const SELF_TEST_PASSED: u8 = 0x55;
    pub const KEYBOARD_OFF: u8 = 0xad;
    pub const KEYBOARD_ON: u8 = 0xae;
}

/// Commands to the keyboard and its answers.
mod keyboard {
    pub const SET_LIGHTS: u8 = 0xed;
    pub const SCAN: u8 = 0xf4;
    pub const ACKNOWLEDGE: u8 = 0xfa;
    pub const RESEND: u8 = 0xfe;
}

/// How often a port is read before the device is given up: some tens of milliseconds on a real one.
const PATIENCE: usize = 20_000;

/// Bytes read in one interrupt at most: the keyboard keeps sixteen.
const BURST: usize = 16;

/// Where a command to the keyboard is.
#[derive(Clone, Copy, PartialEq)]
enum Command {
    /// The keyboard is not started, or is not there: it is sent none.
    Off,
    Idle,
    /// "Set lights" was sent.
    Lights,
    /// Which lights was sent.
    WhichLights,
}

/// The keyboard. A board makes one.
pub struct Ps2Keyboard<'a> {
    data: Port,
    status: Port<Status::Register>,
    command: Port,
    lights: Cell<u8>,
    lights_sent: Cell<u8>,
    state: Cell<Command>,
    client: OptionalCell<&'a dyn ScancodeClient>,
}

impl<'a> Ps2Keyboard<'a> {
    /// The keyboard, not yet started.
    pub const fn new() -> Self {
        // SAFETY: the controller's ports; this driver alone uses them.
        unsafe {
            Self {
                data: Port::new(0x60),
                status: Port::new(0x64),
                command: Port::new(0x64),
                lights: Cell::new(0),
                lights_sent: Cell::new(0),
                state: Cell::new(Command::Off),
                client: OptionalCell::empty(),
            }
        }
    }

    /// Sets up the controller and starts the keyboard, with its lights as they were set before.
    ///
    /// # Errors
    /// `NODEVICE` if there is no controller, `FAIL` if its self-test fails, `NOACK` if the keyboard does not
    /// answer.
    pub fn start(&self) -> Result<(), ErrorCode> {
        self.send_to_controller(controller::KEYBOARD_OFF)?;
        self.send_to_controller(controller::MOUSE_OFF)?;
        // What was typed at the boot menu is not for us.
        let _ = (0..BURST).take_while(|_| self.take().is_some()).count();

        self.send_to_controller(controller::SELF_TEST)?;
        if self.await_byte() != Some(controller::SELF_TEST_PASSED) {
            return Err(ErrorCode::FAIL);
        }
        self.send_to_controller(controller::READ_CONFIGURATION)?;
        let read = self.await_byte().ok_or(ErrorCode::FAIL)?;
        let mut configuration = LocalRegisterCopy::<u8, Configuration::Register>::new(read);
        configuration.modify(
            Configuration::KEYBOARD_INTERRUPT::SET
                + Configuration::MOUSE_INTERRUPT::CLEAR
                + Configuration::MOUSE_OFF::SET
                + Configuration::TRANSLATE::SET,
        );
        self.send_to_controller(controller::WRITE_CONFIGURATION)?;
        self.send(configuration.get())?;
        self.send_to_controller(controller::KEYBOARD_ON)?;

        self.send(keyboard::SCAN)?;
        // What was typed meanwhile may come before the answer.
        if !(0..PATIENCE).any(|_| self.take() == Some(keyboard::ACKNOWLEDGE)) {
            return Err(ErrorCode::NOACK);
        }
        self.send_command(Command::Lights, keyboard::SET_LIGHTS);
        Ok(())
    }

    /// Serves the keyboard's interrupt.
    pub fn handle_interrupt(&self) {
        for _ in 0..BURST {
            match self.take() {
                Some(byte) if self.is_answer(byte) => self.answered(byte),
                Some(byte) => {
                    self.client.map(|client| client.scancode(byte));
                }
                None => break,
            }
        }
    }

    /// One of the keyboard's lights.
    pub const fn light(&'a self, light: Light) -> KeyboardLight<'a> {
        KeyboardLight {
            keyboard: self,
            mask: 1 << light as u8,
        }
    }

    fn set_lights(&self, lights: u8) {
        self.lights.set(lights);
        if self.state.get() == Command::Idle {
            self.send_command(Command::Lights, keyboard::SET_LIGHTS);
        }
    }

    /// Whether `byte` answers a command. Of keys, only the comma of a Brazilian number pad has one of the answers
    /// among its scan codes.
    fn is_answer(&self, byte: u8) -> bool {
        matches!(self.state.get(), Command::Lights | Command::WhichLights)
            && matches!(byte, keyboard::ACKNOWLEDGE | keyboard::RESEND)
    }

    fn answered(&self, byte: u8) {
        let lights = self.lights.get();
        match (self.state.get(), byte) {
            (Command::Lights, keyboard::ACKNOWLEDGE) => {
                self.lights_sent.set(lights);
                self.send_command(Command::WhichLights, lights);
            }
            // The lights may have been set again meanwhile.
            (Command::WhichLights, keyboard::ACKNOWLEDGE) if self.lights_sent.get() == lights => {
                self.state.set(Command::Idle);
            }
            _ => self.send_command(Command::Lights, keyboard::SET_LIGHTS),
        }
    }

    fn send_command(&self, state: Command, byte: u8) {
        match self.send(byte) {
            Ok(()) => self.state.set(state),
            Err(_) => {
                self.state.set(Command::Idle);
                debug!("the keyboard does not take commands");
            }
        }
    }

    fn send(&self, byte: u8) -> Result<(), ErrorCode> {
        self.await_room()?;
        self.data.set(byte);
        Ok(())
    }

    fn send_to_controller(&self, byte: u8) -> Result<(), ErrorCode> {
        self.await_room()?;
        self.command.set(byte);
        Ok(())
    }

    fn await_room(&self) -> Result<(), ErrorCode> {
        let has_room = (0..PATIENCE).any(|_| !self.status.is_set(Status::INPUT_FULL));
        has_room.then_some(()).ok_or(ErrorCode::NODEVICE)
    }

    fn await_byte(&self) -> Option<u8> {
        (0..PATIENCE).find_map(|_| self.take())
    }

    /// Takes the byte that waits; one from the mouse is dropped.
    fn take(&self) -> Option<u8> {
        let status = self.status.extract();
        if !status.is_set(Status::OUTPUT_FULL) {
            return None;
        }
        let byte = self.data.get();
        (!status.is_set(Status::FROM_MOUSE)).then_some(byte)
    }
}

impl Default for Ps2Keyboard<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> ScancodeKeyboard<'a> for Ps2Keyboard<'a> {
    fn set_scancode_client(&self, client: &'a dyn ScancodeClient) {
        self.client.set(client);
    }
}

/// The lights of a keyboard, numbered as in the command that sets them.
#[derive(Clone, Copy)]
pub enum Light {
    /// Scroll Lock.
    ScrollLock = 0,
    /// Num Lock.
    NumLock = 1,
    /// Caps Lock.
    CapsLock = 2,
}

/// One light of the keyboard.
pub struct KeyboardLight<'a> {
    keyboard: &'a Ps2Keyboard<'a>,
    mask: u8,
}

impl Led for KeyboardLight<'_> {
    fn init(&self) {}

    fn on(&self) {
        self.keyboard
            .set_lights(self.keyboard.lights.get() | self.mask);
    }

    fn off(&self) {
        self.keyboard
            .set_lights(self.keyboard.lights.get() & !self.mask);
    }

    fn toggle(&self) {
        self.keyboard
            .set_lights(self.keyboard.lights.get() ^ self.mask);
    }

    fn read(&self) -> bool {
        self.keyboard.lights.get() & self.mask != 0
    }
}
