//! How a process is shown to people, piece by piece, with Tock's names.

use super::Process;
use crate::utilities::binary_write::BinaryWrite;

/// Where a [`ProcessPrinter`] goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessPrinterContext {
    /// Bytes of the whole that were written.
    pub offset: usize,
}

/// Shows a process to people.
///
/// A process takes more bytes than a writer may have room for at a time. So whoever wants to see one asks again
/// until the printer has no more to say:
///
/// ```
/// use kernel::{process::{Process, ProcessPrinter}, utilities::binary_write::BinaryWrite};
///
/// fn show(printer: &dyn ProcessPrinter, process: &dyn Process, writer: &mut dyn BinaryWrite) {
///     let mut context = None;
///     loop {
///         context = printer.print_overview(process, writer, context);
///         if context.is_none() {
///             return;
///         }
///         // Here what was written is sent, so that the writer has room again.
///     }
/// }
/// ```
pub trait ProcessPrinter {
    /// Writes what `writer` has room for of what there is to say of `process`, from where `context` says;
    /// `None`: from the start. Returns where to go on, or `None` when all is written.
    fn print_overview(
        &self,
        process: &dyn Process,
        writer: &mut dyn BinaryWrite,
        context: Option<ProcessPrinterContext>,
    ) -> Option<ProcessPrinterContext>;
}
