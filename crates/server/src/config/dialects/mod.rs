//! Settings of the dialects: whether and where each is served, and the settings of single dialects.

mod ego;
mod looking;
mod mern;

use std::sync::LazyLock;

use vestibule_http::{DIALECTS, Dialect, DialectSettings, EgoOptions, LookingOptions, MernOptions, Mount};

use super::{
    Settings,
    key::{Key, Kind},
    parse,
};

/// Settings of one dialect alone.
struct Own {
    dialect: &'static Dialect,
    keys: &'static [Key],
    /// The dialect with these settings; warnings are only about an enabled one.
    mount: fn(&mut Settings, &mut Vec<String>) -> Mount,
}

const OWN: &[Own] = &[
    Own { dialect: MernOptions::DIALECT, keys: mern::KEYS, mount: mern::mount },
    Own { dialect: EgoOptions::DIALECT, keys: ego::KEYS, mount: ego::mount },
    Own { dialect: LookingOptions::DIALECT, keys: looking::KEYS, mount: looking::mount },
];

/// Settings of every dialect.
struct Common {
    dialect: &'static Dialect,
    section: &'static str,
    about: &'static str,
    enabled: Key,
    prefix: Key,
}

/// For each dialect; built once, because key names must live as long as the process.
static COMMON: LazyLock<Vec<Common>> = LazyLock::new(|| DIALECTS.iter().map(|dialect| common(dialect)).collect());

/// Every dialect as configured.
pub(super) fn mounts(settings: &mut Settings, warnings: &mut Vec<String>) -> Vec<Mount> {
    let mut mounts = Vec::new();
    for common in COMMON.iter() {
        let is_on = settings.is_on(&common.enabled);
        let prefix = settings.parse(&common.prefix, parse::prefix).unwrap_or_default();
        let mut its_warnings = Vec::new();
        let mount = match own(common.dialect) {
            Some(own) => (own.mount)(settings, &mut its_warnings),
            None => common.dialect.default_mount(),
        };
        if is_on {
            warnings.append(&mut its_warnings);
        }
        mounts.push(mount.at(prefix).switched(is_on));
    }
    mounts
}

pub(super) fn keys() -> Vec<Key> {
    let of = |common: &Common| {
        let own = own(common.dialect).map_or(&[][..], |own| own.keys);
        [&[common.enabled, common.prefix], own].concat()
    };
    COMMON.iter().flat_map(of).collect()
}

pub(super) fn sections() -> impl Iterator<Item = (&'static str, &'static str)> {
    COMMON.iter().map(|common| (common.section, common.about))
}

fn own(dialect: &Dialect) -> Option<&'static Own> {
    OWN.iter().find(|own| own.dialect.name() == dialect.name())
}

fn common(dialect: &'static Dialect) -> Common {
    let (name, variable) = (dialect.name(), format!("VESTIBULE_DIALECT_{}", dialect.name().to_uppercase()));
    let key = |last, variable: String, kind, doc| {
        Key::new(format!("dialects.{name}.{last}").leak(), vec![&*variable.leak()].leak(), kind, doc)
    };
    let prefix_doc = "Path under which the dialect is mounted, beginning with a slash; empty for none.";
    Common {
        dialect,
        section: format!("dialects.{name}").leak(),
        about: format!("The dialect `{name}`.").leak(),
        enabled: key("enabled", variable.clone(), Kind::Switch, "Whether the dialect is served.").default("on"),
        prefix: key("prefix", variable + "_PREFIX", Kind::Text, prefix_doc)
            .default("")
            .example(format!("/{name}").leak()),
    }
}
