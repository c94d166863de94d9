//! Random numbers.

use crate::error::{ErrorCode, Result};
use crate::syscall::{command, wait_for, with_lent};

const DRIVER: usize = 0x40001;

const BUFFER: usize = 0;
const GET: usize = 1;
const GOT: usize = 0;

/// Fills `buffer` with random bytes, and waits until it is full.
///
/// # Errors
///
/// `NODEVICE` without a source of randomness; `SIZE` where fewer bytes came; what the driver answers otherwise.
pub fn fill(buffer: &mut [u8]) -> Result {
    let wanted_bytes = buffer.len();
    if wanted_bytes == 0 {
        return Ok(());
    }
    let [status, got_bytes, _] = with_lent(DRIVER, BUFFER, buffer, || {
        command(DRIVER, GET, wanted_bytes, 0).unit()?;
        Ok(wait_for(DRIVER, GOT))
    })??;
    ErrorCode::from_status(status)?;
    if got_bytes < wanted_bytes {
        return Err(ErrorCode::SIZE);
    }
    Ok(())
}

/// A random number.
///
/// # Errors
///
/// As [`fill`].
pub fn number() -> Result<u32> {
    let mut bytes = [0; 4];
    fill(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}
