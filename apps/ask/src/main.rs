//! Asks the calculator: first a sum of its own, then those that a person types. `run ask` on the serial line's shell
//! lends it that line.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

use core::str;

use capsa::ipc::Server;
use capsa::{ErrorCode, Result, alarm, console, print, println, process};

capsa::app!(main, stack_bytes = 4096);

const SERVER: &str = "calculator";

/// How often to look for the server, which may start later than this app, and how long to wait between.
const LOOKS: usize = 100;
const LOOK_INTERVAL_MS: u32 = 10;

/// The longest that an answer may take.
const TIMEOUT_MS: u32 = 1000;

const SUM: &str = "6 * 7";

/// Room for the longest line that a shell lets a person type, and its end.
const LINE_BYTES: usize = 256 + 1;

fn main() {
    let name = process::name();
    let Ok(server) = find() else {
        println!("{name}: there is no {SERVER}");
        process::exit(1);
    };
    print!("{name}: ");
    ask(server, SUM);
    println!("{name}: `run {name}` asks for you; an empty line ends");
    loop {
        let mut line = [0; LINE_BYTES];
        match console::read_line(&mut line) {
            Ok([]) => return,
            Ok(line) => ask(server, str::from_utf8(line).unwrap_or("?").trim()),
            Err(error) => {
                println!("{name}: cannot read: {error}");
                process::exit(1);
            }
        }
    }
}

fn find() -> Result<Server> {
    for _ in 0..LOOKS {
        match Server::find(SERVER) {
            Err(ErrorCode::NODEVICE) => alarm::sleep_ms(LOOK_INTERVAL_MS),
            result => return result,
        }
    }
    Err(ErrorCode::NODEVICE)
}

/// Asks, and prints what comes of it.
fn ask(server: Server, sum: &str) {
    let mut place = [0; 20];
    let answer = server.call(sum.as_bytes(), &mut place, TIMEOUT_MS);
    match answer.map(|answer| str::from_utf8(answer).unwrap_or("?")) {
        Ok(answer) => println!("{sum} = {answer}"),
        Err(ErrorCode::INVAL) => println!("{sum}: this is no sum that has a result"),
        Err(ErrorCode::SIZE) => println!("{sum}: a number has too many digits"),
        Err(error) => println!("{sum}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use capsa::fake::Kernel;

    #[test]
    fn sums_are_asked_until_an_empty_line() {
        let kernel = Kernel::new();
        kernel.add_server(SERVER, |sum| match sum {
            b"6 * 7" => Ok(b"42".into()),
            b"1+1" => Ok(b"2".into()),
            _ => Err(ErrorCode::INVAL),
        });
        kernel.type_text("1+1\nxyz\n\n1+1\n");
        assert_eq!(kernel.run(main), 0);
        assert_eq!(
            kernel.console(),
            "app: 6 * 7 = 42\napp: `run app` asks for you; an empty line ends\n1+1 = 2\n\
             xyz: this is no sum that has a result\n"
        );
    }

    #[test]
    fn without_a_server_it_gives_up() {
        let kernel = Kernel::new();
        assert_eq!(kernel.run(main), 1);
        assert_eq!(kernel.console(), "app: there is no calculator\n");
        assert!(kernel.now_ms() >= 1000, "it does not give up at once");
    }
}
