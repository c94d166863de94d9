//! Apps come and go while the machine runs.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use install_line::{CRC, FRAME_BYTES, Host, Message, encode};
use qemu::Machine;
use system_tests::{LIMIT, app, expect_line, kernel, run_on_screen, run_on_serial, start};

/// What the app `hello` prints.
const HELLO: &str = "hello: hello, world";

fn host(machine: &Machine) -> Host<UnixStream> {
    Host::connect(&machine.install_socket()).expect("QEMU listens")
}

#[track_caller]
fn image(process: &str) -> Vec<u8> {
    fs::read(app(process)).expect("a TBF")
}

#[track_caller]
fn install(machine: &Machine, process: &str) {
    let said = host(machine).install(&image(process)).unwrap();
    let start = format!("{process} is process ");
    assert!(said.len() == 1 && said[0].starts_with(&start), "{said:?}");
}

#[track_caller]
fn remove(machine: &Machine, process: &str) {
    let said = host(machine).remove(process).unwrap();
    assert!(
        said.len() == 1 && said[0].starts_with("removed "),
        "{said:?}"
    );
}

/// What `mem` and `list` show of apps. It is the screen's shell that shows it: apps print on the other one.
#[track_caller]
fn state(machine: &mut Machine) -> Vec<String> {
    let mut state = run_on_screen(machine, "list");
    let memory = run_on_screen(machine, "mem");
    state.extend(memory.into_iter().filter(|row| row.starts_with("apps ")));
    state
}

/// What a host says at the start of a transfer, up to the middle of a part of the image.
fn torn_transfer(image: &[u8]) -> Vec<u8> {
    let begin = Message::Begin {
        len_bytes: image.len() as u32,
        checksum: CRC.checksum(image),
    };
    let (offset, bytes) = (0, &image[..300]);
    let mut said = Vec::new();
    for message in [begin, Message::Chunk { offset, bytes }] {
        said.extend(encode(1, &message, &mut [0; FRAME_BYTES]).unwrap());
    }
    said.truncate(said.len() - 100);
    said
}

#[test]
fn an_app_is_installed_into_a_machine_that_started_without_one() {
    let mut machine = start(kernel());
    let before = state(&mut machine);
    machine.send(b"echo half");
    machine.expect("echo half", LIMIT);
    install(&machine, "hello");
    machine.expect(&format!("{HELLO}\r\n"), LIMIT);
    machine.send(b" a line\n");
    machine.expect("\r\nhalf a line\r\n", LIMIT);
    let list = host(&machine).list().unwrap();
    assert!(list.len() == 2 && list[1].contains(" hello "), "{list:?}");
    assert!(run_on_serial(&mut machine, "list")[1].contains(" hello "));
    remove(&machine, "hello");
    assert_eq!(state(&mut machine), before);
    let refusal = host(&machine).remove("hello");
    assert_eq!(refusal, Err("no app has this name".into()));
}

#[test]
fn an_app_can_be_installed_while_the_machine_starts() {
    let mut machine = Machine::boot(kernel());
    install(&machine, "hello");
    machine.expect(HELLO, LIMIT);
}

#[test]
fn a_torn_transfer_leaves_nothing_behind_and_the_next_one_works_at_once() {
    let mut machine = start(kernel());
    let before = state(&mut machine);
    for _ in 0..10 {
        let mut line = UnixStream::connect(machine.install_socket()).unwrap();
        line.write_all(&torn_transfer(&image("primes"))).unwrap();
        drop(line);
        install(&machine, "hello");
        machine.expect(HELLO, LIMIT);
        remove(&machine, "hello");
    }
    assert_eq!(state(&mut machine), before);
}

#[test]
fn what_is_refused_changes_nothing() {
    let mut machine = start(kernel());
    let before = state(&mut machine);
    let good = image("hello");
    let mut malformed = good.clone();
    malformed[20] ^= 1;
    let too_large = vec![0; 100 << 20];
    for (image, reason) in [
        (&malformed[..], "checksum"),
        (&good[1..], "version"),
        (&too_large, "bytes of memory, and"),
    ] {
        let refusal = host(&machine).install(image).unwrap_err();
        assert!(refusal.contains(reason), "{refusal}");
    }
    assert_eq!(state(&mut machine), before);
    install(&machine, "hello");
    machine.expect(HELLO, LIMIT);
}

#[test]
fn noise_on_the_line_disturbs_nobody() {
    let mut machine = start(kernel());
    let before = state(&mut machine);
    let mut number = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (number >> 24) as u8
    })
    .take(100_000)
    .collect();
    let mut line = UnixStream::connect(machine.install_socket()).unwrap();
    line.set_write_timeout(Some(LIMIT)).unwrap();
    line.write_all(&noise).unwrap();
    drop(line);
    assert_eq!(state(&mut machine), before);
    install(&machine, "hello");
    machine.expect(HELLO, LIMIT);
}

