//! Which way up.

use crate::support::{Metadata, Pixels, exif, shown};

/// The pixels as a camera stores them that writes this orientation: EXIF says to which side of the upright picture the
/// first row and the first column belong.
fn stored(upright: &Pixels, orientation: u16) -> Pixels {
    let (row, column) = [
        ("top", "left"),
        ("top", "right"),
        ("bottom", "right"),
        ("bottom", "left"),
        ("left", "top"),
        ("right", "top"),
        ("right", "bottom"),
        ("left", "bottom"),
    ][usize::from(orientation) - 1];
    let (width, height) = (upright.width, upright.height);
    let lies = row == "left" || row == "right";
    let (rows, columns) = if lies { (width, height) } else { (height, width) };
    Pixels::made(columns, rows, |c, r| {
        let (mut x, mut y) = (0, 0);
        for (side, index) in [(row, r), (column, c)] {
            match side {
                "top" => y = index,
                "bottom" => y = height - 1 - index,
                "left" => x = index,
                _ => x = width - 1 - index,
            }
        }
        upright.at(x, y).to_vec()
    })
}

#[test]
fn all_orientations_of_all_formats_show_the_same() {
    let upright = Pixels::quadrants();
    for orientation in 1..=8 {
        for little in [false, true] {
            let stored = stored(&upright, orientation);
            let metadata = Metadata { exif: Some(exif(orientation, little)), ..Metadata::default() };
            let jpeg = stored.jpeg_with(|encoder| encoder.add_exif_metadata(&exif(orientation, little)).unwrap());
            for (format, file) in
                [("JPEG", jpeg), ("PNG", stored.png_with(&metadata)), ("WebP", stored.webp_with(&metadata))]
            {
                let what = format!("{format}, orientation {orientation}, little-endian: {little}");
                shown(&file, &what).assert_quadrants(&what);
            }
        }
    }
}

#[test]
fn pixels_of_every_width_are_turned() {
    for channels in 1..=4 {
        let upright = Pixels::made(5, 3, |x, y| {
            // Transparent, so that the output is without loss where it can be.
            let pixel = [20 * x as u8 + 50, 60 * y as u8 + 40, 90, 7];
            if channels % 2 == 1 { pixel[..channels].to_vec() } else { pixel[4 - channels..].to_vec() }
        });
        for orientation in 1..=8 {
            let metadata = Metadata { exif: Some(exif(orientation, true)), ..Metadata::default() };
            let what = format!("{channels} channels, orientation {orientation}");
            let turned = shown(&stored(&upright, orientation).png_with(&metadata), &what);
            assert_eq!((turned.width, turned.height), (5, 3), "{what}");
            if channels % 2 == 0 {
                assert_eq!(turned, upright, "{what}");
            }
        }
    }
}

#[test]
fn the_orientation_may_come_with_the_prefix_of_jpeg_or_behind_the_pixels() {
    let stored = stored(&Pixels::quadrants(), 6);
    let prefixed = Metadata { exif: Some([b"Exif\0\0".as_slice(), &exif(6, true)].concat()), ..Metadata::default() };
    shown(&stored.webp_with(&prefixed), "prefix").assert_quadrants("prefix");

    let png = stored.png();
    let (head, end) = png.split_at(png.len() - 12);
    let late = [head, &crate::support::png_chunk(*b"eXIf", &exif(6, false)), end].concat();
    shown(&late, "late").assert_quadrants("late");
}

#[test]
fn an_orientation_that_makes_no_sense_is_upright() {
    let short = exif(6, true);
    let mut far = short.clone();
    far[4..8].fill(0xff);
    let mut many = short.clone();
    many[8..10].fill(0xff);
    many[22] = 0;
    for (what, exif) in [
        ("0", exif(0, true)),
        ("9", exif(9, false)),
        ("65535", exif(65_535, true)),
        ("cut off", short[..25].to_vec()),
        ("a directory out of reach", far),
        ("more entries than there are", many),
        ("nothing", vec![]),
        ("another text", b"no TIFF at all".to_vec()),
    ] {
        let metadata = Metadata { exif: Some(exif.clone()), ..Metadata::default() };
        shown(&Pixels::quadrants().png_with(&metadata), what).assert_quadrants(what);
        let jpeg = Pixels::quadrants().jpeg_with(|encoder| encoder.add_exif_metadata(&exif).unwrap());
        shown(&jpeg, what).assert_quadrants(what);
    }
}
