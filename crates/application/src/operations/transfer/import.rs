//! Lines of an export into an empty store, in one go.

use serde_json::{Map, Value};
use vestibule_domain::Digest;
use vestibule_ports::{
    Batch, Import, StoreError,
    stored::{Counts, Kind, Record, RecordKey},
};

use super::format::{self, Digests};
use crate::{
    Identity, Operator,
    fault::{Fault, faults_into},
};

/// So many bytes of lines are written together at most, but for the last line of them.
const MOST_BYTES: usize = 4 << 20;

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The store holds something.
    #[error(
        "the store is not empty: an import needs a new one, such as an empty database or a path where there is no file"
    )]
    NotEmpty,
    /// What was given begins with no header.
    #[error("this is no export: its first line is not the header of one")]
    NotAnExport,
    /// Another version of the program made it.
    #[error(
        "the export has version {found} of the format, and this program reads version {known}: import it with the version of \
         vestibule that made it, and upgrade then"
    )]
    OtherVersion {
        /// Its version.
        found: u64,
        /// That of this program.
        known: u64,
    },
    /// Codes, tokens, waiting mail and documents of it are unreadable here.
    #[error(
        "the export is from an installation with another secret than the configured one: put that secret in place of this one, and \
         import again"
    )]
    AnotherSecret,
    /// Its end is missing.
    #[error("the export is cut off after line {line}: copy it again, or make another")]
    CutOff {
        /// The last whole line.
        line: u64,
    },
    /// A line is neither a record nor the end.
    #[error("line {line} of the export cannot be read as a record: it was changed")]
    Unreadable {
        /// Which line.
        line: u64,
    },
    /// A line is not where an export has it, or is there twice.
    #[error("line {line} of the export is not in its place: lines were moved or doubled")]
    Misplaced {
        /// Which line.
        line: u64,
    },
    /// Lines are missing, or there are too many.
    #[error(
        "the export has {found} records of the kind {kind}, and should have {expected}: lines are missing or were added"
    )]
    Miscounted {
        /// Of which kind.
        kind: &'static str,
        /// How many there are.
        found: u64,
        /// How many the header tells.
        expected: u64,
    },
    /// Lines are not those that were exported.
    #[error("a record of the kind {kind} was changed since the export: its digest is another")]
    Changed {
        /// Of which kind.
        kind: &'static str,
    },
    /// Something comes behind the last line.
    #[error("line {line} comes after the end of the export")]
    BehindTheEnd {
        /// Which line.
        line: u64,
    },
    /// Records are whole, and yet not what the store takes.
    #[error("the store does not take a record of the kind {kind}, at line {line} or shortly before")]
    Refused {
        /// Of which kind.
        kind: &'static str,
        /// The last line that was written with it.
        line: u64,
        /// Why.
        #[source]
        error: StoreError,
    },
    /// Nothing to do with what is imported.
    #[error(transparent)]
    Fault(#[from] Fault),
}

faults_into!(ImportError: StoreError);

/// An import that is under way. Until [`Importing::finish`] has said so, nothing is imported.
pub struct Importing<'s> {
    import: Box<dyn Import + 's>,
    /// What the configured secret is known by.
    fingerprint: Digest,
    expected: Option<Counts>,
    found: Counts,
    digests: Digests,
    /// How many lines were given.
    line: u64,
    last: Option<(Kind, RecordKey)>,
    batch: Vec<Record>,
    batch_bytes: usize,
    /// The first refusal. What is wrong with the lines, which may be its cause, is told rather than this.
    refused: Option<ImportError>,
    ending: Option<Map<String, Value>>,
}

