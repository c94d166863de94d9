//! Pins.

use std::cell::Cell;

use kernel::{
    deferred_call::DeferredCallClient,
    hil::gpio::{
        Client, Configuration, Configure, ConfigureInputOutput, FloatingState, Input, Interrupt,
        InterruptEdge, Output,
    },
    utilities::cells::OptionalCell,
};

use crate::{faults::Operation, place};

/// A pin that the test drives from outside, as a button does, or looks at. It can be an input and an output at once,
/// and has the level then that it was told.
pub struct Pin {
    is_input: Cell<bool>,
    is_output: Cell<bool>,
    floating: Cell<FloatingState>,
    /// The level that somebody outside drives the pin to.
    driven: Cell<Option<bool>>,
    /// The level that the pin was told.
    told: Cell<bool>,
    edge: Cell<Option<InterruptEdge>>,
    interrupt: Operation<()>,
    client: OptionalCell<&'static dyn Client>,
}

/// What is at the pin.
impl Pin {
    /// A pin that is used as nothing, and that nobody drives.
    pub fn new() -> &'static Self {
        place(Self {
            is_input: Cell::new(false),
            is_output: Cell::new(false),
            floating: Cell::new(FloatingState::PullNone),
            driven: Cell::new(None),
            told: Cell::new(false),
            edge: Cell::new(None),
            interrupt: Operation::new(),
            client: OptionalCell::empty(),
        })
    }

    /// Drives the pin high or low from outside. Changes that come faster than they are heard of are one.
    pub fn drive(&self, is_high: bool) {
        self.change(|| self.driven.set(Some(is_high)));
    }

    /// Drives the pin no more.
    pub fn let_go(&self) {
        self.change(|| self.driven.set(None));
    }

    /// The level that the pin, an output, drives what is outside to; `None` if it is none.
    pub fn output(&self) -> Option<bool> {
        self.is_output().then_some(self.told.get())
    }

    /// Keeps interrupts back until they are released.
    pub fn hold(&self) {
        self.interrupt.hold();
    }

    /// Lets interrupts come again, from the kernel loop.
    pub fn release(&self) {
        self.interrupt.release();
    }

    fn change(&self, change: impl FnOnce()) {
        let before = self.read();
        change();
        let raises = match self.edge.get() {
            Some(InterruptEdge::RisingEdge) => !before && self.read(),
            Some(InterruptEdge::FallingEdge) => before && !self.read(),
            Some(InterruptEdge::EitherEdge) => before != self.read(),
            None => false,
        };
        if raises && self.is_input() {
            self.interrupt.start(());
        }
    }
}

impl Configure for Pin {
    fn configuration(&self) -> Configuration {
        match (self.is_input.get(), self.is_output.get()) {
            (false, false) => Configuration::LowPower,
            (true, false) => Configuration::Input,
            (false, true) => Configuration::Output,
            (true, true) => Configuration::InputOutput,
        }
    }

    fn make_output(&self) -> Configuration {
        self.is_output.set(true);
        self.configuration()
    }

    fn disable_output(&self) -> Configuration {
        self.is_output.set(false);
        self.configuration()
    }

    fn make_input(&self) -> Configuration {
        self.is_input.set(true);
        self.configuration()
    }

    fn disable_input(&self) -> Configuration {
        self.is_input.set(false);
        self.configuration()
    }

    fn deactivate_to_low_power(&self) {
        self.is_input.set(false);
        self.is_output.set(false);
    }

    fn set_floating_state(&self, state: FloatingState) {
        self.change(|| self.floating.set(state));
    }

    fn floating_state(&self) -> FloatingState {
        self.floating.get()
    }
}

impl ConfigureInputOutput for Pin {
    fn make_input_output(&self) -> Configuration {
        self.make_input();
        self.make_output()
    }

    fn is_input_output(&self) -> bool {
        matches!(self.configuration(), Configuration::InputOutput)
    }
}

impl Output for Pin {
    fn set(&self) {
        if self.is_output() {
            self.change(|| self.told.set(true));
        }
    }

    fn clear(&self) {
        if self.is_output() {
            self.change(|| self.told.set(false));
        }
    }

    fn toggle(&self) -> bool {
        if self.is_output() {
            self.change(|| self.told.set(!self.told.get()));
        }
        self.told.get()
    }
}

impl Input for Pin {
    fn read(&self) -> bool {
        let pulled = matches!(self.floating.get(), FloatingState::PullUp);
        self.output().or(self.driven.get()).unwrap_or(pulled)
    }
}

impl Interrupt<'static> for Pin {
    fn set_client(&self, client: &'static dyn Client) {
        self.client.set(client);
    }

    fn enable_interrupts(&self, mode: InterruptEdge) {
        self.edge.set(Some(mode));
    }

    /// One that was raised and not heard of is not heard of any more.
    fn disable_interrupts(&self) {
        self.edge.set(None);
        self.interrupt.cancel();
    }

    fn is_pending(&self) -> bool {
        self.interrupt.is_under_way()
    }
}

