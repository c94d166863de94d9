//! Cells for state that is shared between callbacks, with the types and signatures of Tock's
//! `tock-cells`: values that may be absent, and buffers that are lent out and come back.

mod map_cell;
mod numeric_cell_ext;
mod optional_cell;
mod take_cell;

pub use map_cell::MapCell;
pub use numeric_cell_ext::NumericCellExt;
pub use optional_cell::OptionalCell;
pub use take_cell::TakeCell;