#[test]
fn a_second_host_has_its_turn_when_the_first_one_has_gone() {
    let machine = Machine::boot(kernel());
    let mut first = host(&machine);
    assert_eq!(first.list().unwrap().len(), 1);
    let mut second = host(&machine);
    let second = thread::spawn(move || second.install(&image("hello")));
    first.install(&image("hello")).unwrap();
    first.remove("hello").unwrap();
    drop(first);
    second.join().unwrap().unwrap();
}

#[test]
fn two_hundred_installs_and_removals_lose_nothing() {
    const ROUNDS: usize = 200;
    const ROUNDS_LIMIT: Duration = Duration::from_secs(30);
    let mut machine = start(kernel());
    let before = state(&mut machine);
    let image = image("hello");
    let mut host = host(&machine);
    let start = Instant::now();
    for _ in 0..ROUNDS {
        host.install(&image).unwrap();
        machine.expect(HELLO, LIMIT);
        host.remove("hello").unwrap();
    }
    let time = start.elapsed();
    assert!(time < ROUNDS_LIMIT, "{time:?}");
    assert_eq!(state(&mut machine), before);
}

#[test]
fn an_app_is_removed_in_the_middle_of_a_write_or_of_waiting_for_time() {
    let mut machine = start(kernel());
    let before = state(&mut machine);
    for process in ["endless.write", "endless.sleep"] {
        for round in 0..5 {
            install(&machine, process);
            match process {
                "endless.write" => machine.expect("......", LIMIT),
                _ => String::new(),
            };
            let text = format!("round {round}");
            assert_eq!(run_on_screen(&mut machine, &format!("echo {text}")), [text]);
            remove(&machine, process);
        }
    }
    assert_eq!(state(&mut machine), before);
    machine.send(b"echo still here\n");
    machine.expect("\r\nstill here\r\n", LIMIT);
    install(&machine, "hello");
    machine.expect(HELLO, LIMIT);
}

#[test]
fn an_app_is_removed_in_the_middle_of_a_call() {
    const CALLS: &str = "endless.call: calls";
    const ANSWERED: &str = "endless.call: Ok(\"answered\")";
    let mut machine = start(kernel());
    let before = state(&mut machine);
    install(&machine, "endless.serve");
    for _ in 0..5 {
        // The server answers to one that has gone, and then to the next.
        install(&machine, "endless.call");
        machine.expect(ANSWERED, LIMIT);
        machine.expect(CALLS, LIMIT);
        remove(&machine, "endless.call");
    }
    install(&machine, "endless.call");
    for _ in 0..5 {
        machine.expect(CALLS, LIMIT);
        remove(&machine, "endless.serve");
        machine.expect("endless.call: Err(NODEVICE)", LIMIT);
        install(&machine, "endless.serve");
        machine.expect(ANSWERED, LIMIT);
    }
    remove(&machine, "endless.call");
    remove(&machine, "endless.serve");
    assert_eq!(state(&mut machine), before);
    machine.type_keys("echo still here");
    expect_line(&mut machine, "echo still here");
}

/// `cargo xtask run`, ended when this goes away.
struct Run(Child);

impl Drop for Run {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn xtask(words: &[&str]) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["--quiet", "xtask"]).args(words);
    cargo.env("APPS", "none").env("SCREEN", "none");
    cargo
}

#[test]
fn cargo_xtask_installs_lists_and_removes_an_app_of_a_machine_that_it_runs() {
    let run = xtask(&["run"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut run = Run(run.expect("cargo runs"));
    let mut terminal = BufReader::new(run.0.stdout.take().unwrap());
    let mut greeting = String::new();
    terminal.read_line(&mut greeting).unwrap();
    // A person may be running another machine meanwhile.
    let number = run.0.id().to_string();
    let say = |words: &[&str]| {
        let output = xtask(words).env("MACHINE", &number).output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.code(), text)
    };
    let (status, said) = say(&["install", "hello"]);
    let expected = "hello is process 1, with 8192 bytes of RAM\n";
    assert_eq!((status, &*said), (Some(0), expected));
    let (status, said) = say(&["list"]);
    assert!(status == Some(0) && said.contains("   1 hello "), "{said}");
    let (status, said) = say(&["install", "hullo"]);
    assert!(
        status == Some(1) && said.contains("no app 'hullo'"),
        "{said}"
    );
    let expected = "removed process 1\n";
    assert_eq!(say(&["uninstall", "hello"]), (Some(0), expected.into()));
    let (status, said) = say(&["uninstall", "hello"]);
    assert!(
        status == Some(1) && said.contains("hello is not removed: "),
        "{said}"
    );

    run.0
        .stdin
        .take()
        .unwrap()
        .write_all(b"shutdown\n")
        .unwrap();
    assert!(run.0.wait().unwrap().success());
    let (status, said) = say(&["list"]);
    assert!(status == Some(1) && said.contains(&number), "{said}");
}

#[test]
fn without_a_second_serial_line_the_machine_works_and_the_log_says_so() {
    let mut machine = start(kernel().without_install_line());
    let log = run_on_serial(&mut machine, "log");
    let said = log
        .iter()
        .filter(|line| line.contains("no second serial port"));
    assert_eq!(said.count(), 1, "{log:?}");
    assert_eq!(
        run_on_serial(&mut machine, "echo still here"),
        ["still here"]
    );
}
