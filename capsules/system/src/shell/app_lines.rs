//! What apps write, a line at a time, for the terminal that shows it.

use core::pin::pin;

use capsules_core::{Clock, Output, console::Console};
use futures_util::future::select;
use kernel::ProcessId;

/// How much of a line is shown at once: three lines of a terminal.
const LINE_BYTES: usize = 240;

/// How long an app has time to end a line that it has begun. A line that is written in several pieces is
/// whole after that, and a question that has no line break is soon seen.
const LINE_US: u64 = 50_000;

/// How many lines are shown before a person is heard again.
const LINES_AT_A_TIME: usize = 50;

/// The text of apps that comes next. It was taken from the apps, so it is kept until it is shown.
pub(super) struct AppLines<'a> {
    console: &'a Console,
    text: [u8; LINE_BYTES],
    len: usize,
    /// Whether the text begins a line.
    begins_line: bool,
    /// Whose line has begun and not ended.
    writer: Option<ProcessId>,
    /// Until when it may end.
    until_us: u64,
}

impl<'a> AppLines<'a> {
    pub(super) fn new(console: &'a Console) -> Self {
        Self {
            console,
            text: [0; LINE_BYTES],
            len: 0,
            begins_line: true,
            writer: None,
            until_us: 0,
        }
    }

    /// Waits until there is something to show.
    ///
    /// # Cancellation
    /// Nothing is lost.
    pub(super) async fn wait(&mut self, clock: &Clock<'_>) {
        while !self.take(clock) {
            let text = self.console.wait(self.writer);
            match self.writer {
                Some(_) => {
                    select(pin!(text), pin!(clock.until(self.until_us))).await;
                }
                None => text.await,
            }
        }
    }

    /// Shows what there is, where a line begins, and ends the last line.
    ///
    /// # Cancellation
    /// Nothing is lost: what is not shown yet is shown the next time.
    pub(super) async fn show(&mut self, output: &Output<'_>, clock: &Clock<'_>) {
        for shown in 0..LINES_AT_A_TIME {
            if !self.take(clock) {
                break;
            }
            // The line before it may have been given up without an end.
            if self.begins_line && shown > 0 {
                end_line(output).await;
            }
            while self.len > 0 {
                let written = output.write(&self.text[..self.len]);
                self.text.copy_within(written..self.len, 0);
                self.len -= written;
                output.room().await;
            }
        }
        end_line(output).await;
    }

    /// Takes text from apps. Returns whether there is something to show: a line, a long part of one, or the
    /// start of one whose time is over.
    fn take(&mut self, clock: &Clock<'_>) -> bool {
        loop {
            let is_whole = self.len > 0 && self.writer.is_none();
            if is_whole || self.len == LINE_BYTES {
                return true;
            }
            match self.console.take(self.writer, &mut self.text[self.len..]) {
                Some((writer, len)) => {
                    if self.len == 0 {
                        self.begins_line = self.writer.is_none();
                        self.until_us = clock.now_us() + LINE_US;
                    }
                    self.len += len;
                    self.writer = Some(writer).filter(|_| self.text[self.len - 1] != b'\n');
                }
                None if self.writer.is_none() || clock.now_us() < self.until_us => return false,
                None => self.writer = None,
            }
        }
    }
}

/// Ends a line that has no end yet.
async fn end_line(output: &Output<'_>) {
    if !output.is_at_line_start() {
        output.print(format_args!("\n")).await;
    }
}
