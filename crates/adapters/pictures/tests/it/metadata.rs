//! What the output does not have.

use moxcms::ColorProfile;
use vestibule_domain::picture::{PictureFormat, PictureSize};
use vestibule_pictures::render;
use vestibule_ports::RenderedPicture;

use crate::support::{Metadata, Pixels, exif, png_chunk, segment, with_segments};

const SECRET: &[u8] = b"GPS 47.3769 N, 8.5417 E";

/// The kinds of segments or chunks of an output.
fn parts(picture: &RenderedPicture) -> Vec<String> {
    let bytes = &picture.bytes;
    let mut parts = Vec::new();
    match picture.format {
        PictureFormat::Jpeg => {
            let mut at = 2;
            while bytes[at + 1] != 0xda {
                parts.push(format!("{:x}", bytes[at + 1]));
                at += 2 + usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
            }
        }
        PictureFormat::Png => {
            let mut at = 8;
            while at < bytes.len() {
                parts.push(String::from_utf8(bytes[at + 4..at + 8].to_vec()).unwrap());
                at += 12 + u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
            }
        }
    }
    parts.sort();
    parts.dedup();
    parts
}

fn all_metadata() -> Metadata {
    let exif = [exif(1, true), SECRET.to_vec()].concat();
    Metadata { profile: Some(ColorProfile::new_display_p3().encode().unwrap()), exif: Some(exif) }
}

#[test]
fn no_metadata_comes_through() {
    let metadata = all_metadata();
    let opaque = Pixels::quadrants();
    let sheer = Pixels::plain(300, 20, &[1, 2, 3, 100]);
    let jpeg = opaque.jpeg_with(|encoder| {
        encoder.add_exif_metadata(metadata.exif.as_ref().unwrap()).unwrap();
        encoder.add_icc_profile(metadata.profile.as_ref().unwrap()).unwrap();
    });
    let xmp = segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", SECRET].concat());
    let iptc = segment(0xed, &[b"Photoshop 3.0\0", SECRET].concat());
    let jpeg = with_segments(&jpeg, &[segment(0xfe, SECRET), xmp, iptc]);
    let mut png = sheer.png_with(&metadata);
    let end = png.split_off(png.len() - 12);
    png.extend(png_chunk(*b"tEXt", &[b"Comment\0", SECRET].concat()));
    png.extend(end);
    for (what, file) in [
        ("JPEG", jpeg),
        ("PNG", png),
        ("WebP", opaque.webp_with(&metadata)),
        ("transparent WebP", sheer.webp_with(&metadata)),
    ] {
        assert!(file.windows(SECRET.len()).any(|window| window == SECRET), "{what}: the test has no secret");
        for picture in render(file, &[PictureSize::Detail, PictureSize::Thumb]).unwrap() {
            assert!(!picture.bytes.windows(SECRET.len()).any(|window| window == SECRET), "{what}");
            match picture.format {
                PictureFormat::Jpeg => assert_eq!(parts(&picture), ["c0", "c4", "db", "e0"], "{what}"),
                PictureFormat::Png => assert_eq!(parts(&picture), ["IDAT", "IEND", "IHDR"], "{what}"),
            }
        }
    }
}

#[test]
fn the_output_is_made_anew_even_if_the_input_would_do() {
    let file = Pixels::quadrants().jpeg();
    let hidden = [&file, b"<script>alert(1)</script>".as_slice()].concat();
    let rendered = render(hidden, &[PictureSize::Detail]).unwrap().remove(0);
    assert!(!rendered.bytes.windows(8).any(|window| window == b"<script>"));
}
