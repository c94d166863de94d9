//! One image: its bytes, and what can be asked about them.

use core::str;

use super::{
    CommandPermissions, Credentials, TbfError, TbfPermissions, TbfStoragePermissions, TbfSummary,
    WriteableFlashRegions, base::Base,
};

/// An image that was found to be well-formed.
#[derive(Clone, Copy, Debug)]
pub struct TbfImage<'a> {
    summary: TbfSummary,
    bytes: &'a [u8],
}

impl<'a> TbfImage<'a> {
    /// The image that starts with the first of `bytes`; there may be more bytes than it needs.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, TbfError> {
        let base = Base::read(bytes)?;
        let (bytes, header) = base.check(bytes)?;
        let summary = TbfSummary::read(&base, header)?;
        Ok(Self { summary, bytes })
    }

    pub(super) fn new(summary: TbfSummary, bytes: &'a [u8]) -> Self {
        Self { summary, bytes }
    }

    /// The header's numbers, for whom offsets are better to keep than references.
    pub fn summary(&self) -> TbfSummary {
        self.summary
    }

    /// The whole image: [`TbfSummary::total_size`] bytes.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Whether this is no app, but fills the place between two.
    pub fn is_padding(&self) -> bool {
        self.summary.program.is_none()
    }

    /// The app's name; empty if it has none.
    pub fn package_name(&self) -> &'a str {
        str::from_utf8(self.summary.package_name.bytes(self.bytes)).unwrap_or_default()
    }

    /// The parts of the image that the app would like to write.
    pub fn writeable_flash_regions(&self) -> WriteableFlashRegions<'a> {
        WriteableFlashRegions::new(self.summary.writeable_flash_regions.bytes(self.bytes))
    }

    /// The commands that the app may call; `None`: all.
    pub fn permissions(&self) -> Option<TbfPermissions<'a>> {
        let value = self.summary.permissions?.bytes(self.bytes);
        Some(TbfPermissions::new(value))
    }

    /// Whether the app may call this command of this driver.
    pub fn allows(&self, driver_num: usize, command_num: usize) -> bool {
        self.permissions()
            .is_none_or(|permissions| permissions.allows(driver_num, command_num))
    }

    /// What the header says about the 64 commands of a driver from number `64 * offset` on.
    pub fn command_permissions(&self, driver_num: usize, offset: usize) -> CommandPermissions {
        self.permissions()
            .map_or(CommandPermissions::NoPermsAtAll, |permissions| {
                permissions.commands(driver_num, offset)
            })
    }

    /// What the app may do with stored data; `None`: nothing.
    pub fn storage_permissions(&self) -> Option<TbfStoragePermissions<'a>> {
        let value = self.summary.storage_permissions?.bytes(self.bytes);
        Some(TbfStoragePermissions::new(value))
    }

    /// The part of the image that its credentials speak for: all up to the binary's end.
    pub fn integrity_region(&self) -> &'a [u8] {
        self.bytes.get(..self.binary_end()).unwrap_or(self.bytes)
    }

    /// The credentials in the footers. Footers that are malformed do not make the image so: no checksum
    /// covers them, and nothing here relies on them.
    pub fn credentials(&self) -> Credentials<'a> {
        Credentials::new(self.bytes, self.binary_end())
    }

    /// Padding has neither binary nor footers: it ends with its last byte.
    fn binary_end(&self) -> usize {
        self.summary
            .program
            .map_or(self.bytes.len(), |program| program.binary_end as usize)
    }
}
