//! Calls between apps, as clients and servers see them.

mod commands;
mod ends;
mod given_up;
mod messages;
mod mutual;
mod queue;
mod time_outs;

use capsules_core::{
    AlarmDeadlines,
    ipc::{DRIVER_NUM, Ipc},
};
use chip_fake::{self as fake, App, leak};
use kernel::{ErrorCode, collections::DeadlineNode, hil::time::Alarm as _, syscall::CommandReturn};

const DISCOVER: usize = 1;
const SERVE: usize = 2;
const CALL: usize = 3;
const ANSWER: usize = 4;
const GIVE_UP: usize = 5;

/// Buffers of a client: the name that it looks for, its message, and the answer.
const NAME: usize = 0;
const MESSAGE_OUT: usize = 1;
const ANSWER_IN: usize = 1;
/// Buffers of a server: the message, and its answer.
const MESSAGE_IN: usize = 0;
const ANSWER_OUT: usize = 2;

/// The upcall of a message to a server, and that of an answer to a client.
const MESSAGE: usize = 0;
const ANSWERED: usize = 1;

fn machine() -> (fake::Machine, &'static fake::Alarm) {
    machine_of(64)
}

/// A machine with room for so many processes.
fn machine_of(processes: usize) -> (fake::Machine, &'static fake::Alarm) {
    let alarm = fake::Alarm::new();
    let machine = fake::Machine::with_room_for(processes, processes * 4);
    let nodes = (0..processes).map(|_| DeadlineNode::new());
    let nodes = nodes.collect::<Vec<_>>().leak();
    let deadlines = leak(AlarmDeadlines::new(alarm, nodes));
    alarm.set_alarm_client(deadlines);
    let grant = machine.grant(DRIVER_NUM);
    let ipc = leak(Ipc::new(grant, machine.processes(), deadlines));
    deadlines.set_client(ipc);
    machine.processes().set_end_client(ipc);
    (machine.driver(DRIVER_NUM, ipc), alarm)
}

/// A server with room for messages of four bytes, and an answer of six.
fn server(machine: &fake::Machine) -> App<'_> {
    let server = machine.app("server");
    serve(&server);
    server
}

#[track_caller]
fn serve(server: &App<'_>) {
    server.subscribe(DRIVER_NUM, MESSAGE);
    server.allow_rw(DRIVER_NUM, MESSAGE_IN, b"    ");
    assert!(server.command(DRIVER_NUM, SERVE, 0, 0).is_success());
    server.allow_ro(DRIVER_NUM, ANSWER_OUT, b"answer");
}

/// A client with room for answers of six bytes.
fn new_client<'m>(machine: &'m fake::Machine, name: &str) -> App<'m> {
    let client = machine.app(name);
    client.subscribe(DRIVER_NUM, ANSWERED);
    client.allow_rw(DRIVER_NUM, ANSWER_IN, b"      ");
    client
}

/// A client that has called.
fn client<'m>(machine: &'m fake::Machine, server: &App<'_>, timeout_ms: usize) -> App<'m> {
    let client = new_client(machine, "client");
    call(&client, server, timeout_ms);
    client
}

#[track_caller]
fn call(client: &App<'_>, server: &App<'_>, timeout_ms: usize) {
    client.allow_ro(DRIVER_NUM, MESSAGE_OUT, b"?");
    let called = client.command(DRIVER_NUM, CALL, token(server), timeout_ms);
    assert!(called.is_success());
}

/// Calls with a message. Returns what the client is answered at once.
fn call_with(client: &App<'_>, server: &App<'_>, message: &[u8]) -> CommandReturn {
    client.allow_ro(DRIVER_NUM, MESSAGE_OUT, message);
    client.command(DRIVER_NUM, CALL, token(server), 0)
}

/// Answers a client. Returns whether that waited for it.
#[track_caller]
fn answer(server: &App<'_>, client: usize) -> bool {
    let answer = server.command(DRIVER_NUM, ANSWER, client, 0);
    assert!(answer.is_success() || answer == CommandReturn::failure(ErrorCode::INVAL));
    answer.is_success()
}

#[track_caller]
fn give_up(client: &App<'_>) {
    assert!(client.command(DRIVER_NUM, GIVE_UP, 0, 0).is_success());
    assert_eq!(ended(client), failed(ErrorCode::CANCEL));
}

/// The client whose message has come.
fn called(server: &App<'_>) -> Option<usize> {
    server
        .try_yield_for(DRIVER_NUM, MESSAGE)
        .map(|[client, ..]| client)
}

/// How a client's call has ended, if it has.
#[track_caller]
fn ended(client: &App<'_>) -> Option<[usize; 3]> {
    client.told(DRIVER_NUM, ANSWERED)
}

/// How a call ends that fails.
fn failed(error: ErrorCode) -> Option<[usize; 3]> {
    Some([error.into(), 0, 0])
}

/// How a call ends that the server answers.
const WELL: Option<[usize; 3]> = Some([0, 6, 0]);

fn token(app: &App<'_>) -> usize {
    app.process_id().token()
}

/// The server gets the messages of these clients, in this order and no others, and answers them.
#[track_caller]
fn serves(server: &App<'_>, clients: &[&App<'_>]) {
    for client in clients {
        assert_eq!(called(server), Some(token(client)), "{}", client.name());
        assert!(answer(server, token(client)));
        assert_eq!(ended(client), WELL);
    }
    assert_eq!(server.told(DRIVER_NUM, MESSAGE), None);
}
