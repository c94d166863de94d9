//! The footers: signatures and hashes of the image before them.

use super::{
    TbfError,
    element::{Element, Elements, kind, u32_at},
};

/// The bytes of a credential's format, before its data.
const FORMAT_BYTES: usize = 4;

/// How to read a credential's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum CredentialFormat {
    /// No credential: room for one to be added.
    Reserved = 0,
    /// A signature by a 3072-bit RSA key.
    Rsa3072Key = 1,
    /// A signature by a 4096-bit RSA key.
    Rsa4096Key = 2,
    /// A hash.
    SHA256 = 3,
    /// A hash.
    SHA384 = 4,
    /// A hash.
    SHA512 = 5,
    /// A signature by a key on NIST's curve P-256.
    EcdsaNistP256 = 6,
}

impl CredentialFormat {
    /// The format of that number, and the bytes of its data.
    fn find(number: u32) -> Result<(Self, usize), TbfError> {
        Ok(match number {
            0 => (Self::Reserved, 0),
            1 => (Self::Rsa3072Key, 768),
            2 => (Self::Rsa4096Key, 1024),
            3 => (Self::SHA256, 32),
            4 => (Self::SHA384, 48),
            5 => (Self::SHA512, 64),
            6 => (Self::EcdsaNistP256, 64),
            format => return Err(TbfError::UnknownCredentialFormat { format }),
        })
    }
}

/// A claim about the image up to its binary's end. Nobody has verified it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credential<'a> {
    /// How to read `data`.
    pub format: CredentialFormat,
    /// As long as the format wants it.
    pub data: &'a [u8],
}

/// Walks the credentials of an image, up to the first that is malformed.
#[derive(Clone, Debug)]
pub struct Credentials<'a>(Elements<'a>);

impl<'a> Credentials<'a> {
    pub(super) fn new(image: &'a [u8], binary_end: usize) -> Self {
        Self(Elements::of_footers(image, binary_end))
    }
}

impl<'a> Iterator for Credentials<'a> {
    type Item = Result<Credential<'a>, TbfError>;

    fn next(&mut self) -> Option<Self::Item> {
        let credential = self.0.next()?.and_then(|element| read(&element));
        if credential.is_err() {
            self.0.end();
        }
        Some(credential)
    }
}

/// The credential in a footer. It may be longer than its format wants: elf2tab fills the end of an image
/// with one large reserved footer.
fn read<'a>(element: &Element<'a>) -> Result<Credential<'a>, TbfError> {
    if element.kind != kind::CREDENTIALS {
        return Err(TbfError::UnknownFooter { kind: element.kind });
    }
    let format = u32_at(element.value, 0).ok_or_else(|| element.wrong_length(FORMAT_BYTES))?;
    let (format, data_bytes) = CredentialFormat::find(format)?;
    let end = FORMAT_BYTES + data_bytes;
    match element.value.get(FORMAT_BYTES..end) {
        Some(data) => Ok(Credential { format, data }),
        None => Err(element.wrong_length(end)),
    }
}
