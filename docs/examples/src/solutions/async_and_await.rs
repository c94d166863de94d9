//! What is kept across an `.await`, and what is not.

use crate::by_hand::Turn;

/// Sums bytes that it still needs after the wait: all 256 are part of the future.
pub async fn sum_after(seed: u8) -> u32 {
    let bytes = [seed; 256];
    Turn::new().await;
    bytes.iter().map(|byte| u32::from(*byte)).sum()
}

/// Sums bytes before the wait: only the sum is part of the future.
pub async fn sum_before(seed: u8) -> u32 {
    let sum = {
        let bytes = [seed; 256];
        bytes.iter().map(|byte| u32::from(*byte)).sum()
    };
    Turn::new().await;
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solutions::without_std::poll_at_most;

    #[test]
    fn both_give_the_same() {
        assert_eq!(poll_at_most(sum_after(2), 2), Some(512));
        assert_eq!(poll_at_most(sum_before(2), 2), Some(512));
    }

    #[test]
    fn a_future_holds_what_lives_across_its_await() {
        let (after, before) = (size_of_val(&sum_after(2)), size_of_val(&sum_before(2)));
        assert!(after >= 256 && before <= 16, "{after} and {before} bytes");
    }
}
