//! Servers that are each other's clients.

use super::*;

/// Two servers that can call.
fn pair(machine: &fake::Machine) -> [App<'_>; 2] {
    ["server", "server"].map(|name| {
        let app = new_client(machine, name);
        serve(&app);
        app
    })
}

#[test]
fn two_servers_can_call_each_other_and_both_answer() {
    let (machine, _) = machine();
    let [one, other] = pair(&machine);
    call(&one, &other, 0);
    call(&other, &one, 0);
    assert_eq!(called(&one), Some(token(&other)));
    assert_eq!(called(&other), Some(token(&one)));
    assert!(answer(&one, token(&other)));
    assert!(answer(&other, token(&one)));
    assert_eq!((ended(&one), ended(&other)), (WELL, WELL));
}

#[test]
fn a_server_asks_another_before_it_answers() {
    let (machine, _) = machine();
    let [front, back] = pair(&machine);
    let client = client(&machine, &front, 0);
    assert_eq!(called(&front), Some(token(&client)));
    call(&front, &back, 0);
    serves(&back, &[&front]);
    assert!(answer(&front, token(&client)));
    assert_eq!(ended(&client), WELL);
}

#[test]
fn two_that_wait_for_each_other_go_on_when_one_loses_patience() {
    let (machine, alarm) = machine();
    let [one, other] = pair(&machine);
    // Each has a message that it won't answer before the other has answered it.
    let clients = [client(&machine, &one, 0), client(&machine, &other, 0)];
    assert_eq!(called(&one), Some(token(&clients[0])));
    assert_eq!(called(&other), Some(token(&clients[1])));
    call(&one, &other, 10);
    call(&other, &one, 0);
    assert_eq!((ended(&one), ended(&other)), (None, None));
    machine.advance_ms(alarm, 10);
    assert_eq!(ended(&one), failed(ErrorCode::CANCEL));
    assert!(answer(&one, token(&clients[0])));
    serves(&one, &[&other]);
    assert!(answer(&other, token(&clients[1])));
    serves(&other, &[]);
    assert_eq!(clients.each_ref().map(ended), [WELL, WELL]);
}

#[test]
fn one_of_two_that_call_each_other_ends() {
    let (machine, _) = machine();
    for is_delivered in [true, false] {
        let [mortal, other] = pair(&machine);
        let busy = (!is_delivered).then(|| client(&machine, &other, 0));
        call(&mortal, &other, 0);
        call(&other, &mortal, 0);
        let id = token(&mortal);
        mortal.remove().unwrap();
        assert_eq!(ended_among_others(&other), failed(ErrorCode::NODEVICE));
        match busy {
            Some(client) => assert!(answer(&other, token(&client))),
            None => assert!(!answer(&other, id)),
        }
        let next = client(&machine, &other, 0);
        serves(&other, &[&next]);
    }
}

/// How a server's own call has ended, whose message has come meanwhile.
fn ended_among_others(server: &App<'_>) -> Option<[usize; 3]> {
    called(server)?;
    ended(server)
}
