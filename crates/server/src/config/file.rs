//! The TOML file as a source of settings.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    error::Problem,
    key::{Key, Kind},
    keys, suggest,
    value::{Refusal, Value},
};

/// The leaves of a TOML file, by their dotted names.
#[derive(Default)]
pub(super) struct File {
    /// Its path; none if there is no file.
    pub(super) path: Option<PathBuf>,
    leaves: BTreeMap<String, toml::Value>,
}

impl File {
    /// Reads the given file, or the default one if it exists.
    pub(super) fn read(given: Option<&Path>, default: &Path) -> Result<Self, Problem> {
        let path = given.unwrap_or(default);
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(path, &text),
            Err(error) if error.kind() == io::ErrorKind::NotFound && given.is_none() => Ok(Self::default()),
            Err(error) => Err(Problem::new(
                path.display().to_string(),
                format!("the configuration file cannot be read: {error}"),
                "give a TOML file that this user may read with `--config` or VESTIBULE_CONFIG",
            )),
        }
    }

    /// The parser's own report quotes the line, which may hold a secret: show only its message and position.
    fn parse(path: &Path, text: &str) -> Result<Self, Problem> {
        let table: toml::Table = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let message = error.message().lines().next().unwrap_or("it cannot be read").to_owned();
            Problem::new(
                format!("{}, line {line}", path.display()),
                format!("not valid TOML: {message}"),
                "mend the line; `vestibule config example` shows the form",
            )
        })?;
        let mut leaves = BTreeMap::new();
        flatten("", table, &mut leaves);
        Ok(Self { path: Some(path.to_owned()), leaves })
    }

    /// The value of a key, as its kind requires; an empty text counts as unset, as in the environment.
    pub(super) fn get(&self, name: &str, kind: Kind) -> Option<Result<Value, Refusal>> {
        let value = self.leaves.get(name)?;
        let is_empty = value.as_str().is_some_and(|text| text.trim().is_empty());
        (!is_empty).then(|| Value::from_toml(kind, value))
    }

    /// A problem for each unknown key.
    pub(super) fn unknown(&self) -> Vec<Problem> {
        let Some(path) = &self.path else { return Vec::new() };
        let known: Vec<String> = keys::all().iter().flat_map(Key::toml_names).map(|(name, _)| name).collect();
        self.leaves
            .keys()
            .filter(|name| !known.contains(name))
            .map(|name| {
                let remedy = suggest::closest(name, known.iter().map(String::as_str)).map_or_else(
                    || "remove it; `vestibule config example` lists what there is".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                Problem::new(path.display().to_string(), format!("unknown key `{name}`"), remedy)
            })
            .collect()
    }
}

/// Collects every value that is not a table under its dotted name; an empty table outside the known sections counts as a
/// value.
fn flatten(prefix: &str, table: toml::Table, leaves: &mut BTreeMap<String, toml::Value>) {
    for (name, value) in table {
        let name = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        let known_section = || {
            let within = |section: &str| section == name || section.starts_with(&format!("{name}."));
            keys::sections().iter().any(|(section, _)| within(section))
        };
        match value {
            toml::Value::Table(inner) if !inner.is_empty() || known_section() => flatten(&name, inner, leaves),
            value => {
                leaves.insert(name, value);
            }
        }
    }
}
