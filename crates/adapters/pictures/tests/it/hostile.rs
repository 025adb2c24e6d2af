//! Files that are cut off or damaged.

use std::{
    ops::RangeInclusive,
    time::{Duration, Instant},
};

use proptest::prelude::*;
use vestibule_domain::picture::PictureSize;
use vestibule_pictures::render;

use crate::support::{Metadata, Pixels, detail, exif, fixture, refusal, seen};

/// Something with details, so that each byte of its file says something.
fn photo() -> Pixels {
    Pixels::made(97, 61, |x, y| vec![(x * 7 + y) as u8, ((x ^ y) * 3) as u8, (y * 5) as u8])
}

/// One of every kind that is read.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let photo = photo();
    let metadata =
        Metadata { profile: Some(moxcms::ColorProfile::new_display_p3().encode().unwrap()), exif: Some(exif(6, true)) };
    vec![
        ("JPEG", photo.jpeg()),
        ("progressive JPEG of many scans", photo.jpeg_with(|encoder| encoder.set_progressive_scans(10))),
        (
            "JPEG with metadata",
            photo.jpeg_with(|encoder| {
                encoder.add_exif_metadata(metadata.exif.as_ref().unwrap()).unwrap();
                encoder.add_icc_profile(metadata.profile.as_ref().unwrap()).unwrap();
            }),
        ),
        ("progressive JPEG", fixture!("progressive.jpg").to_vec()),
        ("JPEG with restarts", fixture!("restarts.jpg").to_vec()),
        ("JPEG of a quarter of the colours", fixture!("sampled-4x1.jpg").to_vec()),
        ("JPEG scan by scan", photo.jpeg_with(|encoder| encoder.set_optimized_huffman_tables(true))),
        ("CMYK", fixture!("cmyk.jpg").to_vec()),
        ("YCCK", fixture!("ycck.jpg").to_vec()),
        ("PNG", photo.png_with(&metadata)),
        ("interlaced PNG", fixture!("interlaced.png").to_vec()),
        ("palette", fixture!("palette-interlaced.png").to_vec()),
        ("animated PNG", fixture!("animated.png").to_vec()),
        ("lossless WebP", photo.webp_with(&metadata)),
        ("small lossless WebP", fixture!("lossless.webp").to_vec()),
        ("lossy WebP", fixture!("lossy.webp").to_vec()),
        ("lossy WebP with alpha", fixture!("lossy-alpha.webp").to_vec()),
        ("animated WebP", fixture!("animated.webp").to_vec()),
    ]
}

#[test]
fn what_a_lost_connection_has_cut_off_is_never_shown() {
    for (what, file) in samples() {
        detail(&file).unwrap();
        for tenth in 1..10 {
            // Of a tiny file less than a tenth would not tell its format.
            let part = (file.len() * tenth / 10).max(12);
            assert_eq!(refusal(&file[..part]), "broken", "{what}: {tenth} tenths");
        }
    }
}

#[test]
fn not_even_the_last_byte_may_be_missing() {
    for (what, file) in samples() {
        let whole = detail(&file).unwrap();
        // The first bytes tell the format; where there are too few, none is told.
        for length in 12..file.len() {
            // The last chunk of WebP may be filled up with a byte that says nothing.
            let padding = what.contains("WebP") && length == file.len() - 1;
            if padding && detail(&file[..length]).is_ok_and(|picture| picture == whole) {
                continue;
            }
            assert_eq!(refusal(&file[..length]), "broken", "{what}: {length} of {} bytes", file.len());
        }
    }
}

#[test]
fn a_missing_piece_is_seen_where_the_format_has_a_check() {
    let photo = photo();
    let file = photo.png();
    for at in (60..file.len() - 20).step_by(7) {
        let mut holed = file.clone();
        holed[at] ^= 0x40;
        assert_eq!(refusal(&holed), "broken", "{at}");
    }
}

/// Some bytes of a sample are others, or missing.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let many: RangeInclusive<usize> = 1..=8;
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), many);
    (prop::sample::select(samples()), changes, prop::option::of(any::<prop::sample::Index>())).prop_map(
        |((_, mut file), changes, hole)| {
            for (index, byte) in changes {
                let at = index.index(file.len());
                file[at] = byte;
            }
            if let Some(hole) = hole {
                let at = hole.index(file.len());
                file.drain(at..(at + 5).min(file.len()));
            }
            file
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damage_ends_in_an_error_or_in_a_picture_and_soon(file in damaged()) {
        let began = Instant::now();
        if let Ok(rendered) = render(file, &[PictureSize::Detail, PictureSize::Thumb]) {
            for picture in rendered {
                let pixels = seen(&picture);
                prop_assert!(pixels.width.max(pixels.height) <= picture.size.longest_side());
            }
        }
        prop_assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    }

    #[test]
    fn nonsense_behind_the_first_bytes_is_refused(start in 0..3_usize, rest in prop::collection::vec(any::<u8>(), 0..400)) {
        let starts = [b"\xff\xd8\xff".as_slice(), b"\x89PNG\r\n\x1a\n", b"RIFF\x10\0\0\0WEBPVP8X"];
        prop_assert_ne!(refusal(&[starts[start], &rest].concat()), "none");
    }
}
