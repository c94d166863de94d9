//! A screen of pixels.

use std::cell::{Cell, RefCell};

use kernel::{
    ErrorCode,
    deferred_call::DeferredCallClient,
    hil::screen::{
        self, Screen as _, ScreenClient, ScreenPixelFormat, ScreenRotation, ScreenSetupClient,
    },
    utilities::{cells::OptionalCell, leasable_buffer::SubSliceMut},
};

use crate::{
    faults::{Operation, faults},
    place,
};

type Buffer = SubSliceMut<'static, u8>;

/// A frame: its upper left corner, width and height, in pixels.
#[derive(Clone, Copy, Default)]
struct Frame {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

/// The formats of pixels that a [`Screen`] has: of one byte and of two.
const FORMATS: [ScreenPixelFormat; 2] = [ScreenPixelFormat::RGB_332, ScreenPixelFormat::RGB_565];

/// How a screen is set up.
#[derive(Clone, Copy)]
struct Setup {
    /// Width and height before the picture is turned.
    resolution: (usize, usize),
    format: ScreenPixelFormat,
    rotation: ScreenRotation,
}

/// A screen of one or more resolutions. A pixel is a byte (three bits of red, three of green, two of blue) at first,
/// and can be two. Its power is off at first; settings made meanwhile fail. When it is set up in another way it is
/// black, and its frame is all of it.
pub struct Screen {
    resolutions: Vec<(usize, usize)>,
    setup: Cell<Setup>,
    /// The bytes of the pixels, line by line.
    pixels: RefCell<Vec<u8>>,
    frame: Cell<Frame>,
    /// Bytes of the frame that were written since its start.
    written: Cell<usize>,
    brightness: Cell<u16>,
    is_on: Cell<bool>,
    is_inverted: Cell<bool>,
    operation: Operation<Request>,
    client: OptionalCell<&'static dyn ScreenClient>,
    setup_client: OptionalCell<&'static dyn ScreenSetupClient>,
}

enum Request {
    /// The pixels, and where in the frame they begin.
    Write(Buffer, usize),
    Change(Change),
    SetUp(Setup),
}

#[derive(Clone, Copy)]
enum Change {
    Frame(Frame),
    Brightness(u16),
    Power(bool),
    Invert(bool),
}

impl Screen {
    /// A black screen that has these resolutions, one or more, and uses the first. Its power is off.
    pub fn new(resolutions: &[(usize, usize)]) -> &'static Self {
        let setup = Setup {
            resolution: resolutions[0],
            format: ScreenPixelFormat::RGB_332,
            rotation: ScreenRotation::Normal,
        };
        let screen = place(Self {
            resolutions: resolutions.to_vec(),
            setup: Cell::new(setup),
            pixels: RefCell::default(),
            frame: Cell::default(),
            written: Cell::new(0),
            brightness: Cell::new(0),
            is_on: Cell::new(false),
            is_inverted: Cell::new(false),
            operation: Operation::new(),
            client: OptionalCell::empty(),
            setup_client: OptionalCell::empty(),
        });
        screen.set_up(setup);
        screen
    }

