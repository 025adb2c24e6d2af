//! The memory store keeps every promise of the ports.

use std::sync::Arc;

use vestibule_conformance::{BlobsFixture, Fixture};
use vestibule_memory::{MemoryBlobs, MemoryStore};
use vestibule_testkit::FixedClock;

async fn fresh() -> Fixture {
    Fixture::forgetting(MemoryStore::new())
}

vestibule_conformance::conformance_suite!(fresh, forgetting);

mod blobs {
    use super::*;

    async fn fresh_blobs() -> BlobsFixture {
        BlobsFixture::guarded(MemoryBlobs::new(Arc::new(FixedClock::default())), ())
    }

    vestibule_conformance::blobs_suite!(fresh_blobs);
}
