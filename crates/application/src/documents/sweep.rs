//! Removing blobs to which nothing refers: of accounts that are gone, and of uploads that ended in the middle.

use time::Duration;
use vestibule_ports::BlobScan;

use super::Documents;
use crate::Fault;

/// How many blobs are looked at in one call.
const PAGE: usize = 500;
/// How old a blob is before it is looked at: longer than from the end of an upload to its commit, by clocks that differ.
const LEAST_AGE: Duration = Duration::hours(1);

/// Where a sweep is; one that is dropped begins anew.
#[derive(Default)]
pub struct Sweep(Option<Box<dyn BlobScan>>);

/// What a part of a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// How many blobs were removed.
    pub removed: u64,
    /// Whether the end was reached; the next part begins anew.
    pub is_done: bool,
}

impl Documents {
    /// Looks at the next blobs, 500 at most, and removes those to which no dossier refers. To be called until the end is
    /// reached, every hour or so.
    pub async fn sweep(&self, sweep: &mut Sweep) -> Result<Swept, Fault> {
        // A scan that fails is not put back: the next one begins anew.
        let mut scan = sweep.0.take().unwrap_or_else(|| self.ports.blobs.scan());
        let found = scan.next(PAGE).await?;
        if found.is_empty() {
            return Ok(Swept { removed: 0, is_done: true });
        }
        sweep.0 = Some(scan);
        let settled = self.core.now() - LEAST_AGE;
        let old: Vec<_> = found.iter().filter(|blob| blob.written_at <= settled).map(|blob| blob.name).collect();
        let removed = if old.is_empty() { 0 } else { self.remove_unreferenced(&old).await? };
        Ok(Swept { removed, is_done: false })
    }
}
