//! Flash memory.

use std::cell::RefCell;

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::flash::{self, Client, Error, HasClient},
    utilities::cells::OptionalCell,
};

use crate::{
    faults::{Operation, faults},
    place,
};

/// Bytes of a page.
pub const FLASH_PAGE_BYTES: usize = 64;

/// A page in RAM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlashPage(pub [u8; FLASH_PAGE_BYTES]);

impl Default for FlashPage {
    fn default() -> Self {
        Self([0; FLASH_PAGE_BYTES])
    }
}

impl AsMut<[u8]> for FlashPage {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

type Buffer = &'static mut FlashPage;

/// A flash memory, erased at first. An operation that fails changes nothing.
pub struct Flash {
    pages: RefCell<Vec<FlashPage>>,
    operation: Operation<Request, ErrorCode, Error>,
    client: OptionalCell<&'static dyn Client<Flash>>,
}

enum Request {
    Read(usize, Buffer),
    Write(usize, Buffer),
    Erase(usize),
}

impl Flash {
    /// A memory of so many pages.
    pub fn new(pages: usize) -> &'static Self {
        place(Self {
            pages: RefCell::new(vec![FlashPage([0xff; FLASH_PAGE_BYTES]); pages]),
            operation: Operation::new(),
            client: OptionalCell::empty(),
        })
    }

    /// What is in a page.
    ///
    /// # Panics
    /// If there is no such page.
    pub fn page(&self, number: usize) -> FlashPage {
        self.pages.borrow()[number].clone()
    }

    fn admit(&self, number: usize) -> Result<(), ErrorCode> {
        self.operation.admit()?;
        let is_there = number < self.pages.borrow().len();
        is_there.then_some(()).ok_or(ErrorCode::INVAL)
    }
}

faults!(Flash, refusal ErrorCode, failure Error);

impl<C: Client<Self>> HasClient<'static, C> for Flash {
    fn set_client(&'static self, client: &'static C) {
        self.client.set(client);
    }
}

impl flash::Flash for Flash {
    type Page = FlashPage;

    fn read_page(&self, page_number: usize, buf: Buffer) -> Result<(), (ErrorCode, Buffer)> {
        if let Err(error) = self.admit(page_number) {
            return Err((error, buf));
        }
        self.operation.start(Request::Read(page_number, buf));
        Ok(())
    }

    fn write_page(&self, page_number: usize, buf: Buffer) -> Result<(), (ErrorCode, Buffer)> {
        if let Err(error) = self.admit(page_number) {
            return Err((error, buf));
        }
        self.operation.start(Request::Write(page_number, buf));
        Ok(())
    }

    fn erase_page(&self, page_number: usize) -> Result<(), ErrorCode> {
        self.admit(page_number)?;
        self.operation.start(Request::Erase(page_number));
        Ok(())
    }
}

impl DeferredCallClient for Flash {
    fn handle_deferred_call(&self) {
        let Some((request, result)) = self.operation.end() else {
            return;
        };
        // A page that nobody hears of is lost, as on any chip.
        let Some(client) = self.client.get() else {
            return;
        };
        let works = result.is_ok();
        match request {
            Request::Read(number, buffer) => {
                if works {
                    buffer.clone_from(&self.pages.borrow()[number]);
                }
                client.read_complete(buffer, result);
            }
            Request::Write(number, buffer) => {
                if works {
                    let page = &mut self.pages.borrow_mut()[number];
                    for (byte, written) in page.0.iter_mut().zip(buffer.0) {
                        *byte &= written;
                    }
                }
                client.write_complete(buffer, result);
            }
            Request::Erase(number) => {
                if works {
                    self.pages.borrow_mut()[number].0.fill(0xff);
                }
                client.erase_complete(result);
            }
        }
    }

    fn register(&'static self) {
        self.operation.register(self);
    }
}
