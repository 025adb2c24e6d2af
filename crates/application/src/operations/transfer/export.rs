//! What the store holds, as lines.

use vestibule_ports::{
    Export,
    stored::{Counts, Record},
};

use super::format::{self, Digests};
use crate::{Fault, Identity, Operator};

/// An export that is under way.
pub struct Exporting<'s> {
    export: Box<dyn Export + 's>,
    servers: Vec<String>,
    next: Next,
    digests: Digests,
    done: u64,
}

/// What comes next.
enum Next {
    Header,
    Records,
    Nothing,
}

impl Identity {
    /// Begins to read everything, as it is committed at this moment; what is committed later is not in the export.
    pub async fn export(&self, _operator: Operator) -> Result<Exporting<'_>, Fault> {
        let store = &self.core.ports.store;
        let servers = store.servers().await?;
        let export = store.export().await?;
        Ok(Exporting { export, servers, next: Next::Header, digests: Digests::default(), done: 0 })
    }
}

impl Exporting<'_> {
    /// The servers that were seen to use the store when the export began.
    pub fn servers(&self) -> &[String] {
        &self.servers
    }

    /// How many records there are of each kind.
    pub fn counts(&self) -> Counts {
        self.export.counts()
    }

    /// How many records were given as lines.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// The next lines, each with its end; none when the last was given.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        match self.next {
            Next::Header => {
                self.next = Next::Records;
                Ok(Some(format::header(self.counts()).into()))
            }
            Next::Records => {
                let records = self.export.next().await?;
                if records.is_empty() {
                    self.next = Next::Nothing;
                    return Ok(Some(std::mem::take(&mut self.digests).ending().into()));
                }
                let mut lines = Vec::new();
                for record in &records {
                    self.add(record, &mut lines)?;
                }
                Ok(Some(lines))
            }
            Next::Nothing => Ok(None),
        }
    }

    fn add(&mut self, record: &Record, lines: &mut Vec<u8>) -> Result<(), Fault> {
        let begin = lines.len();
        serde_json::to_writer(&mut *lines, record).map_err(|error| Fault::internal(error))?;
        lines.push(b'\n');
        self.digests.add(record.kind(), &lines[begin..]);
        self.done += 1;
        Ok(())
    }
}
