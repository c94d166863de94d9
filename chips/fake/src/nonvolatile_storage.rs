//! Storage that keeps its content.

use std::cell::RefCell;

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::nonvolatile_storage::{self, NonvolatileStorageClient},
    utilities::cells::OptionalCell,
};

use crate::{
    faults::{Operation, faults},
    place,
};

/// Bytes with addresses from 0 on. An operation that fails ends with no bytes read or written, whatever the error:
/// its callback has no place for one.
pub struct NonvolatileStorage {
    bytes: RefCell<Vec<u8>>,
    operation: Operation<Request>,
    client: OptionalCell<&'static dyn NonvolatileStorageClient>,
}

struct Request {
    is_write: bool,
    buffer: &'static mut [u8],
    address: usize,
    length: usize,
}

impl NonvolatileStorage {
    /// A storage that holds `bytes`.
    pub fn new(bytes: &[u8]) -> &'static Self {
        place(Self {
            bytes: RefCell::new(bytes.to_vec()),
            operation: Operation::new(),
            client: OptionalCell::empty(),
        })
    }

    /// What it holds.
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.borrow().clone()
    }

    fn start(&self, request: Request) -> Result<(), ErrorCode> {
        self.operation.admit()?;
        if request.length > request.buffer.len() {
            return Err(ErrorCode::SIZE);
        }
        let end = request.address.checked_add(request.length);
        if end.is_none_or(|end| end > self.bytes.borrow().len()) {
            return Err(ErrorCode::INVAL);
        }
        self.operation.start(request);
        Ok(())
    }
}

faults!(NonvolatileStorage);

impl nonvolatile_storage::NonvolatileStorage<'static> for NonvolatileStorage {
    fn set_client(&self, client: &'static dyn NonvolatileStorageClient) {
        self.client.set(client);
    }

    fn read(
        &self,
        buffer: &'static mut [u8],
        address: usize,
        length: usize,
    ) -> Result<(), ErrorCode> {
        self.start(Request {
            is_write: false,
            buffer,
            address,
            length,
        })
    }

    fn write(
        &self,
        buffer: &'static mut [u8],
        address: usize,
        length: usize,
    ) -> Result<(), ErrorCode> {
        self.start(Request {
            is_write: true,
            buffer,
            address,
            length,
        })
    }
}

impl DeferredCallClient for NonvolatileStorage {
    fn handle_deferred_call(&self) {
        let Some((request, result)) = self.operation.end() else {
            return;
        };
        let Request {
            is_write,
            buffer,
            address,
            length,
        } = request;
        let length = if result.is_ok() { length } else { 0 };
        {
            let stored = &mut self.bytes.borrow_mut()[address..address + length];
            if is_write {
                stored.copy_from_slice(&buffer[..length]);
            } else {
                buffer[..length].copy_from_slice(stored);
            }
        }
        match self.client.get() {
            Some(client) if is_write => client.write_done(buffer, length),
            Some(client) => client.read_done(buffer, length),
            None => {}
        }
    }

    fn register(&'static self) {
        self.operation.register(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};
    use kernel::hil::nonvolatile_storage::NonvolatileStorage as _;

    #[derive(Default)]
    struct Client {
        read: RefCell<Vec<Vec<u8>>>,
        written: RefCell<Vec<usize>>,
    }

    impl NonvolatileStorageClient for Client {
        fn read_done(&self, buffer: &'static mut [u8], length: usize) {
            self.read.borrow_mut().push(buffer[..length].to_vec());
        }

        fn write_done(&self, _: &'static mut [u8], length: usize) {
            self.written.borrow_mut().push(length);
        }
    }

    fn storage() -> (Machine, &'static NonvolatileStorage, &'static Client) {
        let storage = NonvolatileStorage::new(b"kept bytes");
        let client = &*leak(Client::default());
        storage.set_client(client);
        (Machine::new(), storage, client)
    }

    #[test]
    fn what_is_written_leaves_the_rest_as_it_is() {
        let (machine, storage, client) = storage();
        assert_eq!(storage.write(leak(*b"BITES"), 5, 3), Ok(()));
        assert_eq!(storage.bytes(), b"kept bytes", "not inside the call");
        machine.run();
        assert_eq!(storage.bytes(), b"kept BITes");
        assert_eq!(storage.read(leak([0; 8]), 0, 6), Ok(()));
        machine.run();
        assert_eq!(*client.read.borrow(), [b"kept B"]);
        assert_eq!(*client.written.borrow(), [3]);
    }

    #[test]
    fn only_bytes_that_are_there_are_touched() {
        let (machine, storage, client) = storage();
        assert_eq!(storage.read(leak([0; 2]), 0, 3), Err(ErrorCode::SIZE));
        assert_eq!(storage.read(leak([0; 2]), 9, 2), Err(ErrorCode::INVAL));
        assert_eq!(
            storage.write(leak([0; 2]), usize::MAX, 2),
            Err(ErrorCode::INVAL)
        );
        machine.run();
        assert!(client.read.borrow().is_empty() && client.written.borrow().is_empty());
    }

    #[test]
    fn a_failure_writes_nothing() {
        let (machine, storage, client) = storage();
        storage.fail_next(ErrorCode::FAIL);
        assert_eq!(storage.write(leak([0; 2]), 0, 2), Ok(()));
        machine.run();
        assert_eq!(storage.bytes(), b"kept bytes");
        assert_eq!(*client.written.borrow(), [0]);
    }
}
