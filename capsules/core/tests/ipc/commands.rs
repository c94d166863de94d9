//! Each row of the table, and each error that it names.

use super::*;

const ALREADY: ErrorCode = ErrorCode::ALREADY;
const INVAL: ErrorCode = ErrorCode::INVAL;
const NODEVICE: ErrorCode = ErrorCode::NODEVICE;

/// Looks for a server by its name.
fn discover(app: &App<'_>, name: &[u8]) -> CommandReturn {
    app.allow_ro(DRIVER_NUM, NAME, name);
    app.command(DRIVER_NUM, DISCOVER, 0, 0)
}

fn found(server: &App<'_>) -> CommandReturn {
    CommandReturn::success_u64(token(server) as u64)
}

#[test]
fn an_app_can_ask_whether_there_are_calls() {
    let (machine, _) = machine();
    let app = machine.app("tester");
    assert_eq!(app.command(DRIVER_NUM, 0, 0, 0), CommandReturn::success());
    for command in [6, usize::MAX] {
        let answer = app.command(DRIVER_NUM, command, token(&app), 0);
        assert_eq!(answer, CommandReturn::failure(ErrorCode::NOSUPPORT));
    }
}

#[test]
fn a_server_is_found_by_its_whole_name() {
    let (machine, _) = machine();
    let (app, server) = (machine.app("tester"), server(&machine));
    assert_eq!(discover(&app, b"server"), found(&server));
    for other in [
        &b"serve"[..],
        b"servers",
        b"Server",
        b"server\0",
        b"tester",
        b"",
    ] {
        let unknown = CommandReturn::failure(NODEVICE);
        assert_eq!(discover(&app, other), unknown, "{other:?}");
    }
}

#[test]
fn an_app_that_serves_nobody_is_not_found() {
    let (machine, _) = machine();
    let (app, server) = (machine.app("tester"), machine.app("server"));
    let unknown = CommandReturn::failure(NODEVICE);
    assert_eq!(discover(&app, b"server"), unknown);
    serve(&server);
    assert_eq!(discover(&app, b"server"), found(&server));
    server.restart();
    assert_eq!(
        discover(&app, b"server"),
        unknown,
        "it has not said so again"
    );
    serve(&server);
    server.terminate();
    assert_eq!(discover(&app, b"server"), unknown);
}

#[test]
fn of_two_servers_of_one_name_the_first_that_there_is_is_found() {
    let (machine, _) = machine();
    let app = machine.app("tester");
    let (first, second) = (server(&machine), server(&machine));
    assert_eq!(discover(&app, b"server"), found(&first));
    first.remove().unwrap();
    assert_eq!(discover(&app, b"server"), found(&second));
}

#[test]
fn a_server_finds_itself() {
    let (machine, _) = machine();
    let server = server(&machine);
    assert_eq!(discover(&server, b"server"), found(&server));
}

#[test]
fn a_buffer_that_is_too_long_for_a_name_or_not_text_holds_none() {
    let (machine, _) = machine();
    let app = machine.app("tester");
    let name = "s".repeat(64);
    let long = machine.app(&name);
    serve(&long);
    assert_eq!(discover(&app, name.as_bytes()), found(&long));
    for invalid in [&b"s".repeat(65)[..], b"serv\xff"] {
        assert_eq!(discover(&app, invalid), CommandReturn::failure(INVAL));
    }
    app.share_ro(DRIVER_NUM, NAME, 0, 0).unwrap();
    let answer = app.command(DRIVER_NUM, DISCOVER, 0, 0);
    assert_eq!(
        answer,
        CommandReturn::failure(NODEVICE),
        "nobody is called nothing"
    );
}

#[test]
fn a_server_is_one_until_it_ends() {
    let (machine, _) = machine();
    let server = server(&machine);
    let again = || server.command(DRIVER_NUM, SERVE, 0, 0);
    assert_eq!(again(), CommandReturn::failure(ALREADY));
    server.exit_and_restart(0);
    assert_eq!(again(), CommandReturn::success());
}

