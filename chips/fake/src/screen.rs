//! A screen of pixels.

use std::cell::{Cell, RefCell};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::screen::{self, ScreenClient, ScreenPixelFormat, ScreenRotation},
    utilities::{cells::OptionalCell, leasable_buffer::SubSliceMut},
};

use crate::{
    faults::{Operation, faults},
    place,
};

type Buffer = SubSliceMut<'static, u8>;

/// A frame: its upper left corner, width and height, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Frame {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

/// A screen of one resolution, with a byte a pixel (three bits of red, three of green, two of blue). Its power is off
/// at first; settings made meanwhile fail.
pub struct Screen {
    width: usize,
    height: usize,
    pixels: RefCell<Vec<u8>>,
    frame: Cell<Frame>,
    /// Pixels of the frame that were written since its start.
    written: Cell<usize>,
    brightness: Cell<u16>,
    is_on: Cell<bool>,
    is_inverted: Cell<bool>,
    operation: Operation<Request>,
    client: OptionalCell<&'static dyn ScreenClient>,
}

enum Request {
    /// The pixels, and where in the frame they begin.
    Write(Buffer, usize),
    Change(Change),
}

#[derive(Clone, Copy)]
enum Change {
    Frame(Frame),
    Brightness(u16),
    Power(bool),
    Invert(bool),
}

impl Screen {
    /// A black screen of so many pixels, whose power is off.
    pub fn new(width: usize, height: usize) -> &'static Self {
        let whole = Frame {
            x: 0,
            y: 0,
            width,
            height,
        };
        place(Self {
            width,
            height,
            pixels: RefCell::new(vec![0; width * height]),
            frame: Cell::new(whole),
            written: Cell::new(0),
            brightness: Cell::new(0),
            is_on: Cell::new(false),
            is_inverted: Cell::new(false),
            operation: Operation::new(),
            client: OptionalCell::empty(),
        })
    }

    /// A pixel as it was written; `None` off the screen.
    pub fn pixel(&self, x: usize, y: usize) -> Option<u8> {
        let is_inside = x < self.width && y < self.height;
        is_inside.then(|| self.pixels.borrow()[y * self.width + x])
    }

    /// Whether the power is on.
    pub fn is_on(&self) -> bool {
        self.is_on.get()
    }

    /// Whether all pixels are shown inverted.
    pub fn is_inverted(&self) -> bool {
        self.is_inverted.get()
    }

    /// How bright it is, as it was set last.
    pub fn brightness(&self) -> u16 {
        self.brightness.get()
    }

    fn admit(&self) -> Result<(), ErrorCode> {
        self.operation.admit()?;
        self.is_on().then_some(()).ok_or(ErrorCode::OFF)
    }

    fn change(&self, change: Change) {
        match change {
            Change::Frame(frame) => {
                self.frame.set(frame);
                self.written.set(0);
            }
            Change::Brightness(brightness) => self.brightness.set(brightness),
            Change::Power(is_on) => self.is_on.set(is_on),
            Change::Invert(is_inverted) => self.is_inverted.set(is_inverted),
        }
    }

    fn write_pixels(&self, start: usize, bytes: &[u8]) {
        let Frame { x, y, width, .. } = self.frame.get();
        let mut pixels = self.pixels.borrow_mut();
        for (place, byte) in (start..).zip(bytes) {
            pixels[(y + place / width) * self.width + x + place % width] = *byte;
        }
        self.written.set(start + bytes.len());
    }
}

faults!(Screen);

impl screen::Screen<'static> for Screen {
    fn set_client(&self, client: &'static dyn ScreenClient) {
        self.client.set(client);
    }

    fn get_resolution(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    fn get_pixel_format(&self) -> ScreenPixelFormat {
        ScreenPixelFormat::RGB_332
    }

    fn get_rotation(&self) -> ScreenRotation {
        ScreenRotation::Normal
    }

    fn set_write_frame(
        &self,
        x: usize,
        y: usize,
        width: usize,
        height: usize,
    ) -> Result<(), ErrorCode> {
        self.admit()?;
        let fits = |start: usize, len, all| start.checked_add(len).is_some_and(|end| end <= all);
        if !fits(x, width, self.width) || !fits(y, height, self.height) {
            return Err(ErrorCode::INVAL);
        }
        let frame = Frame {
            x,
            y,
            width,
            height,
        };
        self.operation.start(Request::Change(Change::Frame(frame)));
        Ok(())
    }

    fn write(&self, buffer: Buffer, continue_write: bool) -> Result<(), ErrorCode> {
        self.admit()?;
        let start = if continue_write {
            self.written.get()
        } else {
            0
        };
        let Frame { width, height, .. } = self.frame.get();
        if start + buffer.len() > width * height {
            return Err(ErrorCode::SIZE);
        }
        self.operation.start(Request::Write(buffer, start));
        Ok(())
    }

    fn set_brightness(&self, brightness: u16) -> Result<(), ErrorCode> {
        self.admit()?;
        let change = Change::Brightness(brightness);
        self.operation.start(Request::Change(change));
        Ok(())
    }

    fn set_power(&self, enabled: bool) -> Result<(), ErrorCode> {
        self.operation.admit()?;
        self.operation
            .start(Request::Change(Change::Power(enabled)));
        Ok(())
    }

    fn set_invert(&self, enabled: bool) -> Result<(), ErrorCode> {
        self.admit()?;
        self.operation
            .start(Request::Change(Change::Invert(enabled)));
        Ok(())
    }
}

