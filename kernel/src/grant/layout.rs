//! A grant in memory, and what of it is the kernel's: how many upcalls and buffers, and which.
//!
//! ```text
//!   header        where the pairs of each kind begin; whether the driver is inside
//!   pairs         upcalls: function and word; buffers: address and length
//!   T             the driver's state, `T::default()` at first
//! ```

use core::{cell::Cell, mem::size_of, ptr::NonNull};

use crate::process::{GrantNumber, ProcessStandard};

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
pub(super) struct Header {
    pub(super) bounds: Bounds,
    pub(super) is_entered: Cell<bool>,
}

/// Where the pairs of each kind begin, in the order of [`Kind`], and where the last ones end.
#[derive(Clone, Copy)]
pub(super) struct Bounds([u16; 4]);

impl Bounds {
    pub(super) const fn new(upcalls: u8, read_only: u8, read_write: u8) -> Self {
        let read_only_end = upcalls as u16 + read_only as u16;
        Self([
            0,
            upcalls as u16,
            read_only_end,
            read_only_end + read_write as u16,
        ])
    }

    #[inline]
    pub(super) const fn sum(self) -> usize {
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
pub(super) const PAIRS_OFFSET: usize = size_of::<Pair>();
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
    pub(super) unsafe fn at(grant: NonNull<u8>, bounds: &'a Bounds) -> Self {
        Self {
            bounds,
            // SAFETY: the caller's promise, and the layout in the module's documentation.
            pairs: unsafe { grant.add(PAIRS_OFFSET).cast() },
        }
    }

    /// Whether the grant has such a number.
    #[inline]
    pub(super) fn has(&self, kind: Kind, number: usize) -> bool {
        self.bounds.place(kind, number).is_some()
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
        // SAFETY: what `grant` returns was initialised by `Grant::allocate`, and lives as long as
        // the process.
        Some(unsafe { KernelPart::at(grant, &grant.cast::<Header>().as_ref().bounds) })
    }
}
