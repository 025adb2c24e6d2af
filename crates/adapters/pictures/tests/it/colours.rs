//! Colours that are meant in another space than sRGB.

use moxcms::ColorProfile;

use crate::support::{Metadata, Pixels, assert_near, shown};

fn profile(profile: &ColorProfile) -> Vec<u8> {
    profile.encode().unwrap()
}

/// The colour that a plain picture of this colour and profile is shown in, by each format.
fn converted(pixel: &[u8], profile: &[u8], what: &str, expected: &[u8]) {
    let metadata = Metadata { profile: Some(profile.to_vec()), ..Metadata::default() };
    let plain = Pixels::plain(16, 16, pixel);
    let mut files = vec![("PNG", plain.png_with(&metadata)), ("WebP", plain.webp_with(&metadata))];
    if pixel.len() == 3 {
        files.push(("JPEG", plain.jpeg_with(|encoder| encoder.add_icc_profile(profile).unwrap())));
    }
    for (format, file) in files {
        assert_near(shown(&file, what).at(8, 8), expected, 4, &format!("{what}, {format}, {pixel:?}"));
    }
}

/// The expected values are computed from the primaries and curves of the two spaces, not by the library.
#[test]
fn wide_gamuts_become_srgb() {
    let p3 = profile(&ColorProfile::new_display_p3());
    let adobe = profile(&ColorProfile::new_adobe_rgb());
    for (what, profile, from, to) in [
        ("Display P3", &p3, [200, 100, 50], [215, 93, 31]),
        ("Display P3", &p3, [60, 160, 90], [0, 163, 82]),
        ("Display P3", &p3, [120, 120, 120], [120, 120, 120]),
        ("Adobe RGB", &adobe, [200, 100, 50], [227, 100, 42]),
        ("Adobe RGB", &adobe, [60, 160, 90], [0, 161, 85]),
        ("Adobe RGB", &adobe, [120, 120, 120], [121, 121, 121]),
    ] {
        converted(&from, profile, what, &to);
        converted(&[from.as_slice(), &[128]].concat(), profile, what, &[to.as_slice(), &[128]].concat());
    }
}

#[test]
fn srgb_stays_as_it_is() {
    let srgb = profile(&ColorProfile::new_srgb());
    for pixel in [[200, 100, 50], [0, 0, 0], [255, 255, 255], [3, 250, 128]] {
        converted(&pixel, &srgb, "sRGB", &pixel);
    }
}

#[test]
fn grey_with_a_curve_of_its_own_becomes_srgb() {
    let metadata = Metadata { profile: Some(profile(&ColorProfile::new_gray_with_gamma(1.8))), ..Metadata::default() };
    for (from, to) in [(60, 77), (120, 139), (200, 210)] {
        let file = Pixels::plain(16, 16, &[from]).png_with(&metadata);
        assert_near(shown(&file, "grey").at(8, 8), &[to; 3], 3, "grey");
        let sheer = Pixels::plain(16, 16, &[from, 100]).png_with(&metadata);
        assert_near(shown(&sheer, "grey").at(8, 8), &[to, to, to, 100], 3, "transparent grey");
    }
}

#[test]
fn a_profile_that_is_broken_or_of_another_kind_is_ignored() {
    let p3 = profile(&ColorProfile::new_display_p3());
    let mut damaged = p3.clone();
    damaged[36..40].fill(0);
    let grey = profile(&ColorProfile::new_gray_with_gamma(1.8));
    for (what, profile) in [
        ("no profile at all", b"not a profile, but a text that is long enough to be taken for one".repeat(4)),
        ("nothing", vec![0]),
        ("cut off", p3[..p3.len() / 2].to_vec()),
        ("damaged", damaged),
        ("for grey", grey),
    ] {
        converted(&[200, 100, 50], &profile, what, &[200, 100, 50]);
    }
    let metadata = Metadata { profile: Some(p3), ..Metadata::default() };
    let file = Pixels::plain(16, 16, &[200]).png_with(&metadata);
    assert_near(shown(&file, "for colours").at(8, 8), &[200; 3], 2, "for colours");
}
