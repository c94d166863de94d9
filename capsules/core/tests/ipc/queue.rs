//! Many clients of one server.

use super::*;

#[test]
fn clients_are_served_in_the_order_that_they_called() {
    let (machine, _) = machine();
    let server = server(&machine);
    let clients: Vec<_> = (0..20).map(|_| new_client(&machine, "client")).collect();
    // Not in the order of their places.
    let order = |round: usize| (0..20).map(move |number| (number * 7 + round) % 20);
    for round in 0..3 {
        let calls: Vec<_> = order(round).map(|number| &clients[number]).collect();
        calls.iter().for_each(|client| call(client, &server, 0));
        serves(&server, &calls);
    }
}

#[test]
fn a_client_that_calls_again_waits_behind_the_others() {
    let (machine, _) = machine();
    let server = server(&machine);
    let (eager, other) = (client(&machine, &server, 0), client(&machine, &server, 0));
    assert_eq!(called(&server), Some(token(&eager)));
    assert!(answer(&server, token(&eager)));
    assert_eq!(ended(&eager), WELL);
    call(&eager, &server, 0);
    serves(&server, &[&other, &eager]);
}

#[test]
fn a_server_has_one_message_at_a_time() {
    let (machine, _) = machine();
    let server = server(&machine);
    let [first, second] = ["a", "b"].map(|name| new_client(&machine, name));
    for client in [&first, &second] {
        let message = client.name().to_owned();
        assert!(call_with(client, &server, message.as_bytes()).is_success());
    }
    assert_eq!(called(&server), Some(token(&first)));
    assert_eq!(server.told(DRIVER_NUM, MESSAGE), None);
    assert_eq!(server.buffer(DRIVER_NUM, MESSAGE_IN), b"a   ");
    assert!(answer(&server, token(&first)));
    assert_eq!(server.buffer(DRIVER_NUM, MESSAGE_IN), b"b   ");
}

#[test]
fn servers_do_not_wait_for_each_other() {
    let (machine, _) = machine();
    let servers = [server(&machine), server(&machine)];
    let clients = servers.each_ref().map(|server| client(&machine, server, 0));
    serves(&servers[1], &[&clients[1]]);
    serves(&servers[0], &[&clients[0]]);
}

/// Whoever leaves the queue, from whichever place and by whatever way, leaves the others' order as it was.
#[test]
fn one_that_leaves_the_queue_keeps_nobody_waiting() {
    let leave: [fn(&App<'_>); 6] = [
        |app| give_up(app),
        |app| app.remove().unwrap(),
        |app| app.exit(0),
        |app| app.exit_and_restart(0),
        |app| app.fault(),
        |app| app.terminate(),
    ];
    for leave in leave {
        for place in 0..4 {
            let (machine, _) = machine();
            let server = server(&machine);
            let first = client(&machine, &server, 0);
            let waiting: Vec<_> = (0..4).map(|_| client(&machine, &server, 0)).collect();
            leave(&waiting[place]);
            let late = client(&machine, &server, 0);
            let others = waiting.iter().enumerate();
            let others = others.filter(|(number, _)| *number != place);
            let mut served = vec![&first];
            served.extend(others.map(|(_, client)| client));
            served.push(&late);
            serves(&server, &served);
        }
    }
}

#[test]
fn all_may_leave_the_queue() {
    let (machine, _) = machine();
    let server = server(&machine);
    let first = client(&machine, &server, 0);
    let waiting: Vec<_> = (0..3).map(|_| client(&machine, &server, 0)).collect();
    waiting.iter().for_each(give_up);
    serves(&server, &[&first]);
    call(&waiting[2], &server, 0);
    call(&waiting[0], &server, 0);
    serves(&server, &[&waiting[2], &waiting[0]]);
}
