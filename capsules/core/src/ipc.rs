//! Calls between apps: a client calls a server by its name, with a message, and gets an answer.
//!
//! Messages are copied by the kernel from a buffer that one process shares to a buffer that the other one
//! shares, so no process ever sees another's memory.
//!
//! | command | arguments | result | errors |
//! |---|---|---|---|
//! | 0 | | success: the driver is here | |
//! | 1 | | the server whose name is in read-only buffer 0 (`u64`) | `NODEVICE`: none has that name; `INVAL`: the buffer holds no name; `NOMEM` |
//! | 2 | | makes the caller a server, known by its app's name | `ALREADY`; `INVAL`: the name is empty, or longer than 64 bytes; `NOMEM` |
//! | 3 | server, time-out in ms, at most 2^32 - 1, or 0 | calls: the message is in read-only buffer 1 | `BUSY`: a call is under way; `NODEVICE`: no such server, or it has no room for an upcall; `SIZE`: the message is longer than the server's buffer; `INVAL`: the caller itself; `NOMEM` |
//! | 4 | client, status | answers: the answer is in read-only buffer 2 | `INVAL`: that client waits for no answer |
//! | 5 | | gives up the call that is under way | `ALREADY`: none is; `NOMEM` |
//!
//! | upcall | arguments |
//! |---|---|
//! | 0 | to a server: a message has come: client, length, 0 |
//! | 1 | to a client: its call has ended, with an answer or without: status, length, 0 |
//!
//! | buffer | holds |
//! |---|---|
//! | read-only 0 | the name of a server |
//! | read-only 1 | a client's message |
//! | read-only 2 | a server's answer |
//! | read-write 0 | the message that has come to a server |
//! | read-write 1 | the answer that has come to a client |
//!
//! Any other command is `NOSUPPORT`. A server gets the next message when it has answered the one before; the
//! clients wait in the order that they called, and a message is what its buffer holds when the server gets it. The
//! status of an answer is the server's own, 0 by custom for success; the kernel's are the error codes `NODEVICE` (the
//! server has ended, or has no room for an upcall), `SIZE` (a message or an answer is longer than the buffer for it;
//! as much as there is room for is there) and `CANCEL` (the time is over, or the client has given up).

use core::str;

use kernel::{
    ErrorCode, ProcessId,
    grant::{AllowRoCount, AllowRwCount, Grant, GrantKernelData, UpcallCount},
    process::{self, ProcessEndClient, ProcessTable},
    processbuffer::{ReadableProcessBuffer, WriteableProcessBuffer},
    syscall::{CommandReturn, SyscallDriver},
};

use crate::{
    driver,
    process_deadlines::{ProcessDeadlineClient, ProcessDeadlines},
};

/// The driver's number.
pub const DRIVER_NUM: usize = driver::NUM::Ipc as usize;

/// Numbers of the buffers that apps share to be read.
mod read_only {
    pub const NAME: usize = 0;
    pub const MESSAGE: usize = 1;
    pub const ANSWER: usize = 2;
    pub const COUNT: u8 = 3;
}

/// Numbers of the buffers that apps share to be written.
mod read_write {
    pub const MESSAGE: usize = 0;
    pub const ANSWER: usize = 1;
    pub const COUNT: u8 = 2;
}

/// Numbers of the upcalls.
mod upcall {
    pub const MESSAGE: usize = 0;
    pub const ANSWER: usize = 1;
    pub const COUNT: u8 = 2;
}

/// The longest name of a server in bytes.
const NAME_BYTES: usize = 64;

/// What has become of a client's call.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Call {
    /// There is none.
    #[default]
    None,
    /// It waits in the queue of this server.
    Waiting(ProcessId),
    /// This server has the message.
    Delivered(ProcessId),
}

/// What is kept of each process.
#[derive(Default)]
pub struct App {
    call: Call,
    /// Whether that call can take too long.
    has_deadline: bool,
    /// The client that waits behind this one.
    next: Option<ProcessId>,
    is_server: bool,
    /// Whose message this server has and has not answered, whether that still waits or not.
    serving: Option<ProcessId>,
    /// The clients that wait for this server.
    first: Option<ProcessId>,
    last: Option<ProcessId>,
}

/// What is kept of all processes.
pub type Apps = Grant<
    App,
    UpcallCount<{ upcall::COUNT }>,
    AllowRoCount<{ read_only::COUNT }>,
    AllowRwCount<{ read_write::COUNT }>,
>;

/// The driver.
pub struct Ipc<'a> {
    apps: Apps,
    processes: &'static ProcessTable,
    deadlines: &'a dyn ProcessDeadlines,
}

