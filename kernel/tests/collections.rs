//! Tock's list and queue.

use std::{collections::VecDeque, mem::MaybeUninit};

use kernel::{
    collections::{
        list::{List, ListLink, ListNode},
        queue::Queue,
        ring_buffer::RingBuffer,
    },
    utilities::io_write::IoWrite,
};
use proptest::prelude::*;

struct Member<'a> {
    number: usize,
    link: ListLink<'a, Member<'a>>,
}

impl<'a> ListNode<'a, Member<'a>> for Member<'a> {
    fn next(&'a self) -> &'a ListLink<'a, Member<'a>> {
        &self.link
    }
}

struct Output(Vec<u8>);

impl IoWrite for Output {
    fn write(&mut self, buf: &[u8]) -> usize {
        self.0.extend(buf);
        buf.len()
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Enqueue(u8),
    Push(u8),
    Dequeue,
    FindOdd,
    RemoveOdd,
    RetainOdd,
    Empty,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => any::<u8>().prop_map(Step::Enqueue),
        4 => any::<u8>().prop_map(Step::Push),
        2 => Just(Step::Dequeue),
        1 => Just(Step::FindOdd),
        1 => Just(Step::RemoveOdd),
        1 => Just(Step::RetainOdd),
        1 => Just(Step::Empty),
    ]
}

fn is_odd(value: &u8) -> bool {
    value % 2 == 1
}

/// What a step gives back, and what it leaves in a queue of `capacity`.
fn model(queue: &mut VecDeque<u8>, capacity: usize, step: Step) -> Option<u8> {
    let position = queue.iter().position(is_odd);
    match step {
        Step::Enqueue(value) => {
            let fits = queue.len() < capacity;
            queue.extend(fits.then_some(value));
            return fits.then_some(1);
        }
        Step::Push(value) => {
            queue.push_back(value);
            return (queue.len() > capacity)
                .then(|| queue.pop_front())
                .flatten();
        }
        Step::Dequeue => return queue.pop_front(),
        Step::FindOdd => return position.map(|index| queue[index]),
        Step::RemoveOdd => return position.and_then(|index| queue.remove(index)),
        Step::RetainOdd => queue.retain(is_odd),
        Step::Empty => queue.clear(),
    }
    None
}

fn take(queue: &mut RingBuffer<'_, u8>, step: Step) -> Option<u8> {
    match step {
        Step::Enqueue(value) => return queue.enqueue(value).then_some(1),
        Step::Push(value) => return queue.push(value),
        Step::Dequeue => return queue.dequeue(),
        Step::FindOdd => return queue.find_first_matching(is_odd).copied(),
        Step::RemoveOdd => return queue.remove_first_matching(is_odd),
        Step::RetainOdd => queue.retain(is_odd),
        Step::Empty => queue.empty(),
    }
    None
}

proptest! {
    #[test]
    fn a_ring_buffer_is_a_queue_with_one_place_less_than_its_slice(
        steps in prop::collection::vec(step(), 0..100),
        places in 0_usize..6,
    ) {
        let mut slice = vec![MaybeUninit::uninit(); places];
        let (mut queue, mut expected) = (RingBuffer::new(&mut slice), VecDeque::new());
        let capacity = places.saturating_sub(1);
        for step in steps {
            let result = take(&mut queue, step);
            prop_assert_eq!(result, model(&mut expected, capacity, step));
            prop_assert_eq!(queue.len(), expected.len());
            prop_assert_eq!(queue.has_elements(), !expected.is_empty());
            prop_assert_eq!(queue.available_len(), capacity - expected.len());
            prop_assert_eq!(queue.is_full(), capacity == expected.len());
            let mut output = Output(Vec::new());
            prop_assert_eq!(output.write_ring_buffer(&queue), expected.len());
            prop_assert_eq!(output.0, Vec::from(expected.clone()));
        }
    }

    #[test]
    fn a_list_is_a_deque_of_members(steps in prop::collection::vec(0_u8..3, 0..30)) {
        let members: Vec<_> = (0..steps.len())
            .map(|number| Member { number, link: ListLink::empty() })
            .collect();
        let (list, mut expected) = (List::new(), VecDeque::new());
        for (member, step) in members.iter().zip(steps) {
            match step {
                0 => {
                    list.push_head(member);
                    expected.push_front(member.number);
                }
                1 => {
                    list.push_tail(member);
                    expected.push_back(member.number);
                }
                _ => {
                    prop_assert_eq!(list.pop_head().map(|it| it.number), expected.pop_front());
                }
            }
            prop_assert_eq!(list.head().map(|it| it.number), expected.front().copied());
            let numbers: Vec<_> = list.iter().map(|it| it.number).collect();
            prop_assert_eq!(numbers, Vec::from(expected.clone()));
        }
    }
}
