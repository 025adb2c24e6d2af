//! Promises of blobs, for every adapter of the port `Blobs`.

use std::{collections::BTreeMap, sync::Arc};

use time::OffsetDateTime;
use vestibule_domain::{BlobId, BlobName};
use vestibule_ports::{Blobs, RandomnessExt};
use vestibule_testkit::SeededRandomness;

use crate::support::{RACERS, Rounds, numbered, race};

/// More bytes than any blob of the suite has.
const LARGEST: usize = 64 * 1_024 * 1_024;

/// Makes one `#[test]` per case. The argument is the path of an `async fn() -> BlobsFixture`, which panics where there is
/// nothing to test against.
#[macro_export]
macro_rules! blobs_suite {
    ($fresh:path) => {
        $crate::__every_blob_case! { __blob_tests $fresh }
    };
}

/// Passes the names of all cases to another macro, after its arguments.
#[doc(hidden)]
#[macro_export]
macro_rules! __every_blob_case {
    ($then:ident $($argument:tt)*) => {
        $crate::$then! {
            ($($argument)*)
            what_is_finished_comes_back_byte_for_byte
            a_large_content_in_odd_pieces_comes_back
            an_unfinished_blob_is_not_there
            a_blob_that_is_not_finished_leaves_the_earlier_one
            a_finished_blob_takes_the_place_of_the_earlier_one
            a_blob_is_removed_as_often_as_one_likes
            removing_a_blob_leaves_the_others
            a_scan_finds_every_blob_once_in_bounded_parts
            a_scan_tells_when_a_blob_was_finished
            of_many_writers_of_one_name_one_is_read_whole
            many_blobs_are_written_and_read_at_once
            a_finish_that_is_broken_off_shows_no_half
            blobs_answer_a_ping
        }
    };
}

/// One test per case.
#[doc(hidden)]
#[macro_export]
macro_rules! __blob_tests {
    (($fresh:path) $($case:ident)*) => {
        $(#[test]
        fn $case() {
            $crate::run_on_blobs(concat!("blobs::", stringify!($case)), $fresh, $crate::blob_cases::$case);
        })*
    };
}

macro_rules! __blob_faces {
    (() $($case:ident)*) => {
        /// Every case, for [`crate::blobs_suite`].
        pub mod cases {
            #[cfg(test)]
            pub(crate) const NAMES: &[&str] = &[$(concat!("blobs::", stringify!($case))),*];

            $(#[doc = concat!("Checks that ", stringify!($case), ".")]
            pub async fn $case(blobs: std::sync::Arc<dyn vestibule_ports::Blobs>) {
                super::$case(blobs).await;
            })*
        }
    };
}
pub(crate) use __blob_faces;

crate::__every_blob_case! { __blob_faces }

/// A content of zero, one or many bytes is read as it was written, however it was split into pieces.
async fn what_is_finished_comes_back_byte_for_byte(blobs: Arc<dyn Blobs>) {
    let [even, odd] = [content(1, 65_536), content(2, 65_537)];
    let contents: [&[&[u8]]; 6] =
        [&[], &[b""], &[b"a"], &[b"", b"a", b"", b"bc", b""], &[&[0; 3], b"\r\n\xFF"], &[&even, &odd]];
    for (number, pieces) in (0..).zip(contents) {
        write(&blobs, name(number), pieces).await;
        assert_eq!(read(&blobs, name(number)).await, Some(pieces.concat()));
    }
    assert_eq!(read(&blobs, name(99)).await, None);
}

/// A content of more than ten MiB in pieces of odd sizes is read as it was written.
async fn a_large_content_in_odd_pieces_comes_back(blobs: Arc<dyn Blobs>) {
    let content = content(1, 11 * 1_024 * 1_024 + 13);
    let mut pieces = Vec::new();
    let (mut rest, mut size) = (&content[..], 1);
    while !rest.is_empty() {
        let (piece, left) = rest.split_at(rest.len().min(size));
        pieces.push(piece);
        (rest, size) = (left, size * 3 % 1_000_003 + 1);
    }
    write(&blobs, name(0), &pieces).await;
    assert!(read(&blobs, name(0)).await.unwrap() == content, "the content is another one");
}

