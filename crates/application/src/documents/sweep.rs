//! Removing blobs to which nothing refers: of accounts that are gone, and of uploads that ended in the middle.
//!
//! What is removed is gone for good, so no single answer of the store is believed: a blob goes only if two scans found that
//! nothing refers to it, and the writable store says so once more right before.

use std::{collections::HashMap, mem, time::Duration};

use vestibule_domain::BlobName;
use vestibule_ports::BlobScan;

use super::Documents;
use crate::Fault;

/// How many blobs are looked at, or removed, in one call.
const PAGE: usize = 500;
/// For how long nothing refers to a blob before it is removed: longer than from the end of an upload to its commit.
const LEAST_AGE: Duration = Duration::from_hours(1);
/// How many blobs a scan remembers; later ones find what had no room.
const ROOM: usize = 10_000;
/// Up to so many unreferenced blobs are no sign of a wrong store, whatever their part of all.
const FEW: u64 = 20;

/// Where a sweep is, and what the scans of before found. One that is dropped begins anew, and so removes nothing for an hour.
#[derive(Default)]
pub struct Sweep {
    scan: Option<Box<dyn BlobScan>>,
    seen: u64,
    unreferenced: u64,
    /// What this scan found unreferenced, and since when that is so, by the monotonic time.
    found: HashMap<BlobName, Duration>,
    /// The same of the scan before.
    before: HashMap<BlobName, Duration>,
    /// What is to be removed after this scan.
    due: Vec<BlobName>,
}

/// What a part of a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// How many blobs were removed.
    pub removed: u64,
    /// Whether the end was reached; the next part begins anew.
    pub is_done: bool,
}

impl Documents {
    /// Looks at the next blobs, 500 at most; after the last, removes as many of those that two scans at least an hour apart
    /// found unreferenced. To be called until the end is reached, every hour or so.
    ///
    /// Nothing is removed if most blobs are unreferenced, and at least 20 of them: that is the look of another database, or of
    /// an old one.
    pub async fn sweep(&self, sweep: &mut Sweep) -> Result<Swept, Fault> {
        if !sweep.due.is_empty() {
            return self.remove_due(sweep).await;
        }
        // A scan that fails is not put back: the next one begins anew.
        let mut scan = sweep.scan.take().unwrap_or_else(|| {
            sweep.begin();
            self.ports.blobs.scan()
        });
        let found: Vec<_> = scan.next(PAGE).await?.iter().map(|blob| blob.name).collect();
        if found.is_empty() {
            sweep.conclude(self.core.monotonic());
            return Ok(Swept { removed: 0, is_done: sweep.due.is_empty() });
        }
        let unreferenced = self.unreferenced(&found).await?;
        sweep.note(found.len(), &unreferenced, self.core.monotonic());
        sweep.scan = Some(scan);
        Ok(Swept { removed: 0, is_done: false })
    }

    /// What cannot be asked about is no longer due: it takes another scan.
    async fn remove_due(&self, sweep: &mut Sweep) -> Result<Swept, Fault> {
        let mut due = mem::take(&mut sweep.due);
        let now = due.split_off(due.len().saturating_sub(PAGE));
        let removed = self.remove_unreferenced(&now).await?;
        sweep.due = due;
        Ok(Swept { removed, is_done: sweep.due.is_empty() })
    }
}

impl Sweep {
    fn begin(&mut self) {
        (self.seen, self.unreferenced) = (0, 0);
        self.found.clear();
    }

    fn note(&mut self, seen: usize, unreferenced: &[BlobName], now: Duration) {
        self.seen += u64::try_from(seen).unwrap_or(u64::MAX);
        self.unreferenced += u64::try_from(unreferenced.len()).unwrap_or(u64::MAX);
        let room = ROOM.saturating_sub(self.found.len());
        let since = |name| self.before.get(name).copied().unwrap_or(now);
        self.found.extend(unreferenced.iter().take(room).map(|name| (*name, since(name))));
    }

    /// Decides at the end of a scan what is to be removed.
    fn conclude(&mut self, now: Duration) {
        let earlier = mem::replace(&mut self.before, mem::take(&mut self.found));
        if self.unreferenced >= FEW && self.unreferenced > self.seen / 2 {
            tracing::error!(
                blobs = self.seen,
                unreferenced = self.unreferenced,
                "the database refers to fewer than half of the stored contents of documents, as if it were another or an old \
                 one; none is removed: see \"Contents that nothing refers to\" in docs/operations.md"
            );
            self.before.clear();
            return;
        }
        let is_due = |name: &BlobName| earlier.get(name).is_some_and(|since| now.saturating_sub(*since) >= LEAST_AGE);
        self.due = self.before.keys().filter(|name| is_due(name)).copied().collect();
    }
}
