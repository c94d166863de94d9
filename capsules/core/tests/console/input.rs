//! Bytes for apps.

use super::*;

#[test]
fn a_read_has_ended_when_it_has_as_much_as_the_app_wants() {
    let (machine, console) = machine();
    let app = machine.app("tester");
    let id = app.process_id();
    read(&app, 5);
    assert_eq!(console.deliver(id, b"ab"), 2);
    assert_eq!(was_read(&app), None);
    assert_eq!(console.deliver(id, b"cdefg"), 3);
    assert_eq!(was_read(&app), Some((0, 5)));
    assert_eq!(app.buffer(DRIVER_NUM, BUFFER), b"abcde");
    assert_eq!(console.deliver(id, b"fg"), 0, "nobody reads");
    assert_eq!(app.buffer(DRIVER_NUM, BUFFER), b"abcde");
}

#[test]
fn no_more_is_read_than_the_app_says_or_shares() {
    let (machine, console) = machine();
    let app = machine.app("tester");
    app.allow_rw(DRIVER_NUM, BUFFER, b"......");
    for (len_bytes, read_bytes) in [(2, 2), (7, 6), (usize::MAX, 6)] {
        app.command(DRIVER_NUM, READ, len_bytes, 0);
        assert_eq!(console.deliver(app.process_id(), b"abcdefghi"), read_bytes);
        assert_eq!(was_read(&app), Some((0, read_bytes)));
    }
}

#[test]
fn a_read_of_nothing_has_ended_at_once() {
    let (machine, _) = machine();
    let app = machine.app("tester");
    let read = |len_bytes| app.command(DRIVER_NUM, READ, len_bytes, 0);
    assert_eq!(read(5), CommandReturn::success(), "no buffer is shared");
    assert_eq!(was_read(&app), Some((0, 0)));
    app.allow_rw(DRIVER_NUM, BUFFER, b"...");
    assert_eq!(read(0), CommandReturn::success());
    assert_eq!(was_read(&app), Some((0, 0)));
}

#[test]
fn a_second_read_waits_for_the_first() {
    let (machine, _) = machine();
    let app = machine.app("tester");
    read(&app, 5);
    let second = app.command(DRIVER_NUM, READ, 1, 0);
    assert_eq!(second, CommandReturn::failure(ErrorCode::BUSY));
}

#[test]
fn a_read_that_is_ended_says_what_has_come() {
    let (machine, console) = machine();
    let app = machine.app("tester");
    let abort = || app.command(DRIVER_NUM, ABORT, 0, 0);
    assert_eq!(abort(), CommandReturn::success());
    assert_eq!(was_read(&app), None, "nothing was under way");
    read(&app, 5);
    console.deliver(app.process_id(), b"ab");
    assert_eq!(abort(), CommandReturn::success());
    assert_eq!(was_read(&app), Some((ErrorCode::CANCEL as usize, 2)));
    assert_eq!(app.buffer(DRIVER_NUM, BUFFER), b"ab...");
    assert_eq!(console.deliver(app.process_id(), b"c"), 0);
}

#[test]
fn a_read_fails_when_the_buffer_is_taken_away() {
    let (machine, console) = machine();
    let app = machine.app("tester");
    read(&app, 5);
    assert_eq!(console.deliver(app.process_id(), b"ab"), 2);
    app.allow_rw(DRIVER_NUM, BUFFER, b"x");
    assert_eq!(console.deliver(app.process_id(), b"cde"), 0);
    assert_eq!(was_read(&app), Some((ErrorCode::SIZE as usize, 2)));
    assert_eq!(app.buffer(DRIVER_NUM, BUFFER), b"x");
}

#[test]
fn each_app_reads_what_is_meant_for_it() {
    let (machine, console) = machine();
    let apps = ["a", "b"].map(|name| machine.app(name));
    apps.iter().for_each(|app| read(app, 1));
    for app in apps.iter().rev() {
        console.deliver(app.process_id(), app.name().as_bytes());
    }
    for app in &apps {
        assert_eq!(was_read(app), Some((0, 1)));
        assert_eq!(app.buffer(DRIVER_NUM, BUFFER), app.name().as_bytes());
    }
}

#[test]
fn an_app_that_is_gone_or_never_asked_takes_nothing() {
    let (machine, console) = machine();
    let (mortal, other) = (machine.app("mortal"), machine.app("other"));
    read(&mortal, 5);
    let id = mortal.process_id();
    mortal.exit_and_restart(0);
    read(&mortal, 5);
    assert_eq!(console.deliver(id, b"ab"), 0);
    assert_eq!(console.deliver(other.process_id(), b"ab"), 0);
    let grants = other.process(|process| process.grant_allocated_count());
    assert_eq!(grants, Some(0), "nothing is taken from an app unasked");
}

#[test]
fn whoever_has_bytes_is_woken_when_the_app_reads() {
    let (machine, console) = machine();
    let app = machine.app("tester");
    let woken = machine.task("typist", console.wait_for_reader(app.process_id()));
    machine.run();
    assert!(!woken.is_there());
    read(&app, 1);
    machine.run();
    assert!(woken.is_there());
}

#[test]
fn an_app_that_ends_while_it_reads_reads_nothing_in_its_next_run() {
    let (machine, console) = machine();
    let (mortal, other) = (machine.app("mortal"), machine.app("other"));
    read(&mortal, 5);
    read(&other, 1);
    mortal.exit_and_restart(0);
    mortal.allow_rw(DRIVER_NUM, BUFFER, b".....");
    assert_eq!(console.deliver(mortal.process_id(), b"ab"), 0);
    assert_eq!(was_read(&mortal), None);
    assert_eq!(mortal.buffer(DRIVER_NUM, BUFFER), b".....");
    assert_eq!(console.deliver(other.process_id(), b"c"), 1);
    assert_eq!(was_read(&other), Some((0, 1)));
}

#[test]
fn a_read_goes_on_in_the_buffer_that_the_app_shares_now() {
    let (machine, console) = machine();
    let app = machine.app("tester");
    read(&app, 4);
    console.deliver(app.process_id(), b"ab");
    app.allow_rw(DRIVER_NUM, BUFFER, b"......");
    assert_eq!(console.deliver(app.process_id(), b"cdef"), 2);
    assert_eq!(was_read(&app), Some((0, 4)));
    assert_eq!(app.buffer(DRIVER_NUM, BUFFER), b"..cd..");
}
