//! Keeps the image of an app that comes in pieces in memory, until it is started.
//!
//! It is what Tock's app_loader capsule asks its board for. An app that is loaded so is gone when the machine is
//! switched off.

use kernel::{
    ErrorCode, ProcessId,
    capabilities::ProcessStartCapability,
    deferred_call::{DeferredCall, DeferredCallClient},
    dynamic_binary_storage::{
        DynamicBinaryStore, DynamicBinaryStoreClient, DynamicProcessLoad, DynamicProcessLoadClient,
        DynamicProcessUnload, DynamicProcessUnloadClient,
    },
    process::{ImageBuffer, ProcessLoadError, ProcessTable, ShortId},
    tbf::TbfImage,
    utilities::{
        cells::{MapCell, OptionalCell},
        leasable_buffer::SubSliceMut,
    },
};

/// What the next callback says.
enum Pending {
    Setup,
    Written(Result<(), ErrorCode>, &'static mut [u8], usize),
    Finalized(Result<(), ErrorCode>),
    Aborted,
    Load,
    Unload(ShortId),
}

struct Image {
    bytes: ImageBuffer,
    is_final: bool,
}

/// The storage. It keeps one image at a time, in the memory that processes live in.
pub struct MemoryBinaryStorage<C: ProcessStartCapability> {
    processes: &'static ProcessTable,
    capability: C,
    image: MapCell<Image>,
    pending: MapCell<Pending>,
    deferred_call: DeferredCall,
    storage_client: OptionalCell<&'static dyn DynamicBinaryStoreClient>,
    load_client: OptionalCell<&'static dyn DynamicProcessLoadClient>,
    unload_client: OptionalCell<&'static dyn DynamicProcessUnloadClient>,
}

impl<C: ProcessStartCapability> MemoryBinaryStorage<C> {
    /// A storage whose images become processes of a table. It must be registered
    /// ([`DeferredCallClient::register`]).
    pub fn new(processes: &'static ProcessTable, capability: C) -> Self {
        Self {
            processes,
            capability,
            image: MapCell::empty(),
            pending: MapCell::empty(),
            deferred_call: DeferredCall::new(),
            storage_client: OptionalCell::empty(),
            load_client: OptionalCell::empty(),
            unload_client: OptionalCell::empty(),
        }
    }

    fn check_idle(&self) -> Result<(), ErrorCode> {
        if self.pending.is_some() {
            return Err(ErrorCode::BUSY);
        }
        Ok(())
    }

    /// Whether there is an image, and it is final or not as wanted.
    fn check_image(&self, is_final: bool) -> Result<(), ErrorCode> {
        self.check_idle()?;
        match self.image.map(|image| image.is_final) {
            Some(it) if it == is_final => Ok(()),
            _ => Err(ErrorCode::INVAL),
        }
    }

    fn call_back(&self, pending: Pending) {
        self.pending.put(pending);
        self.deferred_call.set();
    }

    fn put(&self, bytes: &[u8], offset: usize) -> Result<(), ErrorCode> {
        let end = offset.checked_add(bytes.len()).ok_or(ErrorCode::INVAL)?;
        self.image.map_or(Err(ErrorCode::INVAL), |image| {
            let place = image.bytes.get_mut(offset..end).ok_or(ErrorCode::INVAL)?;
            place.copy_from_slice(bytes);
            Ok(())
        })
    }

    fn load_image(&self) -> Result<(), ProcessLoadError> {
        let image = self.image.take().ok_or(ProcessLoadError::InternalError)?;
        self.processes.load(&image.bytes)?;
        Ok(())
    }

    fn find(&self, app: ShortId) -> Option<ProcessId> {
        let mut found = None;
        self.processes.each(|process| {
            if process.short_app_id() == app {
                found = Some(process.processid());
            }
        });
        found
    }

