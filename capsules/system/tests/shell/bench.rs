//! A machine with a shell on its serial port, and a person at the other end.

use std::{
    cell::{Cell, RefCell},
    mem::MaybeUninit,
};

use capsules_core::{
    AlarmMux, Calendar, Clock, Device, KeyEvent, Keyboard, Output, SerialKeys,
    console::{self, Console},
    key_driver::{self, KeyDriver},
    low_level_debug::{self, LowLevelDebug},
    text_screen::{self, TextScreen},
};
use capsules_system::{
    blink::blink,
    shell::{self, AppScreen, BLINKERS, Blink, Foreground, MemoryRange, Terminal},
};
use chip_fake as fake;
use kernel::{
    Kernel,
    boot::BootArena,
    capabilities::ProcessStartCapability,
    collections::DeadlineNode,
    create_capability,
    hil::{
        date_time::{DateTime as _, DateTimeValues, DayOfWeek, Month},
        keyboard::ScancodeKeyboard as _,
        led::Led,
        text_screen::TextScreen as _,
        time::Alarm as _,
        uart::{Receive as _, Transmit as _},
    },
    platform::DriverTable,
    pool::Pool,
    utilities::cells::OptionalCell,
};

use crate::screen::Screen;

/// What the machine's clock says.
pub const DATE: DateTimeValues = DateTimeValues {
    year: 2026,
    month: Month::October,
    day: 3,
    day_of_week: DayOfWeek::Saturday,
    hour: 9,
    minute: 5,
    seconds: 0,
};

/// Room for what apps write.
pub const CONSOLE_BYTES: usize = 4096;

/// Lights: one more than can blink.
pub const LIGHTS: usize = BLINKERS + 1;

/// The machine. Its shell has greeted.
pub struct Bench {
    pub machine: fake::Machine,
    pub leds: &'static fake::Leds<LIGHTS>,
    pub port: &'static fake::Uart,
    pub date_time: &'static fake::DateTime,
    /// The apps' screen and keyboard, if the terminal has some.
    pub screen: Option<AppDevices>,
    alarm: &'static fake::Alarm,
    terminal: RefCell<Screen>,
}

/// A screen and a keyboard for apps.
pub struct AppDevices {
    pub keyboard: &'static fake::Keyboard,
    screen: &'static fake::TextScreen,
    is_exchanged: &'static Cell<bool>,
}

impl AppDevices {
    /// What apps have written to the screen.
    pub fn printed(&self) -> String {
        String::from_utf8(self.screen.printed()).unwrap()
    }

    /// Whether the apps' screen is shown in the place of the shell's.
    pub fn is_exchanged(&self) -> bool {
        self.is_exchanged.get()
    }
}

impl Bench {
    /// A machine with room for as much text as a board has.
    pub fn new() -> Self {
        Self::with_room_for_text(2048)
    }

    /// A machine with room for `bytes` bytes of text that wait for the port.
    pub fn with_room_for_text(bytes: usize) -> Self {
        Self::build(bytes, false)
    }

    /// A machine with a screen and a keyboard for apps.
    pub fn with_screen() -> Self {
        Self::build(2048, true)
    }

    fn build(bytes: usize, has_screen: bool) -> Self {
        let machine = fake::Machine::new();
        let console = &*fake::leak(Console::new(
            machine.grant(console::DRIVER_NUM),
            fake::leak([0; CONSOLE_BYTES]),
        ));
        let machine = machine.driver(console::DRIVER_NUM, console);
        let (port, alarm, leds) = (fake::Uart::new(), fake::Alarm::new(), fake::Leds::new());
        let (clock, date_time) = (clocks(alarm), fake::DateTime::new(DATE));
        let blinkers = &*fake::leak(Pool::new());
        let shells_machine = shells_machine(machine.kernel(), leds, blinkers, date_time);
        let (mut machine, mut screen, mut app_screen) = (machine, None, None);
        if has_screen {
            let (with_drivers, devices, drivers) = app_devices(machine);
            (machine, screen, app_screen) = (with_drivers, Some(devices), Some(drivers));
        }
        let foreground = &*fake::leak(Foreground::new(app_screen));
        machine.processes().set_end_client(foreground);
        let terminal = terminal(port, clock(), console, foreground, bytes);
        machine.task("shell", shell::run(terminal, shells_machine));
        for number in 0..BLINKERS {
            let clock = clock();
            let run = async move |job: Blink| {
                blink(leds.as_hil()[job.light], clock, job.period_ms).await;
            };
            machine.task("blinker", blinkers.worker(number, run));
        }
        let bench = Self {
            machine,
            leds,
            alarm,
            port,
            date_time,
            screen,
            terminal: RefCell::new(Screen::new()),
        };
        bench.types("");
        bench
    }

    /// Types `text`, and waits until nothing more happens.
    pub fn types(&self, text: &str) {
        self.port.receive(text.as_bytes());
        self.machine.run();
        self.terminal.borrow_mut().take(&self.port.take_text());
    }

    /// Lets `ms` milliseconds pass.
    pub fn waits(&self, ms: u64) {
        self.machine.advance_ms(self.alarm, ms);
        self.types("");
    }

