//! Clients and servers that end while a call is under way.

use super::*;

const GONE: ErrorCode = ErrorCode::NODEVICE;

/// Ways in which a process ends and others hear of it.
const ENDS: [fn(&App<'_>); 5] = [
    |app| app.exit(0),
    |app| app.exit_and_restart(0),
    |app| app.fault(),
    |app| app.terminate(),
    |app| app.remove().unwrap(),
];

#[test]
fn all_that_wait_for_a_server_hear_of_its_end() {
    for end in ENDS {
        let (machine, _) = machine();
        let (server, other) = (server(&machine), server(&machine));
        let clients: Vec<_> = (0..3).map(|_| client(&machine, &server, 0)).collect();
        let lucky = client(&machine, &other, 0);
        called(&server);
        end(&server);
        for client in &clients {
            assert_eq!(ended(client), failed(GONE));
            assert_eq!(ended(client), None);
            assert_eq!(call_with(client, &other, b"?"), CommandReturn::success());
        }
        serves(&other, &[&lucky, &clients[0], &clients[1], &clients[2]]);
    }
}

#[test]
fn a_server_that_has_started_anew_has_no_clients_of_before() {
    let (machine, _) = machine();
    let server = server(&machine);
    let [first, second] = [client(&machine, &server, 0), client(&machine, &server, 0)];
    called(&server);
    server.restart();
    serve(&server);
    serves(&server, &[]);
    assert!(!answer(&server, token(&first)));
    assert_eq!(
        (ended(&first), ended(&second)),
        (failed(GONE), failed(GONE))
    );
    call(&second, &server, 0);
    serves(&server, &[&second]);
}

#[test]
fn an_answer_of_a_server_that_ends_right_after_it_is_there() {
    for end in ENDS {
        let (machine, _) = machine();
        let server = server(&machine);
        let client = client(&machine, &server, 0);
        assert!(answer(&server, token(&client)));
        end(&server);
        assert_eq!(ended(&client), WELL);
        assert_eq!(ended(&client), None);
    }
}

#[test]
fn a_message_of_a_client_that_ends_is_answered_in_vain() {
    for end in ENDS {
        let (machine, _) = machine();
        let server = server(&machine);
        let mortal = client(&machine, &server, 0);
        let id = token(&mortal);
        assert_eq!(called(&server), Some(id));
        end(&mortal);
        let next = client(&machine, &server, 0);
        assert!(!answer(&server, id));
        serves(&server, &[&next]);
    }
}

#[test]
fn a_client_that_has_started_anew_calls_as_if_it_were_another() {
    let (machine, _) = machine();
    let server = server(&machine);
    let client = client(&machine, &server, 0);
    let before = token(&client);
    assert_eq!(called(&server), Some(before));
    client.restart();
    client.allow_rw(DRIVER_NUM, ANSWER_IN, b"      ");
    call(&client, &server, 0);
    assert!(!answer(&server, before));
    assert_eq!(ended(&client), None);
    serves(&server, &[&client]);
}

#[test]
fn a_process_in_the_place_of_another_has_nothing_of_its_calls() {
    let (machine, _) = machine();
    let server = server(&machine);
    let old = client(&machine, &server, 0);
    let place = old.process_id().slot();
    called(&server);
    old.remove().unwrap();
    let new = new_client(&machine, "new");
    assert_eq!(new.process_id().slot(), place);
    assert!(!answer(&server, token(&new)));
    assert_eq!(ended(&new), None);
    let none = new.command(DRIVER_NUM, GIVE_UP, 0, 0);
    assert_eq!(none, CommandReturn::failure(ErrorCode::ALREADY));
}
