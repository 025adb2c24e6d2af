//! Showing the configuration: the effective values, an example file, and the reference document.

use super::{
    ConfigError, Loaded, Settings, database,
    key::{Fallback, Key, Kind},
    keys,
    settings::Setting,
    value::Value,
};

/// The result of `config check` for a valid configuration.
pub const VALID: &str = "the configuration is valid";

/// The result of a check as JSON.
pub fn check_json(outcome: Result<&Loaded, &ConfigError>) -> serde_json::Value {
    match outcome {
        Ok(loaded) => serde_json::json!({ "valid": true, "problems": [], "warnings": loaded.config.warnings }),
        Err(error) => serde_json::json!({ "valid": false, "problems": error.problems, "warnings": [] }),
    }
}

/// The result of a check in words.
pub fn check_text(outcome: Result<&Loaded, &ConfigError>) -> String {
    match outcome {
        Ok(loaded) => {
            let warnings = loaded.config.warnings.iter().map(|warning| format!("warning: {warning}\n"));
            warnings.chain([VALID.to_owned()]).collect()
        }
        Err(error) => error.to_string(),
    }
}

/// The effective values as TOML, each with its origin; secrets are not shown.
pub fn print_text(settings: &Settings) -> String {
    let mut lines: Vec<(String, String)> = Vec::new();
    for (section, keys) in sections() {
        lines.push((format!("[{section}]"), String::new()));
        for key in keys {
            let name = key.split().1;
            lines.push(match settings.get(key) {
                Some(setting) => (format!("{name} = {}", shown(key, setting).to_toml()), setting.origin.short()),
                None => (format!("# {name} is not set{}", consequence(key)), String::new()),
            });
        }
        lines.push((String::new(), String::new()));
    }
    let width = lines.iter().filter(|(_, origin)| !origin.is_empty()).map(|(text, _)| text.len()).max().unwrap_or(0);
    let joined = lines.into_iter().map(|(line, origin)| match origin.as_str() {
        "" => line,
        origin => format!("{line:width$}  # {origin}"),
    });
    joined.collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

/// What applies while a key without a value is unset.
fn consequence(key: &Key) -> String {
    match key.fallback {
        Fallback::Derived(words) => format!(": {words}"),
        Fallback::Unset | Fallback::Value(_) => String::new(),
    }
}

/// The effective values as JSON: one object a key, with `value` (null if unset) and `origin`.
pub fn print_json(settings: &Settings) -> serde_json::Value {
    let entry = |key: &Key| match settings.get(key) {
        Some(setting) => {
            serde_json::json!({ "value": shown(key, setting).to_json(), "origin": setting.origin.short() })
        }
        None => serde_json::json!({ "value": null, "origin": "default" }),
    };
    keys::all().iter().map(|key| (key.name.to_owned(), entry(key))).collect::<serde_json::Map<_, _>>().into()
}

/// A value as it may be shown.
fn shown(key: &Key, setting: &Setting) -> Value {
    match &setting.value {
        Value::Text(url) if key.name == keys::DATABASE_URL.name => Value::Text(database::redact(url)),
        _ if key.secret => Value::Text(database::hidden()),
        value => value.clone(),
    }
}

/// A TOML file with every key, commented out and with its default or an example.
pub fn example() -> String {
    let mut lines = vec![
        "# The configuration of Vestibule. Every key is shown with its default, or with an example where the line above".to_owned(),
        "# says so; take the `#` away to set it. Each can be set in the environment instead, which wins over this file.".to_owned(),
    ];
    for (section, keys) in sections() {
        lines.extend([String::new(), comment("#", section_doc(section)), format!("[{section}]")]);
        for key in keys {
            let name = key.split().1;
            lines.extend([
                String::new(),
                comment("#", key.doc),
                comment("#  ", &format!("Environment: {}", variables(key))),
            ]);
            if key.or_file {
                lines.push(format!("#   Or name a file that holds it: {name}_file = \"PATH\""));
            }
            match key.fallback {
                Fallback::Value(_) => {}
                Fallback::Derived(words) => lines.push(comment("#  ", &format!("Default: {words}. Example:"))),
                Fallback::Unset => lines.push("#   Not set by default. Example:".to_owned()),
            }
            lines.push(format!("#{name} = {}", sample(key)));
        }
    }
    lines.join("\n") + "\n"
}

/// Every key with its names, kind, default and purpose, as JSON.
pub fn example_json() -> serde_json::Value {
    let entry = |key: &Key| {
        serde_json::json!({
            "key": key.name,
            "environment": key.variables().map(|(name, _)| name).collect::<Vec<_>>(),
            "takes": key.kind.describe(),
            "default": match key.fallback {
                Fallback::Value(text) => Some(text),
                Fallback::Unset | Fallback::Derived(_) => None,
            },
            "secret": key.secret,
            "doc": key.doc,
        })
    };
    keys::all().iter().map(entry).collect::<Vec<_>>().into()
}

/// A value to show, as TOML: the default or an example.
fn sample(key: &Key) -> String {
    let text = match key.fallback {
        Fallback::Value(text) => text,
        Fallback::Unset | Fallback::Derived(_) => key.example,
    };
    Value::from_text(key.kind, text).map_or_else(|_| format!("\"{text}\""), |value| value.to_toml())
}

/// Words after a marker, wrapped into lines.
fn comment(mark: &str, text: &str) -> String {
    let mut lines = vec![mark.to_owned()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.len() + word.len() < 110 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("{mark} {word}")),
        }
    }
    lines.join("\n")
}