impl Identity {
    /// Begins an import into the store, which must be empty. Other writers wait until it ends.
    pub async fn import(&self, _operator: Operator) -> Result<Importing<'_>, ImportError> {
        let import = self.core.ports.store.import().await?.ok_or(ImportError::NotEmpty)?;
        Ok(Importing {
            import,
            fingerprint: self.core.fingerprint(),
            expected: None,
            found: Counts::default(),
            digests: Digests::default(),
            line: 0,
            last: None,
            batch: Vec::new(),
            batch_bytes: 0,
            refused: None,
            ending: None,
        })
    }
}

impl Importing<'_> {
    /// How many records there should be, once the header is known.
    pub fn total(&self) -> u64 {
        self.expected.as_ref().map_or(0, Counts::total)
    }

    /// How many records were given.
    pub fn done(&self) -> u64 {
        self.found.total()
    }

    /// Takes the next line, with its end.
    pub async fn line(&mut self, line: &[u8]) -> Result<(), ImportError> {
        let is_whole = line.ends_with(b"\n");
        if self.expected.is_none() {
            self.expected = Some(format::read_header(line)?);
            self.line = 1;
            return Ok(());
        }
        let number = self.line + 1;
        if self.ending.is_some() {
            return Err(ImportError::BehindTheEnd { line: number });
        }
        if let Some(ending) = format::read_ending(line) {
            self.ending = Some(ending);
        } else if !is_whole {
            return Err(ImportError::CutOff { line: self.line });
        } else {
            let record: Record = serde_json::from_slice(line).map_err(|_| ImportError::Unreadable { line: number })?;
            self.record(record, line).await?;
        }
        self.line = number;
        Ok(())
    }

    /// Checks that everything was given as it was exported, and makes it durable; how much it is.
    pub async fn finish(mut self) -> Result<Counts, ImportError> {
        let (Some(expected), Some(ending)) = (self.expected, self.ending.take()) else {
            return Err(if self.line == 0 {
                ImportError::NotAnExport
            } else {
                ImportError::CutOff { line: self.line }
            });
        };
        self.flush().await?;
        let miscounted = |((kind, found), (_, expected)): ((Kind, u64), (Kind, u64))| {
            (found != expected).then_some(ImportError::Miscounted { kind: kind.as_str(), found, expected })
        };
        if let Some(error) = self.found.iter().zip(expected.iter()).find_map(miscounted) {
            return Err(error);
        }
        self.digests.compare(&ending)?;
        if let Some(refused) = self.refused {
            return Err(refused);
        }
        self.import.commit().await?;
        Ok(expected)
    }

    async fn record(&mut self, record: Record, line: &[u8]) -> Result<(), ImportError> {
        let place = (record.kind(), record.key());
        if self.last.as_ref().is_some_and(|last| *last >= place) {
            return Err(ImportError::Misplaced { line: self.line + 1 });
        }
        if let Record::Fingerprint(row) = &record
            && row.digest != self.fingerprint.bytes()
        {
            return Err(ImportError::AnotherSecret);
        }
        let is_full = self.batch.len() >= Batch::MOST as usize || self.batch_bytes >= MOST_BYTES;
        if is_full || self.batch.first().is_some_and(|first| first.kind() != place.0) {
            self.flush().await?;
        }
        self.digests.add(place.0, line);
        self.found.add(place.0, 1);
        self.batch_bytes += line.len();
        self.batch.push(record);
        self.last = Some(place);
        Ok(())
    }

    /// Writes what was collected.
    async fn flush(&mut self) -> Result<(), ImportError> {
        self.batch_bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        let Some(kind) = batch.first().map(Record::kind) else { return Ok(()) };
        if self.refused.is_some() {
            return Ok(());
        }
        match self.import.put(batch).await {
            Ok(()) => Ok(()),
            Err(error @ (StoreError::Unavailable(_) | StoreError::Unfit(_))) => Err(error.into()),
            // Busy, too: the import holds every lock, but what a record belongs to may not be there.
            Err(error) => {
                self.refused = Some(ImportError::Refused { kind: kind.as_str(), line: self.line, error });
                Ok(())
            }
        }
    }
}
