//! Small files that ask for much.

use std::time::{Duration, Instant};

use crate::support::{
    Metadata, Pixels, deflated_zeros, detail, fixture, png_chunk, png_head, refusal, seen, segment, shown,
    with_segments,
};

/// More than any of these takes beside a build.
const SOON: Duration = Duration::from_secs(10);
const MIB: usize = 1_024 * 1_024;

fn in_time<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let result = work();
    assert!(began.elapsed() < SOON, "{what}: {:?}", began.elapsed());
    result
}

/// A JPEG up to its frame header; the components have these samplings.
fn jpeg_head(frame: u8, width: u16, height: u16, sampling: &[u8]) -> Vec<u8> {
    let mut header = vec![8];
    header.extend([height.to_be_bytes(), width.to_be_bytes()].concat());
    header.push(sampling.len() as u8);
    for (index, sampling) in sampling.iter().enumerate() {
        header.extend([index as u8 + 1, *sampling, 0]);
    }
    [b"\xff\xd8".as_slice(), &segment(0xdb, &[[0].as_slice(), &[1; 64]].concat()), &segment(frame, &header)].concat()
}

/// A WebP of these chunks.
fn webp(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (kind, content) in chunks {
        body.extend(*kind);
        body.extend((content.len() as u32).to_le_bytes());
        body.extend(content);
        body.extend(vec![0; content.len() % 2]);
    }
    [b"RIFF".as_slice(), &(body.len() as u32).to_le_bytes(), &body].concat()
}

fn extended(flags: u8, width: u32, height: u32) -> (&'static [u8; 4], Vec<u8>) {
    let side = |side: u32| (side - 1).to_le_bytes()[..3].to_vec();
    (b"VP8X", [vec![flags, 0, 0, 0], side(width), side(height)].concat())
}

fn lossy(width: u16, height: u16) -> (&'static [u8; 4], Vec<u8>) {
    let sides = [width.to_le_bytes(), height.to_le_bytes()].concat();
    (b"VP8 ", [b"\x10\x02\x00\x9d\x01\x2a".as_slice(), &sides, &[0; 64]].concat())
}

fn lossless(width: u32, height: u32) -> (&'static [u8; 4], Vec<u8>) {
    let bits = (width - 1) | (height - 1) << 14;
    (b"VP8L", [b"\x2f".as_slice(), &bits.to_le_bytes(), &[0; 64]].concat())
}

/// One colour, which no code has a bit for.
fn plain_lossless(width: u32, height: u32) -> (&'static [u8; 4], Vec<u8>) {
    let bits = (width - 1) | (height - 1) << 14;
    // No transform, no cache, one group; five simple codes of one symbol, of one bit: 001 and 0.
    let rest = (0x1_1111_u64 << 3).to_le_bytes();
    (b"VP8L", [b"\x2f".as_slice(), &bits.to_le_bytes(), &rest].concat())
}

#[test]
fn headers_of_too_many_pixels_are_refused_without_their_pixels() {
    let three = [0x11; 3];
    let mut one_frame = vec![0; 16];
    one_frame.extend(b"VP8 \x0a\0\0\0\x10\x02\x00\x9d\x01\x2a\xff\x3f\xff\x3f");
    for (what, file) in [
        ("PNG of 60000 px", png_head(60_000, 60_000, 8, 6)),
        ("PNG of the most that there can be", png_head(0x7fff_ffff, 0x7fff_ffff, 16, 6)),
        ("PNG of 8001 px", png_head(8_001, 1, 1, 0)),
        ("high PNG of 8001 px", png_head(1, 8_001, 1, 0)),
        ("PNG of 25 million pixels and 5000 more", png_head(5_001, 5_000, 8, 2)),
        ("JPEG of the most that there can be", jpeg_head(0xc0, 65_535, 65_535, &three)),
        ("JPEG of 8001 px", jpeg_head(0xc2, 1, 8_001, &three)),
        ("WebP of 16384 px", webp(&[extended(0, 16_384, 16_384)])),
        ("WebP of 2^24 px", webp(&[extended(0, 1 << 24, 1)])),
        ("lossy WebP of 16383 px", webp(&[lossy(16_383, 16_383)])),
        ("lossless WebP of 16384 px", webp(&[lossless(16_384, 16_384)])),
        ("a large lossy WebP on a small canvas", webp(&[extended(0, 10, 10), lossy(16_383, 16_383)])),
        ("a large lossless WebP on a small canvas", webp(&[extended(0, 10, 10), lossless(16_384, 16_384)])),
        ("a large frame on a small canvas", webp(&[extended(2, 10, 10), (b"ANMF", one_frame)])),
    ] {
        assert_eq!(in_time(what, || refusal(&file)), "too large", "{what}");
    }
}

