//! The battery-backed clock, Motorola MC146818 (data sheet ADI1382).

use core::cell::Cell;

use kernel::{
    ErrorCode,
    deferred_call::{DeferredCall, DeferredCallClient},
    hil::date_time::{DateTime, DateTimeClient, DateTimeValues, DayOfWeek, Month},
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

register_bitfields![u8,
    StatusA [ UPDATE_IN_PROGRESS OFFSET(7) NUMBITS(1) [] ],
    StatusB [
        HOURS OFFSET(1) NUMBITS(1) [ TwelveAndAfternoon = 0, TwentyFour = 1 ],
        FORMAT OFFSET(2) NUMBITS(1) [ BinaryCodedDecimal = 0, Binary = 1 ]
    ]
];

/// Registers by number. The century's is where PCs and QEMU have it.
const SECONDS: u8 = 0x00;
const MINUTES: u8 = 0x02;
const HOURS: u8 = 0x04;
const DAY: u8 = 0x07;
const MONTH: u8 = 0x08;
const YEAR: u8 = 0x09;
const STATUS_A: u8 = 0x0a;
const STATUS_B: u8 = 0x0b;
const CENTURY: u8 = 0x32;

/// Set in an hour after noon, in the twelve-hour format.
const AFTERNOON: u8 = 0x80;

/// How often the clock is read before it is given up: an update takes 2 ms at most, once a second, and
/// two equal readings are needed.
const ATTEMPTS: usize = 10_000;

/// The clock.
pub struct Cmos<'a> {
    index: Port,
    data: Port,
    busy: Cell<bool>,
    deferred_call: DeferredCall,
    client: OptionalCell<&'a dyn DateTimeClient>,
}

#[derive(Clone, Copy, PartialEq)]
struct Raw {
    seconds: u8,
    minutes: u8,
    hours: u8,
    day: u8,
    month: u8,
    year: u8,
    century: u8,
}

impl Cmos<'_> {
    /// The clock of the machine. A board makes one.
    pub fn new() -> Self {
        // SAFETY: ports of the clock and its memory; this driver alone uses them.
        let (index, data) = unsafe { (Port::new(0x70), Port::new(0x71)) };
        Self {
            index,
            data,
            busy: Cell::new(false),
            deferred_call: DeferredCall::new(),
            client: OptionalCell::empty(),
        }
    }

    fn register(&self, number: u8) -> u8 {
        self.index.set(number);
        self.data.get()
    }

    /// Reads until two readings agree with no update between them.
    fn read(&self) -> Result<DateTimeValues, ErrorCode> {
        let mut before = None;
        for _ in 0..ATTEMPTS {
            let status = LocalRegisterCopy::<u8, StatusA::Register>::new(self.register(STATUS_A));
            if status.is_set(StatusA::UPDATE_IN_PROGRESS) {
                continue;
            }
            let now = self.read_once();
            if before == Some(now) {
                return decode(now, self.register(STATUS_B)).ok_or(ErrorCode::FAIL);
            }
            before = Some(now);
        }
        Err(ErrorCode::BUSY)
    }

    fn read_once(&self) -> Raw {
        Raw {
            seconds: self.register(SECONDS),
            minutes: self.register(MINUTES),
            hours: self.register(HOURS),
            day: self.register(DAY),
            month: self.register(MONTH),
            year: self.register(YEAR),
            century: self.register(CENTURY),
        }
    }
}

impl Default for Cmos<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> DateTime<'a> for Cmos<'a> {
    fn get_date_time(&self) -> Result<(), ErrorCode> {
        if self.busy.replace(true) {
            return Err(ErrorCode::BUSY);
        }
        self.deferred_call.set();
        Ok(())
    }

    /// The host's clock is not ours to set.
    fn set_date_time(&self, _date_time: DateTimeValues) -> Result<(), ErrorCode> {
        Err(ErrorCode::NOSUPPORT)
    }

    fn set_client(&self, client: &'a dyn DateTimeClient) {
        self.client.set(client);
    }
}

impl DeferredCallClient for Cmos<'_> {
    fn handle_deferred_call(&self) {
        self.busy.set(false);
        let result = self.read();
        self.client.map(|client| client.get_date_time_done(result));
    }

    fn register(&'static self) {
        self.deferred_call.register(self);
    }
}

