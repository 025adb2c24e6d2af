//! The environment as a source of settings.

use std::collections::BTreeMap;

use super::{error::Problem, key::Key, keys, suggest};

/// Names of ours that are not settings: the path of the configuration file.
pub const CONFIG_VARIABLE: &str = "VESTIBULE_CONFIG";

/// From this length on, a name that differs by one letter from a variable of ours counts as a typo; a shorter one may well
/// belong to other software.
const SLIP_FROM: usize = 8;

/// Variables of the tests and benches, which must not stop a server that they start.
const FOREIGN_PREFIXES: [&str; 2] = ["VESTIBULE_TEST_", "VESTIBULE_BENCH_"];

/// A copy of environment variables; empty ones count as unset.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The variables of this process. Invalid UTF-8 in a value becomes U+FFFD, which is refused where it matters.
    pub fn of_process() -> Self {
        let text = |os: std::ffi::OsString| os.to_string_lossy().into_owned();
        std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect()
    }

    /// A variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.trim().is_empty())
    }

    /// A problem for each unknown `VESTIBULE_…` variable, and for each variable one typo away from a setting that has no
    /// value yet.
    pub(super) fn unknown(&self, is_given: impl Fn(&Key) -> bool) -> Vec<Problem> {
        let known = known_names();
        let open = keys::all().iter().filter(|key| !is_given(key)).flat_map(Key::variables).map(|(name, _)| name);
        let open: Vec<String> =
            open.filter(|name| !name.starts_with("VESTIBULE_") && name.len() >= SLIP_FROM).collect();
        let is_slip = |name: &str| open.iter().any(|open| strsim::damerau_levenshtein(open, name) == 1);
        let ours = self.0.iter().filter(|(name, _)| name.starts_with("VESTIBULE_") || is_slip(name));
        ours.filter(|(name, value)| !known.contains(name) && !is_foreign(name, value))
            .map(|(name, _)| {
                let remedy = suggest::closest(name, known.iter().map(String::as_str)).map_or_else(
                    || "remove it; `vestibule config example` lists what there is".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                Problem::new("environment", format!("unknown variable `{name}`"), remedy)
            })
            .collect()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// Every known variable.
fn known_names() -> Vec<String> {
    let of_keys = keys::all().iter().flat_map(|key| key.variables().map(|(name, _)| name));
    of_keys.chain([CONFIG_VARIABLE.to_owned()]).collect()
}

/// Whether other software sets the variable: our own tests, or Kubernetes, which describes a service called `vestibule` (or
/// `vestibule-…`) in variables of exactly these forms.
fn is_foreign(name: &str, value: &str) -> bool {
    let numbered_port = || {
        name.split("_PORT_").skip(1).any(|rest| rest.split('_').next().is_some_and(|port| port.parse::<u16>().is_ok()))
    };
    FOREIGN_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || name.ends_with("_SERVICE_HOST")
        || name.ends_with("_SERVICE_PORT")
        || name.contains("_SERVICE_PORT_")
        || numbered_port()
        || (name.ends_with("_PORT") && value.contains("://"))
}
