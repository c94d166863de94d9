//! Credentials are listed as they stand in the footers.

use kernel::tbf::{CredentialFormat, TbfError, TbfImage};
use tbf::Image;

type Listed = Vec<Result<(CredentialFormat, usize), TbfError>>;

fn credentials(image: Image) -> Listed {
    let bytes = image.build();
    let image = TbfImage::parse(&bytes).expect("footers do not make an image malformed");
    let listed = image.credentials();
    listed
        .map(|one| one.map(|it| (it.format, it.data.len())))
        .collect()
}

fn app() -> Image {
    Image::app(&[0x90; 16])
}

#[test]
fn every_format_has_its_length() {
    for (number, format, length) in [
        (0, CredentialFormat::Reserved, 0),
        (1, CredentialFormat::Rsa3072Key, 768),
        (2, CredentialFormat::Rsa4096Key, 1024),
        (3, CredentialFormat::SHA256, 32),
        (4, CredentialFormat::SHA384, 48),
        (5, CredentialFormat::SHA512, 64),
        (6, CredentialFormat::EcdsaNistP256, 64),
    ] {
        let listed = credentials(app().credential(number, &vec![1; length]));
        assert_eq!(listed, [Ok((format, length))]);
        if length > 0 {
            let short = credentials(app().credential(number, &vec![1; length - 1]));
            let [Err(error)] = short[..] else {
                panic!("{short:?}")
            };
            let line = format!(
                "the credential is {} bytes long; it must be {}",
                length + 3,
                length + 4
            );
            assert_eq!(error.to_string(), line);
        }
    }
}

#[test]
fn credentials_come_in_order_and_room_for_more_of_them_has_no_data() {
    let listed = credentials(app().credential(3, &[1; 32]).credential(0, &[0; 333]));
    let expected = [
        (CredentialFormat::SHA256, 32),
        (CredentialFormat::Reserved, 0),
    ];
    assert_eq!(listed, expected.map(Ok));
}

#[test]
fn a_credentials_data_and_what_it_speaks_for_are_the_images_own_bytes() {
    let bytes = app().credential(3, &[7; 32]).build();
    let image = TbfImage::parse(&bytes).unwrap();
    let credential = image.credentials().next().unwrap().unwrap();
    assert_eq!(credential.data, [7; 32]);
    assert_eq!(image.integrity_region(), &bytes[..40 + 16]);
}

#[test]
fn the_list_ends_with_the_first_footer_that_is_malformed() {
    for (broken, line) in [
        (
            app().footer(3, b"name"),
            "the footer has type 3; it must be 128, a credential",
        ),
        (
            app().credential(7, &[]),
            "the credential's format is 7; it must be 0 to 6",
        ),
        (
            app().footer(128, &[3]),
            "the credential is 1 bytes long; it must be 4",
        ),
    ] {
        let listed = credentials(broken.credential(0, &[]));
        let [Err(error)] = listed[..] else {
            panic!("{listed:?}")
        };
        assert_eq!(error.to_string(), line);
    }
}

#[test]
fn a_footer_that_the_image_cuts_off_is_an_error() {
    let mut bytes = app().credential(3, &[7; 32]).build();
    let total_size = bytes.len() as u32 - 1;
    bytes[4..8].copy_from_slice(&total_size.to_le_bytes());
    tbf::seal(&mut bytes);
    let image = TbfImage::parse(&bytes).unwrap();
    let errors: Vec<_> = image
        .credentials()
        .map(|one| one.unwrap_err().to_string())
        .collect();
    assert_eq!(
        errors,
        ["the element at offset 56 needs 40 bytes, but only 39 are left"]
    );
}
