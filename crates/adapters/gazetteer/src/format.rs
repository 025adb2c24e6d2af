//! The format of `data/places.bin`, written and read here.
//!
//! One zlib stream holds six parts, each after its length. Countries, regions and city names are lines of text; cities are
//! ordered by size, the largest first. The cities are numbers, in the same order. Search names are sorted, each without the
//! prefix that it shares with the one before; the first of every [`BLOCK`] is whole. With each name goes a list of cities.

use std::io::{self, Read, Write};

use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};

/// The embedded data have another format than this version reads: an error in the build, which a test would catch.
#[derive(Debug, thiserror::Error)]
#[error("the built-in places are damaged: {0}")]
pub struct DamagedData(pub &'static str);

/// Names in a row of which only the first is whole.
pub const BLOCK: usize = 16;
/// How many parts there are.
pub const PARTS: usize = 6;
/// The most bytes that a file may unpack to.
const MAX_UNPACKED: u64 = 32 * 1024 * 1024;

/// Packs the parts, in their order: countries, regions, names of cities, cities, names, lists.
pub fn pack(parts: &[Vec<u8>; PARTS]) -> io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    for part in parts {
        let length = u32::try_from(part.len()).map_err(io::Error::other)?;
        encoder.write_all(&length.to_le_bytes())?;
        encoder.write_all(part)?;
    }
    encoder.finish()
}

/// The input of [`pack`].
pub(crate) fn unpack(packed: &[u8]) -> Result<[Vec<u8>; PARTS], DamagedData> {
    let mut decoder = ZlibDecoder::new(packed).take(MAX_UNPACKED);
    let mut parts: [Vec<u8>; PARTS] = Default::default();
    for part in &mut parts {
        let mut length = [0; 4];
        decoder.read_exact(&mut length).map_err(|_| DamagedData("a part is missing"))?;
        let length = u64::from(u32::from_le_bytes(length));
        if length > MAX_UNPACKED {
            return Err(DamagedData("a part is too long"));
        }
        let capacity = usize::try_from(length).map_err(|_| DamagedData("a part is too long"))?;
        part.reserve_exact(capacity);
        (&mut decoder).take(length).read_to_end(part).map_err(|_| DamagedData("a part is broken"))?;
        if part.len() != capacity {
            return Err(DamagedData("a part is cut"));
        }
    }
    // Only this read reaches the checksum, and verifies it.
    match decoder.read(&mut [0]) {
        Ok(0) => Ok(parts),
        _ => Err(DamagedData("the end is not where it should be")),
    }
}

/// Writes a number, 7 bits a byte, the lowest first.
pub fn write_number(out: &mut Vec<u8>, mut number: u32) {
    loop {
        let low = number.to_le_bytes()[0] & 0x7f;
        number >>= 7;
        if number == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

/// Writes a signed number.
pub fn write_signed(out: &mut Vec<u8>, number: i32) {
    write_number(out, ((number << 1) ^ (number >> 31)).cast_unsigned());
}

/// Reads numbers and bytes in sequence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    pub(crate) fn position(&self) -> usize {
        self.at
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    pub(crate) fn number(&mut self) -> Option<u32> {
        let mut number = 0_u32;
        for shift in (0..32).step_by(7) {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            number |= u32::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    pub(crate) fn signed(&mut self) -> Option<i32> {
        let number = self.number()?;
        Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    pub(crate) fn size(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    pub(crate) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_packed_is_unpacked() {
        let parts = [1, 2, 3, 4, 5, 0].map(|length: u8| vec![length; usize::from(length) * 1000]);
        assert_eq!(unpack(&pack(&parts).unwrap()).unwrap(), parts);
    }

    #[test]
    fn damaged_data_is_an_error() {
        let packed = pack(&[1, 2, 3, 4, 5, 6].map(|length| vec![b'x'; length])).unwrap();
        for cut in 0..packed.len() {
            assert!(unpack(&packed[..cut]).is_err(), "{cut}");
        }
    }

    proptest! {
        #[test]
        fn numbers_come_back(number in any::<u32>(), signed in any::<i32>()) {
            let mut out = Vec::new();
            write_number(&mut out, number);
            write_signed(&mut out, signed);
            let mut cursor = Cursor::new(&out, 0);
            prop_assert_eq!((cursor.number(), cursor.signed()), (Some(number), Some(signed)));
            prop_assert!(cursor.is_at_end());
        }
    }
}
