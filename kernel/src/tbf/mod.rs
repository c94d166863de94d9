//! Tock Binary Format, version 2: the images that apps come in, read where they lie.
//!
//! An image is a *base header*, typed *elements* that describe the app, the app's binary, and
//! *footers*. All numbers are little-endian. A bundle is a concatenation of images, as in the flash of
//! a Tock board: [`Bundle`] walks it, [`TbfImage::parse`] reads one image. Whatever the bytes are, the
//! answer is an image or a [`TbfError`] that says what is wrong, never a panic. A kernel part that
//! cannot keep references keeps the image's [`TbfSummary`], and looks the rest up with
//! [`TbfSummary::in_image`].
//!
//! ```text
//! 0              16          header_size     protected_size          binary_end     total_size
//! | base header  | elements  | kernel's own  | the app's binary      | footers      |
//!                                                ^ entry_offset
//! ```
//!
//! What each element means here. Elements of other types are skipped. Of a repeated Main or Program the
//! first counts, of any other the last, as in Tock.
//!
//! | type | name | meaning in Capsa |
//! |---|---|---|
//! | 1 | Main | entry point, protected size, RAM; the binary reaches to the image's end. Ignored where there is a Program |
//! | 2 | Writeable flash regions | reported by memop 7 to 9; images are read-only here, so a write faults |
//! | 3 | Package name | the app's name, any UTF-8 |
//! | 5 | Fixed addresses | the process sees its image and its RAM there, each if given: address spaces are separate, so they never collide with another app's |
//! | 6 | Permissions | the commands the app may call; without the element, all. In Tock a list that is cut off allows all; here it refuses the image |
//! | 7 | Storage permissions | the identifiers that the app stores under, reads and modifies; at most eight each to read and to modify |
//! | 8 | Kernel version | the same major version and at most the running minor version, [`TbfSummary::check_kernel_version`]; without the element the app is not loaded, as in Tock |
//! | 9 | Program | as Main, and where the binary ends and the app's version |
//! | 10 | Short id | the app's fixed identifier, unless zero |
//! | 128 | Credentials | in the footers alone: listed by [`TbfImage::credentials`], not verified |
//!
//! A header without elements is padding between apps. A header with elements but neither Main nor
//! Program names nothing to run and is refused, where Tock would start it at its own header. So are an
//! entry point or a binary end outside the image, which Tock leaves to the process to fault on.

mod base;
mod bundle;
mod credentials;
mod element;
mod error;
mod image;
mod kernel_version;
mod permissions;
mod program;
mod storage_permissions;
mod summary;
mod writeable_flash;

pub use bundle::Bundle;
pub use credentials::{Credential, CredentialFormat, Credentials};
pub use error::TbfError;
pub use image::TbfImage;
pub use kernel_version::{KERNEL_MAJOR_VERSION, KERNEL_MINOR_VERSION, KernelVersion};
pub use permissions::{CommandPermissions, TbfPermissions};
pub use program::Program;
pub use storage_permissions::{MAXIMUM_STORAGE_IDS, TbfStoragePermissions};
pub use summary::TbfSummary;
pub use writeable_flash::{WriteableFlashRegion, WriteableFlashRegions};
