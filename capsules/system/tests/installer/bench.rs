//! A machine with an installer on its serial port, and the other end of the line.

use std::{
    cell::RefCell,
    io::{self, ErrorKind, Read, Write},
};

use capsules_core::{AlarmMux, Clock, SerialBytes};
use capsules_system::installer;
use chip_fake as fake;
use install_line::{FRAME_BYTES, Frames, Host, Message, encode};
use kernel::{
    capabilities::ProcessStartCapability,
    collections::DeadlineNode,
    create_capability,
    hil::{
        time::Alarm as _,
        uart::{Receive as _, Transmit as _},
    },
    process::ProcessTable,
    utilities::cells::OptionalCell,
};

/// All that an install may change: the processes, the bytes that they have not, and how many are in one piece.
pub type State = (Vec<String>, usize, usize);

/// The machine.
pub struct Bench {
    pub machine: fake::Machine,
    pub port: &'static fake::Uart,
    alarm: &'static fake::Alarm,
    /// What came down the line to the machine.
    said: RefCell<Vec<u8>>,
}

impl Bench {
    pub fn new() -> Self {
        Self::with_room_for(8, 64)
    }

    /// A machine with so many places for processes, and pages of memory for them.
    pub fn with_room_for(processes: usize, pages: usize) -> Self {
        let machine = fake::Machine::with_room_for(processes, pages);
        let (port, alarm) = (fake::Uart::new(), fake::Alarm::new());
        let buffers = (fake::leak([0; 16]), fake::leak([0; 64]));
        let line = &*fake::leak(SerialBytes::new(port, buffers.0, buffers.1));
        port.set_receive_client(line);
        port.set_transmit_client(line);
        let right = &*fake::leak(create_capability!(ProcessStartCapability));
        let run = installer::run(line, clock(alarm), machine.processes(), right);
        machine.task("installer", run);
        machine.run();
        Self {
            machine,
            port,
            alarm,
            said: RefCell::default(),
        }
    }

    /// A host at the other end of the line.
    pub fn host(&self) -> Host<Line<'_>> {
        Host::new(Line {
            bench: self,
            heard: Vec::new(),
        })
    }

    /// Sends bytes down the line, and waits until nothing more happens.
    pub fn send(&self, bytes: &[u8]) {
        self.said.borrow_mut().extend(bytes);
        self.port.receive(bytes);
        self.machine.run();
    }

    /// Says a message, and returns what the machine says, each message with its session.
    pub fn say(&self, session: u32, message: Message<'_>) -> Vec<(u32, String)> {
        self.answers();
        let mut room = [0; FRAME_BYTES];
        self.send(encode(session, &message, &mut room).unwrap());
        self.answers()
    }

    /// What the machine has said since this was asked last.
    pub fn answers(&self) -> Vec<(u32, String)> {
        let mut frames = Frames::new();
        let mut answers = Vec::new();
        for byte in self.port.take_sent() {
            if frames.push(byte) {
                let (session, message) = frames.take().expect("the machine makes good frames");
                answers.push((session, format!("{message:?}")));
            }
        }
        answers
    }

    /// What hosts have said since this was asked last.
    pub fn take_said(&self) -> Vec<u8> {
        self.said.take()
    }

    /// Lets `ms` milliseconds pass.
    pub fn waits(&self, ms: u32) {
        self.machine.advance_ms(self.alarm, ms.into());
    }

    /// What is there.
    pub fn state(&self) -> State {
        let table = self.processes();
        let mut processes = Vec::new();
        table.each(|process| {
            let (id, name) = (process.processid(), process.get_process_name());
            processes.push(format!("{name} {id:?}"));
        });
        let pool = table.pool();
        (processes, pool.free_bytes(), pool.largest_bytes())
    }

    /// The app in the first place of the process table, which was loaded last.
    pub fn app(&self) -> fake::App<'_> {
        let id = self.processes().with_slot(0, |process| process.processid());
        self.machine.loaded(id.expect("there is an app"))
    }

    pub fn processes(&self) -> &'static ProcessTable {
        self.machine.processes()
    }

    /// Installs an app and removes it again.
    #[track_caller]
    pub fn works(&self) {
        let image = tbf::Image::app(&[0; 8]).kernel_version(2, 0).name("works");
        self.host().install(&image.build()).unwrap();
        self.host().remove("works").unwrap();
    }
}

fn clock(alarm: &'static fake::Alarm) -> &'static Clock<'static> {
    let nodes = fake::leak([const { DeadlineNode::new() }; 1]);
    let clients = fake::leak([const { OptionalCell::empty() }; 1]);
    let mux = &*fake::leak(AlarmMux::new(alarm, nodes, clients));
    alarm.set_alarm_client(mux);
    let alarm = &*fake::leak(mux.alarm().unwrap());
    let clock = &*fake::leak(Clock::new(alarm));
    alarm.set_alarm_client(clock);
    clock
}

/// A host's view of the line. A read gives up as soon as the machine has nothing more to say.
pub struct Line<'b> {
    bench: &'b Bench,
    heard: Vec<u8>,
}

impl Read for Line<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.heard.extend(self.bench.port.take_sent());
        if self.heard.is_empty() {
            return Err(ErrorKind::TimedOut.into());
        }
        let len = room.len().min(self.heard.len());
        room[..len].copy_from_slice(&self.heard[..len]);
        self.heard.drain(..len);
        Ok(len)
    }
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bench.send(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