    /// Enters `line`, and returns the rows that follow it up to the next prompt.
    pub fn answer(&self, line: &str) -> Vec<String> {
        let before = self.rows().len();
        self.types(&format!("{line}\r"));
        assert_eq!(self.typed(), "", "the shell waits for the next line");
        let mut rows = self.rows();
        rows.pop();
        rows.split_off(before)
    }

    /// All rows that the person has seen.
    pub fn rows(&self) -> Vec<String> {
        self.terminal.borrow().rows()
    }

    /// The line after the prompt, as the person sees it.
    #[track_caller]
    pub fn typed(&self) -> String {
        let row = self.rows().pop().unwrap();
        let (prompt, line) = row.split_once('>').expect("the shell shows its prompt");
        assert_eq!(prompt, "odyssey");
        line.trim_start().to_owned()
    }

    /// How often the bell was rung.
    pub fn bells(&self) -> usize {
        self.terminal.borrow().bells()
    }
}

/// Adds a screen and a keyboard for apps.
fn app_devices(machine: fake::Machine) -> (fake::Machine, AppDevices, AppScreen<'static>) {
    let (keyboard, screen) = (fake::Keyboard::new(), fake::TextScreen::new(80, 24));
    let keys = &*fake::leak(KeyDriver::new(machine.grant(key_driver::DRIVER_NUM)));
    let decoder = &*fake::leak(Keyboard::new(fake::leak([KeyEvent::NONE; 64])));
    decoder.set_apps(keys);
    keyboard.set_scancode_client(decoder);
    let grant = machine.grant(text_screen::DRIVER_NUM);
    let driver = &*fake::leak(TextScreen::new(screen, fake::leak([0; 64]), grant));
    screen.set_client(Some(driver));
    let is_exchanged = &*fake::leak(Cell::new(false));
    let devices = AppDevices {
        keyboard,
        screen,
        is_exchanged,
    };
    let drivers = AppScreen {
        keys,
        screen: driver,
        exchange: fake::leak(|| is_exchanged.set(!is_exchanged.get())),
    };
    let machine = machine
        .driver(key_driver::DRIVER_NUM, keys)
        .driver(text_screen::DRIVER_NUM, driver);
    (machine, devices, drivers)
}

/// Makes clocks on alarms of their own: one for the shell, and one for each light that can blink.
fn clocks(alarm: &'static fake::Alarm) -> impl Fn() -> &'static Clock<'static> {
    let nodes = fake::leak([const { DeadlineNode::new() }; 1 + BLINKERS]);
    let clients = fake::leak([const { OptionalCell::empty() }; 1 + BLINKERS]);
    let mux = &*fake::leak(AlarmMux::new(alarm, nodes, clients));
    alarm.set_alarm_client(mux);
    || {
        let alarm = &*fake::leak(mux.alarm().unwrap());
        let clock = &*fake::leak(Clock::new(alarm));
        alarm.set_alarm_client(clock);
        clock
    }
}

fn terminal(
    port: &'static fake::Uart,
    clock: &'static Clock<'static>,
    console: &'static Console,
    foreground: &'static Foreground<'static>,
    room_for_text: usize,
) -> Terminal<'static> {
    let queue = vec![0; room_for_text].leak();
    let output = &*fake::leak(Output::new(
        Device::Serial(port),
        queue,
        fake::leak([0; 64]),
    ));
    let (queue, buffer) = (fake::leak([0; 1024]), fake::leak([0; 16]));
    let keys = &*fake::leak(SerialKeys::new(port, queue, buffer));
    port.set_transmit_client(output);
    port.set_receive_client(keys);
    keys.start();
    Terminal {
        name: "serial line",
        keys,
        output,
        clock,
        console: Some(console),
        foreground,
    }
}

fn shells_machine(
    kernel: &'static Kernel,
    leds: &'static fake::Leds<LIGHTS>,
    blinkers: &'static Pool<Blink, BLINKERS>,
    date_time: &'static fake::DateTime,
) -> &'static shell::Machine<'static> {
    let calendar = &*fake::leak(Calendar::new(date_time));
    date_time.set_client(calendar);
    fake::leak(shell::Machine {
        version: "Capsa 1.2.3",
        choices: &[("scheduler", "round-robin")],
        kernel,
        may_start: fake::leak(create_capability!(ProcessStartCapability)),
        drivers: fake::leak(DriverTable::new(fake::leak(kernel::drivers! {
            "low-level debug", low_level_debug::DRIVER_NUM => &LowLevelDebug,
        }))),
        lights: fake::leak(leds.as_hil().map(|led| ("lamp", led as &dyn Led))),
        blinkers,
        keyboard: fake::leak(Keyboard::new(fake::leak([KeyEvent::NONE; 4]))),
        calendar,
        memory: &[MemoryRange {
            start: 0x1000,
            end: 0x3001,
            purpose: "usable",
        }],
        image: &[
            MemoryRange {
                start: 0x100,
                end: 0x180,
                purpose: "text",
            },
            MemoryRange {
                start: 0x180,
                end: 0x1c0,
                purpose: "data",
            },
        ],
        arena: BootArena::new(fake::leak([MaybeUninit::uninit(); 256])),
        reset: || panic!("the machine was reset"),
        shutdown: || panic!("the machine was switched off"),
    })
}
