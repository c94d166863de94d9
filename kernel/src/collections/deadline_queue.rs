//! Deadlines in order, for a fixed number of slots: the heart of everything that multiplexes time.
//!
//! A heap of four children a node, in one array: slot numbers ordered by deadline, and for each slot its
//! place in that order, so that a deadline can be changed or taken out by slot. Setting and taking out
//! cost O(log n); with a thousand slots set the heap is five levels high.
//!
//! The places behind the heap's end have the latest deadline that there is, so that a node has four children
//! to compare whether or not they are in the heap.

use core::cell::Cell;

/// Children of a node. Four make the heap half as high as two, for two comparisons more a level that
/// all fall into one cache line.
const CHILDREN: usize = 4;

/// Marks a slot that is not in the heap.
const NOWHERE: u32 = u32::MAX;

/// The deadline of a place behind the heap's end.
const NEVER: u64 = u64::MAX;

/// One slot's share of a [`DeadlineQueue`]'s storage.
pub struct DeadlineNode {
    /// The deadline at this place of the heap, and whose it is.
    deadline: Cell<u64>,
    slot: Cell<u32>,
    /// Where in the heap the slot of this index is.
    place: Cell<u32>,
}

impl DeadlineNode {
    /// A share of an empty queue.
    pub const fn new() -> Self {
        Self {
            deadline: Cell::new(NEVER),
            slot: Cell::new(0),
            place: Cell::new(NOWHERE),
        }
    }
}

impl Default for DeadlineNode {
    fn default() -> Self {
        Self::new()
    }
}

/// A queue of slots by deadline. Each slot is in it at most once.
pub struct DeadlineQueue<'a> {
    nodes: &'a [DeadlineNode],
    len: Cell<usize>,
}

impl<'a> DeadlineQueue<'a> {
    /// An empty queue for the slots `0..nodes.len()`.
    pub const fn new(nodes: &'a [DeadlineNode]) -> Self {
        Self {
            nodes,
            len: Cell::new(0),
        }
    }

    /// How many slots there are.
    pub fn capacity(&self) -> usize {
        self.nodes.len()
    }

    /// How many slots have a deadline.
    pub fn len(&self) -> usize {
        self.len.get()
    }

    /// Whether no slot has a deadline.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives `slot` a deadline, instead of the one it may have.
    ///
    /// # Panics
    /// If there is no such slot.
    pub fn set(&self, slot: usize, deadline: u64) {
        let place = match self.nodes[slot].place.get() {
            NOWHERE => {
                let last = self.len.get();
                self.len.set(last + 1);
                last
            }
            place => place as usize,
        };
        self.settle(place, deadline, slot as u32);
    }

    /// Takes the deadline of `slot` away. Returns whether it had one.
    ///
    /// # Panics
    /// If there is no such slot.
    pub fn clear(&self, slot: usize) -> bool {
        let place = self.nodes[slot].place.replace(NOWHERE);
        if place == NOWHERE {
            return false;
        }
        let end = self.len.get() - 1;
        self.len.set(end);
        let last = &self.nodes[end];
        let deadline = last.deadline.replace(NEVER);
        if place as usize != end {
            self.settle(place as usize, deadline, last.slot.get());
        }
        true
    }

    /// The deadline of `slot`.
    ///
    /// # Panics
    /// If there is no such slot.
    pub fn get(&self, slot: usize) -> Option<u64> {
        let place = self.nodes[slot].place.get();
        (place != NOWHERE).then(|| self.nodes[place as usize].deadline.get())
    }

    /// The earliest deadline and its slot.
    pub fn earliest(&self) -> Option<(u64, usize)> {
        let first = self.nodes.first().filter(|_| !self.is_empty())?;
        Some((first.deadline.get(), first.slot.get() as usize))
    }

    /// Takes out the earliest slot whose deadline is not after `now`.
    pub fn take_due(&self, now: u64) -> Option<usize> {
        let (deadline, slot) = self.earliest()?;
        if deadline > now {
            return None;
        }
        self.clear(slot);
        Some(slot)
    }

    /// Puts a deadline where it belongs, starting at `place`, whose content is no longer wanted.
    fn settle(&self, mut place: usize, deadline: u64, slot: u32) {
        let nodes = self.nodes;
        while place > 0 {
            let parent = (place - 1) / CHILDREN;
            if nodes[parent].deadline.get() <= deadline {
                break;
            }
            move_to(&nodes[place], place, parent, nodes);
            place = parent;
        }
        let len = self.len.get();
        while let Some(child) = earliest_child(nodes, place, len)
            && nodes[child].deadline.get() < deadline
        {
            move_to(&nodes[place], place, child, nodes);
            place = child;
        }
        write(&nodes[place], place, deadline, slot, nodes);
    }
}

