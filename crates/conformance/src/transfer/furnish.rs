//! A store with something of everything in it.

use std::sync::Arc;

use time::Duration;
use vestibule_domain::{
    Account, AccountId, Dossier, NewMessage, Provider, Role, SignInOutcome, Source, TokenPurpose, TokenUse,
    conversation::{ClientId, DisplayTime, Side},
    place::{Place, PlaceName},
    profile::{Age, Facet, Tag, Tags},
};
use vestibule_ports::{Advance, SealedDocumentKey, Store};
use vestibule_testkit::AccountBuilder;

use crate::{
    conversations::{append, message},
    dossiers::submitted,
    outbox, places,
    profiles::{approved, insert_profiles, profile, reordered},
    reopening::commit_rows,
    support::{NOW, anonymous, code, committed, digest, insert_accounts, numbered, session, token},
};

/// Puts something of everything into an empty store.
///
/// # Panics
/// If the store does not take it.
pub async fn furnish(store: &Arc<dyn Store>) {
    commit_rows(store, &AccountBuilder::numbered(0).username("first").build()).await;
    let other = AccountBuilder::numbered(1)
        .username("other")
        .parts("D'Arcy", "\u{1F986} \"x\" \\ ;--")
        .identity(Provider::Google, "g-1", Some("https://pictures.example/1"))
        .identity(Provider::Apple, "a-1", None)
        .role(Role::Root)
        .password_change_due()
        .build();
    let pending = AccountBuilder::numbered(2).provisional().build();
    insert_accounts(store, &[other.clone(), pending.clone()]).await;
    tries(store, &other, &pending).await;
    dossier(store, other.id()).await;
    conversation(store, other.id()).await;
    mails(store).await;
    stories(store).await;
}

/// Sign-ins, sessions, codes and tokens.
async fn tries(store: &Arc<dyn Store>, other: &Account, pending: &Account) {
    let verify = TokenPurpose::EmailVerification;
    committed(store, async |unit| {
        unit.accounts().note_sign_in(other.id(), SignInOutcome::Succeeded, NOW).await.unwrap();
        unit.accounts().note_sign_in(other.id(), SignInOutcome::Failed, NOW + Duration::SECOND).await.unwrap();
        unit.codes().replace(&code(pending.id(), verify, 5)).await.unwrap();
        unit.codes().take_try(pending.id(), verify, NOW).await.unwrap().unwrap();
        unit.tokens().insert(&token(pending.id(), verify, 6)).await.unwrap();
        unit.sessions().insert(&session(other.id(), 7), 9).await.unwrap();
        unit.sessions().insert(&anonymous(8), 9).await.unwrap();
        for address in ["192.0.2.9", "2001:db8::1", "198.51.100.200"] {
            let source = Source::new(address.parse().unwrap());
            unit.sources().remember(other.id(), source, NOW).await.unwrap();
        }
    })
    .await;
    let token_use = TokenUse { key: Some(digest(9)), at: NOW + Duration::MINUTE };
    let advance = Advance { session: numbered(8).into(), counter: 0, token_use };
    store.sessions().advance(&[advance]).await.unwrap();
}

async fn dossier(store: &Arc<dyn Store>, account: AccountId) {
    let dossier = Dossier { updated_at: Some(NOW), ..submitted(account, NOW) };
    let key = SealedDocumentKey::from_stored((0..=255).collect());
    committed(store, async |unit| {
        unit.dossiers().replace(&dossier).await.unwrap();
        unit.dossiers().keep_document_key(account, &key, None).await.unwrap();
    })
    .await;
}

async fn conversation(store: &Arc<dyn Store>, account: AccountId) {
    for number in 1..=7 {
        let side = if number % 3 == 0 { Side::Staff } else { Side::User };
        let named = number % 2 == 0;
        let message = NewMessage {
            client_id: named.then(|| ClientId::parse(format!("client {number}")).unwrap()),
            display_time: named.then(|| DisplayTime::parse("10:15".to_owned()).unwrap()),
            ..message(account, side, 100 + number)
        };
        append(store, &message).await;
    }
    store.conversations().mark_read(account, Side::User, 4).await.unwrap();
    store.conversations().mark_read(account, Side::Staff, 6).await.unwrap();
}

/// One that is leased, one that was put off and one that was given up.
async fn mails(store: &Arc<dyn Store>) {
    let mails = [20, 21, 22].map(|number| outbox::mail(number, NOW - Duration::hours(2)));
    outbox::insert(store, &mails).await;
    committed(store, async |unit| {
        let until = NOW + Duration::MINUTE;
        assert_eq!(unit.outbox().lease(NOW - Duration::HOUR, until, 9).await.unwrap().len(), mails.len());
        let due_at = NOW + Duration::HOUR;
        assert!(unit.outbox().retry(mails[1].id, 1, due_at, "451 later").await.unwrap());
        assert!(unit.outbox().bury(mails[2].id, 1, NOW, "550 5.1.1 no such user").await.unwrap());
    })
    .await;
}

async fn stories(store: &Arc<dyn Store>) {
    let tagged = |number: u32| {
        approved(profile(number, |new| {
            let details = &mut new.content.details;
            details.age = Some(Age::new(u64::from(number)).unwrap());
            details.location = Some(PlaceName::parse("Duckburg").unwrap());
            let tags = Tags::new(["duck", "D'Arcy"].map(|tag| Tag::parse(tag).unwrap())).unwrap();
            details.tags.insert(Facet::Tribes, tags);
        }))
    };
    let mut profiles = [tagged(40), tagged(41), profile(42, |new| new.is_submitted = false)];
    insert_profiles(store, &profiles).await;
    for (order, profile) in [(5, 0), (-5, 1)] {
        let changes = reordered(&mut profiles[profile], order);
        committed(store, async |unit| unit.profiles().replace(&profiles[profile], &changes).await.unwrap()).await;
    }
    places::keep(store, &Place { found: None, ..places::at(50, "Nowhere", 1.0, 1.0) }).await;
    // What the shortest decimals of such a number are, every reader must agree on.
    places::keep(store, &places::at(51, "Far", 0.1 + 0.2, -122.419_415_512_345_67)).await;
}
