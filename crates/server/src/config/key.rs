//! A setting as the table of keys describes it.

/// What values a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text that is not empty.
    Text,
    /// A path; a relative one starts at the working directory.
    Path,
    /// A whole number in a range.
    Number {
        /// The minimum.
        floor: u32,
        /// The maximum.
        ceiling: u32,
    },
    /// `on` or `off`, in TOML also `true` or `false`.
    Switch,
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// Texts: an array in TOML, separated by commas in the environment.
    List,
}

impl Kind {
    /// What to write, for documents and remedies.
    pub fn describe(self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Path => "a path".to_owned(),
            Self::Number { floor, ceiling } => format!("a number from {floor} to {ceiling}"),
            Self::Switch => "`on` or `off`".to_owned(),
            Self::Choice(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" or "),
            Self::List => "a list".to_owned(),
        }
    }
}

/// The value of an unset key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// Nothing.
    Unset,
    /// A fixed value, as it would be written in the environment.
    Value(&'static str),
    /// Derived from other keys or from the machine, described in words.
    Derived(&'static str),
}

/// A setting: its names, its values and its purpose.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Section and name in TOML, with dots.
    pub name: &'static str,
    /// The environment variables; the first is preferred, the others are aliases.
    pub env: &'static [&'static str],
    /// Its kind of values.
    pub kind: Kind,
    /// Its value if unset.
    pub fallback: Fallback,
    /// Its purpose, in whole sentences.
    pub doc: &'static str,
    /// An example if there is no fixed fallback, as in the environment.
    pub example: &'static str,
    /// Whether the value is never shown.
    pub secret: bool,
    /// Whether the value may also come from a file, named by the key or variable with the suffix `_file` or `_FILE`.
    pub or_file: bool,
}

impl Key {
    /// A key that is unset by default.
    pub const fn new(name: &'static str, env: &'static [&'static str], kind: Kind, doc: &'static str) -> Self {
        Self { name, env, kind, fallback: Fallback::Unset, doc, example: "", secret: false, or_file: false }
    }

    /// With a fixed fallback.
    #[must_use]
    pub const fn default(mut self, value: &'static str) -> Self {
        self.fallback = Fallback::Value(value);
        self
    }

    /// With a derived fallback, in words.
    #[must_use]
    pub const fn derived(mut self, words: &'static str) -> Self {
        self.fallback = Fallback::Derived(words);
        self
    }

    /// With an example.
    #[must_use]
    pub const fn example(mut self, value: &'static str) -> Self {
        self.example = value;
        self
    }

    /// Never shown, and possibly in its own file.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self.or_file = true;
        self
    }

    /// Possibly in its own file.
    #[must_use]
    pub const fn or_file(mut self) -> Self {
        self.or_file = true;
        self
    }

    /// The section and the name within it.
    pub fn split(&self) -> (&'static str, &'static str) {
        self.name.rsplit_once('.').unwrap_or(("", self.name))
    }

    /// The TOML key for the file of the value, if it may have one.
    pub fn file_name(&self) -> Option<String> {
        self.or_file.then(|| format!("{}_file", self.name))
    }

    /// Every variable that sets it; true if the variable names a file with the value.
    pub fn variables(&self) -> impl Iterator<Item = (String, bool)> {
        let plain = self.env.iter().map(|name| ((*name).to_owned(), false));
        let files = self.env.iter().filter(|_| self.or_file).map(|name| (format!("{name}_FILE"), true));
        plain.chain(files)
    }

    /// Every TOML name that sets it; true if it names a file with the value.
    pub fn toml_names(&self) -> impl Iterator<Item = (String, bool)> {
        std::iter::once((self.name.to_owned(), false)).chain(self.file_name().map(|name| (name, true)))
    }
}