#[test]
fn more_memory_than_the_limit_is_refused_by_the_headers() {
    let end = |head: Vec<u8>, scan: &[u8]| [head, segment(0xda, scan), b"\0\xff\xd9".to_vec()].concat();
    for (what, file) in [
        ("progressive JPEG", end(jpeg_head(0xc2, 5_000, 5_000, &[0x11; 3]), &[3, 1, 0, 2, 0, 3, 0, 0, 0, 0])),
        ("lossy WebP with alpha", webp(&[extended(0x10, 5_000, 5_000), lossy(5_000, 5_000)])),
    ] {
        assert_eq!(in_time(what, || refusal(&file)), "too large", "{what}");
    }
}

#[test]
fn a_picture_of_no_pixels_is_broken() {
    for (what, file) in
        [("PNG", png_head(0, 10, 8, 2)), ("JPEG", jpeg_head(0xc0, 0, 10, &[0x11; 3])), ("WebP", webp(&[lossy(0, 10)]))]
    {
        assert_eq!(refusal(&file), "broken", "{what}");
    }
}

#[test]
fn the_bytes_are_counted() {
    let mut file = fixture!("progressive.jpg").to_vec();
    file.resize(5 * MIB, 0);
    shown(&file, "5 MiB").assert_quadrants("5 MiB");
    file.push(0);
    assert_eq!(refusal(&file), "too large");
}

#[test]
fn the_largest_pictures_are_rendered() {
    let square = Pixels::plain(5_000, 5_000, &[200, 30, 60]);
    let jpeg = square.jpeg();
    drop(square);
    let sheer = [
        png_head(5_000, 5_000, 8, 6),
        png_chunk(*b"IDAT", &deflated_zeros(5_000 * (1 + 4 * 5_000))),
        png_chunk(*b"IEND", &[]),
    ]
    .concat();
    let plain = webp(&[plain_lossless(5_000, 5_000)]);
    for (what, file) in [("JPEG", jpeg), ("PNG", sheer), ("lossless WebP", plain)] {
        let picture = seen(&in_time(what, || detail(&file)).unwrap());
        assert_eq!((picture.width, picture.height), (1_600, 1_600), "{what}");
    }
}

#[test]
fn compressed_data_beyond_the_picture_is_not_unpacked() {
    let zeros = deflated_zeros(400 * MIB);
    assert!(zeros.len() < MIB, "{}", zeros.len());
    let end = png_chunk(*b"IEND", &[]);
    let pixels = [png_head(1, 1, 8, 2), png_chunk(*b"IDAT", &zeros), end.clone()].concat();
    let whole = Pixels::plain(1, 1, &[0, 0, 0]).png();
    let (head, rest) = whole.split_at(33);
    let profile = [head, &png_chunk(*b"iCCP", &[b"p\0\0".as_slice(), &zeros].concat()), rest].concat();
    let text = [head, &png_chunk(*b"zTXt", &[b"p\0\0".as_slice(), &zeros].concat()), rest].concat();
    for (what, file) in [("pixels", pixels), ("a text", text)] {
        let picture = in_time(what, || shown(&file, what));
        assert_eq!((picture.width, picture.height), (1, 1), "{what}");
    }
    let refused = in_time("a profile", || refusal(&profile));
    assert!(["none", "too large"].contains(&refused), "{refused}");
}

/// Puts bits together, stuffed as in a scan.
fn scan_bits(bits: impl IntoIterator<Item = bool>) -> Vec<u8> {
    let bits: Vec<bool> = bits.into_iter().collect();
    let bytes =
        bits.chunks(8).map(|bits| (0..8).fold(0, |byte, at| byte << 1 | u8::from(*bits.get(at).unwrap_or(&true))));
    bytes.flat_map(|byte| if byte == 0xff { vec![0xff, 0] } else { vec![byte] }).collect()
}

