//! Pins behind a bus.

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::{
        gpio::{
            Client as PinClient, Configure, FloatingState, Input, Interrupt, InterruptEdge, Output,
        },
        gpio_async::{Client, Port},
    },
    utilities::cells::OptionalCell,
};

use crate::{
    Pin,
    faults::{Operation, faults},
    leak, place,
};

/// A port with pins that the test drives or looks at. What is asked for is done when its callback comes. Callbacks
/// bring no errors, so none fails. What is held is the end of operations; changes of inputs are held at the [`Pin`].
pub struct AsyncPort {
    identifier: usize,
    pins: Vec<&'static Pin>,
    operation: Operation<(&'static Pin, Request)>,
    client: OptionalCell<&'static dyn Client>,
}

enum Request {
    Disable,
    MakeOutput,
    MakeInput(FloatingState),
    Read,
    Toggle,
    Set,
    Clear,
    EnableInterrupt(InterruptEdge),
    DisableInterrupt,
}

impl Request {
    /// Whether the pin is used as this asks for.
    fn suits(&self, pin: &Pin) -> bool {
        match self {
            Self::Toggle | Self::Set | Self::Clear => pin.is_output(),
            Self::Read | Self::EnableInterrupt(_) => pin.is_input(),
            Self::Disable | Self::MakeOutput | Self::MakeInput(_) | Self::DisableInterrupt => true,
        }
    }

    /// Does it, and returns the level if that was asked for.
    fn apply(self, pin: &Pin) -> usize {
        match self {
            Self::Disable => pin.deactivate_to_low_power(),
            Self::MakeOutput => drop(pin.make_output()),
            Self::MakeInput(mode) => {
                pin.set_floating_state(mode);
                pin.make_input();
            }
            Self::Read => return pin.read().into(),
            Self::Toggle => drop(pin.toggle()),
            Self::Set => pin.set(),
            Self::Clear => pin.clear(),
            Self::EnableInterrupt(mode) => pin.enable_interrupts(mode),
            Self::DisableInterrupt => pin.disable_interrupts(),
        }
        0
    }
}

/// Tells a port which of its pins changed.
struct Line {
    port: &'static AsyncPort,
    pin: usize,
}

impl PinClient for Line {
    fn fired(&self) {
        let Self { port, pin } = self;
        port.client
            .map(|client| client.fired(*pin, port.identifier));
    }
}

impl AsyncPort {
    /// The port number `identifier`, with `pins` pins that are used as nothing.
    pub fn new(identifier: usize, pins: usize) -> &'static Self {
        let port = place(Self {
            identifier,
            pins: (0..pins).map(|_| Pin::new()).collect(),
            operation: Operation::new(),
            client: OptionalCell::empty(),
        });
        for (number, pin) in port.pins.iter().enumerate() {
            pin.set_client(leak(Line { port, pin: number }));
        }
        port
    }

    /// Says who hears of changes, and that operations end.
    pub fn set_client(&self, client: &'static dyn Client) {
        self.client.set(client);
    }

    /// What is at a pin.
    pub fn pin(&self, pin: usize) -> &'static Pin {
        self.pins[pin]
    }

    fn request(&self, pin: usize, request: Request) -> Result<(), ErrorCode> {
        self.operation.admit()?;
        let pin = *self.pins.get(pin).ok_or(ErrorCode::INVAL)?;
        if !request.suits(pin) {
            return Err(ErrorCode::NOSUPPORT);
        }
        self.operation.start((pin, request));
        Ok(())
    }
}

faults!(AsyncPort, refusal ErrorCode);

/// A pin that is no output cannot be set, cleared or toggled, one that is no input cannot be read or waited for:
/// `NOSUPPORT`.
impl Port for AsyncPort {
    fn disable(&self, pin: usize) -> Result<(), ErrorCode> {
        self.request(pin, Request::Disable)
    }

    fn make_output(&self, pin: usize) -> Result<(), ErrorCode> {
        self.request(pin, Request::MakeOutput)
    }

    fn make_input(&self, pin: usize, mode: FloatingState) -> Result<(), ErrorCode> {
        self.request(pin, Request::MakeInput(mode))
    }

    fn read(&self, pin: usize) -> Result<(), ErrorCode> {
        self.request(pin, Request::Read)
    }

    fn toggle(&self, pin: usize) -> Result<(), ErrorCode> {
        self.request(pin, Request::Toggle)
    }

    fn set(&self, pin: usize) -> Result<(), ErrorCode> {
        self.request(pin, Request::Set)
    }

    fn clear(&self, pin: usize) -> Result<(), ErrorCode> {
        self.request(pin, Request::Clear)
    }

    fn enable_interrupt(&self, pin: usize, mode: InterruptEdge) -> Result<(), ErrorCode> {
        self.request(pin, Request::EnableInterrupt(mode))
    }

    fn disable_interrupt(&self, pin: usize) -> Result<(), ErrorCode> {
        self.request(pin, Request::DisableInterrupt)
    }