impl<'a> Ipc<'a> {
    /// The driver. The board makes it the client of `deadlines`, and the one that is told when a process
    /// ends.
    pub fn new(
        apps: Apps,
        processes: &'static ProcessTable,
        deadlines: &'a dyn ProcessDeadlines,
    ) -> Self {
        Self {
            apps,
            processes,
            deadlines,
        }
    }

    /// The server whose name a process has written down.
    fn discover(&self, asker: ProcessId) -> Result<ProcessId, ErrorCode> {
        let mut name = [0; NAME_BYTES];
        let name = self.apps.enter(asker, |_, kernel_data| {
            let buffer = kernel_data.get_readonly_processbuffer(read_only::NAME)?;
            let name = name.get_mut(..buffer.len()).ok_or(ErrorCode::INVAL)?;
            buffer.enter(|bytes| bytes.copy_to_slice(name))?;
            str::from_utf8(name).map_err(|_| ErrorCode::INVAL)
        })??;
        let mut found = None;
        self.apps.each(|id, app, _| {
            if app.is_server && found.is_none() && self.has_name(id, |other| other == name) {
                found = Some(id);
            }
        });
        found.ok_or(ErrorCode::NODEVICE)
    }

    /// Whether a process has a name that `is_so`.
    fn has_name(&self, id: ProcessId, is_so: impl Fn(&str) -> bool) -> bool {
        let has_name = |slot| {
            self.processes
                .with_slot(slot, |process| is_so(process.get_process_name()))
        };
        id.index().and_then(has_name).unwrap_or(false)
    }

    #[inline(never)]
    fn serve(&self, server: ProcessId) -> Result<(), ErrorCode> {
        let can_be_called = self.has_name(server, |name| (1..=NAME_BYTES).contains(&name.len()));
        self.apps.enter(server, |app, _| {
            if app.is_server {
                return Err(ErrorCode::ALREADY);
            }
            if !can_be_called {
                return Err(ErrorCode::INVAL);
            }
            app.is_server = true;
            Ok(())
        })?
    }

    #[inline(always)] // into `command`
    fn call(
        &self,
        client: ProcessId,
        server: ProcessId,
        timeout_ms: usize,
    ) -> Result<(), ErrorCode> {
        let is_delivered = self.apps.enter(client, |app, from| {
            if app.call != Call::None {
                return Err(ErrorCode::BUSY);
            }
            let is_delivered = self.apps.enter_allocated(server, |server_app, to| {
                if !server_app.is_server {
                    return Err(ErrorCode::NODEVICE);
                }
                if server_app.serving.is_none() {
                    send(client, from, to)?;
                    server_app.serving = Some(client);
                    app.call = Call::Delivered(server);
                }
                Ok(app.call != Call::None)
            });
            is_delivered.map_err(|error| match error {
                // The app itself.
                process::Error::AlreadyInUse => ErrorCode::INVAL,
                _ => ErrorCode::NODEVICE,
            })?
        })??;
        if !is_delivered {
            self.enqueue(client, server)?;
        }
        if timeout_ms > 0 {
            self.set_deadline(client, timeout_ms)?;
        }
        Ok(())
    }

    /// Lets a client wait until a server has answered others.
    #[inline(never)]
    fn enqueue(&self, client: ProcessId, server: ProcessId) -> Result<(), ErrorCode> {
        let last = self.apps.enter(server, |app, _| {
            let last = app.last.replace(client);
            if last.is_none() {
                app.first = Some(client);
            }
            last
        })?;
        if let Some(last) = last {
            self.apps.enter(last, |app, _| app.next = Some(client))?;
        }
        self.apps.enter(client, |app, _| {
            app.call = Call::Waiting(server);
            app.next = None;
        })?;
        Ok(())
    }

    #[inline(never)]
    fn set_deadline(&self, client: ProcessId, timeout_ms: usize) -> Result<(), ErrorCode> {
        let timeout_ms = u32::try_from(timeout_ms).unwrap_or(u32::MAX);
        self.apps.enter(client, |app, _| app.has_deadline = true)?;
        if let Some(slot) = client.index() {
            self.deadlines.set(slot, timeout_ms);
        }
        Ok(())
    }

    /// Gives a server the message of the client that waits longest, if one does. Calls whose message can't be
    /// given end.
    fn serve_next(&self, server: ProcessId) {
        while let Some(client) = self.dequeue(server)
            && let Err(error) = self.deliver(server, client)
        {
            self.end_call(client, error);
        }
    }

