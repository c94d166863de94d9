//! Asks the calculator, prints what it answers, and ends.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

use core::str;

use capsa::ipc::Server;
use capsa::{ErrorCode, Result, alarm, println, process};

capsa::app!(main);

const SERVER: &str = "calculator";

/// How often to look for the server, which may start later than this app, and how long to wait between.
const LOOKS: usize = 100;
const LOOK_INTERVAL_MS: u32 = 10;

/// The longest that an answer may take.
const TIMEOUT_MS: u32 = 1000;

const SUMS: [&str; 3] = ["6 * 7", "1000000 - 1", "1 / 0"];

fn main() {
    let name = process::name();
    let Ok(server) = find() else {
        println!("{name}: there is no {SERVER}");
        process::exit(1);
    };
    for sum in SUMS {
        let mut place = [0; 20];
        match ask(server, sum, &mut place) {
            Ok(answer) => println!("{name}: {sum} = {answer}"),
            Err(error) => println!("{name}: {sum}: {error}"),
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

fn ask<'a>(server: Server, sum: &str, place: &'a mut [u8]) -> Result<&'a str> {
    let answer = server.call(sum.as_bytes(), place, TIMEOUT_MS)?;
    str::from_utf8(answer).map_err(|_| ErrorCode::INVAL)
}

#[cfg(test)]
mod tests {
    use capsa::fake::Kernel;

    #[test]
    fn without_a_server_it_gives_up() {
        let kernel = Kernel::new();
        assert_eq!(kernel.run(super::main), 1);
        assert_eq!(kernel.console(), "app: there is no calculator\n");
        assert_eq!(kernel.now_ms(), 1000);
    }
}
