//! A bundle is walked image by image, past those that are refused, and never beyond its end.

use kernel::tbf::Bundle;
use tbf::Image;

fn app(name: &str) -> Vec<u8> {
    Image::app(&[0x90; 32]).name(name).build()
}

/// The names of the apps, and the offsets and reasons of what is refused.
fn walk(bytes: &[u8]) -> Vec<String> {
    let lines = Bundle::new(bytes).map(|entry| match entry {
        Ok(image) => image.package_name().to_owned(),
        Err((offset, error)) => format!("{offset}: {error}"),
    });
    lines.collect()
}

#[test]
fn apps_come_in_order() {
    assert_eq!(
        walk(&[app("one"), app("two"), app("three")].concat()),
        ["one", "two", "three"]
    );
}

#[test]
fn nothing_holds_nothing() {
    assert_eq!(walk(&[]), [""; 0]);
}

#[test]
fn padding_is_stepped_over() {
    let bytes = [tbf::padding(16), app("one"), tbf::padding(100), app("two")].concat();
    assert_eq!(walk(&bytes), ["one", "two"]);
}

#[test]
fn a_disabled_app_is_found_all_the_same() {
    let bytes = Image::app(&[0x90; 32]).disabled().name("off").build();
    assert_eq!(walk(&bytes), ["off"]);
}

#[test]
fn the_walk_ends_where_no_header_is() {
    for after in [[0x00; 40], [0xFF; 40], [1; 40]] {
        assert_eq!(
            walk(&[app("one"), after.to_vec(), app("beyond")].concat()),
            ["one"]
        );
    }
}

#[test]
fn an_image_that_is_refused_does_not_hide_the_next() {
    let mut broken = app("broken");
    broken[8] ^= 1;
    let offset = app("one").len();
    let lines = walk(&[app("one"), broken, app("two")].concat());
    assert_eq!((&*lines[0], &*lines[2], lines.len()), ("one", "two", 3));
    assert!(lines[1].starts_with(&format!("{offset}: the header's checksum is ")));
}

#[test]
fn a_header_size_that_cannot_be_does_not_hide_the_next() {
    let mut broken = app("broken");
    broken[2..4].copy_from_slice(&[8, 0]);
    let lines = walk(&[broken, app("two")].concat());
    assert_eq!(
        lines,
        ["0: the header's size is 8; it must be at least 16", "two"]
    );
}

#[test]
fn a_bundle_that_ends_in_the_middle_of_an_image_says_so_wherever_it_was_cut() {
    let (first, second) = (app("one"), app("two"));
    let whole = [&first[..], &second].concat();
    for cut in first.len() + 1..whole.len() {
        let left = cut - first.len();
        let reason = if left < 16 {
            format!("{left} bytes are left; a header has at least 16")
        } else {
            format!(
                "the image's size is {}, but only {left} bytes are left",
                second.len()
            )
        };
        let expected = ["one".to_owned(), format!("{}: {reason}", first.len())];
        assert_eq!(walk(&whole[..cut]), expected);
    }
}

#[test]
fn an_image_of_no_size_at_all_ends_the_walk() {
    let mut broken = app("broken");
    broken[4..8].fill(0);
    let lines = walk(&[broken, app("beyond")].concat());
    assert_eq!(
        lines,
        ["0: the header's size is 52; it must be at most the image's, 0"]
    );
}
