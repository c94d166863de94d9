//! What a shell shows although nobody asked for it: the log, and what apps write.

use core::{future::pending, pin::pin};

use capsules_core::{Clock, Output, console::Console};
use futures_util::future::select;
use kernel::debug::LogReader;

use super::app_lines::{AppLines, SCREENFUL_BYTES};

/// The longest line of the log that is shown.
pub(super) const LOG_LINE_BYTES: usize = 160;

/// What comes by itself.
pub(super) struct News<'a> {
    log: Option<LogReader>,
    apps: Option<AppLines<'a>>,
}

impl<'a> News<'a> {
    /// The log, and what apps write to `console`, if that is shown here.
    pub(super) fn new(console: Option<&'a Console>) -> Self {
        Self {
            // A board with more shells than log readers has shells that do not show the log.
            log: LogReader::new().ok(),
            apps: console.map(AppLines::new),
        }
    }

    /// Waits until there is something to show; for ever if there never will be.
    ///
    /// # Cancellation
    /// Nothing is lost.
    pub(super) async fn wait(&mut self, clock: &Clock<'_>) {
        let log = async {
            match &self.log {
                Some(log) => log.wait().await,
                None => pending().await,
            }
        };
        let apps = async {
            match &mut self.apps {
                Some(apps) => apps.wait(clock).await,
                None => pending().await,
            }
        };
        select(pin!(log), pin!(apps)).await;
    }

    /// Shows it, where a line begins: a screenful or two, so that a person is heard again whatever there is.
    pub(super) async fn show(&mut self, output: &Output<'_>, clock: &Clock<'_>) {
        if let Some(log) = &mut self.log {
            print_log(log, output).await;
        }
        if let Some(apps) = &mut self.apps {
            apps.show(output, clock).await;
        }
    }
}

/// Shows a screenful of the log at most: it may be written faster than it is shown.
async fn print_log(log: &mut LogReader, output: &Output<'_>) {
    let (mut line, mut shown_bytes) = ([0; LOG_LINE_BYTES], 0);
    while shown_bytes < SCREENFUL_BYTES
        && let Some((text, missed_bytes)) = log.next_line(&mut line)
    {
        if missed_bytes > 0 {
            output
                .print(format_args!("({missed_bytes} bytes of log were missed)\n"))
                .await;
        }
        output.print(format_args!("{text}\n")).await;
        shown_bytes += text.len();
    }
}
