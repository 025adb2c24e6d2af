//! How much memory pictures cost: measured of the whole process, so in a binary of its own.

#![expect(clippy::unwrap_used, reason = "a test that meets an error is to fail on the spot")]
#![expect(clippy::cast_possible_truncation, reason = "the pictures of the tests are small")]

use std::fs;

use vestibule_domain::picture::PictureSize;
use vestibule_pictures::render;

const MIB: usize = 1_024 * 1_024;

/// Bytes that `/proc` tells of this process.
fn told(what: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap();
    line.trim_matches([':', '\t', ' ']).trim_end_matches(" kB").parse::<usize>().unwrap() * 1_024
}

/// By how much the rendering of a file raises the peak.
fn growth(file: Vec<u8>, is_picture: bool) -> usize {
    // The peak so far is forgotten.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = told("VmRSS");
    let rendered = render(file, &[PictureSize::Detail, PictureSize::Thumb]);
    assert_eq!(rendered.is_ok(), is_picture, "{:?}", rendered.err());
    told("VmHWM").saturating_sub(before)
}

/// Colours that change from pixel to pixel.
fn pixels(side: u32, channels: u32) -> Vec<u8> {
    let places = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
    places.flat_map(|(x, y)| (0..channels).map(move |channel| (x / 16 + y / 16 * (channel + 1)) as u8)).collect()
}

fn jpeg(side: u16, progressive: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 60);
    encoder.set_progressive(progressive);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::R_4_2_0);
    encoder.encode(&pixels(u32::from(side), 3), side, side, jpeg_encoder::ColorType::Rgb).unwrap();
    bytes
}

fn png(side: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Rgba);
    encoder.write_header().unwrap().write_image_data(&pixels(side, 4)).unwrap();
    bytes
}

fn lossless(side: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let pixels = pixels(side, 3);
    image_webp::WebPEncoder::new(&mut bytes).encode(&pixels, side, side, image_webp::ColorType::Rgb8).unwrap();
    bytes
}

/// Bits in the order of WebP.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: usize,
}

impl Bits {
    fn put(&mut self, value: u32, count: usize) {
        for at in 0..count {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let last = self.bytes.len() - 1;
            self.bytes[last] |= ((value >> at & 1) as u8) << (self.used % 8);
            self.used += 1;
        }
    }

    /// A table with one symbol, which takes no bit then.
    fn one_symbol(&mut self, symbol: u32) {
        // Simple, one symbol, of eight bits.
        self.put(0b101, 3);
        self.put(symbol, 8);
    }

    /// A table of 2^10 entries, and a tree for each of 2,328 symbols: words of 11 and 12 bits. Then four that cost nothing.
    fn tree(&mut self) {
        self.put(0, 1);
        // The lengths of the codes for lengths, in the order of the format: 17, 18, 0 to 5, 16, 6 to 12.
        self.put(16 - 4, 4);
        for length in [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 2] {
            self.put(length, 3);
        }
        self.put(0, 1);
        // Canonical codes, first bit first: 16, which repeats, is 0; 11 is 10, and 12 is 11.
        for (code, mut count) in [(0b01, 1_768), (0b11, 560)] {
            self.put(code, 2);
            count -= 1;
            while count > 0 {
                let run = if count == 7 { 4 } else { 6.min(count) };
                self.put(0, 1);
                self.put(run - 3, 2);
                count -= run;
            }
        }
        for _ in 0..4 {
            self.one_symbol(0);
        }
    }

    /// A table of 2^10 entries: codes of the lengths 1 to 10, and one more of 10.
    fn large_table(&mut self) {
        self.put(0, 1);
        // The lengths of the codes for lengths, in the order of the format: 17, 18, 0 to 5, 16, 6 to 10.
        self.put(14 - 4, 4);
        for length in [0, 0, 0, 3, 3, 3, 3, 3, 0, 3, 4, 4, 4, 4] {
            self.put(length, 3);
        }
        // No more than eleven symbols follow.
        self.put(1, 1);
        self.put(1, 3);
        self.put(11 - 2, 4);
        // Canonical codes, first bit first: 1 to 6 have three bits, 7 to 10 have four.
        for length in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10_u32] {
            let (code, count) = if length <= 6 { (length - 1, 3) } else { (12 + length - 7, 4) };
            self.put(code.reverse_bits() >> (32 - count), count);
        }
    }
}

/// A lossless WebP of one pixel that has as many of these tables as fit.
fn tables(bytes: usize, cached: bool, add: impl Fn(&mut Bits)) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(0x2f, 8);
    // One pixel, no alpha, version 0; no transform.
    bits.put(0, 14 + 14 + 1 + 3);
    bits.put(0, 1);
    bits.put(u32::from(cached), 1);
    if cached {
        bits.put(11, 4);
    }
    // Several groups of tables, and the picture that tells which is where: one pixel of 65535, without a cache.
    bits.put(1, 1);
    bits.put(0, 3);
    bits.put(0, 1);
    for symbol in [255, 255, 0, 0, 0] {
        bits.one_symbol(symbol);
    }
    while bits.bytes.len() < bytes - 200 {
        add(&mut bits);
    }
    let mut content = bits.bytes;
    content.resize(bytes, 0);
    let mut file = b"RIFF".to_vec();
    file.extend((content.len() as u32 + 12).to_le_bytes());
    file.extend(b"WEBPVP8L");
    file.extend((content.len() as u32).to_le_bytes());
    file.extend(content);
    file
}

/// One test, because two would disturb each other's measurement.
#[test]
fn no_picture_costs_more_than_its_share() {
    // The decoded picture, what the decoder needs beside it, and what the results take.
    for (what, file, is_picture, most) in [
        ("JPEG", jpeg(5_000, false), true, 110),
        ("progressive JPEG", jpeg(4_600, true), true, 160),
        ("PNG", png(5_000), true, 160),
        ("lossless WebP", lossless(3_000), true, 120),
        ("lossless WebP of the most pixels", lossless(5_000), true, 160),
        ("tables of WebP", tables(MIB, false, Bits::large_table), false, 16),
        ("more tables of WebP", tables(4 * MIB, false, Bits::large_table), false, 16),
        ("trees of WebP", tables(MIB, true, Bits::tree), false, 16),
        ("a JPEG of too many pixels", jpeg(5_100, false), false, 8),
    ] {
        let growth = growth(file, is_picture);
        println!("{what}: {} MiB", growth / MIB);
        assert!(growth < most * MIB, "{what}: {} MiB", growth / MIB);
    }
}
