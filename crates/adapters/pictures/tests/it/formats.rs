//! What is read, as people have it, and what is not.

use vestibule_domain::picture::PictureFormat;

use crate::support::{
    Metadata, Pixels, assert_near, detail, encoded_png, fixture, png_chunk, png_head, refusal, shown, with_segments,
};

#[test]
fn every_kind_of_jpeg_is_read() {
    let quadrants = Pixels::quadrants();
    let progressive = quadrants.jpeg_with(|encoder| encoder.set_progressive(true));
    let scan_by_scan = quadrants.jpeg_with(|encoder| encoder.set_optimized_huffman_tables(true));
    let restarting = quadrants.jpeg_with(|encoder| encoder.set_restart_interval(2));
    for (what, file) in [
        ("baseline", quadrants.jpeg().as_slice()),
        ("baseline with a scan for each component", &scan_by_scan),
        ("progressive", &progressive),
        ("restarting", &restarting),
        ("progressive of libjpeg", fixture!("progressive.jpg")),
        ("restarting of libjpeg", fixture!("restarts.jpg")),
        ("a quarter of the colours", fixture!("sampled-4x1.jpg")),
    ] {
        shown(file, what).assert_quadrants(what);
    }
}

#[test]
fn the_inverted_cmyk_of_adobe_is_read() {
    for (what, file) in [("CMYK", fixture!("cmyk.jpg")), ("YCCK", fixture!("ycck.jpg"))] {
        let picture = shown(file, what);
        assert_eq!((picture.width, picture.height), (32, 16), "{what}");
        assert_near(picture.at(6, 8), &[255, 0, 0], 6, what);
        // 100, 150 and 255 of ink that is not there, under a black of 200.
        assert_near(picture.at(26, 8), &[78, 118, 200], 6, what);
    }
}

#[test]
fn grey_stays_grey() {
    let grey = Pixels::made(40, 20, |x, _| vec![if x < 20 { 50 } else { 200 }]);
    for (what, file) in [("JPEG", grey.jpeg()), ("PNG", grey.png()), ("WebP", grey.webp_with(&Metadata::default()))] {
        let picture = shown(&file, what);
        assert_near(picture.at(5, 10), &[50; 3], 3, what);
        assert_near(picture.at(35, 10), &[200; 3], 3, what);
    }
}

#[test]
fn every_kind_of_png_is_read() {
    for (what, file) in [
        ("colour", Pixels::quadrants().png().as_slice()),
        ("interlaced", fixture!("interlaced.png")),
        ("interlaced with a palette", fixture!("palette-interlaced.png")),
        ("animated", fixture!("animated.png")),
    ] {
        shown(file, what).assert_quadrants(what);
    }
}

#[test]
fn sixteen_bits_a_channel_become_eight() {
    let mut info = png::Info::with_size(2, 1);
    info.bit_depth = png::BitDepth::Sixteen;
    info.color_type = png::ColorType::Rgba;
    let samples = [0xff00_u16, 0x8000, 0x0000, 0xffff, 0x1200, 0x3400, 0x5600, 0x8000];
    let samples: Vec<u8> = samples.into_iter().flat_map(u16::to_be_bytes).collect();
    let picture = shown(&encoded_png(info, &samples), "16 bits");
    assert_near(picture.at(0, 0), &[255, 128, 0, 255], 1, "left");
    assert_near(picture.at(1, 0), &[0x12, 0x34, 0x56, 0x80], 1, "right");
}

#[test]
fn one_bit_a_pixel_is_black_and_white() {
    let mut info = png::Info::with_size(16, 1);
    info.bit_depth = png::BitDepth::One;
    info.color_type = png::ColorType::Grayscale;
    let picture = shown(&encoded_png(info, &[0x00, 0xff]), "1 bit");
    assert_near(picture.at(2, 0), &[0; 3], 3, "left");
    assert_near(picture.at(13, 0), &[255; 3], 3, "right");
}

