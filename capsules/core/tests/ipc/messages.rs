//! What is copied of messages and answers, and when.

use std::thread;

use super::*;

const SIZE: ErrorCode = ErrorCode::SIZE;

/// More upcalls than there is room for.
const MANY: usize = 64;

/// What the test's machine needs, and little more.
const STACK_BYTES: usize = 320 << 10;

#[test]
fn a_message_and_its_answer_are_copied_and_their_lengths_told() {
    let (machine, _) = machine();
    let (server, client) = (server(&machine), new_client(&machine, "client"));
    assert!(call_with(&client, &server, b"abc").is_success());
    let told = server.told(DRIVER_NUM, MESSAGE);
    assert_eq!(told, Some([token(&client), 3, 0]));
    assert_eq!(server.buffer(DRIVER_NUM, MESSAGE_IN), b"abc ");
    server.allow_ro(DRIVER_NUM, ANSWER_OUT, b"xy");
    let answered = server.command(DRIVER_NUM, ANSWER, token(&client), 7);
    assert_eq!(answered, CommandReturn::success());
    assert_eq!(ended(&client), Some([7, 2, 0]));
    assert_eq!(client.buffer(DRIVER_NUM, ANSWER_IN), b"xy    ");
}

#[test]
fn a_status_is_whatever_word_the_server_says() {
    let (machine, _) = machine();
    let (server, client) = (server(&machine), new_client(&machine, "client"));
    for status in [1, 0x8000_0000, u32::MAX as usize] {
        call(&client, &server, 0);
        server.command(DRIVER_NUM, ANSWER, token(&client), status);
        assert_eq!(ended(&client), Some([status, 6, 0]));
    }
}

#[test]
fn a_copy_is_the_receivers_own() {
    let (machine, _) = machine();
    let (server, client) = (server(&machine), new_client(&machine, "client"));
    let text = client.allow_ro(DRIVER_NUM, MESSAGE_OUT, b"abcd");
    client.command(DRIVER_NUM, CALL, token(&server), 0);
    client.write(text, b"....");
    assert_eq!(server.buffer(DRIVER_NUM, MESSAGE_IN), b"abcd");
    assert_eq!(
        client.read(text, 4),
        b"....",
        "nor does the sender's change"
    );
}

#[test]
fn an_empty_message_and_an_empty_answer_are_some() {
    let (machine, _) = machine();
    let (server, client) = (server(&machine), new_client(&machine, "client"));
    server.share_rw(DRIVER_NUM, MESSAGE_IN, 0, 0).unwrap();
    server.share_ro(DRIVER_NUM, ANSWER_OUT, 0, 0).unwrap();
    client.share_rw(DRIVER_NUM, ANSWER_IN, 0, 0).unwrap();
    let called = client.command(DRIVER_NUM, CALL, token(&server), 0);
    assert_eq!(
        called,
        CommandReturn::success(),
        "no message was ever shared"
    );
    let told = server.told(DRIVER_NUM, MESSAGE);
    assert_eq!(told, Some([token(&client), 0, 0]));
    assert!(answer(&server, token(&client)));
    assert_eq!(ended(&client), Some([0, 0, 0]));
}

#[test]
fn a_message_too_long_for_a_server_that_waits_is_refused_at_once() {
    let (machine, _) = machine();
    let (server, client) = (server(&machine), new_client(&machine, "client"));
    let refused = call_with(&client, &server, b"abcde");
    assert_eq!(refused, CommandReturn::failure(SIZE));
    assert_eq!(server.told(DRIVER_NUM, MESSAGE), None);
    assert_eq!(ended(&client), None, "the command has said it");
    assert!(call_with(&client, &server, b"abcd").is_success());
    serves(&server, &[&client]);
}

#[test]
fn a_message_too_long_for_a_server_at_work_fails_when_its_turn_comes() {
    let (machine, _) = machine();
    let server = server(&machine);
    let [first, long, last] = ["a", "b", "c"].map(|name| new_client(&machine, name));
    call(&first, &server, 0);
    assert!(call_with(&long, &server, b"abcde").is_success());
    call(&last, &server, 0);
    serves(&server, &[&first, &last]);
    assert_eq!(ended(&long), failed(SIZE));
    call(&long, &server, 0);
    serves(&server, &[&long]);
}

