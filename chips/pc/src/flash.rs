//! A flash chip of eight bits with Intel's commands, such as QEMU's PC can have beside the one that its BIOS is in.
//!
//! Commands and status are those of Intel's StrataFlash memory J3 (data sheet 290667, section on operations); how
//! the chip says what it is is the Common Flash Memory Interface (JEDEC JESD68.01).

use kernel::{
    ErrorCode,
    deferred_call::{DeferredCall, DeferredCallClient},
    hil::flash::{self, Client, Error, HasClient},
    utilities::{
        cells::OptionalCell,
        registers::{
            LocalRegisterCopy, ReadWrite,
            interfaces::{Readable, Writeable},
            register_bitfields,
        },
    },
};

register_bitfields![u8,
    Status [
        READY OFFSET(7) NUMBITS(1) [],
        ERASE_FAILED OFFSET(5) NUMBITS(1) [],
        WRITE_FAILED OFFSET(4) NUMBITS(1) [],
        VOLTAGE_LOW OFFSET(3) NUMBITS(1) [],
        BLOCK_LOCKED OFFSET(1) NUMBITS(1) []
    ]
];

const ERASE: u8 = 0x20;
const WRITE_TO_BUFFER: u8 = 0xe8;
const CONFIRM: u8 = 0xd0;
const CLEAR_STATUS: u8 = 0x50;
const QUERY: u8 = 0x98;
const READ: u8 = 0xff;

/// Where the chip takes the query, and where its answer has what.
const QUERY_ADDRESS: usize = 0x55;
const SIGNATURE: usize = 0x10;
const COMMAND_SET: usize = 0x13;
const SIZE_EXPONENT: usize = 0x27;
const BUFFER_EXPONENT: usize = 0x2a;
const BLOCK_SIZE: usize = 0x2f;

/// Bytes of a page, which is a block of the chip: it is erased as a whole.
const PAGE_BYTES: usize = 4096;

/// Bytes that are written at a time. The chip's buffer has them; a page has a whole number of them.
const CHUNK_BYTES: usize = 32;

/// A byte of the chip, as the processor sees it: memory, the status, or where a command goes.
pub type Byte = ReadWrite<u8>;

/// A page in RAM.
pub struct Page([u8; PAGE_BYTES]);

impl Default for Page {
    fn default() -> Self {
        Self([0; PAGE_BYTES])
    }
}

impl AsMut<[u8]> for Page {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

/// The chip. It has no interrupt: while it erases or writes, which it does by the chunk, the kernel loop looks at
/// its status once a pass, and does all else meanwhile.
pub struct Flash<'a> {
    bytes: &'a [Byte],
    request: OptionalCell<Request>,
    deferred_call: DeferredCall,
    client: OptionalCell<&'a dyn Client<Self>>,
}

enum Request {
    Read {
        page: usize,
        buffer: &'static mut Page,
    },
    /// The chunk at `offset` in the page is under way.
    Write {
        page: usize,
        offset: usize,
        buffer: &'static mut Page,
    },
    Erase {
        page: usize,
    },
}

impl<'a> Flash<'a> {
    /// The chip that is seen at `bytes`, all of it.
    pub fn new(bytes: &'a [Byte]) -> Self {
        Self {
            bytes,
            request: OptionalCell::empty(),
            deferred_call: DeferredCall::new(),
            client: OptionalCell::empty(),
        }
    }

    /// Asks the chip what it is.
    ///
    /// # Errors
    /// `NODEVICE` if no chip with Intel's commands, these blocks and this size answers.
    pub fn start(&self) -> Result<(), ErrorCode> {
        self.bytes[QUERY_ADDRESS].set(QUERY);
        let answer = |at: usize| self.bytes[at].get();
        let pair = |at: usize| usize::from(u16::from_le_bytes([answer(at), answer(at + 1)]));
        let is_so = [0, 1, 2].map(|i| answer(SIGNATURE + i)) == *b"QRY"
            && pair(COMMAND_SET) == 1
            && pair(BLOCK_SIZE) * 256 == PAGE_BYTES
            && answer(BUFFER_EXPONENT) >= CHUNK_BYTES.ilog2() as u8
            && 1_usize.checked_shl(answer(SIZE_EXPONENT).into()) == Some(self.bytes.len());
        self.bytes[QUERY_ADDRESS].set(READ);
        is_so.then_some(()).ok_or(ErrorCode::NODEVICE)
    }

    fn admit(&self, page: usize) -> Result<(), ErrorCode> {
        if self.request.is_some() {
            return Err(ErrorCode::BUSY);
        }
        let is_there = page < self.bytes.len() / PAGE_BYTES;
        is_there.then_some(()).ok_or(ErrorCode::INVAL)
    }

