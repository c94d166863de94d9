//! I2C: a bus as its master sees it, one slave on a bus of somebody else's, and the other end.

mod device;
mod master;
mod master_slave;
mod slave;

use std::collections::VecDeque;

use kernel::hil::i2c::Error;

use crate::faults::Operation;

pub use device::I2cDevice;
pub use master::I2cMaster;
pub use master_slave::I2cMasterSlave;
pub use slave::I2cSlave;

/// What a wire says that nobody pulls down.
const NOTHING: u8 = 0xff;

type Buffer = &'static mut [u8];

/// What a slave is sent and sends.
#[derive(Default)]
struct Wire {
    written: Vec<Vec<u8>>,
    answers: VecDeque<Vec<u8>>,
}

/// A transfer: to which slave, how much of the buffer is written first, and how much is read then.
struct Transfer {
    address: u8,
    buffer: Buffer,
    write_len: Option<usize>,
    read_len: Option<usize>,
}

impl Transfer {
    fn fits(&self) -> bool {
        let len = self.write_len.max(self.read_len).unwrap_or(0);
        len <= self.buffer.len()
    }

    fn carry_out(&mut self, wire: &mut Wire) {
        if let Some(len) = self.write_len {
            wire.written.push(self.buffer[..len].to_vec());
        }
        if let Some(len) = self.read_len {
            let answer = wire.answers.pop_front().unwrap_or_default();
            let bytes = answer.into_iter().chain(std::iter::repeat(NOTHING));
            self.buffer[..len]
                .iter_mut()
                .zip(bytes)
                .for_each(|(place, byte)| *place = byte);
        }
    }
}

/// Starts a transfer on a fake, whose operations these are.
fn start(
    operation: &Operation<Transfer, Error, Error>,
    is_enabled: bool,
    transfer: Transfer,
) -> Result<(), (Error, Buffer)> {
    let admitted = operation.admit().and_then(|()| {
        let is_possible = is_enabled && transfer.fits();
        is_possible.then_some(()).ok_or(Error::NotSupported)
    });
    match admitted {
        Ok(()) => operation.start(transfer),
        Err(error) => return Err((error, transfer.buffer)),
    }
    Ok(())
}
