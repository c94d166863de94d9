//! What apps write, for the terminal that shows it.

use core::pin::pin;

use capsules_core::{Clock, Output, console::Console};
use futures_util::future::select;

/// How long text waits for more: so the line that is being typed is drawn again seldom, and an app that writes
/// line by line does not wait for that.
const COLLECT_US: u64 = 5_000;

/// How long an app has time to end a line that it has begun. A line that is written in several pieces is
/// whole after that, and a question that has no line break is soon seen.
const LINE_US: u64 = 50_000;

/// How much is shown before a person is heard again: a screenful.
pub(super) const SCREENFUL_BYTES: usize = 2_000;

/// Bytes that are shown at a time.
const PIECE_BYTES: usize = 256;

/// The text of apps.
pub(super) struct AppLines<'a> {
    console: &'a Console,
    /// Since when there is text that has not been shown.
    since_us: Option<u64>,
}

impl<'a> AppLines<'a> {
    pub(super) fn new(console: &'a Console) -> Self {
        Self {
            console,
            since_us: None,
        }
    }

    /// Waits until there is something to show: lines, as much as there can be, or the start of a line whose
    /// time is over.
    ///
    /// # Cancellation
    /// Nothing is lost.
    pub(super) async fn wait(&mut self, clock: &Clock<'_>) {
        self.console.wait_for_text().await;
        let now_us = clock.now_us();
        let mut due_us = *self.since_us.get_or_insert(now_us) + COLLECT_US;
        loop {
            let (due, full) = (clock.until(due_us), self.console.wait_until_full());
            select(pin!(due), pin!(full)).await;
            if self.console.has_lines() || self.is_late(clock) {
                return;
            }
            due_us = clock.now_us() + COLLECT_US;
        }
    }

    /// Whether the text is the start of a line whose time is over.
    fn is_late(&self, clock: &Clock<'_>) -> bool {
        let now_us = clock.now_us();
        self.since_us
            .is_some_and(|since_us| now_us >= since_us + LINE_US)
    }

    /// Shows what there is, where a line begins, and ends the last line.
    ///
    /// # Cancellation
    /// Nothing is lost: what is not shown yet is shown the next time.
    pub(super) async fn show(&mut self, output: &Output<'_>, clock: &Clock<'_>) {
        if !self.console.has_lines() && self.is_late(clock) {
            self.console.end_line();
        }
        let (mut piece, mut shown) = ([0; PIECE_BYTES], 0);
        // A line is shown to its end, if that comes within another screenful.
        while shown < SCREENFUL_BYTES || !output.is_at_line_start() && shown < 2 * SCREENFUL_BYTES {
            output.room().await;
            let mut len = self.console.peek(&mut piece);
            if len == 0 {
                break;
            }
            if shown >= SCREENFUL_BYTES
                && let Some(line_feed) = piece[..len].iter().position(|byte| *byte == b'\n')
            {
                len = line_feed + 1;
            }
            let written = output.write(&piece[..len]);
            self.console.shown(written);
            self.since_us = None;
            shown += written;
        }
        if !output.is_at_line_start() {
            output.print(format_args!("\n")).await;
        }
    }
}