    /// Takes the client that waits longest out of the queue of a server, which serves nobody then.
    fn dequeue(&self, server: ProcessId) -> Option<ProcessId> {
        let first = self.apps.enter(server, |app, _| {
            app.serving = None;
            app.first
        });
        let client = first.ok()??;
        let next = self.apps.enter(client, |app, _| app.next).ok().flatten();
        let _ = self.apps.enter(server, |app, _| {
            app.first = next;
            if next.is_none() {
                app.last = None;
            }
        });
        Some(client)
    }

    /// Gives a server that serves nobody the message of a client that has waited.
    fn deliver(&self, server: ProcessId, client: ProcessId) -> Result<(), ErrorCode> {
        self.apps.enter(client, |app, from| {
            self.apps.enter(server, |server_app, to| {
                send(client, from, to)?;
                server_app.serving = Some(client);
                Ok::<_, ErrorCode>(())
            })??;
            app.call = Call::Delivered(server);
            Ok(())
        })?
    }

    #[inline(always)] // as `call`
    fn answer(&self, server: ProcessId, client: ProcessId, status: usize) -> Result<(), ErrorCode> {
        let answered = self.apps.enter_allocated(client, |app, to| {
            if app.call != Call::Delivered(server) {
                return Err(ErrorCode::INVAL);
            }
            self.apps.enter(server, |server_app, from| {
                let (copied, is_whole) = copy(from, read_only::ANSWER, to, read_write::ANSWER)?;
                let status = if is_whole {
                    status
                } else {
                    ErrorCode::SIZE.into()
                };
                // A client that has left no room for upcalls has asked for it.
                let _ = to.schedule_upcall(upcall::ANSWER, (status, copied, 0));
                server_app.serving = None;
                app.call = Call::None;
                if app.has_deadline {
                    app.has_deadline = false;
                    self.clear_deadline(client);
                }
                Ok(server_app.first.is_some())
            })?
        });
        match answered.unwrap_or(Err(ErrorCode::INVAL)) {
            Ok(others_wait) => {
                if others_wait {
                    self.serve_next(server);
                }
                Ok(())
            }
            Err(error) => {
                self.go_on_without(client, server);
                Err(error)
            }
        }
    }

    /// Lets a server go on if it has the message of a client that has gone or given up.
    #[cold]
    fn go_on_without(&self, client: ProcessId, server: ProcessId) {
        let waits = self
            .apps
            .enter_allocated(client, |app, _| app.call == Call::Delivered(server));
        let serving = self.apps.enter(server, |app, _| app.serving);
        if waits != Ok(true) && serving == Ok(Some(client)) {
            self.serve_next(server);
        }
    }

    /// Ends the call of a client without an answer.
    fn end_call(&self, client: ProcessId, error: ErrorCode) {
        let _ = self.apps.enter(client, |app, kernel_data| {
            app.call = Call::None;
            app.has_deadline = false;
            let _ = kernel_data.schedule_upcall(upcall::ANSWER, (error.into(), 0, 0));
        });
        self.clear_deadline(client);
    }

    #[inline(never)]
    fn clear_deadline(&self, client: ProcessId) {
        if let Some(slot) = client.index() {
            self.deadlines.clear(slot);
        }
    }

    /// Ends the call of a client that waits no longer, and takes it out of the server's queue.
    #[inline(never)]
    fn give_up(&self, client: ProcessId, status: ErrorCode) -> Result<(), ErrorCode> {
        let (call, next) = self.apps.enter(client, |app, _| (app.call, app.next))?;
        match call {
            Call::None => return Err(ErrorCode::ALREADY),
            Call::Waiting(server) => self.unlink(server, client, next),
            // The server answers it in vain, and goes on.
            Call::Delivered(_) => {}
        }
        self.end_call(client, status);
        Ok(())
    }

    /// Takes a client out of a server's queue: a walk through the queue, which happens only when a client
    /// ends or gives up.
    fn unlink(&self, server: ProcessId, client: ProcessId, next: Option<ProcessId>) {
        let first = self.apps.enter(server, |app, _| app.first).ok().flatten();
        let mut before = None;
        let mut here = first;
        while let Some(waiting) = here.filter(|waiting| *waiting != client) {
            before = here;
            here = self.apps.enter(waiting, |app, _| app.next).ok().flatten();
        }
        if let Some(before) = before {
            let _ = self.apps.enter(before, |app, _| app.next = next);
        }
        let _ = self.apps.enter(server, |app, _| {
            if app.first == Some(client) {
                app.first = next;
            }
            if app.last == Some(client) {
                app.last = before;
            }
        });
    }
}

