//! Everything that is wrong with a configuration, reported at once.

use std::fmt;

use super::settings::Origin;

/// One problem: where, what, and what to do about it. Never contains a secret value.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// The file and key, or the environment variable.
    pub place: String,
    /// What is wrong.
    pub what: String,
    /// What to do; empty if that is clear from what is wrong.
    pub remedy: String,
}

impl Problem {
    /// A problem with a value of known origin.
    pub fn at(origin: &Origin, key: &str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { place: origin.place(key), what: what.into(), remedy: remedy.into() }
    }

    /// A problem at a place given in words.
    pub fn new(place: impl Into<String>, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)?;
        if self.remedy.is_empty() { Ok(()) } else { write!(f, "; {}", self.remedy) }
    }
}

/// Everything that is wrong with a configuration; at least one problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The problems, in the order of the table of keys as far as they belong to a key.
    pub problems: Vec<Problem>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is not valid:")?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl std::error::Error for ConfigError {}
