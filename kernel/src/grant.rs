//! Grants: a driver's state of a process, in the memory of that process.
//!
//! A driver that serves many processes needs memory for each. It takes it from the process itself: so a
//! process that asks for much pays for it, and what it had is gone when it is. The driver sees its state
//! only inside a closure and can keep no reference to it.
//!
//! With the state the kernel keeps the upcalls that the process has subscribed to and the buffers that it
//! has shared, as many as the grant's type says:
//!
//! ```text
//!   counts        upcalls, read-only buffers, read-write buffers
//!   pairs         upcalls: function and word; buffers: address and length
//!   T             the driver's state, `T::default()` at first
//! ```

use core::{
    cell::Cell,
    marker::PhantomData,
    mem::{align_of, size_of},
    ops::{Deref, DerefMut},
    ptr::NonNull,
};

use crate::{
    process::{
        Error, GrantNumber, PAGE_BYTES, ProcessId, ProcessStandard, ProcessTable, QueuedUpcall,
    },
    processbuffer::{ReadOnlyProcessBufferRef, ReadWriteProcessBufferRef},
    upcall::{UpcallError, UpcallId},
};

/// How many upcalls a grant has.
pub trait UpcallSize {
    /// The number.
    const COUNT: u8;
}

/// How many read-only buffers a grant has.
pub trait AllowRoSize {
    /// The number.
    const COUNT: u8;
}

/// How many read-write buffers a grant has.
pub trait AllowRwSize {
    /// The number.
    const COUNT: u8;
}

/// A grant has `NUM` upcalls.
pub struct UpcallCount<const NUM: u8>;

/// A grant has `NUM` read-only buffers.
pub struct AllowRoCount<const NUM: u8>;

/// A grant has `NUM` read-write buffers.
pub struct AllowRwCount<const NUM: u8>;

impl<const NUM: u8> UpcallSize for UpcallCount<NUM> {
    const COUNT: u8 = NUM;
}

impl<const NUM: u8> AllowRoSize for AllowRoCount<NUM> {
    const COUNT: u8 = NUM;
}

impl<const NUM: u8> AllowRwSize for AllowRwCount<NUM> {
    const COUNT: u8 = NUM;
}

/// What a process has given a driver under a number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Upcall,
    ReadOnly,
    ReadWrite,
}

/// An upcall's function and word, or a buffer's address and length, as the process knows them.
pub(crate) type Pair = Cell<(usize, usize)>;

/// The start of every grant.
#[repr(C)]
struct Header {
    bounds: Bounds,
    is_entered: Cell<bool>,
}

/// Where the pairs of each kind begin, in the order of [`Kind`], and where the last ones end.
#[derive(Clone, Copy)]
struct Bounds([u16; 4]);

impl Bounds {
    const fn new(upcalls: u8, read_only: u8, read_write: u8) -> Self {
        let read_only_end = upcalls as u16 + read_only as u16;
        Self([
            0,
            upcalls as u16,
            read_only_end,
            read_only_end + read_write as u16,
        ])
    }

    #[inline]
    const fn sum(self) -> usize {
        self.0[3] as usize
    }

    /// The place of the pair that has this number among those of a kind.
    #[inline]
    const fn place(&self, kind: Kind, number: usize) -> Option<usize> {
        let start = self.0[kind as usize] as usize;
        let end = self.0[kind as usize + 1] as usize;
        if number < end - start {
            Some(start + number)
        } else {
            None
        }
    }
}

/// Bytes before the pairs.
const PAIRS_OFFSET: usize = size_of::<Pair>();
const _: () = assert!(size_of::<Header>() <= PAIRS_OFFSET);

/// The part of a grant that is the kernel's.
#[derive(Clone, Copy)]
pub(crate) struct KernelPart<'a> {
    bounds: &'a Bounds,
    pairs: NonNull<Pair>,
}

impl<'a> KernelPart<'a> {
    /// The kernel's part of the grant at `grant`.
    ///
    /// # Safety
    /// A grant that is initialised and has these bounds must be there, for as long as this is used.
    #[inline]
    unsafe fn at(grant: NonNull<u8>, bounds: &'a Bounds) -> Self {
        Self {
            bounds,
            // SAFETY: the caller's promise, and the layout in the module's documentation.
            pairs: unsafe { grant.add(PAIRS_OFFSET).cast() },
        }
    }