/// The child of `place` with the earliest deadline, in a heap of `len`.
#[inline]
fn earliest_child(nodes: &[DeadlineNode], place: usize, len: usize) -> Option<usize> {
    let first = place * CHILDREN + 1;
    if first >= len {
        return None;
    }
    let children = nodes.get(first..)?;
    let earliest = match children.first_chunk::<CHILDREN>() {
        // Three comparisons without a branch.
        Some(children) => {
            let at = |child: usize| (children[child].deadline.get(), child);
            let (left, right) = (at(0).min(at(1)), at(2).min(at(3)));
            left.min(right).1
        }
        None => (0..children.len()).min_by_key(|child| children[*child].deadline.get())?,
    };
    Some(first + earliest)
}

/// Moves what is at `from` to `node`, which is at `place`.
#[inline]
fn move_to(node: &DeadlineNode, place: usize, from: usize, nodes: &[DeadlineNode]) {
    let from = &nodes[from];
    write(node, place, from.deadline.get(), from.slot.get(), nodes);
}

#[inline]
fn write(node: &DeadlineNode, place: usize, deadline: u64, slot: u32, nodes: &[DeadlineNode]) {
    node.deadline.set(deadline);
    node.slot.set(slot);
    nodes[slot as usize].place.set(place as u32);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{collections::BTreeMap, vec::Vec};

    const SLOTS: usize = 40;

    fn nodes() -> Vec<DeadlineNode> {
        (0..SLOTS).map(|_| DeadlineNode::new()).collect()
    }

    #[test]
    fn slots_come_out_by_deadline_and_not_before_it() {
        let nodes = nodes();
        let queue = DeadlineQueue::new(&nodes);
        for (slot, deadline) in [(3, 30), (1, 10), (2, 20)] {
            queue.set(slot, deadline);
        }
        assert_eq!(queue.take_due(9), None);
        assert_eq!(queue.take_due(25), Some(1));
        assert_eq!(queue.take_due(25), Some(2));
        assert_eq!(queue.take_due(25), None);
        assert_eq!(queue.earliest(), Some((30, 3)));
    }

    #[test]
    fn a_queue_has_as_many_slots_as_nodes() {
        assert_eq!(DeadlineQueue::new(&nodes()).capacity(), SLOTS);
    }

    #[test]
    fn a_queue_without_slots_is_empty() {
        assert_eq!(DeadlineQueue::new(&[]).earliest(), None);
        assert_eq!(DeadlineQueue::new(&[]).take_due(u64::MAX), None);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Set(usize, u64),
        Clear(usize),
        TakeDue(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => (0..SLOTS, 0..100u64).prop_map(|(slot, deadline)| Step::Set(slot, deadline)),
            1 => (0..SLOTS).prop_map(Step::Clear),
            1 => (0..100u64).prop_map(Step::TakeDue),
        ]
    }

    proptest! {
        #[test]
        fn any_sequence_of_steps_agrees_with_a_map(steps in prop::collection::vec(step(), 0..300)) {
            let nodes = nodes();
            let queue = DeadlineQueue::new(&nodes);
            let mut model: BTreeMap<usize, u64> = BTreeMap::new();
            for step in steps {
                match step {
                    Step::Set(slot, deadline) => {
                        queue.set(slot, deadline);
                        model.insert(slot, deadline);
                    }
                    Step::Clear(slot) => {
                        prop_assert_eq!(queue.clear(slot), model.remove(&slot).is_some());
                    }
                    Step::TakeDue(now) => match queue.take_due(now) {
                        None => prop_assert!(model.values().all(|deadline| *deadline > now)),
                        Some(slot) => {
                            let deadline = model.remove(&slot);
                            prop_assert!(deadline.is_some_and(|deadline| deadline <= now));
                            prop_assert!(model.values().all(|other| Some(*other) >= deadline));
                        }
                    },
                }
                prop_assert_eq!(queue.len(), model.len());
                prop_assert_eq!(queue.earliest().map(|e| e.0), model.values().min().copied());
                for slot in 0..SLOTS {
                    prop_assert_eq!(queue.get(slot), model.get(&slot).copied());
                }
            }
        }
    }
}
