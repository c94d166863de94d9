//! The fake screen keeps the promises of its HIL.

use std::cell::{Cell, RefCell};

use chip_fake as fake;
use kernel::{
    ErrorCode,
    hil::screen::{
        Screen, ScreenAdvanced, ScreenClient, ScreenPixelFormat, ScreenRotation, ScreenSetup,
        ScreenSetupClient,
    },
};

use crate::buffer::{Buffer, buffer};

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
fn screen() -> (fake::Machine, &'static fake::Screen, &'static Client) {
    let (machine, screen, client) = (
        fake::Machine::new(),
        fake::Screen::new(&[(4, 3), (2, 1)]),
        &*fake::leak(Client::default()),
    );
    Screen::set_client(screen, client);
    ScreenSetup::set_client(screen, client);
    assert_eq!(screen.set_brightness(1), Err(ErrorCode::OFF));
    assert_eq!(screen.set_power(true), Ok(()));
    machine.run();
    assert_eq!((screen.is_on(), client.times_ready.get()), (true, 1));
    (machine, screen, client)
}

#[test]
fn pixels_fill_the_frame_line_by_line() {
    let (machine, screen, client) = screen();
    assert_eq!(screen.set_write_frame(1, 1, 2, 2), Ok(()));
    machine.run();
    for (bytes, continues) in [([1, 2, 3], false), ([4, 0, 0], true)] {
        let bytes = if continues { &bytes[..1] } else { &bytes };
        assert_eq!(screen.write(buffer(bytes), continues), Ok(()));
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
    assert_eq!(screen.write(buffer(&[0; 13]), false), Err(ErrorCode::SIZE));
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
fn advanced(screen: &'static fake::Screen) -> &'static dyn ScreenAdvanced<'static> {
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
    assert_eq!(screen.write(buffer(&[0; 5]), false), Err(ErrorCode::SIZE));
    for (bytes, continues) in [(&[1, 2, 3][..], false), (&[4], true)] {
        assert_eq!(screen.write(buffer(bytes), continues), Ok(()));
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
        assert_eq!(screen.write(buffer(&vec![pixel; count]), false), Ok(()));
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
    assert_eq!(screen.write(buffer(&[0; 3]), false), Err(ErrorCode::SIZE));
    assert_eq!(*client.setups.borrow(), [Err(ErrorCode::FAIL), Ok(())]);
    assert_eq!(screen.set_power(false), Ok(()));
    machine.run();
    assert_eq!(setup.set_resolution((4, 3)), Err(ErrorCode::OFF));
}