    fn is_pending(&self, pin: usize) -> bool {
        self.pins.get(pin).is_some_and(|pin| pin.is_pending())
    }
}

impl DeferredCallClient for AsyncPort {
    fn handle_deferred_call(&self) {
        if let Some(((pin, request), _)) = self.operation.end() {
            let value = request.apply(pin);
            self.client.map(|client| client.done(value));
        }
    }

    fn register(&'static self) {
        self.operation.register(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Machine;
    use std::cell::{Cell, RefCell};

    struct Heard {
        port: &'static AsyncPort,
        done: RefCell<Vec<usize>>,
        fired: RefCell<Vec<(usize, usize)>>,
        /// Whether a change is answered by reading the pin.
        reads: Cell<bool>,
    }

    impl Client for Heard {
        fn fired(&self, pin: usize, identifier: usize) {
            self.fired.borrow_mut().push((pin, identifier));
            if self.reads.get() {
                assert_eq!(self.port.read(pin), Ok(()));
            }
        }

        fn done(&self, value: usize) {
            self.done.borrow_mut().push(value);
        }
    }

    fn port() -> (Machine, &'static AsyncPort, &'static Heard) {
        let port = AsyncPort::new(7, 2);
        let heard = &*leak(Heard {
            port,
            done: RefCell::default(),
            fired: RefCell::default(),
            reads: Cell::new(false),
        });
        port.set_client(heard);
        (Machine::new(), port, heard)
    }

    #[test]
    fn what_is_asked_of_an_output_is_done_when_the_client_hears_of_it() {
        let (machine, port, heard) = port();
        assert_eq!(port.make_output(1), Ok(()));
        assert_eq!(
            (port.set(1), port.pin(1).output()),
            (Err(ErrorCode::BUSY), None)
        );
        machine.run();
        let operations: [(fn(&AsyncPort) -> _, _); 4] = [
            (|port| port.set(1), true),
            (|port| port.clear(1), false),
            (|port| port.toggle(1), true),
            (|port| port.toggle(1), false),
        ];
        for (operation, level) in operations {
            assert_eq!(operation(port), Ok(()));
            assert_eq!(port.pin(1).output(), Some(!level));
            machine.run();
            assert_eq!(port.pin(1).output(), Some(level));
        }
        assert_eq!(port.disable(1), Ok(()));
        machine.run();
        assert_eq!((port.pin(1).output(), port.pin(0).output()), (None, None));
        assert_eq!(*heard.done.borrow(), [0; 6]);
    }

    #[test]
    fn the_level_of_an_input_comes_when_it_is_read() {
        let (machine, port, heard) = port();
        assert_eq!(port.make_input(0, FloatingState::PullUp), Ok(()));
        machine.run();
        for level in [None, Some(false), Some(true)] {
            if let Some(level) = level {
                port.pin(0).drive(level);
            }
            assert_eq!(port.read(0), Ok(()));
            machine.run();
        }
        assert_eq!(*heard.done.borrow(), [0, 1, 0, 1]);
    }

    #[test]
    fn what_is_refused_is_not_done() {
        let (machine, port, heard) = port();
        port.refuse_next(ErrorCode::NOSUPPORT);
        assert_eq!(port.make_output(0), Err(ErrorCode::NOSUPPORT));
        assert_eq!(port.make_output(2), Err(ErrorCode::INVAL));
        assert_eq!(port.set(0), Err(ErrorCode::NOSUPPORT));
        assert_eq!(port.read(0), Err(ErrorCode::NOSUPPORT));
        machine.run();
        assert!(heard.done.borrow().is_empty() && port.pin(0).output().is_none());
    }

    #[test]
    fn an_operation_that_is_held_is_done_when_it_is_released() {
        let (machine, port, heard) = port();
        port.hold();
        assert_eq!(port.make_output(0), Ok(()));
        machine.run();
        assert!(heard.done.borrow().is_empty() && port.pin(0).output().is_none());
        port.release();
        machine.run();
        assert_eq!(
            (&*heard.done.borrow(), port.pin(0).output()),
            (&vec![0], Some(false))
        );
    }

    #[test]
    fn a_client_can_read_the_input_whose_change_it_waited_for() {
        let (machine, port, heard) = port();
        assert_eq!(port.make_input(1, FloatingState::PullNone), Ok(()));
        machine.run();
        assert_eq!(port.enable_interrupt(1, InterruptEdge::RisingEdge), Ok(()));
        machine.run();
        heard.done.take();
        heard.reads.set(true);
        port.pin(1).drive(true);
        assert!(port.is_pending(1) && !port.is_pending(0) && !port.is_pending(2));
        assert!(heard.fired.borrow().is_empty());
        machine.run();
        assert_eq!(
            (&*heard.fired.borrow(), &*heard.done.borrow()),
            (&vec![(1, 7)], &vec![1])
        );
        assert_eq!(port.disable_interrupt(1), Ok(()));
        machine.run();
        for level in [false, true] {
            port.pin(1).drive(level);
            machine.run();
        }
        assert_eq!(heard.fired.borrow().len(), 1);
    }
}
