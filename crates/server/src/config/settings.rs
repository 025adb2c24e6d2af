//! All settings of all sources, before they become a [`super::Config`].

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use super::{
    env::{CONFIG_VARIABLE, Environment},
    error::Problem,
    file::File,
    key::{Fallback, Key, Kind},
    keys,
    modes::{self, Access},
    value::{Refusal, Value},
};

/// The variable by which platforms set the port that they forward to.
const PORT_VARIABLE: &str = "PORT";

/// The sources of settings; the environment takes precedence over the file.
#[derive(Clone)]
pub struct Sources {
    pub environment: Environment,
    /// The file named on the command line.
    pub file: Option<PathBuf>,
    /// The file read by default, if it exists.
    pub default_file: PathBuf,
}

impl Sources {
    /// The sources of this process.
    pub fn of_process(file: Option<PathBuf>) -> Self {
        Self { environment: Environment::of_process(), file, default_file: PathBuf::from("./vestibule.toml") }
    }
}

/// The origin of a key's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It is unset.
    Default,
    /// A key of the TOML file.
    File {
        /// The file.
        path: PathBuf,
        /// The key, possibly the one that names a file with the value.
        name: String,
    },
    /// An environment variable.
    Environment(String),
}

impl Origin {
    /// The place as a problem names it.
    pub fn place(&self, key: &str) -> String {
        match self {
            Self::Default => match keys::all().iter().find(|known| known.name == key).and_then(|key| key.env.first()) {
                Some(variable) => format!("key `{key}` ({variable})"),
                None => format!("key `{key}`"),
            },
            Self::File { path, name } => format!("{}, key `{name}`", path.display()),
            Self::Environment(variable) => format!("environment variable {variable}"),
        }
    }

    /// The place as `config print` names it.
    pub fn short(&self) -> String {
        match self {
            Self::Default => "default".to_owned(),
            Self::File { path, name } => format!("file {}, {name}", path.display()),
            Self::Environment(variable) => format!("env {variable}"),
        }
    }
}

/// A value and its origin.
#[derive(Clone)]
pub(super) struct Setting {
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// All values by key, and the problems so far.
pub struct Settings {
    values: BTreeMap<&'static str, Setting>,
    broken: BTreeSet<&'static str>,
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<String>,
}

impl Settings {
    /// Reads all sources; problems are collected.
    pub(super) fn read(sources: &Sources) -> Self {
        let (problems, warnings) = (Vec::new(), Vec::new());
        let mut settings = Self { values: BTreeMap::new(), broken: BTreeSet::new(), problems, warnings };
        let named = sources.file.clone().or_else(|| sources.environment.get(CONFIG_VARIABLE).map(PathBuf::from));
        let file = File::read(named.as_deref(), &sources.default_file).unwrap_or_else(|problem| {
            settings.problems.push(problem);
            File::default()
        });
        settings.problems.extend(file.unknown());
        for key in keys::all() {
            settings.read_key(key, &sources.environment, &file);
        }
        settings.listen_on_port(&sources.environment);
        let unknown = sources.environment.unknown(|key| settings.is_given(key));
        settings.problems.extend(unknown);
        settings
    }

    fn read_key(&mut self, key: &'static Key, environment: &Environment, file: &File) {
        let mut given = from_environment(key, environment);
        if given.is_empty() {
            given = from_file(key, file);
        }
        let mut taken: Option<Setting> = None;
        for (origin, value) in given {
            let value = value.map(|Read { value, warning }| {
                self.warnings.extend(warning);
                value
            });
            match (value, &taken) {
                (Err(Refusal { what, remedy }), _) => self.break_at(key, &origin, what, remedy),
                (Ok(value), Some(first)) if first.value != value => {
                    let what = format!("says something else than {}", first.origin.place(key.name));
                    self.break_at(key, &origin, what, "keep one of the two");
                }
                (Ok(_), Some(_)) => {}
                (Ok(value), None) => taken = Some(Setting { value, origin }),
            }
        }
        if let Some(setting) = taken.or_else(|| fallback(key)) {
            self.values.insert(key.name, setting);
        }
    }