/// The commands that no message needs: by themselves, so that the others have the registers.
impl Ipc<'_> {
    #[inline(never)]
    fn other_command(&self, command_num: usize, process_id: ProcessId) -> CommandReturn {
        match command_num {
            0 => Ok(()),
            1 => {
                return match self.discover(process_id) {
                    Ok(server) => CommandReturn::success_u64(server.token() as u64),
                    Err(error) => CommandReturn::failure(error),
                };
            }
            2 => self.serve(process_id),
            5 => self.give_up(process_id, ErrorCode::CANCEL),
            _ => Err(ErrorCode::NOSUPPORT),
        }
        .into()
    }
}

/// Names of apps in words of 32 bits: what is left of a token there, which is all of it for the first million runs of
/// apps since the machine started.
impl Ipc<'_> {
    /// Carries out a command that has failed for whom `short` is short for, if it is for anybody. One who answers means
    /// the client whose message it has, whether that still waits or not.
    #[cold]
    #[inline(never)]
    fn by_short_name(
        &self,
        command_num: usize,
        short: ProcessId,
        r3: usize,
        process_id: ProcessId,
        error: ErrorCode,
    ) -> CommandReturn {
        let meant = match command_num {
            3 => self
                .processes
                .with_slot(short.slot(), |process| process.processid()),
            _ => (self.apps.enter_allocated(process_id, |app, _| app.serving)).unwrap_or(None),
        };
        let is_short = |id: &ProcessId| id.token() as u32 as usize == short.token();
        match meant.filter(|id| *id != short && is_short(id)) {
            Some(id) => self.command(command_num, id.token(), r3, process_id),
            None => CommandReturn::failure(error),
        }
    }
}

/// Copies a client's message to a server and tells the server.
#[inline(always)] // as `copy`
fn send(client: ProcessId, from: &GrantKernelData, to: &GrantKernelData) -> Result<(), ErrorCode> {
    let (copied, is_whole) = copy(from, read_only::MESSAGE, to, read_write::MESSAGE)?;
    if !is_whole {
        return Err(ErrorCode::SIZE);
    }
    let values = (client.token(), copied, 0);
    to.schedule_upcall(upcall::MESSAGE, values)
        .map_err(|_| ErrorCode::NODEVICE)
}

/// Copies a buffer of one process to a buffer of another. Returns how many bytes there was room for, and
/// whether that was all.
#[inline(always)] // where the numbers of the buffers and of those of the grant are known
fn copy(
    from: &GrantKernelData,
    source: usize,
    to: &GrantKernelData,
    destination: usize,
) -> Result<(usize, bool), ErrorCode> {
    let source = from.get_readonly_processbuffer(source)?;
    let destination = to.get_readwrite_processbuffer(destination)?;
    let copied = source.enter(|source| {
        destination.mut_enter(|destination| {
            let copied = destination.copy_from(source);
            (copied, copied == source.len())
        })
    });
    Ok(copied??)
}

impl SyscallDriver for Ipc<'_> {
    fn command(
        &self,
        command_num: usize,
        r2: usize,
        r3: usize,
        process_id: ProcessId,
    ) -> CommandReturn {
        let other = ProcessId::from_token(r2);
        let result = match command_num {
            3 => self.call(process_id, other, r3),
            4 => self.answer(process_id, other, r3),
            _ => return self.other_command(command_num, process_id),
        };
        match result {
            Ok(()) => CommandReturn::success(),
            Err(error) => self.by_short_name(command_num, other, r3, process_id, error),
        }
    }

    fn allocate_grant(&self, process_id: ProcessId) -> Result<(), process::Error> {
        self.apps.enter(process_id, |_, _| ())
    }
}

impl ProcessDeadlineClient for Ipc<'_> {
    fn deadline(&self, slot: usize) {
        let id = self
            .processes
            .with_slot(slot, |process| process.processid());
        if let Some(client) = id {
            let _ = self.give_up(client, ErrorCode::CANCEL);
        }
    }
}

impl ProcessEndClient for Ipc<'_> {
    fn process_ended(&self, process_id: ProcessId) {
        let _ = self.give_up(process_id, ErrorCode::CANCEL);
        // Whoever waits for it would wait for ever.
        for grant in self.apps.iter() {
            let client = grant.processid();
            let waits = grant.try_enter(|app, _| {
                [Call::Waiting(process_id), Call::Delivered(process_id)].contains(&app.call)
            });
            if waits == Some(true) {
                self.end_call(client, ErrorCode::NODEVICE);
            }
        }
    }
}