    /// What the process has given under `number`; `None` if the grant has no such number.
    #[inline]
    pub(crate) fn pair(&self, kind: Kind, number: usize) -> Option<&'a Pair> {
        let place = self.bounds.place(kind, number)?;
        // SAFETY: the promise made to `at`: there are as many pairs as the bounds say.
        Some(unsafe { self.pairs.add(place).as_ref() })
    }

    pub(crate) fn pairs(&self, kind: Kind) -> impl Iterator<Item = (usize, usize)> {
        (0..).map_while(move |number| Some(self.pair(kind, number)?.get()))
    }
}

impl ProcessStandard {
    /// The kernel's part of the grant with this number; `None` if it is not allocated.
    #[inline]
    pub(crate) fn kernel_part(&self, number: GrantNumber) -> Option<KernelPart<'_>> {
        let grant = self.grant(number)?;
        // SAFETY: what `grant` returns was initialised by `ProcessGrant::allocate`, and lives as long as
        // the process.
        Some(unsafe { KernelPart::at(grant, &grant.cast::<Header>().as_ref().bounds) })
    }
}

/// The state that a driver keeps of a process, inside a closure.
pub struct GrantData<'a, T: 'a + ?Sized> {
    data: &'a mut T,
}

impl<T: ?Sized> Deref for GrantData<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.data
    }
}

impl<T: ?Sized> DerefMut for GrantData<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.data
    }
}

/// What a process has given to a driver, inside a closure: its upcalls and its buffers.
pub struct GrantKernelData<'a> {
    process: &'a ProcessStandard,
    driver_num: usize,
    part: KernelPart<'a>,
}

impl GrantKernelData<'_> {
    /// Schedules the upcall that the process has subscribed to under `subscribe_num`, with the values `r`.
    ///
    /// # Errors
    /// [`UpcallError`].
    #[inline]
    pub fn schedule_upcall(
        &self,
        subscribe_num: usize,
        r: (usize, usize, usize),
    ) -> Result<(), UpcallError> {
        let id = self.upcall_id(subscribe_num);
        let arguments = [r.0, r.1, r.2];
        // Most often the process waits for just this.
        if self.process.waits_for(id)
            && self
                .part
                .bounds
                .place(Kind::Upcall, subscribe_num)
                .is_some()
        {
            self.process.answer_wait(arguments);
            return Ok(());
        }
        let upcall = self.part.pair(Kind::Upcall, subscribe_num);
        let (function, appdata) = upcall.ok_or(UpcallError::InvalidSubscribeNum)?.get();
        self.process.enqueue(QueuedUpcall {
            id,
            function,
            appdata,
            arguments,
        })
    }

    /// Takes the first upcall of this number that waits out of the process's queue.
    pub fn remove_upcall(&self, subscribe_num: usize) -> Option<QueuedUpcall> {
        self.process.take_upcall(self.upcall_id(subscribe_num))
    }

    /// Takes all upcalls of this number that wait out of the process's queue, and returns how many.
    pub fn remove_pending_upcalls(&self, subscribe_num: usize) -> usize {
        self.process.drop_upcalls(self.upcall_id(subscribe_num))
    }

    /// The buffer that the process shares to be read under `allow_ro_num`; empty if it shares none.
    ///
    /// # Errors
    /// `AddressOutOfBounds` if the grant has no such number.
    #[inline]
    pub fn get_readonly_processbuffer(
        &self,
        allow_ro_num: usize,
    ) -> Result<ReadOnlyProcessBufferRef<'_>, Error> {
        let (address, bytes) = self.buffer(Kind::ReadOnly, allow_ro_num)?;
        Ok(ReadOnlyProcessBufferRef::new(address, bytes))
    }

    /// The buffer that the process shares to be read and written under `allow_rw_num`; empty if it shares
    /// none.
    ///
    /// # Errors
    /// `AddressOutOfBounds` if the grant has no such number.
    #[inline]
    pub fn get_readwrite_processbuffer(
        &self,
        allow_rw_num: usize,
    ) -> Result<ReadWriteProcessBufferRef<'_>, Error> {
        let (address, bytes) = self.buffer(Kind::ReadWrite, allow_rw_num)?;
        Ok(ReadWriteProcessBufferRef::new(address, bytes))
    }

    #[inline]
    fn buffer(&self, kind: Kind, number: usize) -> Result<(usize, &[Cell<u8>]), Error> {
        let pair = self.part.pair(kind, number);
        let (address, len_bytes) = pair.ok_or(Error::AddressOutOfBounds)?.get();
        if len_bytes == 0 {
            return Ok((address, &[]));
        }
        // The range was checked when it was shared, and the break can't go below it since.
        let bytes = self.process.bytes(address, len_bytes);
        Ok((address, bytes.ok_or(Error::AddressOutOfBounds)?))
    }

    fn upcall_id(&self, subscribe_num: usize) -> UpcallId {
        UpcallId {
            driver_num: self.driver_num,
            subscribe_num,
        }
    }
}