/// A grey progressive picture of 16 million pixels, of which each scan says in twenty bytes that it has nothing to add.
fn many_scans(count: usize) -> Vec<u8> {
    const BLOCKS: usize = 500 * 500;
    let mut file = jpeg_head(0xc2, 4_000, 4_000, &[0x11]);
    // One code of one bit in each table: no difference, and the end of a band of 2^14 blocks and more.
    for (table, symbol) in [(0x00, 0x00), (0x10, 0xe0)] {
        let mut content = vec![table, 1];
        content.extend([0; 15]);
        content.push(symbol);
        file.extend(segment(0xc4, &content));
    }
    file.extend(segment(0xda, &[1, 1, 0, 0, 0, 0]));
    file.extend(scan_bits(std::iter::repeat_n(false, BLOCKS)));
    let run = || std::iter::once(false).chain(std::iter::repeat_n(true, 14));
    let empty = scan_bits((0..BLOCKS.div_ceil(32_767)).flat_map(|_| run()));
    for scan in 1..count {
        let approximation = if scan == 1 { 0x01 } else { 0x10 };
        file.extend(segment(0xda, &[1, 1, 0, 1, 63, approximation]));
        file.extend(&empty);
    }
    file.extend(b"\xff\xd9");
    file
}

#[test]
fn a_progressive_jpeg_has_a_bounded_number_of_scans() {
    let few = many_scans(3);
    let picture = in_time("few scans", || shown(&few, "few scans"));
    assert_eq!((picture.width, picture.height), (1_600, 1_600));
    let most = many_scans(50);
    in_time("as many scans as there may be", || shown(&most, "as many scans as there may be"));
    let too_many = many_scans(51);
    assert_eq!(in_time("51 scans", || refusal(&too_many)), "too large");
    let bomb = many_scans(50_000);
    assert_eq!(in_time("50000 scans", || refusal(&bomb)), "too large");
}

#[test]
fn a_baseline_jpeg_has_a_bounded_number_of_scans_too() {
    let file = Pixels::quadrants().jpeg();
    let scan = file.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
    let again = file[scan..file.len() - 2].repeat(100);
    assert_eq!(refusal(&[&file[..scan], &again, b"\xff\xd9"].concat()), "too large");
}

#[test]
fn a_jpeg_has_a_bounded_number_of_segments() {
    // The decoder sorts all that it has of these at each new one.
    let part = |offset: u32| {
        let guid = [b'A'; 32];
        let numbers = [1_000_000_u32.to_be_bytes(), offset.to_be_bytes()].concat();
        segment(0xe1, &[b"http://ns.adobe.com/xmp/extension/\0".as_slice(), &guid, &numbers, b"x"].concat())
    };
    let file = |count| with_segments(&Pixels::quadrants().jpeg(), &(0..count).rev().map(part).collect::<Vec<_>>());
    in_time("some", || shown(&file(1_900), "some")).assert_quadrants("some");
    assert_eq!(in_time("many", || refusal(&file(60_000))), "too large");
}

#[test]
fn a_frame_of_an_animation_has_no_frames_in_it() {
    let mut rest = vec![0; 16];
    for _ in 0..100_000 {
        // Built from the inside, and turned round at the end.
        rest.extend((rest.len() as u32).to_be_bytes());
        rest.extend(b"FMNA");
        rest.extend([0; 16]);
    }
    rest.reverse();
    let file = webp(&[extended(2, 10, 10), (b"ANMF", rest)]);
    assert_eq!(in_time("100000 frames in each other", || refusal(&file)), "broken");
}

#[test]
fn a_profile_or_a_block_of_exif_may_claim_any_length() {
    let file = Pixels::quadrants().webp_with(&Metadata { exif: Some(vec![1; 30]), ..Metadata::default() });
    let exif = file.windows(4).position(|window| window == b"EXIF").unwrap();
    let mut claiming = file.clone();
    claiming[exif + 4..exif + 8].fill(0xff);
    assert_eq!(in_time("EXIF of 4 GiB", || refusal(&claiming)), "broken");
}