impl DeferredCallClient for Pin {
    fn handle_deferred_call(&self) {
        if self.interrupt.end().is_some() {
            self.client.map(|client| client.fired());
        }
    }

    fn register(&'static self) {
        self.interrupt.register(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};
    use kernel::hil::gpio::{ClientWithValue, InterruptValueWrapper, InterruptWithValue};
    use std::cell::RefCell;

    #[derive(Default)]
    struct Count(Cell<usize>);

    impl Client for Count {
        fn fired(&self) {
            self.0.set(self.0.get() + 1);
        }
    }

    fn button() -> (Machine, &'static Pin, &'static Count) {
        let (pin, count) = (Pin::new(), &*leak(Count::default()));
        pin.set_client(count);
        pin.make_input();
        pin.set_floating_state(FloatingState::PullUp);
        (Machine::new(), pin, count)
    }

    #[test]
    fn an_input_has_the_level_that_it_is_driven_or_else_pulled_to() {
        let (_, pin, _) = button();
        assert!(pin.read());
        pin.drive(false);
        assert!(!pin.read());
        pin.let_go();
        assert!(pin.read());
        pin.set_floating_state(FloatingState::PullDown);
        assert!(!pin.read());
    }

    #[test]
    fn only_an_output_can_be_told_its_level() {
        let (_, pin, _) = button();
        pin.clear();
        assert_eq!((pin.output(), pin.read()), (None, true));
        pin.make_output();
        assert!(pin.toggle());
        assert_eq!((pin.output(), pin.read()), (Some(true), true));
        pin.disable_input();
        assert!(pin.is_output() && !pin.is_input());
        pin.disable_output();
        assert_eq!(pin.output(), None);
    }

    #[test]
    fn an_interrupt_comes_from_the_kernel_loop_at_the_edge_asked_for() {
        use InterruptEdge::*;
        for (edge, expected) in [
            (FallingEdge, [1, 1]),
            (RisingEdge, [0, 1]),
            (EitherEdge, [1, 2]),
        ] {
            let (machine, pin, count) = button();
            pin.enable_interrupts(edge);
            for (is_high, expected) in [false, true].into_iter().zip(expected) {
                let before = count.0.get();
                pin.drive(is_high);
                assert_eq!(count.0.get(), before, "nothing comes inside the call");
                machine.run();
                assert_eq!(count.0.get(), expected, "{edge:?}");
            }
        }
    }

    #[test]
    fn a_level_that_stays_raises_nothing() {
        let (machine, pin, count) = button();
        pin.enable_interrupts(InterruptEdge::EitherEdge);
        pin.drive(true);
        machine.run();
        assert_eq!(count.0.get(), 0);
    }

    #[test]
    fn changes_that_are_not_heard_of_yet_are_one_interrupt() {
        let (machine, pin, count) = button();
        pin.enable_interrupts(InterruptEdge::EitherEdge);
        pin.hold();
        for is_high in [false, true, false] {
            pin.drive(is_high);
            machine.run();
        }
        assert_eq!((count.0.get(), pin.is_pending()), (0, true));
        pin.release();
        machine.run();
        assert_eq!((count.0.get(), pin.is_pending()), (1, false));
    }

    #[test]
    fn what_is_disabled_raises_nothing() {
        let (machine, pin, count) = button();
        pin.enable_interrupts(InterruptEdge::EitherEdge);
        pin.drive(false);
        pin.disable_interrupts();
        pin.drive(true);
        machine.run();
        assert_eq!(count.0.get(), 0);
    }

    #[test]
    fn a_pin_that_is_both_hears_of_the_level_that_it_is_told() {
        let (machine, pin, count) = button();
        pin.enable_interrupts(InterruptEdge::EitherEdge);
        assert!(!pin.is_input_output());
        pin.deactivate_to_low_power();
        let configuration = pin.make_input_output();
        assert!(matches!(configuration, Configuration::InputOutput));
        assert!(pin.is_input_output());
        pin.drive(true);
        pin.set();
        assert!(pin.read());
        machine.run();
        pin.clear();
        assert!(!pin.read());
        machine.run();
        pin.disable_input();
        pin.toggle();
        machine.run();
        assert_eq!(count.0.get(), 2);
    }

    #[derive(Default)]
    struct Values(RefCell<Vec<u32>>);

    impl ClientWithValue for Values {
        fn fired(&self, value: u32) {
            self.0.borrow_mut().push(value);
        }
    }

    #[test]
    fn an_interrupt_can_bring_a_value() {
        let (machine, pin) = (Machine::new(), Pin::new());
        let wrapper = leak(InterruptValueWrapper::new(pin)).finalize();
        let client = &*leak(Values::default());
        wrapper.set_client(client);
        wrapper.set_value(7);
        wrapper.make_input();
        let enabled = wrapper.enable_interrupts(InterruptEdge::RisingEdge);
        assert_eq!(enabled, Ok(()));
        pin.drive(true);
        machine.run();
        assert_eq!(*client.0.borrow(), [7]);
    }
}