/// What a driver keeps of each process: a `T`, and as many upcalls and buffers as the other types say.
pub struct Grant<T: Default, Upcalls: UpcallSize, AllowROs: AllowRoSize, AllowRWs: AllowRwSize> {
    table: &'static ProcessTable,
    driver_num: usize,
    number: GrantNumber,
    types: PhantomData<(T, Upcalls, AllowROs, AllowRWs)>,
}

impl<T, Upcalls, AllowROs, AllowRWs> Grant<T, Upcalls, AllowROs, AllowRWs>
where
    T: Default,
    Upcalls: UpcallSize,
    AllowROs: AllowRoSize,
    AllowRWs: AllowRwSize,
{
    pub(crate) fn new(table: &'static ProcessTable, driver_num: usize) -> Self {
        Self {
            table,
            driver_num,
            number: table.add_grant(driver_num),
            types: PhantomData,
        }
    }

    /// Calls `fun` with the state of a process, which is `T::default()` the first time, and with what the
    /// process has given to the driver.
    ///
    /// # Errors
    /// `NoSuchApp` if the process is gone; `OutOfMemory` if it has no room for the grant; `InactiveApp` if
    /// it has ended; `AlreadyInUse` if the driver is inside this grant of this process.
    #[inline]
    pub fn enter<F, R>(&self, processid: ProcessId, fun: F) -> Result<R, Error>
    where
        F: FnOnce(&mut GrantData<T>, &GrantKernelData) -> R,
    {
        let process = self.table.find(processid).ok_or(Error::NoSuchApp)?;
        let memory = match process.grant(self.number) {
            Some(memory) => memory,
            None => self.allocate(process)?,
        };
        self.enter_at(process, memory, fun)
            .ok_or(Error::AlreadyInUse)
    }

    /// Calls `fun` for each process that has this grant, in the order of the process table. One that the
    /// driver is inside of is left out.
    pub fn each<F>(&self, mut fun: F)
    where
        F: FnMut(ProcessId, &mut GrantData<T>, &GrantKernelData),
    {
        for grant in self.iter() {
            let id = grant.processid();
            grant.try_enter(|data, kernel_data| fun(id, data, kernel_data));
        }
    }

    /// The grants of all processes that have this grant, in the order of the process table.
    pub fn iter(&self) -> impl Iterator<Item = ProcessGrant<'_, T, Upcalls, AllowROs, AllowRWs>> {
        (0..self.table.capacity()).filter_map(|slot| self.at(slot))
    }

    /// The grant of the process in a place of the process table ([`ProcessId::slot`]), if there is one and it
    /// has this grant.
    ///
    /// A driver that keeps places and not names has nothing that goes stale: whichever process is in the
    /// place, its own grant says what is under way for it.
    #[inline]
    pub fn at(&self, slot: usize) -> Option<ProcessGrant<'_, T, Upcalls, AllowROs, AllowRWs>> {
        let process = self.table.at(slot)?;
        process.grant(self.number)?;
        Some(ProcessGrant {
            grant: self,
            process_id: process.id(),
        })
    }
}

