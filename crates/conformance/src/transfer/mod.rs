//! Promises of exports and imports: what is moved from one store into another is the same there, or nothing is.

mod furnish;
mod views;

use std::{rc::Rc, sync::Arc};

use time::Duration;
use vestibule_domain::{ThrottleRule, TokenPurpose, conversation::Side, profile::ProfileState};
use vestibule_ports::{
    AccountFilter, Batch, Import, ProfileWindow, Store, StoreError,
    stored::{Counts, Kind, Record},
};
use vestibule_testkit::AccountBuilder;

pub use self::furnish::furnish;
use self::views::{ids, views};
use crate::{
    Supply,
    conversations::{append, filled, message},
    outbox,
    profiles::{approved, profile, profile_at},
    support::{NOW, committed, digest, insert_accounts, numbered, some_accounts},
};

/// Hands the names of all cases that move everything to another macro, behind its arguments.
#[doc(hidden)]
#[macro_export]
macro_rules! __every_transfer_case {
    ($then:ident $($argument:tt)*) => {
        $crate::$then! {
            ($($argument)*)
            something_of_everything_is_the_same_after_a_move
            every_form_of_every_row_is_the_same_after_a_move
            a_store_that_was_moved_to_goes_on_where_the_other_was
            an_export_gives_each_record_once_and_in_order
            an_export_does_not_see_what_is_committed_later
            what_a_removed_account_has_left_is_not_exported
            an_import_into_a_store_that_is_not_empty_is_refused
            an_import_replaces_the_fingerprint
            an_import_that_is_not_committed_leaves_nothing
            an_import_in_which_something_failed_cannot_be_committed
        }
    };
}

/// One test per case that moves everything.
#[doc(hidden)]
#[macro_export]
macro_rules! __transfer_tests {
    (($fresh:path) $($case:ident)*) => {
        mod transfer {
            #[allow(unused_imports, reason = "the path to the fixture may be relative to the module above")]
            use super::*;

            $(#[test]
            fn $case() {
                $crate::run_on_several(
                    concat!("transfer::", stringify!($case)),
                    $fresh,
                    $crate::transfer_cases::$case,
                );
            })*
        }
    };
}

/// The public face of each case that moves everything.
macro_rules! transfer_faces {
    (() $($case:ident)*) => {
        /// Every case that moves everything, for [`crate::conformance_suite`].
        pub mod transfer_cases {
            #[cfg(test)]
            pub(crate) const NAMES: &[&str] = &[$(concat!("transfer::", stringify!($case))),*];

            $(#[doc = concat!("Checks that ", stringify!($case), ".")]
            pub async fn $case(supply: std::rc::Rc<crate::Supply>) {
                crate::transfer::$case(supply).await;
            })*
        }
    };
}
pub(crate) use transfer_faces as __transfer_faces;

__every_transfer_case! { __transfer_faces }

const PURPOSE: TokenPurpose = TokenPurpose::PasswordReset;

/// Everything that a store holds, as records.
///
/// # Panics
/// If it cannot be read, or is counted wrongly.
pub async fn everything(store: &Arc<dyn Store>) -> Vec<Record> {
    let mut export = store.export().await.unwrap();
    let mut all = Vec::new();
    loop {
        let batch = export.next().await.unwrap();
        if batch.is_empty() {
            break;
        }
        assert!(batch.len() <= Batch::MOST as usize, "a batch has {} records", batch.len());
        assert!(batch.iter().all(|record| record.kind() == batch[0].kind()), "a batch has records of several kinds");
        all.extend(batch);
    }
    let counts: Counts = all.iter().map(|record| (record.kind(), 1)).collect();
    assert_eq!(export.counts(), counts);
    all
}

/// Copies everything from one store into another, which is empty.
///
/// # Panics
/// If it cannot.
pub async fn copy(from: &Arc<dyn Store>, to: &Arc<dyn Store>) {
    let mut export = from.export().await.unwrap();
    let mut import = begin(to).await;
    loop {
        let batch = export.next().await.unwrap();
        if batch.is_empty() {
            break;
        }
        import.put(batch).await.unwrap();
    }
    import.commit().await.unwrap();
}

