//! Calls between apps that nobody waits for any more: their server goes on with the next one.

use super::*;

/// The server answers `client`, and gets the message of `next`, which gets its answer.
#[track_caller]
fn goes_on(server: &App<'_>, client: usize, next: &App<'_>) {
    assert!(!answer(server, client));
    assert_eq!(called(server), Some(token(next)));
    assert!(answer(server, token(next)));
    assert_eq!(next.yield_for(DRIVER_NUM, ANSWERED), [0, 6, 0]);
    assert_eq!(next.buffer(DRIVER_NUM, ANSWERED), b"answer");
}

#[test]
fn a_server_goes_on_when_its_client_is_removed() {
    let (machine, _) = machine();
    let server = server(&machine);
    for waits_already in [false, true] {
        let removed = client(&machine, &server, 0);
        let id = token(&removed);
        assert_eq!(called(&server), Some(id));
        let next = waits_already.then(|| client(&machine, &server, 0));
        removed.remove().unwrap();
        let next = next.unwrap_or_else(|| client(&machine, &server, 0));
        goes_on(&server, id, &next);
        next.remove().unwrap();
    }
}

#[test]
fn a_server_goes_on_when_its_client_waits_no_longer() {
    let (machine, alarm) = machine();
    let server = server(&machine);
    let impatient = client(&machine, &server, 10);
    for has_given_up in [false, true] {
        assert_eq!(called(&server), Some(token(&impatient)));
        if has_given_up {
            give_up(&impatient);
        } else {
            machine.advance_ms(alarm, 10);
            let cancelled = [ErrorCode::CANCEL.into(), 0, 0];
            assert_eq!(impatient.yield_for(DRIVER_NUM, ANSWERED), cancelled);
        }
        let next = client(&machine, &server, 0);
        goes_on(&server, token(&impatient), &next);
        call(&impatient, &server, 0);
    }
}

#[test]
fn a_late_answer_is_not_taken_for_that_of_the_next_call() {
    let (machine, _) = machine();
    let server = server(&machine);
    let client = client(&machine, &server, 0);
    assert_eq!(called(&server), Some(token(&client)));
    give_up(&client);
    call(&client, &server, 0);
    goes_on(&server, token(&client), &client);
}

#[test]
fn an_answer_to_nobody_does_not_bring_the_next_message() {
    let (machine, _) = machine();
    let server = server(&machine);
    let (first, second) = (client(&machine, &server, 0), client(&machine, &server, 0));
    assert_eq!(called(&server), Some(token(&first)));
    assert!(!answer(&server, token(&second)) && !answer(&server, usize::MAX));
    assert_eq!(server.process(|process| process.pending_tasks()), 0);
    assert!(answer(&server, token(&first)));
    assert_eq!(called(&server), Some(token(&second)));
}

#[test]
fn a_client_hears_that_its_server_is_removed() {
    let (machine, _) = machine();
    let server = server(&machine);
    let clients = [client(&machine, &server, 0), client(&machine, &server, 0)];
    assert_eq!(called(&server), Some(token(&clients[0])));
    server.remove().unwrap();
    for client in clients {
        let gone = [ErrorCode::NODEVICE.into(), 0, 0];
        assert_eq!(client.yield_for(DRIVER_NUM, ANSWERED), gone);
    }
}
