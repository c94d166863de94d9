//! What a driver can do with the memory that a process shares.

use std::cell::Cell;

use kernel::{
    ErrorCode,
    process::Error,
    processbuffer::{
        ReadOnlyProcessBufferRef, ReadWriteProcessBuffer, ReadWriteProcessBufferRef,
        ReadableProcessBuffer, ReadableProcessSlice, WriteableProcessBuffer, WriteableProcessSlice,
    },
};
use proptest::prelude::*;

const USER_ADDRESS: usize = 0x40_1000;

fn cells(bytes: &mut [u8]) -> &[Cell<u8>] {
    Cell::from_mut(bytes).as_slice_of_cells()
}

fn read(slice: &ReadableProcessSlice) -> Vec<u8> {
    slice.iter().map(|byte| byte.get()).collect()
}

fn written(slice: &WriteableProcessSlice) -> Vec<u8> {
    slice.iter().map(Cell::get).collect()
}

#[test]
fn a_driver_reads_what_a_process_shares_read_only() {
    let mut memory = *b"hello";
    let buffer = ReadOnlyProcessBufferRef::new(USER_ADDRESS, cells(&mut memory));
    assert_eq!((buffer.len(), buffer.ptr().addr()), (5, USER_ADDRESS));
    assert!(!buffer.is_empty());
    assert_eq!(buffer.enter(|slice| slice.is_empty()), Ok(false));
    assert_eq!(buffer.enter(read), Ok(b"hello".to_vec()));
}

#[test]
fn bytes_shared_twice_show_a_write_at_once() {
    let mut memory = *b"hello";
    let memory = cells(&mut memory);
    let reader = ReadOnlyProcessBufferRef::new(USER_ADDRESS, memory);
    let writer = ReadWriteProcessBufferRef::new(USER_ADDRESS + 1, &memory[1..]);
    let seen = reader.enter(|slice| {
        let copied = writer.mut_enter(|slice| slice.copy_from_slice(b"ELLO"));
        assert_eq!(copied, Ok(()));
        read(slice)
    });
    assert_eq!(seen, Ok(b"hELLO".to_vec()));
    assert_eq!(writer.enter(read), Ok(b"ELLO".to_vec()));
    assert_eq!(writer.mut_ptr().addr(), USER_ADDRESS + 1);
}

#[test]
fn a_buffer_without_bytes_is_entered_and_has_no_address() {
    let reader = ReadOnlyProcessBufferRef::new(USER_ADDRESS, &[]);
    let writer = ReadWriteProcessBufferRef::new(USER_ADDRESS, &[]);
    assert!(reader.is_empty() && reader.ptr().is_null());
    assert!(writer.is_empty() && writer.mut_ptr().is_null());
    assert_eq!(reader.enter(|slice| slice.is_empty()), Ok(true));
    assert_eq!(writer.mut_enter(|slice| slice.len()), Ok(0));
}

#[test]
fn a_kept_buffer_of_no_process_cannot_be_entered() {
    let buffer = ReadWriteProcessBuffer::default();
    assert!(buffer.is_empty() && buffer.ptr().is_null());
    assert_eq!(buffer.enter(read), Err(Error::NoSuchApp));
    assert_eq!(buffer.mut_enter(written), Err(Error::NoSuchApp));
}

#[test]
fn as_much_is_copied_from_process_to_process_as_there_is_room_for() {
    let source: &ReadableProcessSlice = b"hello"[..].into();
    for (len_bytes, expected) in [(3, &b"hel"[..]), (5, b"hello"), (7, b"hello\0\0")] {
        let mut memory = vec![0; len_bytes];
        let slice: &WriteableProcessSlice = memory[..].as_mut().into();
        assert_eq!(slice.copy_from(source), len_bytes.min(5));
        assert_eq!(written(slice), expected);
    }
}

#[test]
#[should_panic(expected = "cannot copy 3 bytes to 2")]
fn copying_out_to_another_length_panics() {
    let slice: &ReadableProcessSlice = b"abc"[..].into();
    slice.copy_to_slice(&mut [0; 2]);
}

#[test]
#[should_panic(expected = "cannot copy 2 bytes to 3")]
fn copying_in_from_another_length_panics() {
    let mut memory = [0; 3];
    let slice: &WriteableProcessSlice = (&mut memory[..]).into();
    slice.copy_from_slice(b"ab");
}

#[test]
#[should_panic(expected = "index out of bounds")]
fn indexing_past_the_end_panics() {
    let slice: &ReadableProcessSlice = b"abc"[..].into();
    slice[3].get();
}

proptest! {
    #[test]
    fn every_index_finds_what_it_finds_in_a_slice(
        mut bytes in prop::collection::vec(any::<u8>(), 0..20),
        start in 0_usize..25,
        end in 0_usize..25,
    ) {
        let expected = bytes.clone();
        let slice: &ReadableProcessSlice = bytes[..].into();
        prop_assert_eq!(slice.get(start).map(|byte| byte.get()), expected.get(start).copied());
        prop_assert_eq!(slice.get(start..end).map(read), expected.get(start..end).map(<[u8]>::to_vec));
        prop_assert_eq!(slice.get(start..).map(read), expected.get(start..).map(<[u8]>::to_vec));
        prop_assert_eq!(slice.get(..end).map(read), expected.get(..end).map(<[u8]>::to_vec));
        let slice: &WriteableProcessSlice = bytes[..].as_mut().into();
        prop_assert_eq!(slice.get(start).map(Cell::get), expected.get(start).copied());
        prop_assert_eq!(slice.get(start..end).map(written), expected.get(start..end).map(<[u8]>::to_vec));
        if let Some(part) = expected.get(start..end) {
            prop_assert_eq!(written(&slice[start..end]), part);
        }
    }

    #[test]
    fn chunks_are_those_of_a_slice(
        bytes in prop::collection::vec(any::<u8>(), 0..20),
        chunk_size in 1_usize..25,
    ) {
        let slice: &ReadableProcessSlice = bytes[..].into();
        let chunks: Vec<_> = slice.chunks(chunk_size).map(read).collect();
        let expected: Vec<_> = bytes.chunks(chunk_size).map(<[u8]>::to_vec).collect();
        prop_assert_eq!(chunks, expected);
    }

    #[test]
    fn a_copy_moves_all_bytes_or_none(
        mut memory in prop::collection::vec(any::<u8>(), 0..40),
        source in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let before = memory.clone();
        let slice: &WriteableProcessSlice = memory[..].as_mut().into();
        let fits = source.len() == before.len();
        let result = if fits { Ok(()) } else { Err(ErrorCode::SIZE) };
        prop_assert_eq!(slice.copy_from_slice_or_err(&source), result);
        prop_assert_eq!(written(slice), if fits { &source } else { &before }.clone());

        let mut destination = source.clone();
        prop_assert_eq!(slice.copy_to_slice_or_err(&mut destination), result);
        let readable: &ReadableProcessSlice = before[..].into();
        prop_assert_eq!(readable.copy_to_slice_or_err(&mut destination), result);
        prop_assert_eq!(destination, if fits { &before } else { &source }.clone());
    }
}