async fn begin(store: &Arc<dyn Store>) -> Box<dyn Import + '_> {
    store.import().await.unwrap().expect("the store is empty")
}

async fn assert_moved(from: &Arc<dyn Store>, to: &Arc<dyn Store>, what: &str) {
    copy(from, to).await;
    assert_same(&everything(from).await, &everything(to).await, what);
    assert_same_views(from, to, what).await;
}

async fn assert_same_views(from: &Arc<dyn Store>, to: &Arc<dyn Store>, what: &str) {
    let (expected, found) = (views(from).await, views(to).await);
    for (expected, found) in expected.iter().zip(&found) {
        assert_eq!(found, expected, "{what}");
    }
    assert_eq!(found.len(), expected.len(), "{what}");
}

/// Records have no form for the eyes: they hold hashes of passwords.
fn assert_same(expected: &[Record], found: &[Record], what: &str) {
    let differs = expected.iter().zip(found).find(|(expected, found)| expected != found);
    if let Some((expected, found)) = differs {
        panic!("{what}: {:?} {:?} became {:?} {:?}", expected.kind(), expected.key(), found.kind(), found.key());
    }
    assert_eq!(found.len(), expected.len(), "{what}");
}

/// What was read by any port before is read after a move into an empty store, record by record and by every list and search.
pub(crate) async fn something_of_everything_is_the_same_after_a_move(supply: Rc<Supply>) {
    let [from, to] = supply.pair().await;
    furnish(&from).await;
    let counts = from.export().await.unwrap().counts();
    let missing: Vec<_> = counts.iter().filter(|(_, count)| *count == 0).collect();
    assert!(missing.is_empty(), "the suite furnishes none of {missing:?}");
    assert_moved(&from, &to, "everything").await;
}

macro_rules! every_form {
    ($supply:ident: $($module:ident::$case:ident)+) => {
        $(
            let [from, to] = $supply.pair().await;
            Box::pin(crate::$module::$case(Arc::clone(&from))).await;
            assert_moved(&from, &to, stringify!($case)).await;
        )+
    };
}

/// A row has many forms, with optional columns and odd texts. Each is the same after a move.
pub(crate) async fn every_form_of_every_row_is_the_same_after_a_move(supply: Rc<Supply>) {
    every_form! {
        supply:
        accounts::every_field_of_an_account_comes_back
        conversations::every_field_of_a_message_comes_back
        dossiers::every_field_of_a_dossier_comes_back
        dossiers::every_part_of_a_review_comes_back
        events::every_field_of_an_event_comes_back
        mailbox::every_field_of_a_received_mail_comes_back
        outbox::every_field_of_an_entry_comes_back
        places::every_field_of_a_place_comes_back
        profiles::every_field_of_a_profile_comes_back
        profiles::every_field_of_a_change_comes_back
        sessions::every_field_of_a_session_comes_back_with_its_account
        sessions::every_field_of_an_anonymous_session_comes_back
        throttles::takes_do_what_the_domain_says
    }
}

/// After a move, what units and other writes do is what they would have done in the store that was moved: messages are numbered on,
/// codes and tokens work, taken keys are taken, leases and waits hold, lists and counts are kept up.
pub(crate) async fn a_store_that_was_moved_to_goes_on_where_the_other_was(supply: Rc<Supply>) {
    let [from, to] = supply.pair().await;
    furnish(&from).await;
    copy(&from, &to).await;
    let [one, other] = [go_on(&from).await, go_on(&to).await];
    assert_eq!(one, other);
    assert_same_views(&from, &to, "what goes on").await;
}

