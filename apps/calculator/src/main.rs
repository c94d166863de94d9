//! Serves other apps: gets a sum such as `6 * 7`, and answers with its result.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

use core::str;

use capsa::{ErrorCode, Result, ipc, println, process};

capsa::app!(main);

/// The longest sum.
const SUM_BYTES: usize = 64;
/// The longest result: the digits of an `i64`, and its sign.
const RESULT_BYTES: usize = 20;

fn main() {
    let served = ipc::serve::<SUM_BYTES, RESULT_BYTES>(|sum, answer| {
        let sum = str::from_utf8(sum).map_err(|_| ErrorCode::INVAL)?;
        ipc::write(answer, format_args!("{}", calculate(sum)?))
    });
    if let Err(error) = served {
        println!("{}: cannot serve: {error}", process::name());
    }
}

/// The result of a sum: two numbers and an operator, with blanks between.
///
/// # Errors
///
/// `NOSUPPORT` for another operator, `SIZE` for a result of more than 64 bits, `INVAL` for what is no sum.
fn calculate(sum: &str) -> Result<i64> {
    let mut words = sum.split_whitespace();
    let mut next = || words.next().ok_or(ErrorCode::INVAL);
    let number = |word: &str| word.parse::<i64>().map_err(|_| ErrorCode::INVAL);
    let (left, operator, right) = (number(next()?)?, next()?, number(next()?)?);
    let result = match operator {
        "+" => left.checked_add(right),
        "-" => left.checked_sub(right),
        "*" => left.checked_mul(right),
        "/" if right == 0 => return Err(ErrorCode::INVAL),
        "/" => left.checked_div(right),
        _ => return Err(ErrorCode::NOSUPPORT),
    };
    result.ok_or(ErrorCode::SIZE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_have_results() {
        let sums = [("6 * 7", 42), ("1 + 2", 3), ("1 - 2", -1), (" 7  / 2 ", 3)];
        for (sum, result) in sums {
            assert_eq!(calculate(sum), Ok(result), "{sum}");
        }
    }

    #[test]
    fn what_is_no_sum_is_refused() {
        for sum in ["", "6", "6 *", "x + 1", "1 / 0"] {
            assert_eq!(calculate(sum), Err(ErrorCode::INVAL), "{sum}");
        }
        assert_eq!(calculate("1 % 2"), Err(ErrorCode::NOSUPPORT));
        assert_eq!(
            calculate(&format!("{} + 1", i64::MAX)),
            Err(ErrorCode::SIZE)
        );
        assert_eq!(
            calculate(&format!("{} / -1", i64::MIN)),
            Err(ErrorCode::SIZE)
        );
    }
}
