//! Devices that hold several keys.

use std::cell::Cell;

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::public_key_crypto::keys::{self, SelectKeyClient},
    utilities::cells::OptionalCell,
};

use crate::{
    faults::{Operation, faults},
    place,
};

/// A device that holds keys, of which a test sees the words kept with them. One question is under way at a time. A
/// count that fails ends with 0, whatever the error: its callback has no place for one. A selection that fails
/// leaves the key in use as it is, and ends with the word 0.
pub struct SelectKey {
    metadata: Vec<usize>,
    selected: Cell<Option<usize>>,
    operation: Operation<Request>,
    client: OptionalCell<&'static dyn SelectKeyClient>,
}

#[derive(Clone, Copy)]
enum Request {
    Count,
    Select(usize),
}

impl SelectKey {
    /// A device that holds a key for each word of `metadata`, and uses none yet.
    pub fn new(metadata: &[usize]) -> &'static Self {
        place(Self {
            metadata: metadata.to_vec(),
            selected: Cell::new(None),
            operation: Operation::new(),
            client: OptionalCell::empty(),
        })
    }

    /// The number of the key in use.
    pub fn selected(&self) -> Option<usize> {
        self.selected.get()
    }
}

faults!(SelectKey);

impl keys::SelectKey<'static> for SelectKey {
    fn get_key_count(&self) -> Result<(), ErrorCode> {
        self.operation.try_start(Request::Count)
    }

    fn select_key(&self, index: usize) -> Result<(), ErrorCode> {
        self.operation.admit()?;
        if index >= self.metadata.len() {
            return Err(ErrorCode::INVAL);
        }
        self.operation.start(Request::Select(index));
        Ok(())
    }

    fn set_client(&self, client: &'static dyn SelectKeyClient) {
        self.client.set(client);
    }
}

impl DeferredCallClient for SelectKey {
    fn handle_deferred_call(&self) {
        let Some((request, result)) = self.operation.end() else {
            return;
        };
        if let (Request::Select(index), Ok(())) = (request, result) {
            self.selected.set(Some(index));
        }
        let Some(client) = self.client.get() else {
            return;
        };
        match request {
            Request::Count => {
                client.get_key_count_done(result.map_or(0, |()| self.metadata.len()));
            }
            Request::Select(index) => {
                let metadata = result.map_or(0, |()| self.metadata[index]);
                client.select_key_done(index, metadata, result);
            }
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
    use kernel::hil::public_key_crypto::keys::SelectKey as _;
    use std::cell::RefCell;

    /// The number of a key, its word, and how its selection ended.
    type Selection = (usize, usize, Result<(), ErrorCode>);

    struct User {
        device: &'static SelectKey,
        /// Selects the last key as soon as it hears how many there are.
        is_eager: Cell<bool>,
        counts: RefCell<Vec<usize>>,
        selections: RefCell<Vec<Selection>>,
    }

    impl SelectKeyClient for User {
        fn get_key_count_done(&self, count: usize) {
            self.counts.borrow_mut().push(count);
            if self.is_eager.get() {
                assert_eq!(self.device.select_key(count - 1), Ok(()));
            }
        }

        fn select_key_done(&self, index: usize, metadata: usize, error: Result<(), ErrorCode>) {
            self.selections.borrow_mut().push((index, metadata, error));
        }
    }

    /// A device with two keys.
    fn device() -> (Machine, &'static SelectKey, &'static User) {
        let device = SelectKey::new(&[10, 11]);
        let user = &*leak(User {
            device,
            is_eager: Cell::new(false),
            counts: RefCell::default(),
            selections: RefCell::default(),
        });
        device.set_client(user);
        (Machine::new(), device, user)
    }

    #[test]
    fn a_key_is_selected_from_inside_the_callback_that_says_how_many_there_are() {
        let (machine, device, user) = device();
        user.is_eager.set(true);
        assert_eq!(device.get_key_count(), Ok(()));
        assert!(user.counts.borrow().is_empty(), "not inside the call");
        machine.run();
        assert_eq!(*user.counts.borrow(), [2]);
        assert_eq!(*user.selections.borrow(), [(1, 11, Ok(()))]);
        assert_eq!(device.selected(), Some(1));
    }

    #[test]
    fn no_callback_follows_a_refusal() {
        let (machine, device, user) = device();
        assert_eq!(device.select_key(2), Err(ErrorCode::INVAL));
        device.refuse_next(ErrorCode::FAIL);
        assert_eq!(device.get_key_count(), Err(ErrorCode::FAIL));
        assert_eq!(device.get_key_count(), Ok(()));
        assert_eq!(device.select_key(0), Err(ErrorCode::BUSY));
        machine.run();
        assert_eq!(*user.counts.borrow(), [2]);
        assert!(user.selections.borrow().is_empty());
    }

    #[test]
    fn a_failure_leaves_the_key_in_use_as_it_is() {
        let (machine, device, user) = device();
        assert_eq!(device.select_key(0), Ok(()));
        machine.run();
        for _ in 0..2 {
            device.fail_next(ErrorCode::FAIL);
        }
        assert_eq!(device.select_key(1), Ok(()));
        machine.run();
        assert_eq!(device.get_key_count(), Ok(()));
        machine.run();
        let expected = [(0, 10, Ok(())), (1, 0, Err(ErrorCode::FAIL))];
        assert_eq!(*user.selections.borrow(), expected);
        assert_eq!(*user.counts.borrow(), [0]);
        assert_eq!(device.selected(), Some(0));
    }

    #[test]
    fn a_callback_that_is_held_comes_when_it_is_released() {
        let (machine, device, user) = device();
        device.hold();
        assert_eq!(device.select_key(1), Ok(()));
        machine.run();
        assert_eq!(device.selected(), None);
        device.release();
        machine.run();
        assert_eq!(*user.selections.borrow(), [(1, 11, Ok(()))]);
    }
}
