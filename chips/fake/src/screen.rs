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
        self.operation
            .try_start(Request::Change(Change::Power(enabled)))
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