/// An unfinished blob, with or without written pieces, can be neither opened nor found.
async fn an_unfinished_blob_is_not_there(blobs: Arc<dyn Blobs>) {
    let mut writer = blobs.create(name(0)).await.unwrap();
    writer.write(content(0, 6 * 1_024 * 1_024)).await.unwrap();
    assert_eq!(read(&blobs, name(0)).await, None);
    assert_eq!(scan(&blobs, 10).await.len(), 0);
    drop(writer);
    drop(blobs.create(name(1)).await.unwrap());
    for number in 0..2 {
        assert_eq!(read(&blobs, name(number)).await, None);
    }
    assert_eq!(scan(&blobs, 10).await.len(), 0);
}

/// An abandoned writer changes nothing of the blob that has the name.
async fn a_blob_that_is_not_finished_leaves_the_earlier_one(blobs: Arc<dyn Blobs>) {
    write(&blobs, name(0), &[b"first"]).await;
    let mut writer = blobs.create(name(0)).await.unwrap();
    writer.write(b"second".to_vec()).await.unwrap();
    drop(writer);
    assert_eq!(read(&blobs, name(0)).await.unwrap(), b"first");
}

/// A new blob replaces the earlier one with its name, even if it is shorter.
async fn a_finished_blob_takes_the_place_of_the_earlier_one(blobs: Arc<dyn Blobs>) {
    for content in [&b"first and long"[..], b"2", b""] {
        write(&blobs, name(0), &[content]).await;
        assert_eq!(read(&blobs, name(0)).await.unwrap(), content);
    }
    assert_eq!(scan(&blobs, 10).await.len(), 1);
}

/// A removed blob is gone; removing it again, or removing one that never existed, is no error.
async fn a_blob_is_removed_as_often_as_one_likes(blobs: Arc<dyn Blobs>) {
    write(&blobs, name(0), &[b"content"]).await;
    for _ in 0..2 {
        blobs.remove(name(0)).await.unwrap();
        assert_eq!(read(&blobs, name(0)).await, None);
    }
    blobs.remove(name(1)).await.unwrap();
    assert_eq!(scan(&blobs, 10).await.len(), 0);
    write(&blobs, name(0), &[b"again"]).await;
    assert_eq!(read(&blobs, name(0)).await.unwrap(), b"again");
}

/// A removal leaves other blobs alone, even those of the same account.
async fn removing_a_blob_leaves_the_others(blobs: Arc<dyn Blobs>) {
    let sibling = BlobName { id: BlobId::new([7; 16]), ..name(0) };
    for name in [name(0), sibling, name(1)] {
        write(&blobs, name, &[name.to_string().as_bytes()]).await;
    }
    blobs.remove(name(0)).await.unwrap();
    for name in [sibling, name(1)] {
        assert_eq!(read(&blobs, name).await.unwrap(), name.to_string().as_bytes());
    }
}

/// A scan finds every blob exactly once, in parts of at most the requested size; at the end it returns nothing, however
/// often it is called.
async fn a_scan_finds_every_blob_once_in_bounded_parts(blobs: Arc<dyn Blobs>) {
    assert_eq!(blobs.scan().next(10).await.unwrap(), []);
    let names: Vec<_> = (0..23).map(name).collect();
    for name in &names {
        write(&blobs, *name, &[b"content"]).await;
    }
    for limit in [1, 7, 23, 1_000] {
        let mut found: Vec<_> = scan(&blobs, limit).await.into_keys().collect();
        found.sort();
        assert_eq!(found, names, "in parts of {limit}");
    }
}

/// The time of a blob is that of its finish, precise to a second, in the order in which blobs were finished.
async fn a_scan_tells_when_a_blob_was_finished(blobs: Arc<dyn Blobs>) {
    write(&blobs, name(0), &[b"content"]).await;
    write(&blobs, name(1), &[b"content"]).await;
    let found = scan(&blobs, 10).await;
    let [first, second] = [found[&name(0)], found[&name(1)]];
    assert!(second >= first - time::Duration::SECOND, "{first} {second}");
    assert!(second - first < time::Duration::MINUTE, "{first} {second}");
}

