//! Sets of slots, as they are stored and as searches combine them.
//!
//! A profile is indexed under its slot, a number that it keeps. A set is stored in chunks of [`CHUNK`] slots. A chunk has
//! the shorter of two forms: a bit per slot, or the positions of the slots in the set. So a rare tag takes few bytes, and
//! no tag takes more than a bit per profile.

use std::ops::RangeInclusive;

/// How many slots a chunk has.
pub(super) const CHUNK: u32 = 1 << 15;
/// The age of a slot without a profile, or whose profile has none.
pub(super) const NO_AGE: u8 = u8::MAX;

const WORDS: usize = CHUNK as usize / 64;
const BITS_BYTES: usize = CHUNK as usize / 8;

/// The chunk of a slot, and its position there.
pub(super) const fn place(slot: u32) -> (u32, usize) {
    (slot / CHUNK, (slot % CHUNK) as usize)
}

/// The slots of a set within one chunk.
#[derive(Clone)]
pub(super) struct Chunk(Box<[u64; WORDS]>);

impl Chunk {
    pub(super) fn empty() -> Self {
        Self(Box::new([0; WORDS]))
    }

    fn full() -> Self {
        Self(Box::new([u64::MAX; WORDS]))
    }

    /// Adds the slots of a stored form.
    pub(super) fn add(&mut self, stored: &[u8]) -> sqlx::Result<()> {
        if stored.len() == BITS_BYTES {
            for (word, bytes) in self.0.iter_mut().zip(stored.as_chunks().0) {
                *word |= u64::from_le_bytes(*bytes);
            }
            return Ok(());
        }
        let (places, rest) = stored.as_chunks();
        let places = places.iter().map(|place| usize::from(u16::from_le_bytes(*place)));
        for at in places {
            let word = self.0.get_mut(at / 64).ok_or_else(corrupt)?;
            *word |= 1 << (at % 64);
        }
        if rest.is_empty() { Ok(()) } else { Err(corrupt()) }
    }

    /// The shorter of its forms; empty for an empty set.
    pub(super) fn stored(&self) -> Vec<u8> {
        if self.count() * 2 < BITS_BYTES {
            let places = self.places().filter_map(|at| u16::try_from(at).ok());
            return places.flat_map(u16::to_le_bytes).collect();
        }
        self.0.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    pub(super) fn set(&mut self, at: usize, is_in: bool) {
        let (word, bit) = (&mut self.0[at / 64], 1 << (at % 64));
        if is_in { *word |= bit } else { *word &= !bit }
    }

    fn has(&self, at: usize) -> bool {
        self.0[at / 64] >> (at % 64) & 1 == 1
    }

    fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    fn places(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(number, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros() as usize;
                (rest != 0).then(|| {
                    rest &= rest - 1;
                    number * 64 + bit
                })
            })
        })
    }

    fn intersect(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(other.0.iter()) {
            *word &= other;
        }
    }

    /// Keeps only slots whose age is within a range.
    fn retain_ages(&mut self, ages: &[u8], range: &RangeInclusive<u8>) -> sqlx::Result<()> {
        if ages.len() != CHUNK as usize {
            return Err(corrupt());
        }
        let (min, width) = (*range.start(), range.end().wrapping_sub(*range.start()));
        for (word, ages) in self.0.iter_mut().zip(ages.as_chunks::<64>().0).filter(|(word, _)| **word != 0) {
            let is_within = ages.map(|age| u8::from(age.wrapping_sub(min) <= width));
            let packed = is_within.as_chunks().0.iter().map(|eight| bits_of(*eight));
            *word &= packed.enumerate().fold(0, |bits, (number, eight)| bits | eight << (number * 8));
        }
        Ok(())
    }
}

