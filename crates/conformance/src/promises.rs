//! What a failed case prints: its promise, and the statement of the suite that failed.

use std::{panic, sync::Once};

macro_rules! sources {
    ($($file:literal)*) => { [$(($file, include_str!($file))),*] };
}

/// The sources of the cases, by file below `src`: a case's doc is its promise.
const SOURCES: &[(&str, &str)] = &sources![
    "accounts/identities.rs"
    "accounts/keys.rs"
    "accounts/lists.rs"
    "accounts/locks.rs"
    "accounts/mod.rs"
    "accounts/removal.rs"
    "accounts/search.rs"
    "accounts/sign_ins.rs"
    "blobs.rs"
    "codes.rs"
    "conversations/batches.rs"
    "conversations/client_ids.rs"
    "conversations/cursors.rs"
    "conversations/mod.rs"
    "conversations/numbers.rs"
    "conversations/ranges.rs"
    "conversations/removal.rs"
    "conversations/walk.rs"
    "dossiers/mod.rs"
    "dossiers/queue.rs"
    "dossiers/reviews.rs"
    "dossiers/takes.rs"
    "events.rs"
    "fingerprint.rs"
    "mailbox.rs"
    "outbox/dead.rs"
    "outbox/entries.rs"
    "outbox/leases.rs"
    "outbox/mod.rs"
    "outbox/withdrawals.rs"
    "places.rs"
    "profiles/history.rs"
    "profiles/lists.rs"
    "profiles/locks.rs"
    "profiles/mod.rs"
    "profiles/near.rs"
    "profiles/removal.rs"
    "profiles/search.rs"
    "reopening.rs"
    "sessions/anonymous.rs"
    "sessions/cap.rs"
    "sessions/mod.rs"
    "sessions/rotation.rs"
    "sources.rs"
    "store/mod.rs"
    "store/waits.rs"
    "store/whole.rs"
    "support.rs"
    "throttles.rs"
    "tokens.rs"
    "transfer/furnish.rs"
    "transfer/mod.rs"
    "transfer/views.rs"
    "unreadable.rs"
];

/// The promise of a case such as `tokens::an_expired_token_is_refused`, taken from its doc.
pub(crate) fn promise(name: &str) -> Option<String> {
    let (aggregate, case) = name.split_once("::")?;
    let declared = format!("async fn {case}(");
    let of_aggregate = |file: &str| file.strip_prefix(aggregate).is_some_and(|rest| rest.starts_with(['.', '/']));
    SOURCES.iter().filter(|(file, _)| of_aggregate(file)).find_map(|(_, source)| {
        let lines: Vec<&str> = source.lines().collect();
        let at = lines.iter().position(|line| line.contains(&declared))?;
        let doc = lines[..at].iter().rev().map_while(|line| line.strip_prefix("/// "));
        let mut doc: Vec<&str> = doc.collect();
        doc.reverse();
        (!doc.is_empty()).then(|| doc.join(" "))
    })
}

/// From now on a panic in the suite also prints the statement that panicked, which names the verb of the port.
pub(crate) fn print_statements() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panicked| {
            before(panicked);
            if let Some(statement) = panicked.location().and_then(|at| statement(at.file(), at.line())) {
                eprintln!("in the suite:\n{statement}");
            }
        }));
    });
}

/// The lines from the start of a statement to where it panicked.
fn statement(path: &str, line: u32) -> Option<String> {
    let (_, file) = path.rsplit_once("conformance/src/")?;
    let (_, source) = SOURCES.iter().find(|(name, _)| *name == file)?;
    let lines: Vec<&str> = source.lines().take(usize::try_from(line).ok()?).collect();
    let (last, before) = lines.split_last()?;
    let begins_after = |line: &&&str| !line.is_empty() && !line.trim_end().ends_with([';', '{', '}', ',']);
    let mut statement: Vec<&str> = before.iter().rev().take_while(begins_after).copied().collect();
    statement.reverse();
    statement.push(last);
    Some(statement.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::{SOURCES, promise, statement};

    #[test]
    fn every_case_has_a_promise() {
        let names: Vec<_> = {
            let others = crate::blob_cases::NAMES
                .iter()
                .chain(crate::reopening_cases::NAMES)
                .chain(crate::transfer_cases::NAMES);
            crate::cases::NAMES.iter().chain(others).collect()
        };
        assert!(names.len() > 200, "{names:?}");
        for name in names {
            assert!(promise(name).is_some_and(|promise| promise.ends_with('.')), "{name} has no promise");
        }
    }

    #[test]
    fn a_statement_is_told_from_its_beginning_to_where_it_panicked() {
        let (file, source) = SOURCES[0];
        let line = source.lines().position(|line| line.trim_start().starts_with('.')).unwrap();
        let told = statement(&format!("/elsewhere/crates/conformance/src/{file}"), u32::try_from(line + 1).unwrap());
        let told = told.unwrap();
        assert!(told.lines().count() > 1 && source.contains(&told), "{told}");
        assert_eq!(statement("crates/other/src/tokens.rs", 1), None);
    }
}
