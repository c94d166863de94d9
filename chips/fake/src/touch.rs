//! A touch panel with the test's fingers on it.

use std::cell::{Cell, RefCell};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::touch::{
        Gesture, GestureClient, GestureEvent, MultiTouch, MultiTouchClient, Touch, TouchClient,
        TouchEvent,
    },
    utilities::cells::OptionalCell,
};

use crate::{arrivals::Arrivals, faults::Operation, place};

/// A panel, which is off at first. What fingers do while it is off is not seen. The client for one finger hears of
/// the first finger of each report only.
pub struct TouchPanel {
    fingers: usize,
    is_on: Cell<bool>,
    switching: Operation<()>,
    reports: Arrivals<Report>,
    /// What the client for several fingers can ask for, while it is called.
    touches: RefCell<Vec<TouchEvent>>,
    touch_client: OptionalCell<&'static dyn TouchClient>,
    multi_touch_client: OptionalCell<&'static dyn MultiTouchClient>,
    gesture_client: OptionalCell<&'static dyn GestureClient>,
}

enum Report {
    Touches(Vec<TouchEvent>),
    Gesture(GestureEvent),
}

impl TouchPanel {
    /// A panel that sees up to `fingers` fingers.
    pub fn new(fingers: usize) -> &'static Self {
        place(Self {
            fingers,
            is_on: Cell::new(false),
            switching: Operation::new(),
            reports: Arrivals::new(),
            touches: RefCell::default(),
            touch_client: OptionalCell::empty(),
            multi_touch_client: OptionalCell::empty(),
            gesture_client: OptionalCell::empty(),
        })
    }

    /// Whether the panel is on.
    pub fn is_on(&self) -> bool {
        self.is_on.get()
    }

    /// Touches the panel with several fingers at once, which is one report to the clients.
    ///
    /// # Panics
    /// If these are none, or more than the panel sees.
    pub fn touch(&self, touches: &[TouchEvent]) {
        assert!(
            (1..=self.fingers).contains(&touches.len()),
            "the panel sees 1 to {} fingers",
            self.fingers
        );
        self.report(Report::Touches(touches.to_vec()));
    }

    /// Makes a gesture on the panel.
    pub fn gesture(&self, gesture: GestureEvent) {
        self.report(Report::Gesture(gesture));
    }

    fn report(&self, report: Report) {
        if self.is_on() {
            self.reports.arrive(report);
        }
    }

    fn switch(&self, is_on: bool) -> Result<(), ErrorCode> {
        self.switching.admit()?;
        self.is_on.set(is_on);
        if !is_on {
            self.reports.clear();
        }
        Ok(())
    }
}

/// Faults.
impl TouchPanel {
    /// The next call that would turn the panel on or off returns `error`, and the panel stays as it is. Said
    /// several times, as many calls do.
    pub fn refuse_next(&self, error: ErrorCode) {
        self.switching.refuse_next(error);
    }

    /// Keeps callbacks back until they are released.
    pub fn hold(&self) {
        self.reports.hold();
    }

    /// Lets callbacks come again, from the kernel loop.
    pub fn release(&self) {
        self.reports.release();
    }
}

impl Touch<'static> for TouchPanel {
    fn enable(&self) -> Result<(), ErrorCode> {
        self.switch(true)
    }

    fn disable(&self) -> Result<(), ErrorCode> {
        self.switch(false)
    }

    fn set_client(&self, touch_client: &'static dyn TouchClient) {
        self.touch_client.set(touch_client);
    }
}

impl MultiTouch<'static> for TouchPanel {
    fn enable(&self) -> Result<(), ErrorCode> {
        self.switch(true)
    }

    fn disable(&self) -> Result<(), ErrorCode> {
        self.switch(false)
    }

    fn get_num_touches(&self) -> usize {
        self.fingers
    }

    fn get_touch(&self, index: usize) -> Option<TouchEvent> {
        self.touches.borrow().get(index).copied()
    }

    fn set_client(&self, multi_touch_client: &'static dyn MultiTouchClient) {
        self.multi_touch_client.set(multi_touch_client);
    }
}

impl Gesture<'static> for TouchPanel {
    fn set_client(&self, gesture_client: &'static dyn GestureClient) {
        self.gesture_client.set(gesture_client);
    }
}

impl DeferredCallClient for TouchPanel {
    fn handle_deferred_call(&self) {
        match self.reports.next() {
            Some(Report::Touches(touches)) => {
                self.touch_client
                    .map(|client| client.touch_event(touches[0]));
                // The first client may have turned the panel off.
                if !self.is_on() {
                    return;
                }
                self.touches.replace(touches.clone());
                self.multi_touch_client
                    .map(|client| client.touch_events(&touches, touches.len()));
                self.touches.take();
            }
            Some(Report::Gesture(gesture)) => {
                self.gesture_client
                    .map(|client| client.gesture_event(gesture));
            }
            None => {}
        }
    }