/// Eight bytes, each 0 or 1, as eight bits: the product moves the bit of byte `n` to bit `56 + n`.
const fn bits_of(eight: [u8; 8]) -> u64 {
    u64::from_le_bytes(eight).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// The stored bytes are not a set.
pub(super) fn corrupt() -> sqlx::Error {
    sqlx::Error::Decode("not a set of profiles".into())
}

/// A set of slots: its chunks by number, so that testing a slot takes two look-ups.
#[derive(Default)]
pub(super) struct SlotSet(Vec<Option<Chunk>>);

impl SlotSet {
    fn chunk(&mut self, number: u32) -> &mut Option<Chunk> {
        let number = number as usize;
        if self.0.len() <= number {
            self.0.resize(number + 1, None);
        }
        &mut self.0[number]
    }

    fn each(&self) -> impl Iterator<Item = (u32, &Chunk)> {
        (0..).zip(&self.0).filter_map(|(number, chunk)| Some((number, chunk.as_ref()?)))
    }

    /// Adds the stored form of a chunk.
    pub(super) fn add(&mut self, chunk: u32, stored: &[u8]) -> sqlx::Result<()> {
        if chunk > u32::MAX / CHUNK {
            return Err(corrupt());
        }
        self.chunk(chunk).get_or_insert_with(Chunk::empty).add(stored)
    }

    /// Adds a whole chunk.
    pub(super) fn add_all(&mut self, chunk: u32) {
        *self.chunk(chunk.min(u32::MAX / CHUNK)) = Some(Chunk::full());
    }

    pub(super) fn intersect(&mut self, other: &Self) {
        self.0.truncate(other.0.len());
        for (chunk, other) in self.0.iter_mut().zip(&other.0) {
            match (chunk.as_mut(), other) {
                (Some(chunk), Some(other)) => chunk.intersect(other),
                _ => *chunk = None,
            }
        }
    }

    /// Keeps only the slots of a chunk whose age is within a range.
    pub(super) fn retain_ages(&mut self, chunk: u32, ages: &[u8], range: &RangeInclusive<u8>) -> sqlx::Result<()> {
        let chunk = self.0.get_mut(chunk as usize).and_then(Option::as_mut);
        chunk.map_or(Ok(()), |chunk| chunk.retain_ages(ages, range))
    }

    pub(super) fn has(&self, slot: u32) -> bool {
        let (chunk, at) = place(slot);
        self.0.get(chunk as usize).and_then(Option::as_ref).is_some_and(|chunk| chunk.has(at))
    }

    pub(super) fn count(&self) -> usize {
        self.each().map(|(_, chunk)| chunk.count()).sum()
    }

    /// The chunks that have any slots.
    pub(super) fn chunks(&self) -> impl Iterator<Item = u32> {
        self.each().map(|(number, _)| number)
    }

    pub(super) fn slots(&self) -> impl Iterator<Item = u32> {
        self.each().flat_map(|(number, chunk)| {
            chunk.places().filter_map(move |at| Some(number * CHUNK + u32::try_from(at).ok()?))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use vestibule_ports::RandomnessExt;
    use vestibule_testkit::SeededRandomness;

    use super::*;

    fn some_slots(dice: &SeededRandomness, count: usize) -> BTreeSet<u32> {
        (0..count).map(|_| u32::from_be_bytes(dice.bytes()) % (3 * CHUNK)).collect()
    }

    fn set(slots: &BTreeSet<u32>) -> SlotSet {
        let mut set = SlotSet::default();
        for number in 0..3 {
            let mut chunk = Chunk::empty();
            for slot in slots.iter().filter(|slot| place(**slot).0 == number) {
                chunk.set(place(*slot).1, true);
            }
            let stored = chunk.stored();
            assert!(stored.len() <= BITS_BYTES);
            set.add(number, &stored).unwrap();
        }
        set
    }

    #[test]
    fn a_set_comes_back_as_it_was_stored() {
        let dice = SeededRandomness::new(1);
        for count in [0, 1, 100, 2_047 * 3, 10_000, 60_000] {
            let slots = some_slots(&dice, count);
            let stored = set(&slots);
            assert_eq!(stored.slots().collect::<BTreeSet<_>>(), slots);
            assert_eq!(stored.count(), slots.len());
            assert!((0..3 * CHUNK).all(|slot| stored.has(slot) == slots.contains(&slot)));
        }
    }

    #[test]
    fn both_forms_of_a_chunk_meet_where_they_are_as_long() {
        let mut chunk = Chunk::empty();
        for at in 0..CHUNK as usize {
            chunk.set(at, true);
            let mut again = Chunk::empty();
            if at % 500 == 0 || (2_040..2_060).contains(&at) {
                let stored = chunk.stored();
                assert_eq!(stored.len(), (2 * (at + 1)).min(BITS_BYTES));
                again.add(&stored).unwrap();
                assert_eq!(again.places().collect::<Vec<_>>(), (0..=at).collect::<Vec<_>>());
            }
        }
        for at in (0..CHUNK as usize).rev() {
            chunk.set(at, false);
        }
        assert_eq!(chunk.stored(), [0_u8; 0]);
    }

    #[test]
    fn sets_are_combined_as_sets() {
        let dice = SeededRandomness::new(2);
        for (one, other) in [(10, 50_000), (50_000, 50_000), (3_000, 4_000), (0, 10)] {
            let (one, other) = (some_slots(&dice, one), some_slots(&dice, other));
            let mut both = set(&one);
            both.intersect(&set(&other));
            assert_eq!(both.slots().collect::<BTreeSet<_>>(), &one & &other);
        }
    }

    #[test]
    fn ages_are_kept_within_their_range() {
        let dice = SeededRandomness::new(3);
        let ages: Vec<u8> = (0..CHUNK).map(|_| dice.bytes::<1>()[0]).collect();
        for range in [0..=150, 18..=18, 0..=0, 150..=150, 30..=90] {
            let mut set = SlotSet::default();
            set.add_all(1);
            set.retain_ages(1, &ages, &range).unwrap();
            let expected = (CHUNK..).zip(&ages).filter(|(_, age)| range.contains(*age)).map(|(slot, _)| slot);
            assert_eq!(set.slots().collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_no_set_is_corrupt() {
        for bad in [&[0][..], &[0, 0x80], &[1; 4095]] {
            assert!(Chunk::empty().add(bad).is_err());
        }
        assert!(Chunk::full().retain_ages(&[18; 100], &(0..=150)).is_err());
    }
}
