//! Shows what apps write to the console.

use core::future::pending;

use capsules_core::{Clock, Output, console::Console};

/// How long an app may leave a line without an end before others may write, in milliseconds.
const PATIENCE_MS: u32 = 50;

/// Bytes that are shown at a time.
const PIECE_BYTES: usize = 128;

/// Pieces that are shown before a person is listened to again.
const PIECES: usize = 64;

/// Waits until an app has text; for ever if this terminal does not show any.
pub async fn wait(console: Option<&Console>) {
    match console {
        Some(console) => console.wait(None).await,
        None => pending().await,
    }
}

/// Shows what apps have written, line by line, and ends at the start of a line.
pub async fn show(console: &Console, output: &Output<'_>, clock: &Clock<'_>) {
    let mut piece = [0; PIECE_BYTES];
    // Whose line has no end yet.
    let mut writer = None;
    for _ in 0..PIECES {
        if let Some((process_id, len_bytes)) = console.take(writer, &mut piece) {
            let text = &piece[..len_bytes];
            print(output, text).await;
            writer = (!text.ends_with(b"\n")).then_some(process_id);
        } else if writer.is_none()
            || clock
                .timeout(PATIENCE_MS, console.wait(writer))
                .await
                .is_none()
        {
            break;
        }
    }
    if !output.is_at_line_start() {
        output.print(format_args!("\n")).await;
    }
}

/// Prints bytes that should be UTF-8. What is not is shown as a replacement character.
async fn print(output: &Output<'_>, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        output.print(format_args!("{}", chunk.valid())).await;
        if !chunk.invalid().is_empty() {
            output
                .print(format_args!("{}", char::REPLACEMENT_CHARACTER))
                .await;
        }
    }
}
