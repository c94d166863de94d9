//! Does one thing without end, so that whoever removes it does so in the middle of that: what its process is named
//! after.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

use capsa::ipc::{self, Server};
use capsa::{Result, alarm, console, println, process};

capsa::app!(main, stack_bytes = 8192);

/// More than the terminal takes at a time.
const TEXT_BYTES: usize = 4000;

/// How long an answer takes.
const ANSWER_MS: u32 = 50;

fn main() {
    let (_, act) = process::name().split_once('.').unwrap_or_default();
    let done = match act {
        "write" => write(),
        "sleep" => sleep(),
        "serve" => serve(),
        _ => call(),
    };
    println!("{}: {done:?}", process::name());
}

fn write() -> Result {
    let mut text = [b'.'; TEXT_BYTES];
    text[TEXT_BYTES - 1] = b'\n';
    loop {
        console::write(&text)?;
    }
}

fn sleep() -> Result {
    loop {
        alarm::sleep_ms(1);
    }
}

fn serve() -> Result {
    ipc::serve::<1, 1>(|_, _| {
        alarm::sleep_ms(ANSWER_MS);
        Ok(0)
    })
}

/// Calls `endless.serve`, whenever that is there.
fn call() -> Result {
    let name = process::name();
    loop {
        if let Ok(server) = Server::find("endless.serve") {
            println!("{name}: calls");
            let answer = server.call(b"?", &mut [0], 0).map(|_| "answered");
            println!("{name}: {answer:?}");
        }
        alarm::sleep_ms(1);
    }
}
