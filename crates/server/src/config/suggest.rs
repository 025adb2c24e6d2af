//! Guessing what a mistyped name was meant to be.

/// The least similarity, from 0 to 1, for a suggestion.
const LIKENESS: f64 = 0.6;

/// The known name that is most similar to this one, if any.
pub(super) fn closest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_ascii_lowercase();
    known
        .map(|candidate| (likeness(&name, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// A correct key in the wrong section is the best match. The common prefix of all our variables counts for nothing.
fn likeness(name: &str, candidate: &str) -> f64 {
    let [name, candidate] = [name, candidate].map(|name| name.strip_prefix("vestibule_").unwrap_or(name));
    let last = |dotted: &str| dotted.rsplit_once('.').map(|(_, last)| last.to_owned());
    let moved = last(candidate).is_some_and(|key| key == name || last(name).is_some_and(|given| given == key));
    let alike = strsim::normalized_damerau_levenshtein(name, candidate);
    if moved { alike + 1.0 } else { alike }
}
