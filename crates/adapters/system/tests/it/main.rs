//! The adapters against the machine that they run on.

use std::collections::HashSet;

use time::{Duration, OffsetDateTime, UtcOffset};
use vestibule_ports::{Clock, Randomness, RandomnessExt};
use vestibule_system::{OsRandomness, SystemClock};

#[test]
fn the_clock_is_in_utc_and_after_this_code_was_written() {
    let now = SystemClock.now();
    assert_eq!(now.offset(), UtcOffset::UTC);
    assert!(now > OffsetDateTime::UNIX_EPOCH + Duration::days(365 * 55));
}

#[test]
fn the_clock_tells_whole_microseconds() {
    assert!((0..100).all(|_| SystemClock.now().nanosecond().is_multiple_of(1_000)));
}

#[test]
fn random_bytes_do_not_repeat() {
    let drawn: HashSet<[u8; 16]> = (0..1_000).map(|_| OsRandomness.bytes()).collect();
    assert_eq!(drawn.len(), 1_000);
}

#[test]
fn the_whole_buffer_is_filled() {
    // With 64 draws the chance that a byte stays zero by itself is 256^-64.
    let mut seen = vec![0u8; 1_000];
    for _ in 0..64 {
        let mut bytes = vec![0u8; 1_000];
        OsRandomness.fill(&mut bytes);
        seen.iter_mut().zip(bytes).for_each(|(seen, byte)| *seen |= byte);
    }
    assert!(seen.iter().all(|byte| *byte != 0));
}

#[test]
fn an_empty_buffer_is_no_error() {
    OsRandomness.fill(&mut []);
}