#[test]
fn a_palette_may_have_transparent_colours() {
    let mut file = png_head(2, 1, 8, 3);
    file.extend(png_chunk(*b"PLTE", &[10, 20, 30, 40, 50, 60]));
    file.extend(png_chunk(*b"tRNS", &[255, 0]));
    file.extend(png_chunk(*b"IDAT", &deflated(&[0, 0, 1])));
    file.extend(png_chunk(*b"IEND", &[]));
    let picture = shown(&file, "palette");
    assert_eq!((picture.at(0, 0), picture.at(1, 0)), ([10, 20, 30, 255].as_slice(), [40, 50, 60, 0].as_slice()));
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn every_kind_of_webp_is_read() {
    for (what, file) in [
        ("lossless of ours", Pixels::quadrants().webp_with(&Metadata::default()).as_slice()),
        ("lossy", fixture!("lossy.webp")),
        ("lossy with alpha", fixture!("lossy-alpha.webp")),
        ("lossless with alpha", fixture!("lossless.webp")),
        ("animated", fixture!("animated.webp")),
    ] {
        shown(file, what).assert_quadrants(what);
    }
}

#[test]
fn transparency_makes_a_png_and_its_absence_a_jpeg() {
    let opaque = Pixels::plain(20, 10, &[1, 2, 3, 255]);
    let mut pierced = opaque.clone();
    pierced.samples[3] = 254;
    let (grey, sheer) = (Pixels::plain(20, 10, &[9, 255]), Pixels::plain(20, 10, &[9, 100]));
    for (what, file, format) in [
        ("an opaque PNG", opaque.png(), PictureFormat::Jpeg),
        ("one pixel of a PNG", pierced.png(), PictureFormat::Png),
        ("an opaque grey PNG", grey.png(), PictureFormat::Jpeg),
        ("a transparent grey PNG", sheer.png(), PictureFormat::Png),
        ("an opaque WebP", opaque.webp_with(&Metadata::default()), PictureFormat::Jpeg),
        ("one pixel of a WebP", pierced.webp_with(&Metadata::default()), PictureFormat::Png),
        ("a lossy WebP", fixture!("lossy-alpha.webp").to_vec(), PictureFormat::Png),
        ("an animated WebP", fixture!("animated.webp").to_vec(), PictureFormat::Jpeg),
    ] {
        assert_eq!(detail(&file).unwrap().format, format, "{what}");
    }
    assert_eq!(shown(&pierced.png(), "kept"), pierced);
    assert_eq!(shown(&sheer.png(), "kept"), sheer);
}

#[test]
fn the_content_tells_the_format_and_others_are_unsupported() {
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".as_slice();
    let truncated = fixture!("progressive.jpg");
    for (what, file) in [
        ("nothing", [].as_slice()),
        ("one byte", &[0xff]),
        ("the first bytes of a JPEG", &truncated[..2]),
        ("GIF", fixture!("picture.gif")),
        ("AVIF", fixture!("picture.avif")),
        ("TIFF", fixture!("picture.tiff")),
        ("BMP", b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0"),
        ("HEIC", heic),
        ("SVG", b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>"),
        ("HTML", b"<!DOCTYPE html><img src=x onerror=alert(1)>"),
        ("PDF", b"%PDF-1.7\n1 0 obj\n"),
        ("WAVE in the container of WebP", b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x44\xac\0\0"),
        ("JPEG XL", b"\xff\x0a\xfa\x7f\x01\x90\x08\x06\x01\0"),
        ("arithmetic coding", fixture!("arithmetic.jpg")),
        ("a scan for each component, of several sizes", fixture!("scan-by-scan.jpg")),
    ] {
        assert_eq!(refusal(file), "unsupported", "{what}");
    }
}

#[test]
fn jpegs_that_no_decoder_here_reads_are_unsupported() {
    let file = Pixels::quadrants().jpeg();
    let frame = file.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    for (what, offset, value) in
        [("12 bits", 4, 12), ("lossless", 1, 0xc3), ("two components", 9, 2), ("a third of the colours", 11, 0x31)]
    {
        let mut changed = file.clone();
        changed[frame + offset] = value;
        assert_eq!(refusal(&changed), "unsupported", "{what}");
    }
    let mut late_height = file.clone();
    late_height[frame + 5..frame + 7].fill(0);
    assert_eq!(refusal(&late_height), "unsupported", "a height that comes later");
}

#[test]
fn bytes_behind_the_end_do_no_harm() {
    for (what, file) in
        [("JPEG", fixture!("progressive.jpg")), ("PNG", fixture!("interlaced.png")), ("WebP", fixture!("lossy.webp"))]
    {
        // Cameras put a second picture there, or a film.
        for tail in [Pixels::plain(9, 9, &[1, 2, 3]).jpeg(), vec![0; 1_000], b"RIFF\xff\xff\xff\xff".to_vec()] {
            shown(&[file, &tail].concat(), what).assert_quadrants(what);
        }
    }
}

#[test]
fn a_thumbnail_inside_the_metadata_is_not_the_picture() {
    let thumbnail = Pixels::plain(8, 8, &[1, 2, 3]).jpeg();
    let app1 = crate::support::segment(0xe1, &[b"Exif\0\0".as_slice(), &thumbnail].concat());
    shown(&with_segments(&Pixels::quadrants().jpeg(), &[app1]), "thumbnail").assert_quadrants("thumbnail");
}
