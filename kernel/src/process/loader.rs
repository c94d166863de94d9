//! Makes processes of images.

use core::{
    fmt,
    ops::Range,
    ptr::{self, NonNull},
};

use super::{
    PAGE_BYTES, ProcessId, ProcessMemory, ProcessStandard, ProcessTable, Window,
    standard::{Parts, kernel_bytes},
};
use crate::{
    platform::WordSize,
    tbf::{Program, TbfError, TbfImage},
};

/// Where a process sees its image if the image does not say.
const IMAGE_ADDRESS: usize = 0x40_0000;

/// Where it sees its RAM if the image does not say and is not too long for it.
const RAM_ADDRESS: usize = 0x50_0000;

/// Bytes that a new process has for grants at least. More are taken from memory that the app does not use.
const GRANT_BYTES: usize = 1024;

/// What a 64-bit app's entry point begins with: `endbr64`. Nothing else in an image says how wide the app's
/// registers are, and in 32-bit code the instruction does not occur.
const ENTRY_OF_64_BITS: [u8; 4] = [0xf3, 0x0f, 0x1e, 0xfa];

/// Why an image does not become a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// It is malformed, or made for another kernel.
    Image(TbfError),
    /// It is no app but padding.
    Padding,
    /// Its header says that it is not to be started.
    Disabled,
    /// All places in the process table are taken.
    TableFull {
        /// How many there are.
        capacity: usize,
    },
    /// There is not enough memory in one piece.
    NoMemory {
        /// Bytes that the process needs.
        wanted: usize,
        /// Bytes that there are in one piece.
        largest: usize,
    },
    /// Its image or its RAM can't be where it must be.
    Addresses {
        /// Where its image would be.
        image: Range<usize>,
        /// Where its RAM would be.
        ram: Range<usize>,
    },
}

impl From<TbfError> for LoadError {
    fn from(error: TbfError) -> Self {
        Self::Image(error)
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image(error) => error.fmt(f),
            Self::Padding => f.write_str("there is no app in it"),
            Self::Disabled => f.write_str("its header says that it is disabled"),
            Self::TableFull { capacity } => {
                write!(f, "all {capacity} places for processes are taken")
            }
            Self::NoMemory { wanted, largest } => write!(
                f,
                "it needs {wanted} bytes of memory, and {largest} are left in one piece"
            ),
            Self::Addresses { image, ram } => write!(
                f,
                "its image at {image:#x?} and its RAM at {ram:#x?} do not fit the address space"
            ),
        }
    }
}

/// The sizes and addresses of a new process.
struct Plan {
    image: Range<usize>,
    ram: Range<usize>,
}

/// The pages that a range touches.
fn pages(range: &Range<usize>) -> Range<usize> {
    range.start / PAGE_BYTES * PAGE_BYTES..range.end.next_multiple_of(PAGE_BYTES)
}

impl ProcessTable {
    /// Makes a process of the image at the start of `bytes` and starts it. The process has a copy.
    ///
    /// # Errors
    /// [`LoadError`]; then nothing has changed.
    pub fn load(&'static self, bytes: &[u8]) -> Result<ProcessId, LoadError> {
        let image = TbfImage::parse(bytes)?;
        let summary = image.summary();
        let program = summary.program.ok_or(LoadError::Padding)?;
        summary.check_kernel_version()?;
        if !summary.is_enabled {
            return Err(LoadError::Disabled);
        }
        let capacity = self.capacity();
        let slot = self.free_slot().ok_or(LoadError::TableFull { capacity })?;
        let plan = self.plan(&image, &program)?;
        let parts = self.parts(&plan, &image, &program)?;
        let id = self.next_id(slot);
        // SAFETY: the parts were taken from the pool just now.
        let process = unsafe { ProcessStandard::build(self, id, &summary, &program, &parts) };
        self.put(slot, process);
        if let Some(process) = self.at(slot) {
            process.start_afresh();
        }
        Ok(id)
    }

