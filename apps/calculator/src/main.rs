//! Serves other apps: gets a sum such as `2 * (3 + 4)`, and answers with its result.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

mod sum;

use core::str;

use capsa::{ErrorCode, ipc, println, process};

capsa::app!(main, stack_bytes = 4096);

/// The longest sum.
const SUM_BYTES: usize = 80;
/// The longest result: the digits of an `i64`, and its sign.
const RESULT_BYTES: usize = 20;

fn main() {
    let served = ipc::serve::<SUM_BYTES, RESULT_BYTES>(|text, answer| {
        let text = str::from_utf8(text).map_err(|_| ErrorCode::INVAL)?;
        ipc::write(answer, format_args!("{}", sum::result(text)?))
    });
    if let Err(error) = served {
        println!("{}: cannot serve: {error}", process::name());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use capsa::fake::Kernel;

    #[test]
    fn sums_are_answered_in_turn() {
        let kernel = Kernel::new();
        for message in ["6 * 7", "1 / 0", "\u{fc}"] {
            kernel.send_message(message.as_bytes());
        }
        kernel.send_message(b"\xff");
        kernel.run_until_idle(main);
        let invalid = || Err(ErrorCode::INVAL);
        assert_eq!(
            kernel.answers(),
            [Ok(b"42".to_vec()), invalid(), invalid(), invalid()]
        );
    }
}
