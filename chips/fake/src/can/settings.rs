//! What a controller is set up with.

use kernel::{
    ErrorCode,
    hil::can::{
        BitTiming, Configure, ConfigureFd, FD_CAN_PACKET_SIZE, Filter, FilterParameters,
        OperationMode,
    },
};

use super::Can;

/// The quanta in a second, if there is no prescaler, and in a bit, if only the bit rate is set.
const QUANTA_PER_SECOND: u32 = 16_000_000;
const QUANTA_PER_BIT: u32 = 16;

const FILTERS: u32 = 4;

/// Checks that the controller has the filter.
fn find_filter(number: u32) -> Result<(), ErrorCode> {
    (number < FILTERS).then_some(()).ok_or(ErrorCode::INVAL)
}

impl<const PACKET_SIZE: usize> Can<PACKET_SIZE> {
    /// Checks that the controller has the timing.
    fn check(timing: BitTiming) -> Result<(), ErrorCode> {
        let (least, most) = (Self::MIN_BIT_TIMINGS, Self::MAX_BIT_TIMINGS);
        let parts = |timing: BitTiming| {
            [
                timing.segment1.into(),
                timing.segment2.into(),
                timing.propagation.into(),
                timing.sync_jump_width,
                timing.baud_rate_prescaler,
            ]
        };
        let mut limits = parts(least).into_iter().zip(parts(most));
        let is_possible = parts(timing).into_iter().all(|part| {
            limits
                .next()
                .is_some_and(|(least, most)| (least..=most).contains(&part))
        });
        is_possible.then_some(()).ok_or(ErrorCode::INVAL)
    }
}

impl<const PACKET_SIZE: usize> Configure for Can<PACKET_SIZE> {
    const MIN_BIT_TIMINGS: BitTiming = BitTiming {
        segment1: 1,
        segment2: 1,
        propagation: 0,
        sync_jump_width: 1,
        baud_rate_prescaler: 1,
    };
    const MAX_BIT_TIMINGS: BitTiming = BitTiming {
        segment1: 16,
        segment2: 8,
        propagation: 8,
        sync_jump_width: 4,
        baud_rate_prescaler: 1024,
    };

    fn set_bitrate(&self, bitrate: u32) -> Result<(), ErrorCode> {
        let quanta_per_second = bitrate
            .checked_mul(QUANTA_PER_BIT)
            .filter(|quanta| *quanta > 0 && QUANTA_PER_SECOND.is_multiple_of(*quanta))
            .ok_or(ErrorCode::INVAL)?;
        // With the quantum that synchronises these are 16, and the sample is after 14.
        self.set_bit_timing(BitTiming {
            segment1: 8,
            segment2: 2,
            propagation: 5,
            sync_jump_width: 1,
            baud_rate_prescaler: QUANTA_PER_SECOND / quanta_per_second,
        })
    }

    fn set_bit_timing(&self, bit_timing: BitTiming) -> Result<(), ErrorCode> {
        self.settle()?;
        Self::check(bit_timing)?;
        self.bit_timing.set(Some(bit_timing));
        Ok(())
    }

    fn set_operation_mode(&self, mode: OperationMode) -> Result<(), ErrorCode> {
        self.settle()?;
        match mode {
            OperationMode::Normal | OperationMode::Loopback => self.mode.set(Some(mode)),
            OperationMode::Monitoring | OperationMode::Freeze => {
                return Err(ErrorCode::NOSUPPORT);
            }
        }
        Ok(())
    }

    fn get_bit_timing(&self) -> Result<BitTiming, ErrorCode> {
        self.bit_timing.get().ok_or(ErrorCode::INVAL)
    }

    fn get_operation_mode(&self) -> Result<OperationMode, ErrorCode> {
        self.mode.get().ok_or(ErrorCode::INVAL)
    }

    fn set_automatic_retransmission(&self, automatic: bool) -> Result<(), ErrorCode> {
        self.settle()?;
        self.retransmits.set(Some(automatic));
        Ok(())
    }

    fn set_wake_up(&self, wake_up: bool) -> Result<(), ErrorCode> {
        self.settle()?;
        self.wakes_up.set(Some(wake_up));
        Ok(())
    }

    fn get_automatic_retransmission(&self) -> Result<bool, ErrorCode> {
        self.retransmits.get().ok_or(ErrorCode::INVAL)
    }

    fn get_wake_up(&self) -> Result<bool, ErrorCode> {
        self.wakes_up.get().ok_or(ErrorCode::INVAL)
    }

    fn receive_fifo_count(&self) -> usize {
        1
    }
}

impl ConfigureFd for Can<FD_CAN_PACKET_SIZE> {
    fn set_payload_bit_timing(&self, payload_bit_timing: BitTiming) -> Result<(), ErrorCode> {
        self.settle()?;
        Self::check(payload_bit_timing)?;
        self.payload_bit_timing.set(Some(payload_bit_timing));
        Ok(())
    }

    fn get_payload_bit_timing(&self) -> Result<BitTiming, ErrorCode> {
        self.payload_bit_timing.get().ok_or(ErrorCode::NOSUPPORT)
    }

    fn get_frame_size() -> usize {
        FD_CAN_PACKET_SIZE
    }
}

impl<const PACKET_SIZE: usize> Filter for Can<PACKET_SIZE> {
    fn enable_filter(&self, filter: FilterParameters) -> Result<(), ErrorCode> {
        find_filter(filter.number)?;
        if filter.fifo_number >= self.receive_fifo_count() {
            return Err(ErrorCode::INVAL);
        }
        self.filters.borrow_mut().insert(filter.number, filter);
        Ok(())
    }

    fn disable_filter(&self, number: u32) -> Result<(), ErrorCode> {
        find_filter(number)?;
        self.filters.borrow_mut().remove(&number);
        Ok(())
    }

    fn filter_count(&self) -> usize {
        FILTERS as usize
    }
}