    fn plan(&self, image: &TbfImage<'_>, program: &Program) -> Result<Plan, LoadError> {
        let summary = image.summary();
        let image_bytes = summary.total_size as usize;
        let start = summary.fixed_image_address();
        let start = start.map_or(IMAGE_ADDRESS, |address| address as usize);
        let image = start..start.saturating_add(image_bytes);
        let image_pages = pages(&image);

        let app_bytes = (program.minimum_ram_size as usize).max(1);
        let kernel_bytes = GRANT_BYTES + self.kernel_bytes();
        let ram_bytes = pages(&(0..app_bytes)).end + pages(&(0..kernel_bytes)).end;
        let start = match summary.fixed_ram_address {
            Some(address) => address as usize,
            None => RAM_ADDRESS.max(image_pages.end),
        };
        let ram = start..start.saturating_add(ram_bytes);

        let user = self.spaces().user_addresses();
        let is_inside = |range: &Range<usize>| user.start <= range.start && range.end <= user.end;
        let are_apart = image_pages.end <= ram.start || ram.end <= image_pages.start;
        let starts_page = start.is_multiple_of(PAGE_BYTES);
        if !(is_inside(&image_pages) && is_inside(&ram) && are_apart && starts_page) {
            return Err(LoadError::Addresses { image, ram });
        }
        Ok(Plan { image, ram })
    }

    /// Bytes at the end of a process's RAM that the kernel needs, grants not counted.
    fn kernel_bytes(&self) -> usize {
        kernel_bytes(self.spaces().extra_state_bytes(), self.grant_count())
    }

    /// Takes the memory for a new process, one block with image, RAM and tables, and copies the image.
    fn parts(
        &self,
        plan: &Plan,
        image: &TbfImage<'_>,
        program: &Program,
    ) -> Result<Parts, LoadError> {
        let image_pages = pages(&plan.image);
        let (image_bytes, ram_bytes) = (image_pages.len(), plan.ram.len());
        let offset = plan.image.start - image_pages.start;
        let place = |start: NonNull<u8>| {
            // SAFETY: all of it is in the block that is taken below, with room for it.
            unsafe {
                ProcessMemory {
                    image: Window::new(plan.image.start, plan.image.len(), start.add(offset)),
                    ram: Window::new(plan.ram.start, ram_bytes, start.add(image_bytes)),
                }
            }
        };
        // How many tables there are depends on the addresses that the process knows, not on the block.
        let tables = self.spaces().table_bytes(&plan.image, &plan.ram);
        let wanted = image_bytes + ram_bytes + tables;
        let block = self.pool().take(wanted).ok_or(LoadError::NoMemory {
            wanted,
            largest: self.pool().largest_bytes(),
        })?;
        let bytes = image.bytes();
        // SAFETY: the block is as long as image, RAM and tables together, and nobody else has it. What is
        // on the image's pages and not the image is zeroed: the process can read it.
        unsafe {
            ptr::write_bytes(block.as_ptr(), 0, offset);
            ptr::copy_nonoverlapping(bytes.as_ptr(), block.add(offset).as_ptr(), bytes.len());
            let end = offset + bytes.len();
            ptr::write_bytes(block.add(end).as_ptr(), 0, image_bytes - end);
        }
        Ok(Parts {
            block: (block, wanted),
            memory: place(block),
            // SAFETY: as above.
            tables: unsafe { block.add(image_bytes + ram_bytes) },
            word_size: word_size(image, program),
        })
    }
}

fn word_size(image: &TbfImage<'_>, program: &Program) -> WordSize {
    let entry = program.entry_offset as usize;
    match image.bytes().get(entry..entry + ENTRY_OF_64_BITS.len()) {
        Some(code) if code == ENTRY_OF_64_BITS => WordSize::Bits64,
        _ => WordSize::Bits32,
    }
}
