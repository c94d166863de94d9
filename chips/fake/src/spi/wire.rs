//! What goes to a slave and comes from it.

use std::collections::VecDeque;

use kernel::{
    hil::spi::{ClockPhase, ClockPolarity},
    utilities::leasable_buffer::SubSliceMut,
};

pub(super) type Buffer = SubSliceMut<'static, u8>;

/// What a master has set a slave up with.
#[derive(Clone, Copy)]
pub(super) struct Settings {
    pub(super) polarity: ClockPolarity,
    pub(super) phase: ClockPhase,
    pub(super) rate: u32,
}

impl Settings {
    pub(super) const AT_FIRST: Self = Self {
        polarity: ClockPolarity::IdleLow,
        phase: ClockPhase::SampleLeading,
        rate: 0,
    };
}

/// What a slave is sent and sends, operation by operation.
#[derive(Default)]
pub(super) struct Wire {
    pub(super) written: Vec<Vec<u8>>,
    pub(super) answers: VecDeque<Vec<u8>>,
    /// The rest of the answer to the last operation.
    rest: VecDeque<u8>,
}

impl Wire {
    /// Writes bytes, and returns those that come meanwhile. They belong to the last operation if it `goes_on`.
    pub(super) fn exchange(&mut self, bytes: &[u8], goes_on: bool) -> Vec<u8> {
        match self.written.last_mut().filter(|_| goes_on) {
            Some(operation) => operation.extend(bytes),
            None => {
                self.written.push(bytes.to_vec());
                self.rest = self.answers.pop_front().unwrap_or_default().into();
            }
        }
        let mut next = || self.rest.pop_front().unwrap_or(0);
        bytes.iter().map(|_| next()).collect()
    }

    /// As [`Wire::exchange`], between two buffers. Returns how many bytes went each way.
    pub(super) fn transfer(
        &mut self,
        written: &Buffer,
        read: &mut Option<Buffer>,
        goes_on: bool,
    ) -> usize {
        let room = read.as_ref().map_or(usize::MAX, SubSliceMut::len);
        let len = written.len().min(room);
        let answer = self.exchange(&written.as_slice()[..len], goes_on);
        if let Some(read) = read {
            read.as_mut_slice()[..len].copy_from_slice(&answer);
        }
        len
    }
}
