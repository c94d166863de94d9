//! The drivers' wrappers, as an app calls them.

use capsa::fake::Kernel;
use capsa::ipc::{self, Server};
use capsa::keyboard::{self, Key};
use capsa::syscall::with_lent;
use capsa::tasks::block_on;
use capsa::{
    ErrorCode, Result, alarm, console, date_time, led, low_level_debug, print, println, process,
    rng, text_screen,
};

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
    assert_eq!(rng::fill(&mut []), Ok(()));
}

#[test]
fn a_buffer_that_is_written_to_comes_back() {
    let kernel = Kernel::new();
    let mut buffer = [0; 5];
    let during = with_lent(0x40001, 0, &mut buffer, || kernel.lent_bytes());
    assert_eq!((during, kernel.lent_bytes()), (Ok(5), 0));
}

#[test]
fn the_screen_shows_what_is_written_where_it_is() {
    let kernel = Kernel::new();
    assert_eq!(text_screen::size(), Ok((80, 25)));
    text_screen::print_at(3, 1, format_args!("{} o'clock", 12)).unwrap();
    text_screen::print_at(0, 2, format_args!("\x1b[32m{}\x1b[0m", "█".repeat(60))).unwrap();
    assert_eq!(
        kernel.screen(),
        format!("\n   12 o'clock\n{}", "█".repeat(60))
    );
    assert_eq!(text_screen::set_cursor(80, 0), Err(ErrorCode::INVAL));
    text_screen::clear().unwrap();
    assert_eq!(kernel.screen(), "");
}

#[test]
fn the_date_is_read_as_it_was_set() {
    let _kernel = Kernel::new();
    let first = date_time::now().unwrap();
    assert_eq!(
        (first.to_string().as_str(), first.day_of_week),
        ("2026-01-02 03:04:05", 5)
    );
    let last = date_time::DateTime {
        year: 4095,
        month: 12,
        day: 31,
        day_of_week: 6,
        hour: 23,
        minute: 59,
        second: 59,
    };
    date_time::set(last).unwrap();
    assert_eq!(date_time::now(), Ok(last));
}

#[test]
fn a_date_that_does_not_exist_is_not_taken_for_another() {
    let _kernel = Kernel::new();
    let now = date_time::now().unwrap();
    let wrong = [
        date_time::DateTime { year: 4096, ..now },
        date_time::DateTime { month: 17, ..now },
        date_time::DateTime { day: 33, ..now },
        date_time::DateTime {
            day_of_week: 8,
            ..now
        },
        date_time::DateTime { hour: 33, ..now },
        date_time::DateTime { minute: 64, ..now },
        date_time::DateTime { second: 65, ..now },
    ];
    for date_time in wrong {
        let set = date_time::set(date_time);
        assert_eq!(set, Err(ErrorCode::INVAL), "{date_time:?}");
    }
    assert_eq!(date_time::now(), Ok(now));
}

#[test]
fn a_server_is_called_by_its_name() {
    let kernel = Kernel::new();
    kernel.add_server("upper", |message| Ok(message.to_ascii_uppercase()));
    kernel.add_server("busy", |_| Err(ErrorCode::BUSY));
    let call = |name| -> Result<String> {
        let mut place = [0; 8];
        let answer = Server::find(name)?.call(b"hello", &mut place, 0)?;
        Ok(String::from_utf8_lossy(answer).into())
    };
    assert_eq!(call("upper"), Ok("HELLO".into()));
    assert_eq!(call("busy"), Err(ErrorCode::BUSY));
    assert_eq!(call("nobody"), Err(ErrorCode::NODEVICE));
}

#[test]
fn messages_are_answered_in_turn() {
    let kernel = Kernel::new();
    kernel.send_message(b"abc");
    kernel.send_message(b"");
    kernel.run_until_idle(|| {
        let served = ipc::serve::<8, 8>(|message, answer| match message {
            [] => Err(ErrorCode::SIZE),
            _ => ipc::write(answer, format_args!("{}", message.len())),
        });
        served.unwrap();
    });
    assert_eq!(kernel.answers(), [Ok(b"3".to_vec()), Err(ErrorCode::SIZE)]);
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

#[test]
fn keys_that_go_down_are_told_by_what_they_mean() {
    let kernel = Kernel::new();
    keyboard::listen().unwrap();
    let typed = [
        ('a' as usize, Key::Character('a')),
        (10, Key::Character('\n')),
        (0x11_000c, Key::Function(12)),
        (0x11_0010, Key::Insert),
        (0x11_0013, Key::Up),
        (0x11_0018, Key::PageDown),
    ];
    for (meaning, key) in typed {
        kernel.press(meaning);
        assert_eq!(block_on(keyboard::next_key()), key);
    }
    kernel.press(usize::from(b'x'));
    let event = block_on(async { (keyboard::next_event().await, keyboard::next_event().await) });
    assert_eq!(
        (event.0.is_down, event.0.scan_code),
        (false, 0x9e),
        "what was left of the last"
    );
    assert_eq!((event.1.is_down, event.1.key), (true, Key::Character('x')));
}

#[test]
fn keys_that_go_down_while_the_app_sleeps_wait_for_it() {
    let kernel = Kernel::new();
    keyboard::listen().unwrap();
    for (time_ms, character) in (1..).zip("123456789".chars()) {
        kernel.press_at(time_ms, character as usize);
    }
    alarm::sleep_ms(20);
    let typed = || match block_on(keyboard::next_key()) {
        Key::Character(character) => character,
        key => panic!("{key:?}"),
    };
    let typed: String = (0..8).map(|_| typed()).collect();
    assert_eq!(typed, "12345678");
    // Of the ninth there is what came last: it was let go.
    assert!(!block_on(keyboard::next_event()).is_down);
    kernel.press(usize::from(b'x'));
    assert_eq!(block_on(keyboard::next_key()), Key::Character('x'));
}
