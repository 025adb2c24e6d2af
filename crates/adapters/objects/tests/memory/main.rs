//! How much memory uploads cost: measured of the whole process, so in a binary of its own.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that meets an error is to fail on the spot")]

#[path = "../it/support.rs"]
mod support;

use std::fs;

use tokio::task::JoinSet;
use vestibule_domain::{AccountId, BlobId, BlobName};
use vestibule_objects::ObjectBlobs;
use vestibule_ports::Blobs;

const UPLOADS: u8 = 16;
const MIB: usize = 1_024 * 1_024;
/// By how much sixteen uploads of 10 MiB may raise the peak.
const MOST: usize = 32 * MIB;

/// Bytes that `/proc` tells of this process.
fn told(what: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap();
    line.trim_matches([':', '\t', ' ']).trim_end_matches(" kB").parse::<usize>().unwrap() * 1_024
}

/// By how much sixteen uploads of 10 MiB that go on at the same moment, and the reading of them, raise the peak.
async fn growth(blobs: ObjectBlobs) -> usize {
    // The peak so far is forgotten.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = told("VmRSS");
    let mut under_way = JoinSet::new();
    for number in 0..UPLOADS {
        let blobs = blobs.clone();
        let account = AccountId::from_hex(&format!("{number:024x}")).unwrap();
        let name = BlobName::of_document(account, BlobId::new([number; 16]));
        under_way.spawn(async move {
            let mut writer = blobs.create(name).await.unwrap();
            for _ in 0..160 {
                writer.write(vec![number; 64 * 1_024]).await.unwrap();
            }
            writer.finish().await.unwrap();
            let (mut reader, mut read) = (blobs.open(name).await.unwrap().unwrap(), 0);
            while let Some(piece) = reader.next().await.unwrap() {
                read += piece.len();
            }
            assert_eq!(read, 10 * MIB);
        });
    }
    while let Some(upload) = under_way.join_next().await {
        upload.unwrap();
    }
    told("VmHWM").saturating_sub(before)
}

/// One test, because two would disturb each other's measurement.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_uploads_of_ten_mib_cost_at_most_thirty_two_mib() {
    let directory = tempfile::tempdir().unwrap();
    for (place, blobs) in [
        ("a folder", ObjectBlobs::folder(directory.path()).unwrap()),
        ("a bucket", ObjectBlobs::s3(&support::bucket(), directory.path()).unwrap()),
    ] {
        let grown = growth(blobs).await;
        println!("{place}: {} KiB", grown / 1_024);
        assert!(grown < MOST, "{place}: {} MiB", grown / MIB);
    }
}
