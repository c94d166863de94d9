//! Apps that come, start and go while the machine runs, with Tock's names: the app_loader capsule is a client.
//!
//! An app's image is written piece by piece ([`DynamicBinaryStore`]), started ([`DynamicProcessLoad`]), and the
//! process removed one day ([`DynamicProcessUnload`]). Each call that returns `Ok` is followed by exactly one
//! callback, from the kernel loop; `Err` by none. Errors of each: `BUSY` until the last callback has come, `INVAL`
//! where the step before is missing.

use crate::{
    ErrorCode,
    process::{ProcessLoadError, ShortId},
    utilities::leasable_buffer::SubSliceMut,
};

/// Takes the image of an app.
pub trait DynamicBinaryStore {
    /// Makes room for an image of `app_length` bytes, and returns how many there is room for.
    /// [`DynamicBinaryStoreClient::setup_done`] follows.
    ///
    /// # Errors
    /// `NOMEM` if there is no room; `INVAL` too while an image is being written.
    fn setup(&self, app_length: usize) -> Result<usize, ErrorCode>;

    /// Writes the bytes in the active part of `buffer` to the image, from `offset` on.
    /// [`DynamicBinaryStoreClient::write_done`] follows, and says so if they do not fit there. Only a call in the wrong
    /// order is an error here: with that the buffer does not come back, since Tock's signature has no place for it.
    fn write(&self, buffer: SubSliceMut<'static, u8>, offset: usize) -> Result<(), ErrorCode>;

    /// All is written. [`DynamicBinaryStoreClient::finalize_done`] follows, and says whether it is an image.
    fn finalize(&self) -> Result<(), ErrorCode>;

    /// Forgets the image. [`DynamicBinaryStoreClient::abort_done`] follows.
    fn abort(&self) -> Result<(), ErrorCode>;

    /// Says who is called back.
    fn set_storage_client(&self, client: &'static dyn DynamicBinaryStoreClient);
}

/// Hears what has become of an image.
pub trait DynamicBinaryStoreClient {
    /// There is room.
    fn setup_done(&self, result: Result<(), ErrorCode>);

    /// Gives the buffer back. `length` bytes were written. `INVAL` if they do not lie in the image.
    fn write_done(&self, result: Result<(), ErrorCode>, buffer: &'static mut [u8], length: usize);

    /// The image can be loaded. `INVAL` if it is no image, or not as long as was said: then it can be written to
    /// still.
    fn finalize_done(&self, result: Result<(), ErrorCode>);

    /// The image is forgotten.
    fn abort_done(&self, result: Result<(), ErrorCode>);
}

/// Starts the app that was written.
pub trait DynamicProcessLoad {
    /// Makes a process of the image, which is gone after that, whatever becomes of it.
    /// [`DynamicProcessLoadClient::load_done`] follows.
    fn load(&self) -> Result<(), ErrorCode>;

    /// Says who is called back.
    fn set_load_client(&self, client: &'static dyn DynamicProcessLoadClient);
}

/// Hears whether an app was started.
pub trait DynamicProcessLoadClient {
    /// It was, or why not.
    fn load_done(&self, result: Result<(), ProcessLoadError>);
}

/// Removes apps.
pub trait DynamicProcessUnload {
    /// Ends and removes the processes of `app`. [`DynamicProcessUnloadClient::unload_done`] follows.
    ///
    /// # Errors
    /// `INVAL` too if there is none.
    fn unload(&self, app: ShortId) -> Result<(), ErrorCode>;

    /// Says who is called back.
    fn set_unload_client(&self, client: &'static dyn DynamicProcessUnloadClient);
}

/// Hears that an app was removed.
pub trait DynamicProcessUnloadClient {
    /// Its processes are gone. `app_handle` says where its image is kept; 0 if it is not.
    fn unload_done(&self, result: Result<(), ErrorCode>, app_handle: usize);
}