async fn go_on(store: &Arc<dyn Store>) -> Vec<String> {
    let rule = ThrottleRule::counted(9, Duration::hours(1));
    let ids = ids(store).await;
    let mut told = Vec::new();
    for id in &ids {
        for side in [Side::User, Side::Staff] {
            told.push(format!("{:?}", append(store, &message(*id, side, 900)).await));
            told.push(format!("{:?}", store.conversations().mark_read(*id, side, 5).await.unwrap()));
        }
    }
    told.push(format!("{:?}", outbox::lease(store, NOW + Duration::hours(2), 9).await));
    let mut approved = approved(profile_at(60, "Duckburg"));
    committed(store, async |unit| {
        told.push(format!("{:?}", unit.codes().take_try(ids[0], PURPOSE, NOW).await.unwrap()));
        told.push(format!("{:?}", unit.tokens().consume(&digest(0), PURPOSE, NOW).await.unwrap()));
        told.push(format!("{:?}", unit.throttles().take("key", &rule, NOW).await.unwrap()));
        told.push(format!("{:?}", unit.accounts().insert(&AccountBuilder::numbered(1).build()).await));
        told.push(format!("{:?}", unit.accounts().lock_active_roots().await.unwrap()));
        unit.profiles().insert(&approved).await.unwrap();
        unit.profiles().insert(&profile(61, |_| {})).await.unwrap();
        unit.profiles().remove(numbered(40).into()).await.unwrap();
        let changes = crate::profiles::reordered(&mut approved, -9);
        unit.profiles().replace(&approved, &changes).await.unwrap();
        assert!(unit.accounts().remove(ids[2]).await.unwrap());
    })
    .await;
    let window = ProfileWindow { skip: 0, limit: 9 };
    told.push(format!("{:?}", store.read().profiles().list(ProfileState::Approved, window).await.unwrap()));
    told.push(format!("{:?}", store.read().accounts().count(AccountFilter::default()).await.unwrap()));
    told
}

/// An export gives every record once: kind by kind, each kind by ascending keys, in batches of a limited size, also of conversations
/// that are longer than a batch.
pub(crate) async fn an_export_gives_each_record_once_and_in_order(supply: Rc<Supply>) {
    let [from, to] = supply.pair().await;
    let accounts = some_accounts(&from, 1203).await;
    for (account, count) in accounts.iter().zip([3, 1203, 1, 499, 2, 500, 501, 4]) {
        filled(&from, account.id(), count).await;
    }
    let all = everything(&from).await;
    let keys: Vec<_> = all.iter().map(|record| (record.kind(), record.key())).collect();
    assert!(keys.is_sorted_by(|one, next| one < next), "the records are not in order");
    let count = |kind| all.iter().filter(|record| record.kind() == kind).count();
    assert_eq!([Kind::Account, Kind::Conversation, Kind::Message].map(count), [1203, 8, 2713]);
    copy(&from, &to).await;
    assert_same(&all, &everything(&to).await, "many");
}

/// An export gives what was committed when it began, and nothing that is committed while it is read; it keeps no unit waiting.
pub(crate) async fn an_export_does_not_see_what_is_committed_later(supply: Rc<Supply>) {
    let [store, _] = supply.pair().await;
    furnish(&store).await;
    let before = everything(&store).await;
    let mut export = store.export().await.unwrap();
    let mut all = Vec::new();
    for turn in 0_u32.. {
        let batch = export.next().await.unwrap();
        if batch.is_empty() {
            break;
        }
        all.extend(batch);
        let id = ids(&store).await[0];
        append(&store, &message(id, Side::User, 700 + turn)).await;
        committed(&store, async |unit| {
            unit.accounts().insert(&AccountBuilder::numbered(100 + turn).build()).await.unwrap();
            unit.profiles().insert(&approved(profile(100 + turn, |_| {}))).await.unwrap();
            unit.accounts().remove(numbered(turn).into()).await.unwrap();
            unit.fingerprint().replace(&digest(turn)).await.unwrap();
        })
        .await;
    }
    assert_same(&before, &all, "what was committed before");
    assert!(everything(&store).await.len() > all.len(), "nothing was committed meanwhile");
}

