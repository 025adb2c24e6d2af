//! What a store answers to reads of every kind.

use std::sync::Arc;

use vestibule_domain::{
    Account, AccountId, EmailAddress, Profile, Source,
    dossier::ReviewState,
    place::GeoPoint,
    profile::{ProfileFilter, ProfileState},
};
use vestibule_ports::{
    AccountFilter, AccountSearch, Around, MessageRange, PageRequest, ProfileWindow, QueueFilter, QueuePage, SortBy,
    SortKey, Store, Window,
};

use crate::support::NOW;

/// What a store answers to reads, in words that two stores can be compared by.
pub(super) async fn views(store: &Arc<dyn Store>) -> Vec<String> {
    let page = PageRequest { after: None, limit: 1000 };
    let accounts = store.read().accounts().list(AccountFilter::default(), page).await.unwrap().items;
    let mut views = of_all_accounts(store).await;
    for account in &accounts {
        views.extend(of_account(store, account).await);
    }
    views.extend(of_mail(store).await);
    views.extend(of_profiles(store).await);
    views.iter().map(|view| without_times(view)).collect()
}

/// A time that is the same may have another offset from UTC, in a store that keeps what it was given. Records tell the times.
fn without_times(view: &str) -> String {
    let is_time = |word: &&str| word.starts_with(|first: char| first.is_ascii_digit() || "+-".contains(first));
    let words = view.split_whitespace().filter(|word| !(is_time(word) && word.contains([':', '-'])));
    words.collect::<Vec<_>>().join(" ")
}

macro_rules! told {
    ($views:ident $(, $read:expr)+ $(,)?) => {
        $($views.push(format!("{}: {:?}", stringify!($read), $read.await.unwrap()));)+
    };
}

async fn of_all_accounts(store: &Arc<dyn Store>) -> Vec<String> {
    let (read, mut views) = (store.read(), Vec::new());
    let sort = vec![SortBy { key: SortKey::LastName, descending: true }];
    let window = Window { sort, skip: 0, limit: 1000 };
    let queue = QueuePage { after: None, limit: 1000 };
    told!(
        views,
        read.accounts().list(AccountFilter::default(), PageRequest { after: None, limit: 1000 }),
        read.accounts().count(AccountFilter::default()),
        read.accounts().search(&AccountSearch::default(), &window),
        read.dossiers().queue(QueueFilter::Open, queue),
        read.dossiers().queue(QueueFilter::In(ReviewState::Submitted), queue),
        read.events().list(None, None, 1000),
        read.fingerprint().find(),
    );
    views
}

async fn of_account(store: &Arc<dyn Store>, account: &Account) -> Vec<String> {
    let (read, id, mut views) = (store.read(), account.id(), Vec::new());
    let all = MessageRange { after: None, before: None, limit: MessageRange::MOST };
    told!(
        views,
        read.accounts().find_by_email(account.email()),
        read.conversations().find(id),
        read.conversations().messages(id, all),
        read.dossiers().find(id),
        read.events().list(Some(id), None, 1000),
        read.sessions().list_of_account(id, 1000),
        read.sources().contains(id, Source::new("192.0.2.9".parse().unwrap())),
    );
    let key = read.dossiers().document_key(id).await.unwrap();
    views.push(format!("{:?}", key.map(|key| key.as_bytes().to_vec())));
    if let Some(username) = account.username() {
        told!(views, read.accounts().find_by_username(username));
    }
    for identity in account.identities() {
        told!(views, read.accounts().find_by_identity(identity.provider, &identity.user_id));
    }
    views
}

async fn of_mail(store: &Arc<dyn Store>) -> Vec<String> {
    let (read, mut views) = (store.read(), Vec::new());
    let to = EmailAddress::parse("to@example.test").unwrap();
    told!(
        views,
        read.mailbox().list(None, 1000),
        read.mailbox().list(Some(&to), 1000),
        read.outbox().stats(),
        read.outbox().list_waiting(1000),
        read.outbox().list_dead(1000),
    );
    views
}

async fn of_profiles(store: &Arc<dyn Store>) -> Vec<String> {
    let (read, mut views) = (store.read(), Vec::new());
    let window = ProfileWindow { skip: 0, limit: 1000 };
    let everywhere = Around { center: GeoPoint::new(0.0, 0.0).unwrap(), radius_km: 30_000.0 };
    let all = ProfileFilter::default();
    told!(
        views,
        read.profiles().search(&all, window),
        read.profiles().near(everywhere, &all, window),
        read.places().missing(NOW, 1000),
        read.places().located(None, 1000),
    );
    for state in ProfileState::ALL {
        let listed = read.profiles().list(state, window).await.unwrap();
        for id in listed.profiles.iter().map(Profile::id) {
            told!(views, read.profiles().history(id, None, 1000));
        }
        views.push(format!("{listed:?}"));
    }
    views
}

/// The accounts that a message could be for.
pub(super) async fn ids(store: &Arc<dyn Store>) -> Vec<AccountId> {
    let page = PageRequest { after: None, limit: 1000 };
    let accounts = store.read().accounts().list(AccountFilter::default(), page).await.unwrap().items;
    accounts.iter().map(Account::id).collect()
}
