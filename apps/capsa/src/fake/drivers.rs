//! The drivers of the fake kernel, with Tock's numbers.

use std::collections::VecDeque;

use super::ipc;
use super::screen::{COLUMNS, ROWS};
use super::state::{State, failure, number, unit};
use crate::door::Words;
use crate::error::{ErrorCode, Result};

const ALARM: usize = 0;
const CONSOLE: usize = 1;
const LED: usize = 2;
const RNG: usize = 0x40001;
const TEXT_SCREEN: usize = 0x90003;
const DATE_TIME: usize = 0x90007;
const KEYBOARD: usize = 0x8000_0000;

/// The most that the console and the text screen take in one write.
const WRITE_BYTES: usize = 64;

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

    /// A write to the console takes a millisecond.
    const PRINT_TICKS: u64 = 33;

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

    fn ticks_at(time_ms: u64) -> u64 {
        Self::START_TICKS + (time_ms * u64::from(Self::FREQUENCY_HZ)).div_ceil(1000)
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
            (ALARM | CONSOLE | RNG | TEXT_SCREEN | DATE_TIME | KEYBOARD, 0) => unit(Ok(())),
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
            (TEXT_SCREEN, 1..=11) => unit(self.text_screen(command, a, b)),
            (DATE_TIME, 1) => unit(self.read_date()),
            (DATE_TIME, 2) => unit(self.set_date([a, b])),
            (KEYBOARD, 1) => unit(self.listen()),
            (ipc::DRIVER, _) => self.ipc_command(command, a, b),
            (ALARM | CONSOLE | LED | RNG | TEXT_SCREEN | DATE_TIME | KEYBOARD, _) => {
                failure(ErrorCode::NOSUPPORT)
            }
            _ => failure(ErrorCode::NODEVICE),
        }
    }

    /// Lets time pass until something happens. `false` if nothing ever will.
    pub fn pass_time(&mut self) -> bool {
        let key = self.key_presses.front().copied();
        if let Some((time, meaning)) = key
            && self.alarm.set_for.is_none_or(|alarm| time < alarm)
        {
            self.key_presses.pop_front();
            self.alarm.ticks = self.alarm.ticks.max(time);
            self.press(meaning);
            return true;
        }
        let Some(time) = self.alarm.set_for.take() else {
            return false;
        };
        self.alarm.ticks = self.alarm.ticks.max(time);
        let now = self.alarm.now() as usize;
        self.schedule(ALARM, 0, [now, now, 0]);
        true
    }

    /// Types on the console.
    pub fn type_bytes(&mut self, bytes: &[u8]) {
        self.console.typed.extend(bytes);
        self.finish_read();
    }

    /// What a write of `len_bytes` takes.
    fn written_bytes(&self, driver: usize, number: usize, len_bytes: usize) -> Vec<u8> {
        let lent = self.lent_bytes(driver, number);
        lent[..len_bytes.min(lent.len()).min(WRITE_BYTES)].to_vec()
    }

    fn print(&mut self, len_bytes: usize) -> Result {
        let bytes = self.written_bytes(CONSOLE, 1, len_bytes);
        // Seen where a test fails, or where an app runs as an ordinary program.
        print!("{}", String::from_utf8_lossy(&bytes));
        self.alarm.ticks += Alarm::PRINT_TICKS;
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

    fn read_date(&mut self) -> Result {
        let [date, time] = self.date;
        self.schedule(DATE_TIME, 0, [0, date, time]);
        Ok(())
    }

    fn set_date(&mut self, date: [usize; 2]) -> Result {
        self.date = date;
        self.schedule(DATE_TIME, 0, [0; 3]);
        Ok(())
    }

    fn listen(&mut self) -> Result {
        if self.is_listening {
            return Err(ErrorCode::ALREADY);
        }
        self.is_listening = true;
        Ok(())
    }

    /// Presses a key, by the driver's number for what it means, and lets it go.
    pub fn press(&mut self, meaning: usize) {
        const SCAN_CODE: usize = 0x1e;
        if self.is_listening {
            self.schedule(KEYBOARD, 0, [meaning, SCAN_CODE, 1]);
            self.schedule(KEYBOARD, 0, [0, SCAN_CODE | 0x80, 0]);
        }
    }

    /// As [`press`](Self::press), when it is so late. Those that come first are to be named first.
    pub fn press_at(&mut self, time_ms: u64, meaning: usize) {
        self.key_presses
            .push_back((Alarm::ticks_at(time_ms), meaning));
    }

    fn text_screen(&mut self, command: usize, a: usize, b: usize) -> Result {
        let (first, second) = match command {
            1 => (COLUMNS, ROWS),
            8 => {
                let bytes = self.written_bytes(TEXT_SCREEN, 0, a);
                self.screen.write(&bytes);
                (bytes.len(), 0)
            }
            9 => {
                self.screen.clear();
                (0, 0)
            }
            11 if !self.screen.set_cursor(a, b) => return Err(ErrorCode::INVAL),
            _ => (0, 0),
        };
        self.schedule(TEXT_SCREEN, 0, [0, first, second]);
        Ok(())
    }
}
