//! The drivers' wrappers, as an app calls them.

use capsa::fake::Kernel;
use capsa::syscall::with_lent;
use capsa::{ErrorCode, console, led, low_level_debug, print, println, process, rng, text_screen};

#[test]
fn text_of_any_length_is_printed_once_and_whole() {
    let kernel = Kernel::new();
    let long = "0123456789".repeat(30);
    print!("{long}");
    println!();
    println!("{}, {:?}", 1, "two");
    assert_eq!(kernel.console(), format!("{long}\n1, \"two\"\n"));
}

#[test]
fn a_line_ends_where_the_line_ends_or_the_buffer_does() {
    let kernel = Kernel::new();
    kernel.type_text("first\nsecond\r");
    let mut line = [0; 6];
    assert_eq!(console::read_line(&mut line), Ok(&b"first"[..]));
    let mut line = [0; 3];
    assert_eq!(console::read_line(&mut line), Ok(&b"sec"[..]));
    assert_eq!(console::read_line(&mut line), Ok(&b"ond"[..]));
    assert_eq!(console::read_line(&mut line), Ok(&b""[..]));
}

#[test]
fn a_light_is_told_by_its_number() {
    let kernel = Kernel::new();
    assert_eq!(led::count(), Ok(3));
    led::turn_on(1).unwrap();
    led::toggle(2).unwrap();
    assert_eq!(kernel.lights(), [false, true, true]);
    assert_eq!((led::is_on(0), led::is_on(1)), (Ok(false), Ok(true)));
    led::turn_off(1).unwrap();
    assert_eq!(kernel.lights(), [false, false, true]);
    assert_eq!(led::turn_on(3), Err(ErrorCode::INVAL));
}

#[test]
fn random_bytes_fill_the_buffer() {
    let _kernel = Kernel::new();
    let mut bytes = [0; 7];
    rng::fill(&mut bytes).unwrap();
    assert_eq!(bytes, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(rng::number(), Ok(0x0b0a_0908));
}

#[test]
fn a_buffer_that_is_written_to_comes_back() {
    let kernel = Kernel::new();
    let mut buffer = [0; 5];
    let during = with_lent(0x40001, 0, &mut buffer, || kernel.lent_bytes());
    assert_eq!((during, kernel.lent_bytes()), (Ok(5), 0));
}

#[test]
fn the_screen_shows_what_is_written() {
    use core::fmt::Write;

    let kernel = Kernel::new();
    assert_eq!(text_screen::size(), Ok((80, 25)));
    text_screen::set_cursor(3, 4).unwrap();
    write!(text_screen::TextScreen, "{} o'clock", 12).unwrap();
    assert_eq!(kernel.screen(), "12 o'clock");
    text_screen::clear().unwrap();
    assert_eq!(kernel.screen(), "");
}

#[test]
fn a_driver_that_is_not_there_is_an_error() {
    let _kernel = Kernel::new();
    assert_eq!(low_level_debug::print(1), Err(ErrorCode::NODEVICE));
}

#[test]
fn an_app_ends_with_its_code() {
    let kernel = Kernel::new();
    assert_eq!(kernel.run(|| process::exit(3)), 3);
    assert_eq!(kernel.run(|| ()), 0);
}