/// When many writers write one name at once, the content of one of them is there, whole.
async fn of_many_writers_of_one_name_one_is_read_whole(blobs: Arc<dyn Blobs>) {
    let size = 300_000;
    race(RACERS, async |number| {
        let content = content(number, size);
        write(&blobs, name(0), &content.chunks(50_000).collect::<Vec<_>>()).await;
    });
    let found = read(&blobs, name(0)).await.unwrap();
    assert!((0..).take(RACERS).any(|number| content(number, size) == found), "a content that none wrote");
    assert_eq!(scan(&blobs, 10).await.len(), 1);
}

/// Many blobs can be written, read and removed at once without interfering.
async fn many_blobs_are_written_and_read_at_once(blobs: Arc<dyn Blobs>) {
    race(RACERS, async |number| {
        for round in 0..4 {
            let content = content(number * 10 + round, 40_000);
            write(&blobs, name(number), &[&content]).await;
            assert!(read(&blobs, name(number)).await.unwrap() == content, "the content is another one");
            if round % 2 == 0 {
                blobs.remove(name(number)).await.unwrap();
            }
        }
    });
    assert_eq!(scan(&blobs, 5).await.len(), RACERS);
}

/// A finish whose future is dropped leaves the whole blob or none.
async fn a_finish_that_is_broken_off_shows_no_half(blobs: Arc<dyn Blobs>) {
    let content = content(0, 6 * 1_024 * 1_024);
    for (number, micros) in (0..).zip([0, 1, 100, 1_000, 5_000, 20_000]) {
        let mut writer = blobs.create(name(number)).await.unwrap();
        writer.write(content.clone()).await.unwrap();
        let finish = tokio::time::timeout(std::time::Duration::from_micros(micros), writer.finish()).await;
        let found = read(&blobs, name(number)).await;
        assert!(found.as_ref().is_none_or(|found| *found == content), "half a content");
        assert!(finish.is_err() || found.is_some(), "finished, and not there");
    }
}

/// A ping of usable blob storage succeeds.
async fn blobs_answer_a_ping(blobs: Arc<dyn Blobs>) {
    blobs.ping().await.unwrap();
    write(&blobs, name(0), &[b"content"]).await;
    blobs.ping().await.unwrap();
}

/// The blob with this number, each of another account.
fn name(number: u32) -> BlobName {
    BlobName::of_document(numbered(number).into(), BlobId::new(SeededRandomness::new(number.into()).bytes()))
}

/// This many bytes, derived from a number and hardly repeating.
fn content(number: u32, size: usize) -> Vec<u8> {
    let seed: [u8; 16] = SeededRandomness::new(number.into()).bytes();
    let mut state = u128::from_be_bytes(seed) | 1;
    let mut bytes = Vec::with_capacity(size + 16);
    while bytes.len() < size {
        state = state.wrapping_mul(0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645).wrapping_add(1);
        bytes.extend_from_slice(&state.to_be_bytes()[..8]);
    }
    bytes.truncate(size);
    bytes
}

async fn write(blobs: &Arc<dyn Blobs>, name: BlobName, pieces: &[&[u8]]) {
    let mut writer = blobs.create(name).await.unwrap();
    for piece in pieces {
        writer.write(piece.to_vec()).await.unwrap();
    }
    writer.finish().await.unwrap();
}

async fn read(blobs: &Arc<dyn Blobs>, name: BlobName) -> Option<Vec<u8>> {
    let mut reader = blobs.open(name).await.unwrap()?;
    let mut content = Vec::new();
    while let Some(piece) = reader.next().await.unwrap() {
        assert!(!piece.is_empty(), "a piece without a byte");
        assert!(content.len() + piece.len() <= LARGEST, "a blob that does not end");
        content.extend(piece);
    }
    Some(content)
}

/// Every blob that a scan with this part size finds, with the time it was finished.
async fn scan(blobs: &Arc<dyn Blobs>, limit: usize) -> BTreeMap<BlobName, OffsetDateTime> {
    let (mut scan, mut found) = (blobs.scan(), BTreeMap::new());
    let mut parts = Rounds::at_most(100, "a scan does not come to its end");
    loop {
        parts.one_more();
        let part = scan.next(limit).await.unwrap();
        assert!(part.len() <= limit, "{} of at most {limit}", part.len());
        if part.is_empty() {
            assert_eq!(scan.next(limit).await.unwrap(), [], "an end that is none");
            return found;
        }
        for blob in part {
            assert_eq!(found.insert(blob.name, blob.written_at), None, "found twice");
        }
    }
}