#[test]
fn an_app_that_nobody_can_call_by_its_name_is_no_server() {
    let (machine, _) = machine();
    let longest = "n".repeat(64);
    let refused = CommandReturn::failure(INVAL);
    for name in ["", &format!("{longest}n")] {
        let answer = machine.app(name).command(DRIVER_NUM, SERVE, 0, 0);
        assert_eq!(answer, refused, "{} bytes", name.len());
    }
    let (app, server) = (machine.app("tester"), machine.app(&longest));
    serve(&server);
    assert_eq!(discover(&app, longest.as_bytes()), found(&server));
}

#[test]
fn an_app_costs_nothing_of_another_by_naming_it() {
    let (machine, _) = machine();
    let (server, other) = (server(&machine), machine.app("other"));
    let client = new_client(&machine, "client");
    client.command(DRIVER_NUM, CALL, token(&other), 0);
    server.command(DRIVER_NUM, ANSWER, token(&other), 0);
    let grants = |app: &App<'_>| app.process(|process| process.grant_allocated_count());
    assert_eq!(grants(&other), Some(0));
    assert_eq!(grants(&client), Some(1));
}

#[test]
fn only_a_server_can_be_called_and_not_by_itself() {
    let (machine, _) = machine();
    let (server, other) = (server(&machine), machine.app("other"));
    let client = new_client(&machine, "client");
    let call = |from: &App<'_>, to: usize| from.command(DRIVER_NUM, CALL, to, 0);
    let nobody = CommandReturn::failure(NODEVICE);
    for number in [token(&other), 0, usize::MAX] {
        assert_eq!(call(&client, number), nobody);
    }
    let itself = CommandReturn::failure(INVAL);
    assert_eq!(call(&client, token(&client)), itself);
    assert_eq!(call(&server, token(&server)), itself);
    let before = token(&server);
    server.restart();
    serve(&server);
    assert_eq!(call(&client, before), nobody, "that was another run");
    assert_eq!(ended(&client), None);
    assert_eq!(call(&client, token(&server)), CommandReturn::success());
}

#[test]
fn a_client_has_one_call_under_way() {
    let (machine, _) = machine();
    let (server, other) = (server(&machine), server(&machine));
    let (first, second) = (client(&machine, &server, 0), client(&machine, &server, 0));
    let busy = CommandReturn::failure(ErrorCode::BUSY);
    for client in [&first, &second] {
        for to in [&server, &other] {
            assert_eq!(call_with(client, to, b"!"), busy);
        }
    }
    serves(&server, &[&first, &second]);
    assert_eq!(other.told(DRIVER_NUM, MESSAGE), None);
    assert_eq!(call_with(&first, &other, b"!"), CommandReturn::success());
}

#[test]
fn only_a_client_that_waits_for_this_server_is_answered_and_once() {
    let (machine, _) = machine();
    let (server, other) = (server(&machine), server(&machine));
    let (first, second) = (client(&machine, &server, 0), client(&machine, &server, 0));
    let idle = new_client(&machine, "idle");
    called(&server);
    for client in [&second, &idle, &server, &other] {
        assert!(!answer(&server, token(client)));
    }
    assert!(!answer(&other, token(&first)), "it is another's client");
    assert!(!answer(&idle, token(&first)), "it is no server");
    assert_eq!((ended(&first), ended(&second)), (None, None));
    assert!(answer(&server, token(&first)));
    assert!(!answer(&server, token(&first)));
    assert_eq!(ended(&first), WELL);
    assert_eq!(ended(&first), None);
}

