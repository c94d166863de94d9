//! Text of several apps on its way to a terminal, in lines that do not mix.

use core::cell::Cell;

use kernel::{ProcessId, collections::Ring};

/// Lines, and perhaps the start of one more, which only its own app goes on with.
pub(crate) struct LineBuffer {
    text: Ring<'static, u8>,
    /// How much of the text is whole lines, and can be shown.
    whole_bytes: Cell<usize>,
    /// Whose line has begun and not ended.
    line_of: Cell<Option<ProcessId>>,
    /// Whether that line was too long to be kept whole.
    is_too_long: Cell<bool>,
}

impl LineBuffer {
    /// An empty one.
    ///
    /// # Panics
    /// If the buffer has no room for a character and the end of its line.
    pub(crate) fn new(buffer: &'static mut [u8]) -> Self {
        assert!(buffer.len() >= 2, "lines need a buffer");
        Self {
            text: Ring::new(buffer),
            whole_bytes: Cell::new(0),
            line_of: Cell::new(None),
            is_too_long: Cell::new(false),
        }
    }

    /// Whose line has begun and not ended, and can be kept whole.
    pub(crate) fn line_of(&self) -> Option<ProcessId> {
        self.line_of.get().filter(|_| !self.is_too_long.get())
    }

    /// Ends a line that can't be kept whole, if it is not this app's.
    pub(crate) fn make_way_for(&self, process_id: ProcessId) {
        if self.is_too_long.get() && self.line_of.get() != Some(process_id) {
            self.end_line();
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Room for text of apps: there always is some for the end of a line.
    pub(crate) fn room(&self) -> usize {
        self.text.room().saturating_sub(1)
    }

    /// Whether there is text to show: a whole line, or one too long to be kept whole.
    pub(crate) fn has_lines(&self) -> bool {
        self.whole_bytes.get() > 0
    }

    /// Adds text of an app, for which there is room.
    pub(crate) fn add(&self, process_id: ProcessId, piece: &[u8]) {
        let before = self.text.len();
        self.text.extend(piece);
        if let Some(line_feed) = piece.iter().rposition(|byte| *byte == b'\n') {
            self.whole_bytes.set(before + line_feed + 1);
        }
        let is_whole = self.whole_bytes.get() == self.text.len();
        self.line_of.set((!is_whole).then_some(process_id));
        let is_too_long = self.room() == 0 && !self.has_lines();
        self.is_too_long.set(is_too_long);
        if is_too_long {
            self.whole_bytes.set(self.text.len());
        }
    }

    /// Copies the first of the text to show to `piece`, and returns how much it is.
    pub(crate) fn peek(&self, piece: &mut [u8]) -> usize {
        let len_bytes = self.whole_bytes.get().min(piece.len());
        self.text.copy_to(&mut piece[..len_bytes])
    }

    /// Forgets the first of the text.
    pub(crate) fn skip(&self, len_bytes: usize) {
        self.text.skip(len_bytes);
        let whole_bytes = self.whole_bytes.get();
        self.whole_bytes.set(whole_bytes.saturating_sub(len_bytes));
        if self.text.is_empty() {
            // All of a line too long to be kept whole is shown.
            self.line_of.set(None);
        }
    }

    /// Ends the line that has begun, if one has.
    pub(crate) fn end_line(&self) {
        if self.line_of.take().is_some() {
            self.text.extend(b"\n");
            self.whole_bytes.set(self.text.len());
        }
    }
}
