//! The decoder's allocations for lossless WebP besides the pixels, computed from the stream before it is decoded.
//!
//! A stream has up to 65,536 groups of five prefix codes, and the decoder builds tables for all of them at once: two bytes
//! can cost it a kibibyte. The number of groups is the largest value in a picture of its own, which comes early, as do the
//! pictures of the transforms. They are skimmed here: prefix codes are walked bit by bit, and no pixel is kept.

use vestibule_ports::PictureError;

/// The five codes of a group: green with lengths, red, blue, alpha, distance. Green includes the colour cache.
const ALPHABETS: [u16; 5] = [256 + 24, 256, 256, 256, 40];
/// The order in which the lengths of the code-length code are stored.
const ORDER: [usize; 19] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const MAX_LENGTH: usize = 15;
/// A code with longer words has a tree behind its table.
const TABLE_BITS: usize = 10;

/// The decoder's memory for each, in bytes, including the allocator's overhead.
const PER_GROUP: u64 = 3 * 5 * 56;
const PER_TABLE_ENTRY: u64 = 4;
const PER_LONG_WORD: u64 = 2 * 16;
const PER_CODE: u64 = 64;
/// The four channels of a pixel, and its group.
const PER_PIXEL: u64 = 4 + 2;

/// Bytes for a whole VP8L stream, which begins with a header, without its pixels. It stops at `most`.
pub(super) fn memory_of_stream(stream: &[u8], most: u64) -> Result<u64, PictureError> {
    let mut bits = Bits::new(stream);
    let _signature = bits.read(8)?;
    let (width, height) = (bits.read(14)? + 1, bits.read(14)? + 1);
    let _alpha_and_version = bits.read(4)?;
    memory(bits, (width, height), most)
}

/// Bytes for an alpha chunk, which is a stream without a header, or uncompressed.
pub(super) fn memory_of_alpha(chunk: &[u8], size: (u32, u32), most: u64) -> Result<u64, PictureError> {
    match chunk.split_first() {
        Some((flags, stream)) if flags & 0b11 == 1 => memory(Bits::new(stream), size, most),
        _ => Ok(0),
    }
}

fn memory(bits: Bits<'_>, size: (u32, u32), most: u64) -> Result<u64, PictureError> {
    let mut walk = Walk { bits, bytes: 0, most };
    let width = walk.transforms(size)?;
    walk.groups((width, size.1))?;
    Ok(walk.bytes)
}

/// Reads a stream up to its pixels.
struct Walk<'stream> {
    bits: Bits<'stream>,
    bytes: u64,
    most: u64,
}