impl DeferredCallClient for Screen {
    fn handle_deferred_call(&self) {
        let Some((request, result)) = self.operation.end() else {
            return;
        };
        match request {
            Request::Write(buffer, start) => {
                if result.is_ok() {
                    self.write_pixels(start, buffer.as_slice());
                }
                // A buffer that nobody hears of is lost, as on any chip.
                if let Some(client) = self.client.get() {
                    client.write_complete(buffer, result);
                }
            }
            Request::Change(change) => {
                if result.is_ok() {
                    self.change(change);
                }
                self.client.map(|client| match change {
                    // This callback has no place for an error.
                    Change::Power(_) => client.screen_is_ready(),
                    _ => client.command_complete(result),
                });
            }
        }
    }

    fn register(&'static self) {
        self.operation.register(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Machine, leak};
    use kernel::hil::screen::Screen as _;

    #[derive(Default)]
    struct Client {
        commands: RefCell<Vec<Result<(), ErrorCode>>>,
        writes: RefCell<Vec<Result<(), ErrorCode>>>,
        times_ready: Cell<usize>,
    }

    impl ScreenClient for Client {
        fn command_complete(&self, result: Result<(), ErrorCode>) {
            self.commands.borrow_mut().push(result);
        }

        fn write_complete(&self, _: Buffer, result: Result<(), ErrorCode>) {
            self.writes.borrow_mut().push(result);
        }

        fn screen_is_ready(&self) {
            self.times_ready.set(self.times_ready.get() + 1);
        }
    }

    /// A screen that is on.
    fn screen() -> (Machine, &'static Screen, &'static Client) {
        let (machine, screen, client) =
            (Machine::new(), Screen::new(4, 3), &*leak(Client::default()));
        screen.set_client(client);
        assert_eq!(screen.set_brightness(1), Err(ErrorCode::OFF));
        assert_eq!(screen.set_power(true), Ok(()));
        machine.run();
        assert_eq!((screen.is_on(), client.times_ready.get()), (true, 1));
        (machine, screen, client)
    }

    fn pixels(bytes: &[u8]) -> Buffer {
        SubSliceMut::new(bytes.to_vec().leak())
    }

    #[test]
    fn pixels_fill_the_frame_line_by_line() {
        let (machine, screen, client) = screen();
        assert_eq!(screen.set_write_frame(1, 1, 2, 2), Ok(()));
        machine.run();
        for (bytes, continues) in [([1, 2, 3], false), ([4, 0, 0], true)] {
            let bytes = if continues { &bytes[..1] } else { &bytes };
            assert_eq!(screen.write(pixels(bytes), continues), Ok(()));
            machine.run();
        }
        let row = |y| [0, 1, 2, 3].map(|x| screen.pixel(x, y).unwrap());
        assert_eq!(
            [row(0), row(1), row(2)],
            [[0; 4], [0, 1, 2, 0], [0, 3, 4, 0]]
        );
        assert_eq!(*client.writes.borrow(), [Ok(()); 2]);
        assert_eq!(screen.pixel(4, 0), None);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (machine, screen, client) = screen();
        assert_eq!(screen.set_write_frame(3, 0, 2, 1), Err(ErrorCode::INVAL));
        assert_eq!(
            screen.set_write_frame(usize::MAX, 0, 2, 1),
            Err(ErrorCode::INVAL)
        );
        assert_eq!(screen.write(pixels(&[0; 13]), false), Err(ErrorCode::SIZE));
        machine.run();
        assert!(client.commands.borrow().is_empty() && client.writes.borrow().is_empty());
    }

    #[test]
    fn a_change_that_fails_is_none() {
        let (machine, screen, client) = screen();
        screen.fail_next(ErrorCode::FAIL);
        assert_eq!(screen.set_invert(true), Ok(()));
        machine.run();
        assert!(!screen.is_inverted());
        assert_eq!(screen.set_brightness(9), Ok(()));
        machine.run();
        assert_eq!(screen.brightness(), 9);
        assert_eq!(*client.commands.borrow(), [Err(ErrorCode::FAIL), Ok(())]);
    }
}
