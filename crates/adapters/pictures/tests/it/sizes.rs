//! How large the results are.

use vestibule_domain::picture::PictureSize::{self, Detail, Thumb};
use vestibule_pictures::render;

use crate::support::{Metadata, Pixels, assert_near, exif, seen};

fn sizes(file: Vec<u8>, sizes: &[PictureSize]) -> Vec<(PictureSize, u32, u32)> {
    let rendered = render(file, sizes).unwrap();
    rendered.iter().map(|picture| (picture.size, seen(picture).width, seen(picture).height)).collect()
}

#[test]
fn the_longer_side_is_bounded_and_the_aspect_kept() {
    for (width, height, detail, thumb) in [
        (4_000, 3_000, (1_600, 1_200), (256, 192)),
        (3_000, 4_000, (1_200, 1_600), (192, 256)),
        (1_601, 1_601, (1_600, 1_600), (256, 256)),
        (1_600, 900, (1_600, 900), (256, 144)),
        (300, 200, (300, 200), (256, 171)),
        (256, 256, (256, 256), (256, 256)),
        (100, 50, (100, 50), (100, 50)),
        (1, 1, (1, 1), (1, 1)),
        (8_000, 1, (1_600, 1), (256, 1)),
        (1, 8_000, (1, 1_600), (1, 256)),
        (2_000, 3, (1_600, 2), (256, 1)),
    ] {
        let file = Pixels::plain(width, height, &[40, 80, 120]).png();
        let expected = [(Detail, detail.0, detail.1), (Thumb, thumb.0, thumb.1)];
        assert_eq!(sizes(file, &[Detail, Thumb]), expected, "{width} × {height}");
    }
}

#[test]
fn the_results_come_in_the_order_of_asking() {
    let file = Pixels::plain(2_000, 1_000, &[40, 80, 120]).jpeg();
    let (detail, thumb) = ((Detail, 1_600, 800), (Thumb, 256, 128));
    assert_eq!(sizes(file.clone(), &[Thumb, Detail]), [thumb, detail]);
    assert_eq!(sizes(file.clone(), &[Thumb]), [thumb]);
    assert_eq!(sizes(file.clone(), &[Thumb, Detail, Thumb]), [thumb, detail, thumb]);
    assert_eq!(sizes(file, &[]), []);
}

#[test]
fn a_picture_that_lies_on_its_side_is_bounded_upright() {
    let metadata = Metadata { exif: Some(exif(6, true)), ..Metadata::default() };
    let file = Pixels::plain(4_000, 1_000, &[40, 80, 120]).png_with(&metadata);
    assert_eq!(sizes(file, &[Detail, Thumb]), [(Detail, 400, 1_600), (Thumb, 64, 256)]);
}

#[test]
fn colours_survive_the_scaling() {
    let file = Pixels::made(3_200, 800, |x, _| if x < 1_600 { vec![200, 30, 60] } else { vec![10, 90, 250] }).png();
    for picture in render(file, &[Detail, Thumb]).unwrap() {
        let pixels = seen(&picture);
        assert_near(pixels.at(pixels.width / 4, pixels.height / 2), &[200, 30, 60], 4, "left");
        assert_near(pixels.at(pixels.width * 3 / 4, pixels.height / 2), &[10, 90, 250], 4, "right");
    }
}

#[test]
fn the_colour_of_what_is_transparent_does_not_bleed() {
    // Columns of opaque red between columns of green that is not seen.
    let file = Pixels::made(3_200, 64, |x, _| if x % 4 < 2 { vec![255, 0, 0, 255] } else { vec![0, 255, 0, 0] }).png();
    for picture in render(file, &[Detail, Thumb]).unwrap() {
        let pixels = seen(&picture);
        let middle = pixels.at(pixels.width / 2, pixels.height / 2);
        assert_near(&middle[..3], &[255, 0, 0], 3, "the colour");
        assert!(pixels.samples.iter().skip(3).step_by(4).any(|alpha| *alpha > 0), "something is seen");
    }
}
