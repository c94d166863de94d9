//! Each way in which an image can be malformed has a line that says so.

use kernel::tbf::TbfImage;
use tbf::Image;

const TOTAL_SIZE_AT: usize = 4;

fn app() -> Image {
    Image::app(&[0x90; 32])
}

fn refusal(bytes: &[u8]) -> String {
    match TbfImage::parse(bytes) {
        Ok(image) => format!("not refused: {:?}", image.summary()),
        Err(error) => error.to_string(),
    }
}

/// The app's 72 bytes with some changed, and the checksum right again.
fn changed(offset: usize, bytes: &[u8]) -> Vec<u8> {
    let mut image = app().build();
    image[offset..offset + bytes.len()].copy_from_slice(bytes);
    tbf::seal(&mut image);
    image
}

fn program(words: [u32; 5]) -> Vec<u8> {
    let words = words.map(u32::to_le_bytes).concat();
    app().without_program().element(9, &words).build()
}

fn element(kind: u16, value: &[u8]) -> Vec<u8> {
    app().element(kind, value).build()
}

#[track_caller]
fn check(table: &[(Vec<u8>, &str)]) {
    for (bytes, line) in table {
        assert_eq!(refusal(bytes), *line);
    }
}

#[test]
fn a_base_header_that_does_not_fit_is_refused() {
    let whole = app().build();
    check(&[
        (vec![], "0 bytes are left; a header has at least 16"),
        (vec![2], "1 bytes are left; a header has at least 16"),
        (
            whole[..15].to_vec(),
            "15 bytes are left; a header has at least 16",
        ),
        (vec![1, 0], "the format's version is 1; it must be 2"),
        (
            vec![0xFF; 64],
            "the format's version is 65535; it must be 2",
        ),
        (
            changed(2, &[15, 0]),
            "the header's size is 15; it must be at least 16",
        ),
        (
            changed(TOTAL_SIZE_AT, &[39]),
            "the header's size is 40; it must be at most the image's, 39",
        ),
        (
            whole[..71].to_vec(),
            "the image's size is 72, but only 71 bytes are left",
        ),
        (
            changed(TOTAL_SIZE_AT, &[0xFF; 4]),
            "the image's size is 4294967295, but only 72 bytes are left",
        ),
    ]);
}

#[test]
fn a_header_with_a_wrong_checksum_is_refused() {
    let mut image = app().build();
    image[12..16].copy_from_slice(&[1, 2, 3, 4]);
    let found = refusal(&image);
    let (start, right) = found.split_at("the header's checksum is 0x04030201; it must be 0x".len());
    assert_eq!(start, "the header's checksum is 0x04030201; it must be 0x");
    let right = u32::from_str_radix(right, 16).expect("the right one is named");
    image[12..16].copy_from_slice(&right.to_le_bytes());
    assert!(TbfImage::parse(&image).is_ok());
}

#[test]
fn an_element_that_its_header_cuts_off_is_refused() {
    let header_of_18_bytes = changed(2, &[18]);
    let header_of_42_bytes = changed(2, &[42]);
    let mut name_without_padding = app().name("abcde").build();
    name_without_padding[2] -= 2;
    tbf::seal(&mut name_without_padding);
    check(&[
        (
            header_of_18_bytes,
            "the element at offset 16 needs 4 bytes, but only 2 are left",
        ),
        (
            header_of_42_bytes,
            "the element at offset 40 needs 4 bytes, but only 2 are left",
        ),
        (
            changed(18, &[0xFF, 0xFF]),
            "the element at offset 16 needs 65540 bytes, but only 24 are left",
        ),
        (
            name_without_padding,
            "the element at offset 40 needs 12 bytes, but only 10 are left",
        ),
    ]);
}

