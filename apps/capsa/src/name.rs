//! The name of this app's process, which the packer wrote into the header of its image.

use core::{ptr, slice, str};

/// The header's fixed part.
const BASE_LEN_BYTES: usize = 16;
/// Where it says how long all of it is.
const HEADER_SIZE: usize = 2;

/// The name that the kernel knows this app by. On the host it is `app`.
pub fn name() -> &'static str {
    // SAFETY: the kernel would not have started this app without a whole header at the start of its image,
    // which nobody writes to.
    let header = unsafe {
        let base = slice::from_raw_parts(image_start(), BASE_LEN_BYTES);
        let len_bytes = half_word(base, HEADER_SIZE).unwrap_or(BASE_LEN_BYTES);
        slice::from_raw_parts(image_start(), len_bytes)
    };
    find(header).unwrap_or_default()
}

#[cfg(target_os = "none")]
fn image_start() -> *const u8 {
    /// As in the linker script.
    const IMAGE_START: usize = 0x40_0000;
    ptr::with_exposed_provenance(IMAGE_START)
}

#[cfg(not(target_os = "none"))]
fn image_start() -> *const u8 {
    /// A header with nothing but a name.
    static HEADER: [u8; 24] = *b"\x02\0\x18\0\0\0\0\0\x01\0\0\0\0\0\0\0\x03\0\x03\0app\0";
    ptr::from_ref(&HEADER).cast()
}

/// The name in a header: elements follow its fixed part, each a type, a length, and so many bytes filled up to a
/// multiple of four.
fn find(header: &[u8]) -> Option<&str> {
    const PACKAGE_NAME: usize = 3;
    let mut rest = header.get(BASE_LEN_BYTES..)?;
    loop {
        let (kind, len_bytes) = (half_word(rest, 0)?, half_word(rest, 2)?);
        if kind == PACKAGE_NAME {
            return str::from_utf8(rest.get(4..4 + len_bytes)?).ok();
        }
        rest = rest.get(4 + len_bytes.next_multiple_of(4)..)?;
    }
}

fn half_word(bytes: &[u8], at: usize) -> Option<usize> {
    let pair = bytes.get(at..)?.first_chunk::<2>()?;
    Some(u16::from_le_bytes(*pair).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: [u8; BASE_LEN_BYTES] = [0; BASE_LEN_BYTES];

    #[test]
    fn the_name_is_found_after_other_elements() {
        let kernel_version = [8, 0, 4, 0, 2, 0, 0, 0];
        let header = [&BASE[..], &kernel_version, b"\x03\0\x05\0hello\0\0\0"].concat();
        assert_eq!(find(&header), Some("hello"));
    }

    #[test]
    fn a_header_without_a_name_has_none() {
        assert_eq!(find(&BASE), None);
        assert_eq!(find(&[&BASE[..], b"\x03\0\x05\0hel"].concat()), None);
        assert_eq!(find(&[]), None);
    }
}
