//! Everything as lines, and back: what an import says about lines that are not as they were exported.

use time::Duration;
use vestibule_application::{Operator, operations::ImportError};
use vestibule_domain::Role;
use vestibule_ports::stored::Kind;

use crate::support::World;

const OPERATOR: Operator = Operator::at_the_console();

/// Whether an error is the expected one.
type Expected = fn(&ImportError) -> bool;

/// A world with some accounts, mails, events and a secret.
async fn furnished() -> World {
    let world = World::unlimited();
    world.app.check_secret().await.unwrap();
    for address in ["alice@example.com", "bob@example.com"] {
        world.register(address).await.unwrap();
        world.advance(Duration::SECOND);
    }
    world.with_account("carol@example.com", Role::Root).await;
    world.sign_in("carol@example.com", "correct horse battery", 1).await.ok();
    world
}

async fn exported(world: &World) -> Vec<String> {
    let mut exporting = world.app.export(OPERATOR).await.unwrap();
    let mut text = String::new();
    while let Some(lines) = exporting.next().await.unwrap() {
        text += std::str::from_utf8(&lines).unwrap();
    }
    assert_eq!(exporting.done(), exporting.counts().total());
    text.split_inclusive('\n').map(str::to_owned).collect()
}

async fn imported(world: &World, lines: &[String]) -> Result<(), ImportError> {
    let mut importing = world.app.import(OPERATOR).await?;
    for line in lines {
        importing.line(line.as_bytes()).await?;
    }
    importing.finish().await.map(drop)
}

async fn is_empty(world: &World) -> bool {
    world.store.export().await.unwrap().counts().total() == 0
}

/// The place of the first line of a kind.
fn first(lines: &[String], kind: Kind) -> usize {
    let begin = format!("{{\"record\":\"{}\",", kind.as_str());
    lines.iter().position(|line| line.starts_with(&begin)).unwrap()
}

#[tokio::test]
async fn what_was_exported_is_imported_and_exported_again_alike() {
    let (from, to) = (furnished().await, World::unlimited());
    let lines = exported(&from).await;
    imported(&to, &lines).await.unwrap();
    assert_eq!(exported(&to).await, lines);
    assert!(to.app.has_our_secret().await.unwrap());
    assert!(to.sign_in("alice@example.com", "correct horse battery", 2).await.is_err(), "her mailbox is not proven");
}

#[tokio::test]
async fn an_export_has_a_header_and_an_end() {
    let lines = exported(&furnished().await).await;
    let header: serde_json::Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!(
        (&header["record"], &header["format"], &header["version"]),
        (&"header".into(), &"vestibule".into(), &1.into())
    );
    assert_eq!((&header["counts"]["account"], &header["counts"]["place"]), (&3.into(), &0.into()));
    let end: serde_json::Value = serde_json::from_str(lines.last().unwrap()).unwrap();
    let digests = end["digests"].as_object().unwrap();
    assert_eq!((end["record"].as_str(), digests.len()), (Some("end"), Kind::ALL.len()));
    let of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(digests["place"], of_nothing);
    assert_ne!(digests["account"], of_nothing);
}

#[tokio::test]
async fn an_import_says_what_is_wrong_with_its_lines_and_leaves_nothing() {
    let lines = exported(&furnished().await).await;
    let account = first(&lines, Kind::Account);
    let fingerprint = first(&lines, Kind::Fingerprint);
    let last = lines.len() - 1;
    let changed = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines = lines.clone();
        change(&mut lines);
        lines
    };
    let half = |line: &String| line[..line.len() / 2].to_owned();
    let refused: [(Vec<String>, Expected); 14] = [
        (Vec::new(), |error| matches!(error, ImportError::NotAnExport)),
        (vec!["hello\n".to_owned()], |error| matches!(error, ImportError::NotAnExport)),
        (lines[1..].to_vec(), |error| matches!(error, ImportError::NotAnExport)),
        (changed(&|lines| lines[0] = lines[0].replace("\"version\":1", "\"version\":2")), |error| {
            matches!(error, ImportError::OtherVersion { found: 2, known: 1 })
        }),
        (lines[..last].to_vec(), |error| matches!(error, ImportError::CutOff { .. })),
        (lines[..1].to_vec(), |error| matches!(error, ImportError::CutOff { line: 1 })),
        (changed(&|lines| lines[last] = half(&lines[last])), |error| matches!(error, ImportError::CutOff { .. })),
        ([&lines[..account], &[half(&lines[account])]].concat(), |error| matches!(error, ImportError::CutOff { .. })),
        (changed(&|lines| lines[account] = "{\"record\":\"account\"}\n".to_owned()), |error| {
            matches!(error, ImportError::Unreadable { line: 3 })
        }),
        (changed(&|lines| lines.swap(account, account + 1)), |error| matches!(error, ImportError::Misplaced { .. })),
        (changed(&|lines| lines.insert(account, lines[account].clone())), |error| {
            matches!(error, ImportError::Misplaced { line: 4 })
        }),
        (changed(&|lines| drop(lines.remove(account))), |error| {
            matches!(error, ImportError::Miscounted { kind: "account", found: 2, expected: 3 })
        }),
        (changed(&|lines| lines.push("\n".to_owned())), |error| matches!(error, ImportError::BehindTheEnd { .. })),
        (changed(&|lines| lines[fingerprint] = lines[fingerprint].replace(['0', '1', '2', '3'], "4")), |error| {
            matches!(error, ImportError::AnotherSecret)
        }),
    ];
    let to = World::unlimited();
    for (number, (lines, is_expected)) in refused.iter().enumerate() {
        let error = imported(&to, lines).await.unwrap_err();
        assert!(is_expected(&error), "{number}: {error}");
        assert!(is_empty(&to).await, "something stayed of {number}");
    }
    imported(&to, &lines).await.unwrap();
}

#[tokio::test]
async fn a_changed_line_is_told_as_such_whatever_the_store_says_to_it() {
    let lines = exported(&furnished().await).await;
    let account = first(&lines, Kind::Account);
    let to = World::unlimited();
    // One that the store would take, one with an address that another account has, and one with a word that there is not.
    for (old, new) in [("alice@", "anna@"), ("alice@", "bob@"), ("\"user\"", "\"king\"")] {
        let mut lines = lines.clone();
        assert!(lines[account].contains(old), "{}", lines[account]);
        lines[account] = lines[account].replace(old, new);
        let error = imported(&to, &lines).await.unwrap_err();
        assert!(matches!(error, ImportError::Changed { kind: "account" }), "{new}: {error}");
        assert!(is_empty(&to).await);
    }
}

#[tokio::test]
async fn an_import_into_a_store_that_is_used_is_refused() {
    let (from, to) = (furnished().await, World::unlimited());
    let lines = exported(&from).await;
    to.register("dora@example.com").await.unwrap();
    let before = exported(&to).await;
    assert!(matches!(imported(&to, &lines).await, Err(ImportError::NotEmpty)));
    assert_eq!(exported(&to).await, before);
}
