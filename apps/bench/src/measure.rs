//! What is measured.

use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

use capsa::println;

use crate::calls::{
    ALARM, ALLOW_READ_ONLY, ALLOW_READ_WRITE, COMMAND, CONSOLE, IPC, MEMOP, PROBE, SUBSCRIBE,
    asleep_ns, call, now, wait, wait_for, yield_now,
};

/// How often each call is made.
const ROUNDS: u64 = 10_000;
/// How often what takes longer is done.
const FEW_ROUNDS: u64 = 200;
/// The longest message.
pub const MESSAGE_BYTES: usize = 4096;

/// Memory to share, in words.
pub struct Buffer([AtomicU64; MESSAGE_BYTES / 8]);

impl Buffer {
    pub const fn new() -> Self {
        Self([const { AtomicU64::new(0) }; MESSAGE_BYTES / 8])
    }

    pub fn address(&self) -> usize {
        (&raw const self.0).expose_provenance()
    }

    pub fn first(&self) -> u64 {
        self.0[0].load(Relaxed)
    }

    #[inline(always)] // not a part of what is measured
    pub fn set_first(&self, word: u64) {
        self.0[0].store(word, Relaxed);
    }
}

static MESSAGE: Buffer = Buffer::new();
static ANSWER: Buffer = Buffer::new();

fn print(name: &str, value: u64) {
    println!("figure {name} {value}");
}

/// The mean time of a round without the time asleep.
fn mean(rounds: u64, mut round: impl FnMut()) -> u64 {
    round();
    let (start, asleep) = (now(), asleep_ns());
    (0..rounds).for_each(|_| round());
    let (asleep, end) = (asleep_ns() - asleep, now());
    (end - start - asleep) / rounds
}

pub fn all() {
    single_calls();
    upcalls();
    messages();
    let [_, bytes] = call(COMMAND, [PROBE, 3, 0, 0]);
    print("process_fixed_bytes", bytes as u64);
    call(COMMAND, [PROBE, 2, 0, 0]);
}

pub fn in_a_crowd() {
    print("command_existing_1000", command_existing());
    call(COMMAND, [PROBE, 2, 0, 0]);
}

fn command_existing() -> u64 {
    mean(ROUNDS, || {
        call(COMMAND, [CONSOLE, 0, 0, 0]);
    })
}

fn single_calls() {
    let address = MESSAGE.address();
    print("command_existing", command_existing());
    let calls: [(&str, usize, [usize; 4]); 5] = [
        ("command_missing", COMMAND, [0x7777, 0, 0, 0]),
        ("subscribe", SUBSCRIBE, [ALARM, 0, 0, 0]),
        ("allow_ro", ALLOW_READ_ONLY, [CONSOLE, 1, address, 64]),
        ("allow_rw", ALLOW_READ_WRITE, [CONSOLE, 1, address, 64]),
        ("memop", MEMOP, [2, 0, 0, 0]),
    ];
    for (name, class, arguments) in calls {
        print(
            name,
            mean(ROUNDS, || {
                call(class, arguments);
            }),
        );
    }
    print(
        "yield_no_wait",
        mean(ROUNDS, || {
            yield_now(0, 0, 0);
        }),
    );
}

fn upcalls() {
    call(SUBSCRIBE, [CONSOLE, 1, print as fn(&str, u64) as usize, 0]);
    // A write of nothing ends at once: its upcall waits when the command returns.
    let mut total = 0;
    for _ in 0..ROUNDS {
        call(COMMAND, [CONSOLE, 1, 0, 0]);
        let start = now();
        wait();
        total += now() - start;
    }
    print("upcall", total / ROUNDS);
    call(SUBSCRIBE, [CONSOLE, 1, 0, 0]);

    call(SUBSCRIBE, [ALARM, 0, 0, 0]);
    print(
        "alarm_upcall",
        mean(FEW_ROUNDS, || {
            call(COMMAND, [ALARM, 5, 100, 0]);
            wait_for(ALARM, 0);
        }),
    );

    // Blanks and a line break, so that they are written at once.
    static LINE: [u8; 64] = {
        let mut line = [b' '; 64];
        line[63] = b'\n';
        line
    };
    for (name, length) in [("console_write_1", 1), ("console_write_64", 64)] {
        let text = &LINE[LINE.len() - length..];
        let address = text.as_ptr().expose_provenance();
        call(ALLOW_READ_ONLY, [CONSOLE, 1, address, length]);
        print(
            name,
            mean(FEW_ROUNDS, || {
                call(COMMAND, [CONSOLE, 1, length, 0]);
                wait_for(CONSOLE, 1);
            }),
        );
    }
}

fn messages() {
    static NAME: &str = "bench.server";
    let name = NAME.as_ptr().expose_provenance();
    call(ALLOW_READ_ONLY, [IPC, 0, name, NAME.len()]);
    let [variant, server] = call(COMMAND, [IPC, 1, 0, 0]);
    if variant < 128 {
        println!("bench.client: there is no bench.server");
        return;
    }
    call(SUBSCRIBE, [IPC, 1, 0, 0]);
    call(ALLOW_READ_WRITE, [IPC, 1, ANSWER.address(), MESSAGE_BYTES]);
    for (name, length) in [
        ("ipc_round_trip", 8),
        ("ipc_round_trip_4096", MESSAGE_BYTES),
    ] {
        call(ALLOW_READ_ONLY, [IPC, 1, MESSAGE.address(), length]);
        print(
            name,
            mean(ROUNDS, || {
                call(COMMAND, [IPC, 3, server, 0]);
                wait_for(IPC, 1);
            }),
        );
    }
    call(ALLOW_READ_ONLY, [IPC, 1, MESSAGE.address(), 8]);
    let mut total = 0;
    for _ in 0..ROUNDS {
        call(COMMAND, [IPC, 3, server, 0]);
        let start = now();
        wait_for(IPC, 1);
        total += ANSWER.first() - start;
    }
    print("process_switch", total / ROUNDS);
}