#[test]
fn an_element_of_the_wrong_length_is_refused() {
    check(&[
        (
            element(1, &[0; 8]),
            "the Main element is 8 bytes long; it must be 12",
        ),
        (
            element(9, &[0; 21]),
            "the Program element is 21 bytes long; it must be 20",
        ),
        (
            element(2, &[0; 12]),
            "the list of writeable flash regions is 12 bytes long; it must be 16",
        ),
        (
            element(5, &[0; 4]),
            "the fixed-addresses element is 4 bytes long; it must be 8",
        ),
        (
            element(6, &[]),
            "the list of permissions is 0 bytes long; it must be 2",
        ),
        (
            element(6, &[2, 0, 1]),
            "the list of permissions is 3 bytes long; it must be 34",
        ),
        (
            element(6, &[0; 18]),
            "the list of permissions is 18 bytes long; it must be 2",
        ),
        (
            element(7, &[]),
            "the list of storage permissions is 0 bytes long; it must be 8",
        ),
        (
            element(7, &[0, 0, 0, 0, 1, 0, 9, 9, 9, 9]),
            "the list of storage permissions is 10 bytes long; it must be 12",
        ),
        (
            element(7, &[0, 0, 0, 0, 0, 0, 2, 0]),
            "the list of storage permissions is 8 bytes long; it must be 16",
        ),
        (
            element(8, &[2, 0]),
            "the kernel-version element is 2 bytes long; it must be 4",
        ),
        (
            element(10, &[0; 5]),
            "the short-id element is 5 bytes long; it must be 4",
        ),
    ]);
}

#[test]
fn an_element_that_says_what_cannot_be_is_refused() {
    let nine = [0; 9];
    check(&[
        (
            element(3, b"ab\xFFcd"),
            "the package name must be UTF-8, but only its first 2 bytes are",
        ),
        (
            app().storage_permissions(0, &nine, &[]).build(),
            "the storage permissions name 9 identifiers; at most 8 may be read and as many modified",
        ),
        (
            app().storage_permissions(0, &[1], &nine).build(),
            "the storage permissions name 9 identifiers; at most 8 may be read and as many modified",
        ),
        (
            app().writeable_flash_regions(&[(0, 8), (80, 21)]).build(),
            "the writeable region of 21 bytes at offset 80 must end in the image, which has 92",
        ),
        (
            app().writeable_flash_regions(&[(u32::MAX, 1)]).build(),
            "the writeable region of 1 bytes at offset 4294967295 must end in the image, \
             which has 84",
        ),
        (
            app().fixed_addresses(None, Some(51)).build(),
            "the binary's address is 0x33; there must be room for 52 bytes before it, and for 84 \
             in all",
        ),
        (
            app().fixed_addresses(None, Some(0xFFFF_FFE0)).build(),
            "the binary's address is 0xffffffe0; there must be room for 52 bytes before it, and \
             for 84 in all",
        ),
    ]);
}

#[test]
fn a_program_that_is_not_in_its_image_is_refused() {
    check(&[
        (
            app().without_program().name("nothing").build(),
            "the header has neither a Main nor a Program element; it must have one",
        ),
        (
            program([0, 0, 0, 73, 0]),
            "the binary's end is 73; it must be at most the image's size, 72",
        ),
        (
            program([0, 0, 0, 39, 0]),
            "the protected size is 40; it must be at most the binary's end, 39",
        ),
        (
            program([0, u32::MAX, 0, 72, 0]),
            "the protected size is 4294967335; it must be at most the binary's end, 72",
        ),
        (
            program([3, 4, 0, 72, 0]),
            "the entry point is at offset 43; it must be in the binary, from 44 up to 72",
        ),
        (
            program([32, 0, 0, 72, 0]),
            "the entry point is at offset 72; it must be in the binary, from 40 up to 72",
        ),
        (
            program([u32::MAX, 0, 0, 72, 0]),
            "the entry point is at offset 4294967335; it must be in the binary, from 40 up to 72",
        ),
        (
            Image::app(&[]).build(),
            "the entry point is at offset 40; it must be in the binary, from 40 up to 40",
        ),
    ]);
}

#[test]
fn what_keeps_an_app_from_running_on_this_kernel_has_its_lines() {
    let reason = |image: Image| {
        let bytes = image.build();
        let summary = TbfImage::parse(&bytes).unwrap().summary();
        summary.check_kernel_version().unwrap_err().to_string()
    };
    assert_eq!(
        reason(app().kernel_version(3, 1)),
        "the app needs a kernel 3.x from 3.1 on; this is 2.3"
    );
    assert_eq!(
        reason(app()),
        "the header has no kernel version; it must have one that 2.3 satisfies"
    );
}
