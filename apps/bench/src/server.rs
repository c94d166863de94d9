//! The process that is called: it answers each message with the time at which it got it, and as many bytes
//! beside as the message had.

use crate::calls::{
    ALLOW_READ_ONLY, ALLOW_READ_WRITE, COMMAND, IPC, SUBSCRIBE, call, now, wait_for,
};
use crate::measure::{Buffer, MESSAGE_BYTES};

static MESSAGE: Buffer = Buffer::new();
static ANSWER: Buffer = Buffer::new();

pub fn run() {
    call(ALLOW_READ_WRITE, [IPC, 0, MESSAGE.address(), MESSAGE_BYTES]);
    call(SUBSCRIBE, [IPC, 0, 0, 0]);
    call(COMMAND, [IPC, 2, 0, 0]);
    let mut shared = 0;
    loop {
        let [client, length, ..] = wait_for(IPC, 0);
        ANSWER.set_first(now());
        if length != shared {
            call(ALLOW_READ_ONLY, [IPC, 2, ANSWER.address(), length]);
            shared = length;
        }
        call(COMMAND, [IPC, 4, client, 0]);
    }
}