    fn register(&'static self) {
        self.switching.register(self);
        self.reports.register(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};
    use kernel::hil::touch::TouchStatus;

    struct Client {
        panel: &'static TouchPanel,
        heard: RefCell<Vec<String>>,
        turns_off: Cell<bool>,
    }

    impl Client {
        fn hear(&self, what: String) {
            self.heard.borrow_mut().push(what);
            if self.turns_off.get() {
                Touch::disable(self.panel).unwrap();
            }
        }
    }

    impl TouchClient for Client {
        fn touch_event(&self, touch: TouchEvent) {
            self.hear(format!("{:?} {} {}", touch.status, touch.x, touch.y));
        }
    }

    impl MultiTouchClient for Client {
        fn touch_events(&self, touches: &[TouchEvent], len: usize) {
            let asked = (0..).map_while(|index| self.panel.get_touch(index));
            let asked: Vec<_> = asked.map(|touch| touch.id).collect();
            let told: Vec<_> = touches[..len].iter().map(|touch| touch.id).collect();
            assert_eq!(asked, told);
            self.hear(format!("{told:?}"));
        }
    }

    impl GestureClient for Client {
        fn gesture_event(&self, gesture: GestureEvent) {
            self.hear(format!("{gesture:?}"));
        }
    }

    fn finger(id: usize, x: u16) -> TouchEvent {
        TouchEvent {
            status: TouchStatus::Pressed,
            x,
            y: 7,
            id,
            size: None,
            pressure: None,
        }
    }

    fn panel() -> (Machine, &'static TouchPanel, &'static Client) {
        let panel = TouchPanel::new(2);
        let client = &*leak(Client {
            panel,
            heard: RefCell::default(),
            turns_off: Cell::new(false),
        });
        Touch::set_client(panel, client);
        Touch::enable(panel).unwrap();
        (Machine::new(), panel, client)
    }

    #[test]
    fn touches_and_gestures_are_heard_of_in_order_from_the_kernel_loop() {
        let (machine, panel, client) = panel();
        MultiTouch::set_client(panel, client);
        Gesture::set_client(panel, client);
        panel.touch(&[finger(4, 1), finger(5, 2)]);
        panel.gesture(GestureEvent::ZoomIn);
        panel.touch(&[finger(4, 3)]);
        assert_eq!(client.heard.take(), [""; 0]);
        machine.run();
        assert_eq!(
            client.heard.take(),
            ["Pressed 1 7", "[4, 5]", "ZoomIn", "Pressed 3 7", "[4]"]
        );
        assert!(panel.get_touch(0).is_none());
    }

    #[test]
    fn a_panel_that_is_off_sees_nothing() {
        let (machine, panel, client) = panel();
        panel.touch(&[finger(0, 1)]);
        MultiTouch::disable(panel).unwrap();
        panel.touch(&[finger(0, 2)]);
        MultiTouch::enable(panel).unwrap();
        machine.run();
        assert_eq!(client.heard.take(), [""; 0]);
    }

    #[test]
    fn a_panel_that_does_not_answer_stays_as_it_is() {
        let (_machine, panel, _) = panel();
        panel.refuse_next(ErrorCode::FAIL);
        assert_eq!(Touch::disable(panel), Err(ErrorCode::FAIL));
        assert!(panel.is_on());
        assert_eq!(Touch::disable(panel), Ok(()));
        assert!(!panel.is_on());
    }

    #[test]
    fn held_touches_come_when_they_are_released() {
        let (machine, panel, client) = panel();
        panel.hold();
        panel.touch(&[finger(0, 1)]);
        machine.run();
        assert_eq!(client.heard.take(), [""; 0]);
        panel.release();
        machine.run();
        assert_eq!(client.heard.take(), ["Pressed 1 7"]);
    }

    #[test]
    fn a_client_that_turns_the_panel_off_hears_no_more() {
        let (machine, panel, client) = panel();
        MultiTouch::set_client(panel, client);
        client.turns_off.set(true);
        panel.touch(&[finger(0, 1)]);
        panel.touch(&[finger(0, 2)]);
        machine.run();
        assert_eq!(client.heard.take(), ["Pressed 1 7"]);
    }

    #[test]
    #[should_panic(expected = "the panel sees 1 to 2 fingers")]
    fn more_fingers_than_the_panel_sees_are_a_mistake_of_the_test() {
        let (_machine, panel, _) = panel();
        panel.touch(&[finger(0, 0); 3]);
    }
}