impl Walk<'_> {
    fn count(&mut self, bytes: u64) -> Result<(), PictureError> {
        self.bytes += bytes;
        if self.bytes > self.most { Err(PictureError::TooLarge) } else { Ok(()) }
    }

    /// Skims the transforms and returns the remaining width.
    fn transforms(&mut self, (mut width, height): (u32, u32)) -> Result<u32, PictureError> {
        let mut seen = [false; 4];
        while self.bits.flag()? {
            let kind = self.bits.read(2)?;
            if std::mem::replace(seen.get_mut(kind as usize).ok_or(PictureError::Broken)?, true) {
                return Err(PictureError::Broken);
            }
            match kind {
                // Predictors and colour transform: a picture with one pixel per block.
                0 | 1 => {
                    let block = self.bits.read(3)? + 2;
                    self.skim(blocks((width, height), block))?;
                }
                // Green subtracted.
                2 => {}
                // A palette: several pixels share a byte if it is small.
                _ => {
                    let colours = self.bits.read(8)? + 1;
                    self.skim(u64::from(colours))?;
                    let packed = match colours {
                        1..=2 => 3,
                        3..=4 => 2,
                        5..=16 => 1,
                        _ => 0,
                    };
                    width = width.div_ceil(1 << packed);
                }
            }
        }
        Ok(width)
    }

    /// Counts the tables of the main picture.
    fn groups(&mut self, size: (u32, u32)) -> Result<(), PictureError> {
        let cache = self.cache()?;
        let groups = if self.bits.flag()? {
            let block = self.bits.read(3)? + 2;
            self.skim(blocks(size, block))? + 1
        } else {
            1
        };
        self.count(u64::from(groups) * PER_GROUP)?;
        for _ in 0..groups {
            self.group(cache)?;
        }
        Ok(())
    }

    /// Skims a picture with one group; returns its largest pixel, as a number of red and green.
    fn skim(&mut self, pixels: u64) -> Result<u32, PictureError> {
        self.count(pixels * PER_PIXEL)?;
        let cache = self.cache()?;
        let [green, red, blue, alpha, distance] = self.group(cache)?;
        let mut largest = 0;
        let mut left = pixels;
        while left > 0 {
            let symbol = green.symbol(&mut self.bits)?;
            let run = match symbol {
                ..256 => {
                    largest = largest.max(red.symbol(&mut self.bits)? << 8 | symbol);
                    let _blue_and_alpha = (blue.symbol(&mut self.bits)?, alpha.symbol(&mut self.bits)?);
                    let all_the_same = [&green, &red, &blue, &alpha].iter().all(|code| code.is_single());
                    if all_the_same { left } else { 1 }
                }
                256..280 => {
                    let length = self.bits.length(symbol - 256)?;
                    let distance = distance.symbol(&mut self.bits)?;
                    self.bits.length(distance)?;
                    length
                }
                // A colour in the cache was a pixel before, or is 0.
                _ => 1,
            };
            left = left.checked_sub(run).ok_or(PictureError::Broken)?;
        }
        Ok(largest)
    }

    /// The size of the colour cache.
    fn cache(&mut self) -> Result<u16, PictureError> {
        if !self.bits.flag()? {
            return Ok(0);
        }
        match self.bits.read(4)? {
            bits @ 1..=11 => Ok(1 << bits),
            _ => Err(PictureError::Broken),
        }
    }

    fn group(&mut self, cache: u16) -> Result<[Code; 5], PictureError> {
        let mut codes = <[Code; 5]>::default();
        for (index, (code, alphabet)) in codes.iter_mut().zip(ALPHABETS).enumerate() {
            let alphabet = if index == 0 { alphabet + cache } else { alphabet };
            *code = self.code(usize::from(alphabet))?;
            self.count(code.memory())?;
        }
        Ok(codes)
    }

    fn code(&mut self, alphabet: usize) -> Result<Code, PictureError> {
        if !self.bits.flag()? {
            let lengths = self.lengths(alphabet)?;
            return Code::of_lengths(&lengths);
        }
        let two = self.bits.flag()?;
        let long = self.bits.flag()?;
        let mut symbols = vec![self.bits.read(if long { 8 } else { 1 })?];
        if two {
            symbols.push(self.bits.read(8)?);
        }
        if symbols.iter().any(|symbol| *symbol as usize >= alphabet) {
            return Err(PictureError::Broken);
        }
        Ok(Code::of_symbols(symbols))
    }

    /// The code lengths of a code, which are themselves coded.
    fn lengths(&mut self, alphabet: usize) -> Result<Vec<u8>, PictureError> {
        let mut of_lengths = [0; ORDER.len()];
        let count = 4 + self.bits.read(4)? as usize;
        for at in ORDER.iter().take(count) {
            // Three bits.
            *of_lengths.get_mut(*at).ok_or(PictureError::Broken)? = self.bits.read(3)?.to_le_bytes()[0];
        }
        let of_lengths = Code::of_lengths(&of_lengths)?;
        let most = if self.bits.flag()? {
            let width = 2 + 2 * self.bits.read(3)?;
            2 + self.bits.read(width)? as usize
        } else {
            alphabet
        };
        if most > alphabet {
            return Err(PictureError::Broken);
        }
        let mut lengths = Vec::with_capacity(alphabet);
        let mut last = 8;
        for _ in 0..most {
            if lengths.len() == alphabet {
                break;
            }
            let (length, run) = match of_lengths.symbol(&mut self.bits)? {
                length @ ..16 => (length.to_le_bytes()[0], 1),
                16 => (last, 3 + self.bits.read(2)?),
                17 => (0, 3 + self.bits.read(3)?),
                _ => (0, 11 + self.bits.read(7)?),
            };
            if length != 0 {
                last = length;
            }
            lengths.extend(std::iter::repeat_n(length, run as usize));
            if lengths.len() > alphabet {
                return Err(PictureError::Broken);
            }
        }
        Ok(lengths)
    }
}