/// `None` if the registers hold no date.
fn decode(raw: Raw, status_b: u8) -> Option<DateTimeValues> {
    let status = LocalRegisterCopy::<u8, StatusB::Register>::new(status_b);
    let number = |register: u8| match status.read_as_enum(StatusB::FORMAT) {
        Some(StatusB::FORMAT::Value::Binary) => register,
        _ => (register >> 4) * 10 + (register & 0xf),
    };
    let hour = match status.read_as_enum(StatusB::HOURS) {
        Some(StatusB::HOURS::Value::TwentyFour) => number(raw.hours),
        _ => {
            let after_noon = if raw.hours & AFTERNOON != 0 { 12 } else { 0 };
            number(raw.hours & !AFTERNOON) % 12 + after_noon
        }
    };
    let year = u16::from(number(raw.century)) * 100 + u16::from(number(raw.year));
    let (month, day) = (number(raw.month), number(raw.day));
    let (minute, seconds) = (number(raw.minutes), number(raw.seconds));
    let is_date = (1..=31).contains(&day) && hour < 24 && minute < 60 && seconds < 60;
    is_date.then_some(())?;
    Some(DateTimeValues {
        year,
        month: *MONTHS.get(usize::from(month).checked_sub(1)?)?,
        day,
        day_of_week: day_of_week(year, month, day),
        hour,
        minute,
        seconds,
    })
}

const MONTHS: [Month; 12] = [
    Month::January,
    Month::February,
    Month::March,
    Month::April,
    Month::May,
    Month::June,
    Month::July,
    Month::August,
    Month::September,
    Month::October,
    Month::November,
    Month::December,
];

/// Sakamoto's rule, for the Gregorian calendar. The clock has a register for it that nobody sets right.
fn day_of_week(year: u16, month: u8, day: u8) -> DayOfWeek {
    const DAYS: [DayOfWeek; 7] = [
        DayOfWeek::Sunday,
        DayOfWeek::Monday,
        DayOfWeek::Tuesday,
        DayOfWeek::Wednesday,
        DayOfWeek::Thursday,
        DayOfWeek::Friday,
        DayOfWeek::Saturday,
    ];
    const OFFSETS: [u16; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
    let year = if month < 3 {
        year.saturating_sub(1)
    } else {
        year
    };
    let offset = OFFSETS[usize::from(month + 11) % 12];
    DAYS[usize::from(year + year / 4 - year / 100 + year / 400 + offset + u16::from(day)) % 7]
}

#[cfg(test)]
mod tests {
    use super::*;

    const BINARY_24: u8 = 0b110;
    const DECIMAL_24: u8 = 0b010;
    const DECIMAL_12: u8 = 0b000;

    fn raw() -> Raw {
        Raw {
            seconds: 0x59,
            minutes: 0x30,
            hours: 0x23,
            day: 0x29,
            month: 0x02,
            year: 0x24,
            century: 0x20,
        }
    }

    #[test]
    fn a_leap_day_in_binary_coded_decimal_is_read_right() {
        assert_eq!(
            decode(raw(), DECIMAL_24),
            Some(DateTimeValues {
                year: 2024,
                month: Month::February,
                day: 29,
                day_of_week: DayOfWeek::Thursday,
                hour: 23,
                minute: 30,
                seconds: 59,
            })
        );
    }

    #[test]
    fn noon_and_midnight_are_told_apart_in_the_twelve_hour_format() {
        let hour = |hours| decode(Raw { hours, ..raw() }, DECIMAL_12).map(|date| date.hour);
        assert_eq!(hour(0x12), Some(0));
        assert_eq!(hour(0x12 | AFTERNOON), Some(12));
        assert_eq!(hour(0x11 | AFTERNOON), Some(23));
    }

    #[test]
    fn binary_registers_are_taken_as_they_are() {
        let raw = Raw {
            seconds: 5,
            minutes: 6,
            hours: 7,
            day: 8,
            month: 11,
            year: 26,
            century: 20,
        };
        let date = decode(raw, BINARY_24).unwrap();
        assert_eq!(
            (date.year, date.month, date.day),
            (2026, Month::November, 8)
        );
        assert_eq!(date.day_of_week, DayOfWeek::Sunday);
    }

    #[test]
    fn registers_that_hold_no_date_are_refused() {
        assert_eq!(
            decode(
                Raw {
                    month: 0x13,
                    ..raw()
                },
                DECIMAL_24
            ),
            None
        );
        assert_eq!(decode(Raw { month: 0, ..raw() }, DECIMAL_24), None);
        assert_eq!(decode(Raw { day: 0xff, ..raw() }, DECIMAL_24), None);
    }
}
