//! Flash memory: [`kernel::hil::flash::Flash`].

use core::{cell::Cell, ptr};

use kernel::{
    ErrorCode,
    hil::flash::{Client, Error, Flash, HasClient},
};

use crate::{Pace, Verdict, callbacks::Callbacks, ensure};

/// Hands the names of this suite's promises to the macro `$each`.
#[macro_export]
macro_rules! flash_promises {
    ($each:ident) => {
        $each! {
            an_erased_page_is_all_ones
            a_page_that_was_written_is_read_back
            writing_clears_bits_only
            writing_and_erasing_leave_other_pages_alone
            a_page_that_is_not_there_is_refused
            a_second_operation_meanwhile_is_refused_with_busy
        }
    };
}

/// Pages that the suite writes to. The memory has to have both.
const PAGE: usize = 0;
const NEIGHBOUR: usize = 1;

/// What a callback brings: the buffer, but for erasing, and how it ended.
type Ended<F> = (Option<&'static mut <F as Flash>::Page>, Result<(), Error>);

/// The suite. It overwrites pages 0 and 1.
pub struct Suite<F: Flash + 'static>
where
    F::Page: 'static,
{
    memory: &'static F,
    pace: &'static dyn Pace,
    page: Cell<Option<&'static mut F::Page>>,
    other: Cell<Option<&'static mut F::Page>>,
    ended: Callbacks<Ended<F>>,
}

impl<F: Flash> Client<F> for Suite<F> {
    fn read_complete(&self, read_buffer: &'static mut F::Page, result: Result<(), Error>) {
        self.ended.note((Some(read_buffer), result));
    }

    fn write_complete(&self, write_buffer: &'static mut F::Page, result: Result<(), Error>) {
        self.ended.note((Some(write_buffer), result));
    }

    fn erase_complete(&self, result: Result<(), Error>) {
        self.ended.note((None, result));
    }
}

impl<F: Flash + HasClient<'static, Self>> Suite<F> {
    /// The suite for `memory`, with two pages to read and write with.
    pub fn new(
        memory: &'static F,
        pace: &'static dyn Pace,
        [page, other]: [&'static mut F::Page; 2],
    ) -> Self {
        Self {
            memory,
            pace,
            page: Cell::new(Some(page)),
            other: Cell::new(Some(other)),
            ended: Callbacks::new(),
        }
    }

    /// Becomes the memory's client.
    pub fn start(&'static self) {
        self.memory.set_client(self);
    }

    flash_promises!(by_name);

    fn page(&self) -> Result<&'static mut F::Page, &'static str> {
        self.page.take().ok_or("an earlier check has lost the page")
    }

    /// Waits for the one callback, with the page at `address` if it brings one.
    async fn expect(&self, address: Option<*const F::Page>) -> Verdict {
        let (page, result) = self.ended.one(self.pace).await?;
        let came = page.as_deref().map(ptr::from_ref);
        if page.is_some() {
            self.page.set(page);
        }
        ensure(came == address, "another page comes back")?;
        ensure(result.is_ok(), "the operation fails")
    }

    async fn erase(&self, number: usize) -> Verdict {
        let started = self.ended.during(|| self.memory.erase_page(number));
        ensure(started.is_ok(), "idle memory does not erase")?;
        self.expect(None).await
    }

    /// Writes `byte` everywhere in a page.
    async fn write(&self, number: usize, byte: u8) -> Verdict {
        let page = self.page()?;
        page.as_mut().fill(byte);
        let address = ptr::from_ref(page);
        match self.ended.during(|| self.memory.write_page(number, page)) {
            Ok(()) => self.expect(Some(address)).await,
            Err((_, page)) => {
                self.page.set(Some(page));
                Err("idle memory does not write")
            }
        }
    }

    /// Reads a page, and compares it with `byte` everywhere.
    async fn reads(&self, number: usize, byte: u8) -> Verdict {
        let page = self.page()?;
        page.as_mut().fill(!byte);
        let address = ptr::from_ref(page);
        match self.ended.during(|| self.memory.read_page(number, page)) {
            Ok(()) => self.expect(Some(address)).await?,
            Err((_, page)) => {
                self.page.set(Some(page));
                return Err("idle memory does not read");
            }
        }
        let page = self.page()?;
        let is_so = page.as_mut().iter().all(|read| *read == byte);
        self.page.set(Some(page));
        ensure(is_so, "other bytes are read")
    }

    async fn an_erased_page_is_all_ones(&'static self) -> Verdict {
        self.write(PAGE, 0).await?;
        self.erase(PAGE).await?;
        self.reads(PAGE, 0xff).await
    }

    async fn a_page_that_was_written_is_read_back(&'static self) -> Verdict {
        self.erase(PAGE).await?;
        self.write(PAGE, 0x5a).await?;
        self.reads(PAGE, 0x5a).await
    }

    async fn writing_clears_bits_only(&'static self) -> Verdict {
        self.erase(PAGE).await?;
        self.write(PAGE, 0x5f).await?;
        self.write(PAGE, 0xfa).await?;
        self.reads(PAGE, 0x5a).await
    }

    async fn writing_and_erasing_leave_other_pages_alone(&'static self) -> Verdict {
        self.erase(NEIGHBOUR).await?;
        self.write(NEIGHBOUR, 0x11).await?;
        self.write(PAGE, 0).await?;
        self.reads(NEIGHBOUR, 0x11).await?;
        self.erase(PAGE).await?;
        self.reads(NEIGHBOUR, 0x11).await
    }

    async fn a_page_that_is_not_there_is_refused(&'static self) -> Verdict {
        let page = self.page()?;
        let address = ptr::from_ref(page);
        let Err((reading, page)) = self.memory.read_page(usize::MAX, page) else {
            return Err("it is read");
        };
        let Err((writing, page)) = self.memory.write_page(usize::MAX, page) else {
            return Err("it is written");
        };
        let erasing = self.memory.erase_page(usize::MAX);
        let is_same = ptr::eq(address, page);
        self.page.set(Some(page));
        ensure(is_same, "another page comes back")?;
        ensure(reading == ErrorCode::INVAL, "reading is not, with INVAL")?;
        ensure(writing == ErrorCode::INVAL, "writing is not, with INVAL")?;
        ensure(
            erasing == Err(ErrorCode::INVAL),
            "erasing is not, with INVAL",
        )?;
        self.ended.none(self.pace).await
    }

    async fn a_second_operation_meanwhile_is_refused_with_busy(&'static self) -> Verdict {
        let started = self.ended.during(|| self.memory.erase_page(PAGE));
        ensure(started.is_ok(), "idle memory does not erase")?;
        let other = self
            .other
            .take()
            .ok_or("an earlier check has lost the page")?;
        let Err((reading, other)) = self.memory.read_page(PAGE, other) else {
            return Err("it is accepted");
        };
        let Err((writing, other)) = self.memory.write_page(PAGE, other) else {
            return Err("it is accepted");
        };
        self.other.set(Some(other));
        let erasing = self.memory.erase_page(PAGE);
        self.expect(None).await?;
        ensure(reading == ErrorCode::BUSY, "reading is not")?;
        ensure(writing == ErrorCode::BUSY, "writing is not")?;
        ensure(erasing == Err(ErrorCode::BUSY), "erasing is not")
    }
}
