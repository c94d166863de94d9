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
        let bytes = vec![1; 10 * PIECE].leak();
        let total = machine.task("sums", sum(bytes));
        let turns = Rc::new(Cell::new(0));
        let counted = turns.clone();
        let is_done = Rc::new(Cell::new(false));
        machine.task("counts turns", async move {
            for _ in 0..10 {
                counted.set(counted.get() + 1);
                yield_now().await;
            }
            is_done.set(true);
        });
        machine.run();
        assert_eq!((total.take(), turns.get()), (Some(2560), 10));
    }
}