/// An account that was removed has left nothing in an export, whatever of it waits to be erased.
pub(crate) async fn what_a_removed_account_has_left_is_not_exported(supply: Rc<Supply>) {
    let [from, to] = supply.pair().await;
    let accounts = some_accounts(&from, 2).await;
    for account in &accounts {
        filled(&from, account.id(), 3).await;
    }
    committed(&from, async |unit| assert!(unit.accounts().remove(accounts[0].id()).await.unwrap())).await;
    let kinds: Vec<_> = everything(&from).await.iter().map(Record::kind).collect();
    assert_eq!(kinds, [Kind::Account, Kind::Conversation, Kind::Message, Kind::Message, Kind::Message]);
    assert_moved(&from, &to, "what is left").await;
}

/// A store that holds anything takes no import, and is as it was; so is one that was just imported into.
pub(crate) async fn an_import_into_a_store_that_is_not_empty_is_refused(supply: Rc<Supply>) {
    let [from, to] = supply.pair().await;
    furnish(&from).await;
    assert!(from.import().await.unwrap().is_none());
    let profiles = [approved(profile(1, |_| {}))];
    crate::profiles::insert_profiles(&to, &profiles).await;
    let before = everything(&to).await;
    assert!(to.import().await.unwrap().is_none());
    assert_same(&before, &everything(&to).await, "what was there");
    // Nothing holds a unit up.
    insert_accounts(&to, &[AccountBuilder::numbered(1).build()]).await;
}

/// A server claims the fingerprint of its secret at its first start. That alone keeps nothing from being imported, and is replaced.
pub(crate) async fn an_import_replaces_the_fingerprint(supply: Rc<Supply>) {
    let [from, to] = supply.pair().await;
    committed(&to, async |unit| unit.fingerprint().replace(&digest(77)).await.unwrap()).await;
    furnish(&from).await;
    assert_moved(&from, &to, "everything").await;
}

/// An import that is dropped before its commit, whenever that is, leaves nothing, and the store takes another.
pub(crate) async fn an_import_that_is_not_committed_leaves_nothing(supply: Rc<Supply>) {
    let [from, to] = supply.pair().await;
    furnish(&from).await;
    let all = everything(&from).await;
    let batches: Vec<_> = all.chunk_by(|one, next| one.kind() == next.kind()).collect();
    for count in [0, 2, batches.len()] {
        let mut import = begin(&to).await;
        for batch in &batches[..count] {
            import.put(batch.to_vec()).await.unwrap();
        }
        drop(import);
        assert!(everything(&to).await.is_empty(), "something stayed of {count} batches");
    }
    assert_moved(&from, &to, "everything").await;
}

/// A record that cannot be written, such as one with a taken key or of an account that is not there, keeps the import from being
/// committed.
pub(crate) async fn an_import_in_which_something_failed_cannot_be_committed(supply: Rc<Supply>) {
    let [from, to] = supply.pair().await;
    furnish(&from).await;
    let all = everything(&from).await;
    let of = |kind: Kind| all.iter().filter(|record| record.kind() == kind).cloned().collect::<Vec<_>>();
    let mut gap = of(Kind::Message);
    gap.remove(1);
    let accounts = || vec![of(Kind::Account)];
    let failing = [
        [accounts(), accounts()].concat(),
        vec![of(Kind::Code)],
        vec![of(Kind::Conversation)],
        [accounts(), vec![of(Kind::Message)]].concat(),
        [accounts(), vec![of(Kind::Conversation), gap]].concat(),
        [accounts(), vec![of(Kind::DocumentKey)]].concat(),
        vec![of(Kind::ProfileChange)],
    ];
    for (number, batches) in failing.into_iter().enumerate() {
        let mut import = begin(&to).await;
        let mut failed: Result<(), StoreError> = Ok(());
        for batch in batches {
            failed = failed.and(import.put(batch).await);
        }
        assert!(failed.is_err(), "{number} was taken");
        assert!(import.commit().await.is_err(), "{number} was committed");
        assert!(everything(&to).await.is_empty(), "something stayed of {number}");
    }
}