    fn remove(&self, app: ShortId) -> Result<(), ErrorCode> {
        while let Some(process) = self.find(app) {
            self.processes.remove(process)?;
        }
        Ok(())
    }
}

impl<C: ProcessStartCapability> DynamicBinaryStore for MemoryBinaryStorage<C> {
    fn setup(&self, app_length: usize) -> Result<usize, ErrorCode> {
        self.check_idle()?;
        if self.image.is_some() {
            return Err(ErrorCode::INVAL);
        }
        let bytes = self.processes.image_buffer(app_length, &self.capability);
        let mut bytes = bytes.map_err(|_| ErrorCode::NOMEM)?;
        // What others had in this memory is none of the app's business.
        bytes.fill(0);
        self.image.put(Image {
            bytes,
            is_final: false,
        });
        self.call_back(Pending::Setup);
        Ok(app_length)
    }

    fn write(&self, buffer: SubSliceMut<'static, u8>, offset: usize) -> Result<(), ErrorCode> {
        self.check_image(false)?;
        let written = self.put(buffer.as_slice(), offset);
        let len_bytes = written.map_or(0, |()| buffer.len());
        self.call_back(Pending::Written(written, buffer.take(), len_bytes));
        Ok(())
    }

    fn finalize(&self) -> Result<(), ErrorCode> {
        self.check_image(false)?;
        self.image
            .map(|image| image.is_final = is_image(&image.bytes));
        let is_final = self.check_image(true);
        self.call_back(Pending::Finalized(is_final));
        Ok(())
    }

    fn abort(&self) -> Result<(), ErrorCode> {
        self.check_idle()?;
        self.image.take().ok_or(ErrorCode::INVAL)?;
        self.call_back(Pending::Aborted);
        Ok(())
    }

    fn set_storage_client(&self, client: &'static dyn DynamicBinaryStoreClient) {
        self.storage_client.set(client);
    }
}

/// Whether `bytes` are an image, and nothing after it.
fn is_image(bytes: &[u8]) -> bool {
    TbfImage::parse(bytes).is_ok_and(|image| image.bytes().len() == bytes.len())
}

impl<C: ProcessStartCapability> DynamicProcessLoad for MemoryBinaryStorage<C> {
    fn load(&self) -> Result<(), ErrorCode> {
        self.check_image(true)?;
        self.call_back(Pending::Load);
        Ok(())
    }

    fn set_load_client(&self, client: &'static dyn DynamicProcessLoadClient) {
        self.load_client.set(client);
    }
}

impl<C: ProcessStartCapability> DynamicProcessUnload for MemoryBinaryStorage<C> {
    fn unload(&self, app: ShortId) -> Result<(), ErrorCode> {
        self.check_idle()?;
        self.find(app).ok_or(ErrorCode::INVAL)?;
        self.call_back(Pending::Unload(app));
        Ok(())
    }

    fn set_unload_client(&self, client: &'static dyn DynamicProcessUnloadClient) {
        self.unload_client.set(client);
    }
}

impl<C: ProcessStartCapability> DeferredCallClient for MemoryBinaryStorage<C> {
    fn handle_deferred_call(&self) {
        let storage_client = &self.storage_client;
        match self.pending.take() {
            Some(Pending::Setup) => storage_client.map(|client| client.setup_done(Ok(()))),
            Some(Pending::Written(result, buffer, len_bytes)) => {
                storage_client.map(|client| client.write_done(result, buffer, len_bytes))
            }
            Some(Pending::Finalized(result)) => {
                storage_client.map(|client| client.finalize_done(result))
            }
            Some(Pending::Aborted) => storage_client.map(|client| client.abort_done(Ok(()))),
            Some(Pending::Load) => {
                let loaded = self.load_image();
                self.load_client.map(|client| client.load_done(loaded))
            }
            Some(Pending::Unload(app)) => {
                let removed = self.remove(app);
                self.unload_client
                    .map(|client| client.unload_done(removed, 0))
            }
            None => None,
        };
    }

    fn register(&'static self) {
        self.deferred_call.register(self);
    }
}
