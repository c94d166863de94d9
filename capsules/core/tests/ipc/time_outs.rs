//! Calls that may take so long and no longer.

use super::*;

const LATE: ErrorCode = ErrorCode::CANCEL;

#[test]
fn a_call_ends_when_its_time_is_over_and_not_before() {
    let (machine, alarm) = machine();
    let server = server(&machine);
    // One whose message the server has, and one that waits.
    let clients = [client(&machine, &server, 10), client(&machine, &server, 20)];
    machine.advance_ms(alarm, 9);
    assert_eq!(clients.each_ref().map(ended), [None, None]);
    machine.advance_ms(alarm, 1);
    assert_eq!(clients.each_ref().map(ended), [failed(LATE), None]);
    machine.advance_ms(alarm, 9);
    assert_eq!(ended(&clients[1]), None);
    machine.advance_ms(alarm, 1);
    assert_eq!(ended(&clients[1]), failed(LATE));
    machine.advance_ms(alarm, 100);
    assert_eq!(clients.each_ref().map(ended), [None, None]);
}

#[test]
fn a_call_without_a_time_out_waits_for_ever() {
    let (machine, alarm) = machine();
    let server = server(&machine);
    let client = client(&machine, &server, 0);
    machine.advance_ms(alarm, 1_000_000_000);
    assert_eq!(ended(&client), None);
    serves(&server, &[&client]);
}

#[test]
fn a_time_out_longer_than_32_bits_of_milliseconds_is_as_long_as_those() {
    let (machine, alarm) = machine();
    let server = server(&machine);
    let client = client(&machine, &server, 1 << 32);
    machine.advance_ms(alarm, u64::from(u32::MAX) - 1);
    assert_eq!(ended(&client), None);
    machine.advance_ms(alarm, 1);
    assert_eq!(ended(&client), failed(LATE));
}

#[test]
fn a_time_out_ends_with_its_call() {
    let (machine, alarm) = machine();
    let server = server(&machine);
    let client = client(&machine, &server, 10);
    let ends: [&dyn Fn(); 3] = [
        &|| serves(&server, &[&client]),
        &|| {
            give_up(&client);
            answer(&server, token(&client));
        },
        &|| {
            server.restart();
            assert_eq!(ended(&client), failed(ErrorCode::NODEVICE));
            serve(&server);
        },
    ];
    for end in ends {
        end();
        call(&client, &server, 0);
        machine.advance_ms(alarm, 20);
        assert_eq!(ended(&client), None, "this call has no time-out");
        called(&server);
        assert!(answer(&server, token(&client)));
        assert_eq!(ended(&client), WELL);
        call(&client, &server, 10);
        called(&server);
    }
}

#[test]
fn a_process_has_no_time_out_of_one_that_was_in_its_place() {
    let (machine, alarm) = machine();
    let server = server(&machine);
    let old = client(&machine, &server, 10);
    let (id, place) = (token(&old), old.process_id().slot());
    assert_eq!(called(&server), Some(id));
    old.remove().unwrap();
    assert!(!answer(&server, id));
    let new = client(&machine, &server, 0);
    assert_eq!(new.process_id().slot(), place);
    machine.advance_ms(alarm, 20);
    assert_eq!(ended(&new), None);
    serves(&server, &[&new]);
}

#[test]
fn clients_whose_time_is_over_in_the_queue_keep_nobody_waiting() {
    let (machine, alarm) = machine();
    let server = server(&machine);
    let first = client(&machine, &server, 0);
    let waiting: Vec<_> = [10, 0, 5, 0, 10]
        .map(|timeout_ms| client(&machine, &server, timeout_ms))
        .into();
    machine.advance_ms(alarm, 10);
    for late in [0, 2, 4] {
        assert_eq!(ended(&waiting[late]), failed(LATE));
    }
    let last = client(&machine, &server, 0);
    serves(&server, &[&first, &waiting[1], &waiting[3], &last]);
}

#[test]
fn an_answer_in_time_is_the_end_even_if_the_client_looks_late() {
    let (machine, alarm) = machine();
    let server = server(&machine);
    let client = client(&machine, &server, 10);
    assert!(answer(&server, token(&client)));
    machine.advance_ms(alarm, 20);
    assert_eq!(ended(&client), WELL);
    assert_eq!(ended(&client), None);
}

#[test]
fn a_call_that_is_refused_has_no_time_out() {
    let (machine, alarm) = machine();
    let server = server(&machine);
    let client = new_client(&machine, "client");
    client.allow_ro(DRIVER_NUM, MESSAGE_OUT, b"abcde");
    let refused = client.command(DRIVER_NUM, CALL, token(&server), 10);
    assert_eq!(refused, CommandReturn::failure(ErrorCode::SIZE));
    call(&client, &server, 0);
    machine.advance_ms(alarm, 20);
    assert_eq!(ended(&client), None);
}