/// How many blocks of 2^`block` pixels a side cover a picture.
fn blocks((width, height): (u32, u32), block: u32) -> u64 {
    u64::from(width.div_ceil(1 << block)) * u64::from(height.div_ceil(1 << block))
}

/// A canonical prefix code.
#[derive(Default)]
struct Code {
    /// The number of words of each length.
    counts: [u16; MAX_LENGTH + 1],
    /// In the order of their words.
    symbols: Vec<u32>,
}

impl Code {
    /// One symbol, which takes no bit, or two, which take one each.
    fn of_symbols(symbols: Vec<u32>) -> Self {
        let mut counts = [0; MAX_LENGTH + 1];
        if symbols.len() > 1 {
            counts[1] = 2;
        }
        Self { counts, symbols }
    }

    /// Words of these lengths, 0 for none; the code must be complete.
    fn of_lengths(lengths: &[u8]) -> Result<Self, PictureError> {
        let mut words: Vec<(u8, u32)> = lengths.iter().copied().zip(0..).filter(|(length, _)| *length != 0).collect();
        words.sort_unstable();
        let symbols: Vec<u32> = words.iter().map(|(_, symbol)| *symbol).collect();
        if symbols.len() < 2 {
            return if symbols.is_empty() { Err(PictureError::Broken) } else { Ok(Self::of_symbols(symbols)) };
        }
        let mut counts = [0; MAX_LENGTH + 1];
        let mut room: u32 = 1 << MAX_LENGTH;
        for (length, _) in words {
            *counts.get_mut(usize::from(length)).ok_or(PictureError::Broken)? += 1;
            room = room.checked_sub(1 << MAX_LENGTH >> length).ok_or(PictureError::Broken)?;
        }
        if room == 0 { Ok(Self { counts, symbols }) } else { Err(PictureError::Broken) }
    }

    fn is_single(&self) -> bool {
        self.symbols.len() == 1
    }

    fn symbol(&self, bits: &mut Bits<'_>) -> Result<u32, PictureError> {
        if let [symbol] = self.symbols.as_slice() {
            return Ok(*symbol);
        }
        let (mut word, mut first, mut before) = (0, 0, 0);
        for count in self.counts.iter().skip(1).copied().map(usize::from) {
            word = word << 1 | usize::from(bits.flag()?);
            if word < first + count {
                return self.symbols.get(before + word - first).copied().ok_or(PictureError::Broken);
            }
            before += count;
            first = (first + count) << 1;
        }
        Err(PictureError::Broken)
    }

    /// The decoder's memory for this code.
    fn memory(&self) -> u64 {
        if self.is_single() {
            return 0;
        }
        let longest = self.counts.iter().rposition(|count| *count != 0).unwrap_or_default();
        let long: u64 = self.counts.iter().skip(TABLE_BITS + 1).copied().map(u64::from).sum();
        PER_CODE + (PER_TABLE_ENTRY << longest.min(TABLE_BITS)) + long * PER_LONG_WORD
    }
}

/// A reader of bits, the lowest of each byte first.
struct Bits<'stream> {
    rest: &'stream [u8],
    waiting: u64,
    count: u32,
}

impl<'stream> Bits<'stream> {
    fn new(rest: &'stream [u8]) -> Self {
        Self { rest, waiting: 0, count: 0 }
    }

    /// A number of up to 24 bits.
    fn read(&mut self, count: u32) -> Result<u32, PictureError> {
        while self.count < count {
            let (byte, rest) = self.rest.split_first().ok_or(PictureError::Broken)?;
            self.waiting |= u64::from(*byte) << self.count;
            self.count += 8;
            self.rest = rest;
        }
        let value = self.waiting & ((1 << count) - 1);
        self.waiting >>= count;
        self.count -= count;
        u32::try_from(value).map_err(|_| PictureError::Broken)
    }

    fn flag(&mut self) -> Result<bool, PictureError> {
        Ok(self.read(1)? != 0)
    }

    /// A length or a distance, whose symbol says how many bits follow.
    fn length(&mut self, symbol: u32) -> Result<u64, PictureError> {
        if symbol < 4 {
            return Ok(u64::from(symbol) + 1);
        }
        let count = (symbol - 2) >> 1;
        let base = u64::from(2 + (symbol & 1)) << count;
        Ok(base + u64::from(self.read(count)?) + 1)
    }
}
