//! The memory store keeps every promise of the ports.

use vestibule_conformance::Fixture;
use vestibule_memory::MemoryStore;

async fn fresh() -> Fixture {
    Fixture::new(MemoryStore::new())
}

vestibule_conformance::conformance_suite!(fresh);