#[test]
fn any_number_of_messages_too_long_are_passed_over() {
    // Not on a stack that grows with them.
    let test = thread::Builder::new().stack_size(STACK_BYTES);
    test.spawn(passes_over_many).unwrap().join().unwrap();
}

fn passes_over_many() {
    let (machine, _) = machine_of(2_000);
    let server = server(&machine);
    let first = client(&machine, &server, 0);
    let long: Vec<_> = (0..1_900).map(|_| new_client(&machine, "long")).collect();
    for client in &long {
        assert!(call_with(client, &server, b"abcde").is_success());
    }
    let last = client(&machine, &server, 0);
    serves(&server, &[&first, &last]);
    assert!(long.iter().all(|client| ended(client) == failed(SIZE)));
}

#[test]
fn an_answer_too_long_is_cut_and_said_to_be() {
    let (machine, _) = machine();
    let server = server(&machine);
    let client = client(&machine, &server, 0);
    server.allow_ro(DRIVER_NUM, ANSWER_OUT, b"too long");
    assert!(answer(&server, token(&client)));
    assert_eq!(ended(&client), Some([SIZE.into(), 6, 0]));
    assert_eq!(client.buffer(DRIVER_NUM, ANSWER_IN), b"too lo");
}

#[test]
fn a_message_that_waits_is_what_the_client_shares_when_its_turn_comes() {
    let (machine, _) = machine();
    let server = server(&machine);
    let [first, changed, taken] = ["a", "b", "c"].map(|name| new_client(&machine, name));
    call(&first, &server, 0);
    assert!(call_with(&changed, &server, b"old").is_success());
    assert!(call_with(&taken, &server, b"old").is_success());
    changed.allow_ro(DRIVER_NUM, MESSAGE_OUT, b"new!");
    taken.share_ro(DRIVER_NUM, MESSAGE_OUT, 0, 0).unwrap();
    assert_eq!(called(&server), Some(token(&first)));
    assert!(answer(&server, token(&first)));
    let told = || server.told(DRIVER_NUM, MESSAGE);
    assert_eq!(told(), Some([token(&changed), 4, 0]));
    assert_eq!(server.buffer(DRIVER_NUM, MESSAGE_IN), b"new!");
    assert!(answer(&server, token(&changed)));
    assert_eq!(told(), Some([token(&taken), 0, 0]));
}

#[test]
fn a_client_that_takes_its_room_for_the_answer_away_gets_none_of_it() {
    let (machine, _) = machine();
    let server = server(&machine);
    let client = client(&machine, &server, 0);
    client.share_rw(DRIVER_NUM, ANSWER_IN, 0, 0).unwrap();
    assert!(answer(&server, token(&client)));
    assert_eq!(ended(&client), failed(SIZE));
}

#[test]
fn a_server_that_takes_its_room_for_messages_away_gets_empty_ones_only() {
    let (machine, _) = machine();
    let server = server(&machine);
    let [first, second, empty] = ["a", "b", "c"].map(|name| new_client(&machine, name));
    call(&first, &server, 0);
    call(&second, &server, 0);
    assert!(call_with(&empty, &server, b"").is_success());
    server.share_rw(DRIVER_NUM, MESSAGE_IN, 0, 0).unwrap();
    serves(&server, &[&first, &empty]);
    assert_eq!(ended(&second), failed(SIZE));
}

#[test]
fn a_server_without_room_for_an_upcall_is_as_if_it_were_not_there() {
    let (machine, _) = machine();
    let (server, other) = (server(&machine), server(&machine));
    let waiting = client(&machine, &server, 0);
    called(&server);
    let next = client(&machine, &server, 0);
    // The end of each is an upcall, and the server looks at none.
    for _ in 0..MANY {
        server.command(DRIVER_NUM, CALL, token(&other), 0);
        server.command(DRIVER_NUM, GIVE_UP, 0, 0);
    }
    assert!(server.process(|process| process.debug_dropped_upcall_count()) > 0);
    assert!(answer(&server, token(&waiting)));
    assert_eq!(ended(&next), failed(ErrorCode::NODEVICE));
    let refused = CommandReturn::failure(ErrorCode::NODEVICE);
    assert_eq!(call_with(&next, &server, b"?"), refused);
    let told = || server.told(DRIVER_NUM, ANSWERED);
    assert!((0..MANY).any(|_| told().is_none()), "it has looked at all");
    assert!(call_with(&next, &server, b"?").is_success());
}