#[test]
fn a_call_that_is_not_under_way_can_not_be_given_up() {
    let (machine, _) = machine();
    let server = server(&machine);
    let client = new_client(&machine, "client");
    let none = || client.command(DRIVER_NUM, GIVE_UP, 0, 0);
    assert_eq!(none(), CommandReturn::failure(ALREADY));
    call(&client, &server, 0);
    give_up(&client);
    assert_eq!(none(), CommandReturn::failure(ALREADY));
}

#[test]
fn an_app_without_room_for_what_is_kept_of_it_is_told_so() {
    let machine = machine().0.with_hungry_drivers();
    let server = server(&machine);
    let app = machine.app("full");
    app.use_all_memory();
    for command in [DISCOVER, SERVE, CALL, GIVE_UP] {
        let answer = app.command(DRIVER_NUM, command, token(&server), 0);
        assert_eq!(
            answer,
            CommandReturn::failure(ErrorCode::NOMEM),
            "command {command}"
        );
    }
    let nobody = CommandReturn::failure(NODEVICE);
    assert_eq!(
        call_with(&new_client(&machine, "client"), &app, b"?"),
        nobody
    );
}

#[test]
fn a_32_bit_app_calls_and_answers_as_any_other() {
    let (machine, _) = machine();
    let small = machine.load(&fake::image_of_32_bits("small")).unwrap();
    serve(&small);
    let server = server(&machine);
    assert_eq!(discover(&small, b"server"), found(&server));
    small.allow_rw(DRIVER_NUM, ANSWER_IN, b"      ");
    call(&small, &server, 0);
    serves(&server, &[&small]);
    let client = client(&machine, &small, 0);
    serves(&small, &[&client]);
}

#[test]
fn after_millions_of_runs_apps_of_32_bits_still_call_and_are_called() {
    const NAMES_OF_32_BITS: usize = 1 << 20;
    for before in [0, NAMES_OF_32_BITS - 2, NAMES_OF_32_BITS, usize::MAX >> 13] {
        let (machine, _) = machine();
        machine.processes().skip_runs(before);
        let app = |name| machine.load(&fake::image_of_32_bits(name)).unwrap();
        let server = app("server");
        serve(&server);
        let [first, second] = ["first", "second"].map(|name| {
            let client = app(name);
            client.subscribe(DRIVER_NUM, ANSWERED);
            client.allow_rw(DRIVER_NUM, ANSWER_IN, b"      ");
            client.allow_ro(DRIVER_NUM, NAME, b"server");
            let found = client.command(DRIVER_NUM, DISCOVER, 0, 0);
            let server = found.get_success_u64().unwrap() as usize;
            assert!(call_by(&client, server), "{before}");
            client
        });
        for client in [first, second] {
            let caller = called(&server).unwrap();
            assert_eq!(caller, token(&client) as u32 as usize);
            assert!(answer(&server, caller), "{before}");
            assert_eq!(ended(&client), WELL);
            assert!(!answer(&server, caller), "it waits no longer");
        }
        let gone = token(&server);
        server.restart();
        assert!(!call_by(&app("third"), gone), "{before}");
    }
}

#[test]
fn after_millions_of_runs_a_server_of_32_bits_goes_on_when_its_client_has_gone() {
    let (machine, _) = machine();
    machine.processes().skip_runs(usize::MAX >> 13);
    let server = machine.load(&fake::image_of_32_bits("server")).unwrap();
    serve(&server);
    let gone = client(&machine, &server, 0);
    let waiting = client(&machine, &server, 0);
    let caller = called(&server).unwrap();
    gone.remove().unwrap();
    assert!(!answer(&server, caller));
    assert_eq!(called(&server), Some(token(&waiting) as u32 as usize));
}

/// Calls a server by what is left of its name in a word of the client. Returns whether there is such a server.
fn call_by(client: &App<'_>, server: usize) -> bool {
    let answer = client.command(DRIVER_NUM, CALL, server, 0);
    assert!(answer.is_success() || answer == CommandReturn::failure(ErrorCode::NODEVICE));
    answer.is_success()
}
