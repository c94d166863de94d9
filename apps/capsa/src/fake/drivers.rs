//! The drivers of the fake kernel, with Tock's numbers.

use std::collections::VecDeque;

use super::state::{State, failure, number, unit};
use crate::door::Words;
use crate::error::{ErrorCode, Result};

const ALARM: usize = 0;
const CONSOLE: usize = 1;
const LED: usize = 2;
const RNG: usize = 0x40001;
const TEXT_SCREEN: usize = 0x90003;

const COLUMNS: usize = 80;
const ROWS: usize = 25;

/// The console.
pub struct Console {
    pub printed: Vec<u8>,
    typed: VecDeque<u8>,
    /// How many bytes a read waits for.
    wanted_bytes: Option<usize>,
}

impl Console {
    pub const fn new() -> Self {
        Self {
            printed: Vec::new(),
            typed: VecDeque::new(),
            wanted_bytes: None,
        }
    }
}

/// The clock, and its alarm.
pub struct Alarm {
    ticks: u64,
    set_for: Option<u64>,
}

impl Alarm {
    const FREQUENCY_HZ: u32 = 32_768;
    /// The clock wraps soon after the start, so that every test that sleeps sees it wrap.
    const START_TICKS: u64 = u32::MAX as u64 - 1000;

    pub const fn new() -> Self {
        Self {
            ticks: Self::START_TICKS,
            set_for: None,
        }
    }

    pub fn now_ms(&self) -> u64 {
        (self.ticks - Self::START_TICKS) * 1000 / u64::from(Self::FREQUENCY_HZ)
    }

    fn now(&self) -> u32 {
        self.ticks as u32
    }

    /// Sets the alarm for `ticks` after a `reference` that is past. A moment that is past is now.
    fn set(&mut self, reference: u32, ticks: u32) -> u32 {
        let passed = self.now().wrapping_sub(reference);
        self.set_for = Some(self.ticks + u64::from(ticks.saturating_sub(passed)));
        reference.wrapping_add(ticks)
    }
}

impl State {
    /// Serves a command.
    pub fn command(&mut self, driver: usize, command: usize, a: usize, b: usize) -> Words {
        match (driver, command) {
            (ALARM | CONSOLE | RNG | TEXT_SCREEN, 0) => unit(Ok(())),
            (ALARM, 1) => number(Alarm::FREQUENCY_HZ),
            (ALARM, 2) => number(self.alarm.now()),
            (ALARM, 3) => unit(
                self.alarm
                    .set_for
                    .take()
                    .map(drop)
                    .ok_or(ErrorCode::ALREADY),
            ),
            (ALARM, 5) => number(self.alarm.set(self.alarm.now(), a as u32)),
            (ALARM, 6) => number(self.alarm.set(a as u32, b as u32)),
            (CONSOLE, 1) => unit(self.print(a)),
            (CONSOLE, 2) => unit(self.read(a)),
            (LED, 0) => number(self.lights.len() as u32),
            (LED, 1..=4) => self.led(command, a),
            (RNG, 1) => unit(self.fill_with_random(a)),
            (TEXT_SCREEN, 1..=11) => unit(self.text_screen(command, a)),
            (ALARM | CONSOLE | LED | RNG | TEXT_SCREEN, _) => failure(ErrorCode::NOSUPPORT),
            _ => failure(ErrorCode::NODEVICE),
        }
    }

    /// Lets time pass until something happens. `false` if nothing ever will.
    pub fn pass_time(&mut self) -> bool {
        let Some(time) = self.alarm.set_for.take() else {
            return false;
        };
        self.alarm.ticks = time;
        let now = self.alarm.now() as usize;
        self.schedule(ALARM, 0, [now, now, 0]);
        true
    }

    /// Types on the console.
    pub fn type_bytes(&mut self, bytes: &[u8]) {
        self.console.typed.extend(bytes);
        self.finish_read();
    }

    fn print(&mut self, len_bytes: usize) -> Result {
        let lent = self.lent_bytes(CONSOLE, 1);
        let bytes = lent[..len_bytes.min(lent.len())].to_vec();
        // Seen where a test fails, or where an app runs as an ordinary program.
        print!("{}", String::from_utf8_lossy(&bytes));
        self.schedule(CONSOLE, 1, [bytes.len(), 0, 0]);
        self.console.printed.extend(bytes);
        Ok(())
    }

    fn read(&mut self, len_bytes: usize) -> Result {
        if self.console.wanted_bytes.is_some() {
            return Err(ErrorCode::BUSY);
        }
        self.console.wanted_bytes = Some(len_bytes);
        self.finish_read();
        Ok(())
    }

    /// Ends a read for which enough has been typed.
    fn finish_read(&mut self) {
        let console = &mut self.console;
        let Some(wanted) = console.wanted_bytes.filter(|n| *n <= console.typed.len()) else {
            return;
        };
        console.wanted_bytes = None;
        let bytes: Vec<u8> = console.typed.drain(..wanted).collect();
        let read_bytes = self.fill_lent(CONSOLE, 1, &bytes);
        self.schedule(CONSOLE, 2, [0, read_bytes, 0]);
    }

    fn led(&mut self, command: usize, light: usize) -> Words {
        let Some(light) = self.lights.get_mut(light) else {
            return failure(ErrorCode::INVAL);
        };
        match command {
            1 => *light = true,
            2 => *light = false,
            3 => *light = !*light,
            _ => return number((*light).into()),
        }
        unit(Ok(()))
    }

    /// Bytes that count up: as random as a test wants them.
    fn fill_with_random(&mut self, len_bytes: usize) -> Result {
        let mut next = || {
            self.random = self.random.wrapping_add(1);
            self.random as u8
        };
        let bytes: Vec<u8> = (0..len_bytes).map(|_| next()).collect();
        let got_bytes = self.fill_lent(RNG, 0, &bytes);
        self.schedule(RNG, 0, [0, got_bytes, 0]);
        Ok(())
    }

    fn text_screen(&mut self, command: usize, len_bytes: usize) -> Result {
        let (first, second) = match command {
            1 => (COLUMNS, ROWS),
            8 => {
                let lent = self.lent_bytes(TEXT_SCREEN, 0);
                let bytes = lent[..len_bytes.min(lent.len())].to_vec();
                self.screen.extend_from_slice(&bytes);
                (bytes.len(), 0)
            }
            9 => {
                self.screen.clear();
                (0, 0)
            }
            _ => (0, 0),
        };
        self.schedule(TEXT_SCREEN, 0, [0, first, second]);
        Ok(())
    }
}