    /// `PORT` sets the port of the listener, as on Heroku and Cloud Run, unless the listener is set.
    fn listen_on_port(&mut self, environment: &Environment) {
        let Some(text) = environment.get(PORT_VARIABLE).filter(|_| !self.is_given(&keys::LISTEN)) else { return };
        let origin = Origin::Environment(PORT_VARIABLE.to_owned());
        match text.trim().parse::<u16>() {
            Ok(port) if port > 0 => {
                let value = Value::Text(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)).to_string());
                self.values.insert(keys::LISTEN.name, Setting { value, origin });
            }
            _ => {
                let (what, remedy) =
                    (format!("`{text}` is not a port"), "give a number from 1 to 65535, or set VESTIBULE_LISTEN");
                self.break_at(&keys::LISTEN, &origin, what, remedy);
            }
        }
    }

    fn break_at(&mut self, key: &Key, origin: &Origin, what: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push(Problem::at(origin, key.name, what, remedy));
        self.broken.insert(key.name);
    }

    pub(super) fn get(&self, key: &Key) -> Option<&Setting> {
        self.values.get(key.name)
    }

    /// The origin of a key's value.
    pub(super) fn origin(&self, key: &Key) -> Origin {
        self.get(key).map_or(Origin::Default, |setting| setting.origin.clone())
    }

    /// Whether the key was set, even to an invalid value: then it must not also be reported as missing.
    pub(super) fn is_given(&self, key: &Key) -> bool {
        self.broken.contains(key.name) || self.get(key).is_some_and(|setting| setting.origin != Origin::Default)
    }

    /// A text; surrounding spaces are significant only in a secret.
    pub(super) fn text(&self, key: &Key) -> Option<String> {
        match &self.get(key)?.value {
            Value::Text(text) if key.secret => Some(text.clone()),
            Value::Text(text) => Some(text.trim().to_owned()),
            _ => None,
        }
    }

    pub(super) fn number(&self, key: &Key) -> Option<u32> {
        match self.get(key)?.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Whether a switch is on; one that is unset is off.
    pub(super) fn is_on(&self, key: &Key) -> bool {
        self.get(key).is_some_and(|setting| setting.value == Value::Switch(true))
    }

    /// Parses a text; a refusal becomes a problem.
    pub(super) fn parse<T>(&mut self, key: &Key, parser: impl Fn(&str) -> Result<T, Refusal>) -> Option<T> {
        let text = self.text(key)?;
        self.taken(key, parser(&text))
    }

    /// Parses each item of a list; a refusal becomes a problem.
    pub(super) fn parse_list<T>(&mut self, key: &Key, parser: impl Fn(&str) -> Result<T, Refusal>) -> Vec<T> {
        let items = match self.get(key).map(|setting| &setting.value) {
            Some(Value::List(items)) => items.clone(),
            _ => Vec::new(),
        };
        items.iter().filter_map(|item| self.taken(key, parser(item))).collect()
    }

    fn taken<T>(&mut self, key: &Key, result: Result<T, Refusal>) -> Option<T> {
        result.map_err(|Refusal { what, remedy }| self.refuse(key, what, remedy)).ok()
    }

    /// Records a problem with the value of a key.
    pub(super) fn refuse(&mut self, key: &Key, what: impl Into<String>, remedy: impl Into<String>) {
        let origin = self.origin(key);
        if let Some(key) = keys::all().iter().find(|known| known.name == key.name) {
            self.break_at(key, &origin, what, remedy);
        }
    }

    /// Sets a value derived from others, unless the key is set.
    pub(super) fn derive(&mut self, key: &Key, value: Value) {
        self.values.entry(key.name).or_insert(Setting { value, origin: Origin::Default });
    }
}

fn fallback(key: &Key) -> Option<Setting> {
    match key.fallback {
        Fallback::Value(text) => {
            Value::from_text(key.kind, text).ok().map(|value| Setting { value, origin: Origin::Default })
        }
        Fallback::Unset | Fallback::Derived(_) => None,
    }
}

/// A value, and a warning about its file.
struct Read {
    value: Value,
    warning: Option<String>,
}

impl From<Value> for Read {
    fn from(value: Value) -> Self {
        Self { value, warning: None }
    }
}

type Given = Vec<(Origin, Result<Read, Refusal>)>;

fn from_environment(key: &Key, environment: &Environment) -> Given {
    let set =
        key.variables().filter_map(|(name, is_file)| environment.get(&name).map(|text| (name.clone(), is_file, text)));
    set.map(|(name, is_file, text)| {
        let value = if is_file { from_named_file(key, text) } else { Value::from_text(key.kind, text).map(Read::from) };
        (Origin::Environment(name), value)
    })
    .collect()
}

fn from_file(key: &Key, file: &File) -> Given {
    let Some(path) = &file.path else { return Vec::new() };
    key.toml_names()
        .filter_map(|(name, is_file)| {
            let value = if is_file {
                match file.get(&name, Kind::Path)? {
                    Ok(Value::Text(path)) => from_named_file(key, &path),
                    other => other.map(Read::from),
                }
            } else {
                file.get(&name, key.kind)?.map(Read::from)
            };
            Some((Origin::File { path: path.clone(), name }, value))
        })
        .collect()
}

/// The value in a file, without its final line end. The file of the server secret must not be readable for every user.
/// Other secrets can be revoked at their services, and their files are often mounted readable for all.
fn from_named_file(key: &Key, path: &str) -> Result<Read, Refusal> {
    let text = fs::read_to_string(path).map_err(|error| {
        Refusal::new(format!("the file {path} cannot be read: {error}"), "name a file that this user may read")
    })?;
    let is_the_secret = key.name == keys::SECRET.name;
    if is_the_secret && let Some(Access::World(mode)) = modes::of_secret(Path::new(path)) {
        return Err(Refusal::new(
            format!("every user of this machine may read {path} (mode {mode:04o}), so it is no secret"),
            "run `chmod 600` on it (Kubernetes: `defaultMode: 0440` of the volume, Docker: `mode: 0440` of the secret)",
        ));
    }
    let text = text.trim_end_matches(['\r', '\n']);
    if text.trim().is_empty() {
        return Err(Refusal::new(format!("the file {path} is empty"), "write the value into it"));
    }
    let value = Value::from_text(key.kind, text)?;
    let warning = if is_the_secret { modes::warning_of_secret(Path::new(path)) } else { None };
    Ok(Read { value, warning })
}
