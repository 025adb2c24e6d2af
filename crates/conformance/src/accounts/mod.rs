//! Promises of accounts: their fields here, the rest in one file per topic.

mod identities;
mod keys;
mod lists;
mod locks;
mod removal;
mod search;
mod sign_ins;

use std::sync::Arc;

use time::{Duration, UtcOffset};
use vestibule_domain::{
    Account, AccountRecord, AccountStatus, FullName, LinkedIdentity, NamePart, PasswordHash, Permission, PermissionSet,
    PersonName, Provider, Role, SignIns, TokenEpoch, id::Id96,
};
use vestibule_ports::{AccountFilter, PageRequest, RandomnessExt, Store};
use vestibule_testkit::{AccountBuilder, SeededRandomness};

use crate::support::{NANOSECONDS, NOW, committed, insert_accounts};

pub(crate) use self::{identities::*, keys::*, lists::*, locks::*, removal::*, search::*, sign_ins::*};

/// Every field of an account comes back as it was stored, in each of its forms, by every way to find it.
pub(crate) async fn every_field_of_an_account_comes_back(store: Arc<dyn Store>) {
    let accounts = varied_accounts();
    insert_accounts(&store, &accounts).await;
    let read = store.read().accounts();
    for account in &accounts {
        assert_eq!(read.find(account.id()).await.unwrap().as_ref(), Some(account));
        assert_eq!(read.find_by_email(account.email()).await.unwrap().as_ref(), Some(account));
        if let Some(username) = account.username() {
            assert_eq!(read.find_by_username(username).await.unwrap().as_ref(), Some(account));
        }
        for LinkedIdentity { provider, user_id, .. } in account.identities() {
            assert_eq!(read.find_by_identity(*provider, user_id).await.unwrap().as_ref(), Some(account));
        }
    }
    let mut unit = store.write().await.unwrap();
    for account in &accounts {
        assert_eq!(unit.accounts().find_for_update(account.id()).await.unwrap().as_ref(), Some(account));
        assert_eq!(unit.accounts().find_by_email_for_update(account.email()).await.unwrap().as_ref(), Some(account));
    }
}

/// An update stores every field, in each of its forms.
pub(crate) async fn every_field_of_an_account_is_updated(store: Arc<dyn Store>) {
    let after = varied_accounts();
    let ids = after.iter().map(Account::id);
    let before: Vec<_> =
        (1000..).zip(ids).map(|(number, id)| AccountBuilder::numbered(number).id(id).build()).collect();
    insert_accounts(&store, &before).await;
    committed(&store, async |unit| {
        for account in &after {
            assert!(unit.accounts().update(account).await.unwrap());
        }
    })
    .await;
    for account in &after {
        assert_eq!(store.read().accounts().find(account.id()).await.unwrap().as_ref(), Some(account));
    }
}

