//! Long work in pieces.

use kernel::task::yield_now;

/// Bytes that are summed before others have a turn.
const PIECE: usize = 256;

/// The sum of all bytes.
///
/// # Cancellation
/// The sum so far is lost.
pub async fn sum(bytes: &[u8]) -> u64 {
    let mut sum = 0;
    for piece in bytes.chunks(PIECE) {
        sum += piece.iter().map(|byte| u64::from(*byte)).sum::<u64>();
        yield_now().await;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use chip_fake::Machine;
    use std::{cell::Cell, rc::Rc};

    #[test]
    fn another_task_has_a_turn_after_each_piece() {
        let machine = Machine::new();
        let bytes = &*vec![1; 10 * PIECE].leak();
        let turns = Rc::new(Cell::new(0));
        let seen = turns.clone();
        let sums = machine.task("sums", async move { (sum(bytes).await, seen.get()) });
        machine.task("counts turns", async move {
            for _ in 0..100 {
                turns.set(turns.get() + 1);
                yield_now().await;
            }
        });
        machine.run();
        assert_eq!(sums.take(), Some((2560, 10)));
    }
}
