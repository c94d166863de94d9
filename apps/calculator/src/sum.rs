//! Sums, and their results.
//!
//! ```text
//!   sum     = product { ("+" | "-") product }
//!   product = factor { ("*" | "/" | "%") factor }
//!   factor  = "-" factor | "(" sum ")" | digits
//! ```

use capsa::{ErrorCode, Result};

/// How deep parentheses and signs may be in each other: each costs stack.
const MAX_DEPTH: usize = 8;

/// The result of a sum of whole numbers. Blanks do not matter.
///
/// # Errors
///
/// `INVAL` for what is no sum, and for a division by zero; `SIZE` for a number of more than 64 bits; `NOMEM` for
/// parentheses in more than [`MAX_DEPTH`] others.
pub fn result(text: &str) -> Result<i64> {
    let mut rest = Rest(text.as_bytes());
    let value = rest.sum(0)?;
    match rest.next() {
        None => Ok(value),
        Some(_) => Err(ErrorCode::INVAL),
    }
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// The next character that is no blank.
    fn next(&mut self) -> Option<u8> {
        self.0 = self.0.trim_ascii_start();
        self.0.first().copied()
    }

    /// Takes the next character, if it is one of `wanted`.
    fn take(&mut self, wanted: &[u8]) -> Option<u8> {
        let next = self.next().filter(|next| wanted.contains(next))?;
        self.0 = self.0.get(1..)?;
        Some(next)
    }

    fn sum(&mut self, depth: usize) -> Result<i64> {
        let mut value = self.product(depth)?;
        while let Some(operator) = self.take(b"+-") {
            let other = self.product(depth)?;
            let result = match operator {
                b'+' => value.checked_add(other),
                _ => value.checked_sub(other),
            };
            value = result.ok_or(ErrorCode::SIZE)?;
        }
        Ok(value)
    }

    fn product(&mut self, depth: usize) -> Result<i64> {
        let mut value = self.factor(depth)?;
        while let Some(operator) = self.take(b"*/%") {
            let other = self.factor(depth)?;
            let result = match operator {
                b'*' => value.checked_mul(other),
                _ if other == 0 => return Err(ErrorCode::INVAL),
                b'/' => value.checked_div(other),
                _ => value.checked_rem(other),
            };
            value = result.ok_or(ErrorCode::SIZE)?;
        }
        Ok(value)
    }

    fn factor(&mut self, depth: usize) -> Result<i64> {
        if depth > MAX_DEPTH {
            return Err(ErrorCode::NOMEM);
        }
        match self.take(b"-(") {
            Some(b'-') => self.factor(depth + 1)?.checked_neg().ok_or(ErrorCode::SIZE),
            Some(_) => {
                let value = self.sum(depth + 1)?;
                self.take(b")").map(|_| value).ok_or(ErrorCode::INVAL)
            }
            None => self.number(),
        }
    }

    fn number(&mut self) -> Result<i64> {
        let mut value: Option<i64> = None;
        self.next();
        while let Some(digit) = self.0.first().filter(|byte| byte.is_ascii_digit()) {
            let digit = i64::from(digit - b'0');
            let longer = value.unwrap_or(0).checked_mul(10);
            let longer = longer.and_then(|value| value.checked_add(digit));
            value = Some(longer.ok_or(ErrorCode::SIZE)?);
            self.0 = self.0.get(1..).unwrap_or_default();
        }
        value.ok_or(ErrorCode::INVAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_have_results() {
        for (text, value) in [
            ("6 * 7", 42),
            ("1+2", 3),
            ("1 - 2 - 3", -4),
            (" 7  / 2 ", 3),
            ("7 % 4", 3),
            ("2 + 3 * 4", 14),
            ("(2 + 3) * 4", 20),
            ("-(2 - 5) * --1", 3),
            ("((((((((1))))))))", 1),
            ("9223372036854775807", i64::MAX),
        ] {
            assert_eq!(result(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn what_is_no_sum_is_refused() {
        for text in [
            "", " ", "6 *", "x + 1", "1 2", "(1", "1)", "()", "1 / 0", "1 % 0", "1 ** 2",
        ] {
            assert_eq!(result(text), Err(ErrorCode::INVAL), "{text}");
        }
        for text in [
            "9223372036854775807 + 1",
            "9223372036854775808",
            "(0-9223372036854775807-1) / -1",
        ] {
            assert_eq!(result(text), Err(ErrorCode::SIZE), "{text}");
        }
        assert_eq!(result(&"(".repeat(70)), Err(ErrorCode::NOMEM));
        assert_eq!(result(&"-".repeat(70)), Err(ErrorCode::NOMEM));
    }
}