/// An update leaves nothing of the account before: optional fields can be cleared one by one or all at once, and the time
/// of creation is replaced like every other field.
pub(crate) async fn an_update_clears_each_optional_field_and_replaces_the_rest(store: Arc<dyn Store>) {
    let part = |text: &str| Some(NamePart::parse(text).unwrap());
    let parts = |first, last| PersonName::Parts { first, last };
    let mut builder = AccountBuilder::numbered(0).username("full").password_change_due();
    for provider in Provider::ALL {
        builder = builder.identity(provider, "full", Some("https://pictures.example/full"));
    }
    let full = AccountRecord {
        name: parts(part("Ada"), part("Lovelace")),
        password: Some(PasswordHash::new("$2b$10$full")),
        permissions: Permission::ALL.into_iter().fold(PermissionSet::EMPTY, PermissionSet::with),
        mailbox_proven_at: Some(NOW),
        first_proven_at: Some(NOW),
        sign_ins: SignIns { last_at: Some(NOW), failed: 3, last_failed_at: Some(NOW) },
        ..builder.build().record().clone()
    };
    let changes: [&dyn Fn(&mut AccountRecord); 14] = [
        &|record| record.username = None,
        &|record| record.name = parts(None, part("Lovelace")),
        &|record| record.name = parts(part("Ada"), None),
        &|record| record.name = PersonName::UNKNOWN,
        &|record| record.password = None,
        &|record| record.password_change_due = false,
        &|record| record.permissions = PermissionSet::EMPTY,
        &|record| record.mailbox_proven_at = None,
        &|record| (record.mailbox_proven_at, record.first_proven_at) = (None, None),
        &|record| record.sign_ins.last_at = None,
        &|record| record.sign_ins = SignIns { last_at: Some(NOW), failed: 0, last_failed_at: None },
        &|record| record.identities.iter_mut().for_each(|identity| identity.picture = None),
        &|record| drop(record.identities.remove(1)),
        &|record| record.created_at = NOW - Duration::days(400),
    ];
    let full = Account::restore(full);
    insert_accounts(&store, std::slice::from_ref(&full)).await;
    let assert_updated = async |change: &dyn Fn(&mut AccountRecord), what: usize| {
        let mut record = full.record().clone();
        change(&mut record);
        for account in [Account::restore(record), full.clone()] {
            committed(&store, async |unit| assert!(unit.accounts().update(&account).await.unwrap())).await;
            let found = store.read().accounts().find(full.id()).await.unwrap();
            assert_eq!(found.as_ref(), Some(&account), "change {what}");
            let page = PageRequest { after: None, limit: 9 };
            assert_eq!(store.read().accounts().list(AccountFilter::default(), page).await.unwrap().items, [account]);
        }
    };
    for (what, change) in changes.into_iter().enumerate() {
        assert_updated(change, what).await;
    }
    let all = |record: &mut AccountRecord| {
        for change in changes {
            change(record);
        }
        record.identities.clear();
        record.sign_ins = SignIns { last_at: None, failed: 0, last_failed_at: None };
    };
    assert_updated(&all, changes.len()).await;
}

/// Times are cut to whole microseconds, whatever their offset from UTC.
pub(crate) async fn times_of_accounts_are_cut_to_microseconds(store: Arc<dyn Store>) {
    let offset = UtcOffset::from_hms(5, 30, 0).unwrap();
    let mut record = AccountBuilder::numbered(0).build().record().clone();
    record.created_at = (NOW + NANOSECONDS).to_offset(offset);
    record.updated_at = NOW + Duration::days(1) + NANOSECONDS;
    record.mailbox_proven_at = Some(NOW + Duration::days(2) + NANOSECONDS);
    record.first_proven_at = Some(NOW + Duration::hours(1) + NANOSECONDS);
    let [last, last_failed] = [NOW + Duration::days(3), NOW + Duration::days(4)];
    let sign_ins = |last, last_failed| SignIns { last_at: Some(last), failed: 1, last_failed_at: Some(last_failed) };
    record.sign_ins = sign_ins((last + NANOSECONDS).to_offset(offset), last_failed + NANOSECONDS);
    insert_accounts(&store, &[Account::restore(record.clone())]).await;
    let expected = Account::restore(AccountRecord {
        created_at: NOW,
        updated_at: NOW + Duration::days(1),
        mailbox_proven_at: Some(NOW + Duration::days(2)),
        first_proven_at: Some(NOW + Duration::hours(1)),
        sign_ins: sign_ins(last, last_failed),
        ..record.clone()
    });
    assert_eq!(store.read().accounts().find(record.id).await.unwrap().as_ref(), Some(&expected));
    committed(&store, async |unit| assert!(unit.accounts().update(&Account::restore(record)).await.unwrap())).await;
    assert_eq!(store.read().accounts().find(expected.id()).await.unwrap().as_ref(), Some(&expected));
}

/// The longest part of a name, in characters that take the most bytes and do not compress in an index.
fn incompressible_part() -> String {
    let randomness = SeededRandomness::new(3);
    let letter = |_| char::from_u32(0x20000 + u32::from(u16::from_be_bytes(randomness.bytes())) % 0xA000).unwrap();
    (0..NamePart::MAX_CHARS).map(letter).collect()
}