fn variables(key: &Key) -> String {
    key.variables().map(|(name, _)| name).collect::<Vec<_>>().join(", ")
}

fn section_doc(section: &str) -> &'static str {
    keys::sections().iter().find(|(name, _)| *name == section).map_or("", |(_, doc)| doc)
}

/// The keys by section, in the order of the table.
fn sections() -> impl Iterator<Item = (&'static str, Vec<&'static Key>)> {
    let of = |section: &'static str| keys::all().iter().filter(move |key| key.split().0 == section).collect();
    keys::sections().iter().map(move |(section, _)| (*section, of(section)))
}

/// The reference of all keys, for docs/configuration.md.
pub fn reference() -> String {
    let mut lines = Vec::new();
    for (section, keys) in sections() {
        lines.extend([format!("### `[{section}]`"), String::new(), section_doc(section).to_owned(), String::new()]);
        lines.extend(
            ["| Key | Environment | Takes | Default | What it is |", "|---|---|---|---|---|"].map(str::to_owned),
        );
        lines.extend(keys.into_iter().map(row));
        lines.push(String::new());
    }
    lines.join("\n").trim_end().to_owned()
}

fn row(key: &Key) -> String {
    let names: Vec<String> =
        key.toml_names().map(|(name, _)| code(name.rsplit('.').next().unwrap_or_default())).collect();
    let variables: Vec<String> = key.variables().map(|(name, _)| code(&name)).collect();
    let cells = [names.join(", "), variables.join(", "), takes(key), default(key), key.doc.to_owned()];
    format!("| {} |", cells.join(" | "))
}

fn takes(key: &Key) -> String {
    match key.kind {
        Kind::Text | Kind::Path | Kind::List if !key.example.is_empty() && !key.example.contains('`') => {
            format!("{}, such as {}", key.kind.describe(), code(key.example))
        }
        kind => kind.describe(),
    }
}

fn default(key: &Key) -> String {
    match key.fallback {
        Fallback::Unset => "not set".to_owned(),
        Fallback::Value("") => "empty".to_owned(),
        Fallback::Value(value) => code(value),
        Fallback::Derived(words) => words.to_owned(),
    }
}

fn code(text: &str) -> String {
    format!("`{text}`")
}
