//! Buffers of which a part is lent, and streams into the buffers of processes.

use std::ops::Bound;

use kernel::{
    ErrorCode,
    processbuffer::WriteableProcessSlice,
    utilities::{
        copy_slice::CopyOrErr,
        leasable_buffer::{SubSlice, SubSliceMut, SubSliceMutImmut},
        streaming_process_slice::StreamingProcessSlice,
    },
};
use proptest::prelude::*;

type AnyRange = (Bound<usize>, Bound<usize>);

fn bound() -> impl Strategy<Value = Bound<usize>> {
    let place = prop_oneof![10 => 0_usize..12, 1 => Just(usize::MAX)];
    prop_oneof![
        place.clone().prop_map(Bound::Included),
        place.prop_map(Bound::Excluded),
        Just(Bound::Unbounded),
    ]
}

/// The places of `part` that `range` keeps: those whose number in the part is in the range.
fn kept(part: &[usize], range: AnyRange) -> Vec<usize> {
    let numbered = part.iter().enumerate();
    numbered
        .filter(|(number, _)| std::ops::RangeBounds::contains(&range, number))
        .map(|(_, place)| *place)
        .collect()
}

proptest! {
    #[test]
    fn a_sub_slice_keeps_the_places_asked_for_that_it_has(
        ranges in prop::collection::vec((bound(), bound()), 0..4),
        len in 0_usize..10,
    ) {
        let mut expected: Vec<usize> = (0..len).collect();
        let (whole, mut writeable) = (expected.clone(), expected.clone());
        let mut constant = SubSlice::new(&whole);
        let mut variable = SubSliceMut::new(&mut writeable);
        let mut either = SubSliceMutImmut::from(&whole[..]);
        for range in ranges {
            expected = kept(&expected, range);
            constant.slice(range);
            variable.slice(range);
            either.slice(range);
            prop_assert_eq!(constant.as_slice(), &expected);
            prop_assert_eq!(variable.as_slice(), &expected);
            prop_assert_eq!(&either[..], &expected);
            prop_assert_eq!(&whole[constant.active_range()], &expected);
            prop_assert_eq!(constant.is_sliced(), expected.len() < len);
            prop_assert_eq!(variable.len(), expected.len());
        }
        constant.reset();
        variable.reset();
        either.reset();
        prop_assert_eq!(constant.as_slice(), &whole);
        prop_assert_eq!(variable.as_slice(), &whole);
        prop_assert_eq!(either.len(), len);
    }

    #[test]
    fn a_stream_keeps_the_chunks_that_fit_and_says_where_they_end(
        chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..6), 0..8),
        halts in any::<bool>(),
        by_byte in any::<bool>(),
    ) {
        const CAPACITY: usize = 12;
        let mut memory = [0; 8 + CAPACITY];
        memory[3] = u8::from(halts) << 1;
        let (mut data, mut exceeded) = (Vec::new(), false);
        let slice: &WriteableProcessSlice = memory[..].as_mut().into();
        let stream = StreamingProcessSlice::new(slice);
        for chunk in chunks {
            let expected = if halts && exceeded {
                Err(ErrorCode::BUSY)
            } else if data.len() + chunk.len() > CAPACITY {
                exceeded = true;
                Err(ErrorCode::SIZE)
            } else {
                let is_first = data.is_empty() && !chunk.is_empty();
                data.extend(&chunk);
                Ok((is_first, data.len() as u32))
            };
            let result = if by_byte {
                stream.append_chunk_from_iter(chunk)
            } else {
                stream.append_chunk(&chunk)
            };
            prop_assert_eq!(result, expected);
        }
        let flags = u8::from(halts) << 1 | u8::from(exceeded);
        prop_assert_eq!(&memory[..4], &[0, 0, 0, flags]);
        prop_assert_eq!(&memory[4..8], &(data.len() as u32).to_ne_bytes());
        prop_assert_eq!(&memory[8..8 + data.len()], &data);
    }

    #[test]
    fn no_header_makes_a_stream_panic(
        mut memory in prop::collection::vec(any::<u8>(), 0..20),
        has_known_flags in any::<bool>(),
    ) {
        if has_known_flags && memory.len() > 3 {
            memory[..3].fill(0);
            memory[3] &= 3;
        }
        let stream = StreamingProcessSlice::new(memory[..].as_mut().into());
        let _ = stream.append_chunk(b"chunk");
        let _ = stream.append_chunk_from_iter(*b"chunk");
    }
}

fn append_to(mut memory: Vec<u8>) -> Result<(bool, u32), ErrorCode> {
    StreamingProcessSlice::new(memory[..].as_mut().into()).append_chunk(b"a")
}

#[test]
fn a_stream_refuses_a_header_that_it_does_not_know() {
    assert_eq!(append_to(vec![0; 7]), Err(ErrorCode::SIZE));
    assert_eq!(
        append_to(vec![0, 1, 0, 0, 0, 0, 0, 0, 0]),
        Err(ErrorCode::INVAL)
    );
    assert_eq!(
        append_to(vec![0, 0, 0, 4, 0, 0, 0, 0, 0]),
        Err(ErrorCode::INVAL)
    );
    let past_the_end = 0xffff_ffff_u32.to_ne_bytes();
    assert_eq!(
        append_to([[0; 4], past_the_end].concat()),
        Err(ErrorCode::FAIL)
    );
}

#[test]
fn taking_a_sub_slice_gives_the_whole_buffer_back() {
    let mut bytes = *b"hello";
    let mut part = SubSliceMut::new(&mut bytes);
    part.slice(1..3);
    part[0] = b'E';
    part.as_mut_slice()[1] = b'L';
    assert_eq!(part.take(), b"hELlo");
}

#[test]
#[should_panic(expected = "out of range")]
fn what_lies_outside_a_part_cannot_be_reached() {
    let mut part = SubSlice::new(b"hello");
    part.slice(..2);
    let _ = &part[..3];
}

#[test]
fn only_a_buffer_that_can_be_written_is_given_for_writing() {
    let mut bytes = [1, 2];
    let mut either = SubSliceMutImmut::from(&mut bytes[..]);
    either.map_mut(|part| part[1] = 9);
    assert_eq!(either[..], [1, 9]);
    let mut either = SubSliceMutImmut::from(&[1, 2][..]);
    either.map_mut(|_| panic!("this buffer is constant"));
}

#[test]
fn a_copy_between_slices_needs_the_same_length() {
    let mut to = [1_u16, 2];
    assert_eq!(to.copy_from_slice_or_err(&[3][..]), Err(ErrorCode::SIZE));
    assert_eq!(to, [1, 2]);
    assert_eq!(to.copy_from_slice_or_err(&[3, 4]), Ok(()));
    assert_eq!(to, [3, 4]);
}