/// Accounts that together hold every form of every field.
fn varied_accounts() -> Vec<Account> {
    let part = |text: &str| Some(NamePart::parse(text).unwrap());
    let names = [
        PersonName::Full(FullName::parse("Ada").unwrap()),
        PersonName::Full(FullName::parse("Ada King, Countess of Lovelace").unwrap()),
        PersonName::Full(FullName::parse("D'Arcy \"x\" ; -- % _ \\ 渡辺 🦆").unwrap()),
        PersonName::Full(FullName::parse(&"é".repeat(FullName::MAX_CHARS)).unwrap()),
        PersonName::Parts { first: part("Ada"), last: part("Lovelace") },
        PersonName::Parts { first: part("Ada"), last: None },
        PersonName::Parts { first: part(&incompressible_part()), last: part(&incompressible_part()) },
        PersonName::Parts { first: None, last: part("Lovelace") },
        PersonName::UNKNOWN,
    ];
    let picture = format!("https://pictures.example/{}", "é".repeat(2000));
    let roles = [Role::User, Role::Admin, Role::Root];
    let statuses = [AccountStatus::Active, AccountStatus::Pending, AccountStatus::Disabled];
    let all = Permission::ALL.into_iter().fold(PermissionSet::EMPTY, PermissionSet::with);
    let mut sets = vec![PermissionSet::EMPTY, all];
    sets.extend(Permission::ALL.map(|single| PermissionSet::EMPTY.with(single)));

    let mut numbers = 0..;
    let mut next = || AccountBuilder::numbered(numbers.next().unwrap());
    let mut accounts: Vec<_> = names.into_iter().map(|name| next().name(name).build()).collect();
    accounts.extend(roles.map(|role| next().role(role).build()));
    accounts.extend(statuses.map(|status| next().status(status).build()));
    accounts.extend(sets.into_iter().map(|set| next().permissions(set).build()));
    accounts.push(next().username("ada.lovelace-1_x").build());
    accounts.push(next().password(None).build());
    accounts.push(next().password_change_due().build());
    accounts.push(next().password(Some(PasswordHash::new(format!("$2y$14${}", "./Aa0".repeat(11))))).build());
    for (number, provider) in Provider::ALL.into_iter().enumerate() {
        let longest = format!("{number}{}", "!~'\"%".repeat(51));
        accounts.push(next().identity(provider, &longest[..255], None).build());
        accounts.push(next().identity(provider, "0", Some(&picture)).build());
        accounts.push(next().identity(provider, &format!("{number}.a"), Some("")).build());
    }
    let of_all = next().identity(Provider::Apple, "all", None).identity(Provider::Facebook, "all", Some("https://f"));
    accounts.push(of_all.identity(Provider::Google, "all", Some("https://g")).build());
    accounts.push(next().mailbox_proven_at(None).build());
    accounts.push(next().moved().build());
    accounts.push(next().mailbox_proven_at(Some(NOW + Duration::hours(1))).build());
    for (last_at, failed, last_failed_at) in
        [(Some(NOW), 0, None), (None, 1, Some(NOW)), (Some(NOW), 1_000_000, Some(NOW + Duration::hours(1)))]
    {
        accounts.push(next().sign_ins(SignIns { last_at, failed, last_failed_at }).build());
    }
    accounts.push(next().email(&format!("{}@example.test", "x".repeat(64))).build());
    accounts.push(next().email("zoë.o'neil+tag%_@bücher.example").build());
    accounts.extend(
        [[0; 12], [0x7F; 12], [0x80; 12], [0xFF; 12]].map(|bits| next().id(Id96::from_bytes(bits).into()).build()),
    );
    let mut record = next().build().record().clone();
    record.epoch = TokenEpoch::new([0xFF; 16]);
    record.updated_at = NOW + Duration::days(400);
    accounts.push(Account::restore(record));
    accounts
}