    fn begin(&self, request: Request) {
        self.request.set(request);
        self.deferred_call.set();
    }

    /// Lets the chip write the chunk of `page` at `offset`. It clears bits only; QEMU's stores whatever it is told
    /// (hw/block/pflash_cfi01.c), so it is told what would come of it.
    fn write(&self, page: usize, offset: usize, buffer: &'static mut Page) {
        let address = page * PAGE_BYTES + offset;
        let places = &self.bytes[address..][..CHUNK_BYTES];
        let mut chunk = [0; CHUNK_BYTES];
        for ((byte, place), new) in chunk.iter_mut().zip(places).zip(&buffer.0[offset..]) {
            *byte = place.get() & new;
        }
        places[0].set(WRITE_TO_BUFFER);
        places[0].set(CHUNK_BYTES as u8 - 1);
        for (place, byte) in places.iter().zip(chunk) {
            place.set(byte);
        }
        places[0].set(CONFIRM);
        self.begin(Request::Write {
            page,
            offset,
            buffer,
        });
    }

    /// How what is under way at `address` has ended, if it has. The chip is memory again then.
    fn end(&self, address: usize) -> Option<Result<(), Error>> {
        let place = &self.bytes[address];
        let status = LocalRegisterCopy::<u8, Status::Register>::new(place.get());
        status.is_set(Status::READY).then_some(())?;
        place.set(CLEAR_STATUS);
        place.set(READ);
        let failures =
            Status::ERASE_FAILED::SET + Status::WRITE_FAILED::SET + Status::VOLTAGE_LOW::SET;
        Some(if status.is_set(Status::BLOCK_LOCKED) {
            Err(Error::FlashMemoryProtectionError)
        } else if status.any_matching_bits_set(failures) {
            Err(Error::FlashError)
        } else {
            Ok(())
        })
    }
}

impl<'a, C: Client<Self>> HasClient<'a, C> for Flash<'a> {
    fn set_client(&'a self, client: &'a C) {
        self.client.set(client);
    }
}

impl flash::Flash for Flash<'_> {
    type Page = Page;

    fn read_page(
        &self,
        page_number: usize,
        buf: &'static mut Page,
    ) -> Result<(), (ErrorCode, &'static mut Page)> {
        if let Err(error) = self.admit(page_number) {
            return Err((error, buf));
        }
        self.begin(Request::Read {
            page: page_number,
            buffer: buf,
        });
        Ok(())
    }

    fn write_page(
        &self,
        page_number: usize,
        buf: &'static mut Page,
    ) -> Result<(), (ErrorCode, &'static mut Page)> {
        if let Err(error) = self.admit(page_number) {
            return Err((error, buf));
        }
        self.write(page_number, 0, buf);
        Ok(())
    }

    fn erase_page(&self, page_number: usize) -> Result<(), ErrorCode> {
        self.admit(page_number)?;
        let block = &self.bytes[page_number * PAGE_BYTES];
        block.set(ERASE);
        block.set(CONFIRM);
        self.begin(Request::Erase { page: page_number });
        Ok(())
    }
}

impl Flash<'_> {
    fn read(&self, page: usize, buffer: &'static mut Page) {
        let bytes = self.bytes.chunks_exact(PAGE_BYTES).nth(page);
        for (place, byte) in buffer.0.iter_mut().zip(bytes.into_iter().flatten()) {
            *place = byte.get();
        }
        self.client
            .map(|client| client.read_complete(buffer, Ok(())));
    }

    /// Goes on to the next chunk of a page if the last one is written.
    fn go_on_writing(&self, page: usize, offset: usize, buffer: &'static mut Page) {
        let next = offset + CHUNK_BYTES;
        match self.end(page * PAGE_BYTES + offset) {
            None => self.begin(Request::Write {
                page,
                offset,
                buffer,
            }),
            Some(Ok(())) if next < PAGE_BYTES => self.write(page, next, buffer),
            Some(result) => {
                self.client
                    .map(|client| client.write_complete(buffer, result));
            }
        }
    }

    fn go_on_erasing(&self, page: usize) {
        match self.end(page * PAGE_BYTES) {
            None => self.begin(Request::Erase { page }),
            Some(result) => {
                self.client.map(|client| client.erase_complete(result));
            }
        }
    }
}

impl DeferredCallClient for Flash<'_> {
    fn handle_deferred_call(&self) {
        match self.request.take() {
            Some(Request::Read { page, buffer }) => self.read(page, buffer),
            Some(Request::Write {
                page,
                offset,
                buffer,
            }) => self.go_on_writing(page, offset, buffer),
            Some(Request::Erase { page }) => self.go_on_erasing(page),
            None => {}
        }
    }

    fn register(&'static self) {
        self.deferred_call.register(self);
    }
}