    /// A pixel's bytes as they were written, as the picture is turned now; `None` off the screen.
    pub fn pixel(&self, x: usize, y: usize) -> Option<Vec<u8>> {
        let (width, height) = self.get_resolution();
        let is_inside = x < width && y < height;
        let (start, len) = ((y * width + x) * self.pixel_bytes(), self.pixel_bytes());
        is_inside.then(|| self.pixels.borrow()[start..start + len].to_vec())
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

    fn pixel_bytes(&self) -> usize {
        self.setup.get().format.get_bits_per_pixel() / 8
    }

    /// A resolution as the picture is turned now.
    fn turned(&self, (width, height): (usize, usize)) -> (usize, usize) {
        match self.setup.get().rotation {
            ScreenRotation::Normal | ScreenRotation::Rotated180 => (width, height),
            ScreenRotation::Rotated90 | ScreenRotation::Rotated270 => (height, width),
        }
    }

    fn set_up(&self, setup: Setup) {
        self.setup.set(setup);
        let (width, height) = self.get_resolution();
        let black = vec![0; width * height * self.pixel_bytes()];
        self.pixels.replace(black);
        self.choose(Frame {
            x: 0,
            y: 0,
            width,
            height,
        });
    }

    fn choose(&self, frame: Frame) {
        self.frame.set(frame);
        self.written.set(0);
    }

    fn change(&self, change: Change) {
        match change {
            Change::Frame(frame) => self.choose(frame),
            Change::Brightness(brightness) => self.brightness.set(brightness),
            Change::Power(is_on) => self.is_on.set(is_on),
            Change::Invert(is_inverted) => self.is_inverted.set(is_inverted),
        }
    }

    fn write_pixels(&self, start: usize, bytes: &[u8]) {
        let Frame { x, y, width, .. } = self.frame.get();
        let (line, pixel_bytes) = (self.get_resolution().0, self.pixel_bytes());
        let mut pixels = self.pixels.borrow_mut();
        for (place, byte) in (start..).zip(bytes) {
            let (pixel, part) = (place / pixel_bytes, place % pixel_bytes);
            let pixel = (y + pixel / width) * line + x + pixel % width;
            pixels[pixel * pixel_bytes + part] = *byte;
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
        self.turned(self.setup.get().resolution)
    }

    fn get_pixel_format(&self) -> ScreenPixelFormat {
        self.setup.get().format
    }

    fn get_rotation(&self) -> ScreenRotation {
        self.setup.get().rotation
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
        let all = self.get_resolution();
        if !fits(x, width, all.0) || !fits(y, height, all.1) {
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
        if start + buffer.len() > width * height * self.pixel_bytes() {
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

impl screen::ScreenSetup<'static> for Screen {
    fn set_client(&self, client: &'static dyn ScreenSetupClient) {
        self.setup_client.set(client);
    }

    fn set_resolution(&self, resolution: (usize, usize)) -> Result<(), ErrorCode> {
        self.admit()?;
        let is_meant = |known: &&(usize, usize)| self.turned(**known) == resolution;
        let resolution = self.resolutions.iter().find(is_meant);
        let resolution = *resolution.ok_or(ErrorCode::NOSUPPORT)?;
        let setup = Setup {
            resolution,
            ..self.setup.get()
        };
        self.operation.start(Request::SetUp(setup));
        Ok(())
    }

    fn set_pixel_format(&self, format: ScreenPixelFormat) -> Result<(), ErrorCode> {
        self.admit()?;
        if !FORMATS.contains(&format) {
            return Err(ErrorCode::NOSUPPORT);
        }
        let setup = Setup {
            format,
            ..self.setup.get()
        };
        self.operation.start(Request::SetUp(setup));
        Ok(())
    }

    fn set_rotation(&self, rotation: ScreenRotation) -> Result<(), ErrorCode> {
        self.admit()?;
        let setup = Setup {
            rotation,
            ..self.setup.get()
        };
        self.operation.start(Request::SetUp(setup));
        Ok(())
    }

    fn get_num_supported_resolutions(&self) -> usize {
        self.resolutions.len()
    }

    fn get_supported_resolution(&self, index: usize) -> Option<(usize, usize)> {
        let resolution = self.resolutions.get(index);
        resolution.map(|resolution| self.turned(*resolution))
    }

    fn get_num_supported_pixel_formats(&self) -> usize {
        FORMATS.len()
    }

    fn get_supported_pixel_format(&self, index: usize) -> Option<ScreenPixelFormat> {
        FORMATS.get(index).copied()
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
            Request::SetUp(setup) => {
                if result.is_ok() {
                    self.set_up(setup);
                }
                self.setup_client
                    .map(|client| client.command_complete(result));
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
    use kernel::hil::screen::ScreenAdvanced;

    #[derive(Default)]
    struct Client {
        commands: RefCell<Vec<Result<(), ErrorCode>>>,
        writes: RefCell<Vec<Result<(), ErrorCode>>>,
        times_ready: Cell<usize>,
        setups: RefCell<Vec<Result<(), ErrorCode>>>,
    }

    impl ScreenSetupClient for Client {
        fn command_complete(&self, r: Result<(), ErrorCode>) {
            self.setups.borrow_mut().push(r);
        }
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
        let (machine, screen, client) = (
            Machine::new(),
            Screen::new(&[(4, 3), (2, 1)]),
            &*leak(Client::default()),
        );
        screen.set_client(client);
        screen::ScreenSetup::set_client(screen, client);
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
        let row = |y| [0, 1, 2, 3].map(|x| screen.pixel(x, y).unwrap()[0]);
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

    /// As a capsule has it.
    fn advanced(screen: &'static Screen) -> &'static dyn ScreenAdvanced<'static> {
        screen
    }

    #[test]
    fn a_quarter_turn_exchanges_width_and_height_of_every_resolution() {
        let (machine, screen, client) = screen();
        let screen = advanced(screen);
        assert_eq!(screen.set_rotation(ScreenRotation::Rotated90), Ok(()));
        assert_eq!(screen.get_resolution(), (4, 3), "not inside the call");
        machine.run();
        assert!(screen.get_rotation() == ScreenRotation::Rotated90);
        assert_eq!(screen.get_resolution(), (3, 4));
        assert_eq!(screen.get_num_supported_resolutions(), 2);
        assert_eq!(screen.get_supported_resolution(1), Some((1, 2)));
        assert_eq!(screen.get_supported_resolution(2), None);
        assert_eq!(screen.set_resolution((2, 1)), Err(ErrorCode::NOSUPPORT));
        assert_eq!(screen.set_resolution((1, 2)), Ok(()));
        machine.run();
        assert_eq!(screen.set_rotation(ScreenRotation::Rotated180), Ok(()));
        machine.run();
        assert_eq!(screen.get_resolution(), (2, 1));
        assert_eq!(*client.setups.borrow(), [Ok(()); 3]);
    }

    #[test]
    fn a_pixel_has_as_many_bytes_as_its_format() {
        let (machine, screen, client) = screen();
        let setup = advanced(screen);
        assert!(setup.get_supported_pixel_format(2).is_none());
        let last = setup.get_supported_pixel_format(setup.get_num_supported_pixel_formats() - 1);
        assert_eq!(setup.set_pixel_format(last.unwrap()), Ok(()));
        machine.run();
        assert!(setup.get_pixel_format() == ScreenPixelFormat::RGB_565);
        let mono = ScreenPixelFormat::Mono;
        assert_eq!(setup.set_pixel_format(mono), Err(ErrorCode::NOSUPPORT));
        assert_eq!(screen.set_write_frame(2, 1, 1, 2), Ok(()));
        machine.run();
        assert_eq!(screen.write(pixels(&[0; 5]), false), Err(ErrorCode::SIZE));
        for (bytes, continues) in [(&[1, 2, 3][..], false), (&[4], true)] {
            assert_eq!(screen.write(pixels(bytes), continues), Ok(()));
            machine.run();
        }
        let column = [0, 1, 2].map(|y| screen.pixel(2, y).unwrap());
        assert_eq!(column, [[0, 0], [1, 2], [3, 4]]);
        assert_eq!(*client.writes.borrow(), [Ok(()); 2]);
    }

    #[test]
    fn a_screen_that_is_set_up_in_another_way_is_black_and_its_frame_is_all_of_it() {
        let (machine, screen, client) = screen();
        let setup = advanced(screen);
        let fill = |pixel, count| {
            assert_eq!(screen.write(pixels(&vec![pixel; count]), false), Ok(()));
            machine.run();
            screen.pixel(1, 0)
        };
        assert_eq!(fill(9, 12), Some(vec![9]));
        screen.fail_next(ErrorCode::FAIL);
        for (resolution, expected) in [((4, 3), (Some(vec![9]))), ((2, 1), Some(vec![0]))] {
            assert_eq!(setup.set_resolution((2, 1)), Ok(()));
            machine.run();
            assert_eq!(setup.get_resolution(), resolution);
            assert_eq!(screen.pixel(1, 0), expected);
        }
        assert_eq!(fill(7, 2), Some(vec![7]));
        assert_eq!(screen.write(pixels(&[0; 3]), false), Err(ErrorCode::SIZE));
        assert_eq!(*client.setups.borrow(), [Err(ErrorCode::FAIL), Ok(())]);
        assert_eq!(screen.set_power(false), Ok(()));
        machine.run();
        assert_eq!(setup.set_resolution((4, 3)), Err(ErrorCode::OFF));
    }
}
