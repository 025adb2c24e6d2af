//! The lines of an export that are no records.

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use vestibule_ports::stored::{Counts, Kind};

use super::ImportError;

/// The version of the format: that of the header and of the fields of every record.
pub(super) const VERSION: u64 = 1;

/// How the last line begins; no record does.
const ENDING: &[u8] = b"{\"record\":\"end\",";

/// The first line.
pub(super) fn header(counts: Counts) -> String {
    let counts = members(counts.iter().map(|(kind, count)| (kind, count.to_string())));
    format!("{{\"record\":\"header\",\"format\":\"vestibule\",\"version\":{VERSION},\"counts\":{{{counts}}}}}\n")
}

/// The numbers that a first line tells.
pub(super) fn read_header(line: &[u8]) -> Result<Counts, ImportError> {
    let header: Map<String, Value> = serde_json::from_slice(line).map_err(|_| ImportError::NotAnExport)?;
    let is = |name: &str, value: &str| header.get(name).and_then(Value::as_str) == Some(value);
    if !is("record", "header") || !is("format", "vestibule") {
        return Err(ImportError::NotAnExport);
    }
    let version = header.get("version").and_then(Value::as_u64).ok_or(ImportError::NotAnExport)?;
    if version != VERSION {
        return Err(ImportError::OtherVersion { found: version, known: VERSION });
    }
    let counts = header.get("counts").and_then(Value::as_object).ok_or(ImportError::NotAnExport)?;
    let count = |kind: &Kind| Some((*kind, counts.get(kind.as_str())?.as_u64()?));
    Kind::ALL.iter().map(count).collect::<Option<_>>().ok_or(ImportError::NotAnExport)
}

/// A digest of the lines of each kind.
#[derive(Clone)]
pub(super) struct Digests(Vec<Sha256>);

impl Default for Digests {
    fn default() -> Self {
        Self(vec![Sha256::new(); Kind::ALL.len()])
    }
}

impl Digests {
    /// Takes a line, with its end, or the beginning of one.
    pub(super) fn add(&mut self, kind: Kind, line: &[u8]) {
        if let Some(digest) = self.0.get_mut(kind as usize) {
            digest.update(line);
        }
    }

    fn finish(self) -> impl Iterator<Item = (Kind, String)> {
        Kind::ALL.iter().copied().zip(self.0.into_iter().map(|digest| hex::encode(digest.finalize())))
    }

    /// The last line.
    pub(super) fn ending(self) -> String {
        let digests = members(self.finish().map(|(kind, digest)| (kind, format!("\"{digest}\""))));
        format!("{{\"record\":\"end\",\"digests\":{{{digests}}}}}\n")
    }

    /// Whether a last line tells these digests; if not, the first kind whose lines are others.
    pub(super) fn compare(self, ending: &Map<String, Value>) -> Result<(), ImportError> {
        let told = ending.get("digests").and_then(Value::as_object);
        let is_told = |kind: Kind, digest: &str| {
            told.and_then(|told| told.get(kind.as_str())).and_then(Value::as_str) == Some(digest)
        };
        match self.finish().find(|(kind, digest)| !is_told(*kind, digest)) {
            Some((kind, _)) => Err(ImportError::Changed { kind: kind.as_str() }),
            None => Ok(()),
        }
    }
}

/// The last line, if a line is that.
pub(super) fn read_ending(line: &[u8]) -> Option<Map<String, Value>> {
    if line.starts_with(ENDING) { serde_json::from_slice(line).ok() } else { None }
}

/// The members of an object by kind; neither names nor values need to be escaped.
fn members(values: impl Iterator<Item = (Kind, String)>) -> String {
    values.map(|(kind, value)| format!("\"{}\":{value}", kind.as_str())).collect::<Vec<_>>().join(",")
}