/// The layout of a grant, and the way into it.
impl<T, Upcalls, AllowROs, AllowRWs> Grant<T, Upcalls, AllowROs, AllowRWs>
where
    T: Default,
    Upcalls: UpcallSize,
    AllowROs: AllowRoSize,
    AllowRWs: AllowRwSize,
{
    const BOUNDS: Bounds = Bounds::new(Upcalls::COUNT, AllowROs::COUNT, AllowRWs::COUNT);
    const ALIGN_BYTES: usize = {
        // Beyond a page, the addresses that the kernel and the process know it by differ.
        assert!(
            align_of::<T>() <= PAGE_BYTES,
            "a grant's state is aligned to more than a page"
        );
        if align_of::<T>() > align_of::<Pair>() {
            align_of::<T>()
        } else {
            align_of::<Pair>()
        }
    };
    const DATA_OFFSET: usize =
        (PAIRS_OFFSET + Self::BOUNDS.sum() * size_of::<Pair>()).next_multiple_of(align_of::<T>());

    #[cold]
    fn allocate(&self, process: &ProcessStandard) -> Result<NonNull<u8>, Error> {
        if !process.state().is_alive() {
            return Err(Error::InactiveApp);
        }
        let len_bytes = Self::DATA_OFFSET + size_of::<T>();
        let memory = process.allocate(len_bytes, Self::ALIGN_BYTES)?;
        // SAFETY: fresh memory, as long and as aligned as the layout in the module's documentation needs.
        unsafe {
            memory.cast().write(Header {
                bounds: Self::BOUNDS,
                is_entered: Cell::new(false),
            });
            let pairs = memory.add(PAIRS_OFFSET).cast::<Pair>();
            (0..Self::BOUNDS.sum()).for_each(|number| pairs.add(number).write(Cell::new((0, 0))));
            memory.add(Self::DATA_OFFSET).cast().write(T::default());
        }
        process.set_grant(self.number, memory);
        Ok(memory)
    }

    /// Calls `fun` inside the grant at `memory`; `None` if the driver is inside it already.
    #[inline]
    fn enter_at<F, R>(&self, process: &ProcessStandard, memory: NonNull<u8>, fun: F) -> Option<R>
    where
        F: FnOnce(&mut GrantData<T>, &GrantKernelData) -> R,
    {
        // SAFETY: the memory is what `ProcessStandard::grant` returned for this grant: see `allocate`.
        let (header, part) = unsafe {
            (
                memory.cast::<Header>().as_ref(),
                KernelPart::at(memory, &Self::BOUNDS),
            )
        };
        if header.is_entered.get() {
            return None;
        }
        header.is_entered.set(true);
        process.enter();
        let kernel_data = GrantKernelData {
            process,
            driver_num: self.driver_num,
            part,
        };
        // SAFETY: as above, and `is_entered` makes this the only reference to the `T`.
        let data = unsafe { memory.add(Self::DATA_OFFSET).cast::<T>().as_mut() };
        let result = fun(&mut GrantData { data }, &kernel_data);
        header.is_entered.set(false);
        process.leave();
        Some(result)
    }
}

/// The grant of one process that had it when this was made.
pub struct ProcessGrant<'a, T, Upcalls, AllowROs, AllowRWs>
where
    T: Default,
    Upcalls: UpcallSize,
    AllowROs: AllowRoSize,
    AllowRWs: AllowRwSize,
{
    grant: &'a Grant<T, Upcalls, AllowROs, AllowRWs>,
    process_id: ProcessId,
}

impl<T, Upcalls, AllowROs, AllowRWs> ProcessGrant<'_, T, Upcalls, AllowROs, AllowRWs>
where
    T: Default,
    Upcalls: UpcallSize,
    AllowROs: AllowRoSize,
    AllowRWs: AllowRwSize,
{
    /// The process.
    pub fn processid(&self) -> ProcessId {
        self.process_id
    }

    /// Calls `fun` with the driver's state and what the process has given to the driver.
    ///
    /// # Panics
    /// If the driver is inside this grant of this process already, or the process has ended meanwhile.
    pub fn enter<F, R>(self, fun: F) -> R
    where
        F: FnOnce(&mut GrantData<T>, &GrantKernelData) -> R,
    {
        self.try_enter(fun)
            .expect("a grant is entered twice, or after its process has gone")
    }

    /// As [`ProcessGrant::enter`], but `None` where that panics.
    pub fn try_enter<F, R>(self, fun: F) -> Option<R>
    where
        F: FnOnce(&mut GrantData<T>, &GrantKernelData) -> R,
    {
        let process = self.grant.table.find(self.process_id)?;
        let memory = process.grant(self.grant.number)?;
        self.grant.enter_at(process, memory, fun)
    }
}
