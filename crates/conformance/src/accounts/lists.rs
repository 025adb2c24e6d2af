//! Promises of finding many accounts.

use std::sync::Arc;

use vestibule_domain::{Account, AccountId, AccountRecord, EmailAddress, PasswordHash, Role, id::Id96};
use vestibule_ports::{AccountFilter, PageRequest, RandomnessExt, Store, StoreError, UniqueKey};
use vestibule_testkit::{AccountBuilder, SeededRandomness};

use crate::support::{NOW, Rounds, insert_accounts, some_accounts};

/// A search by many ids finds the accounts that exist, each once and whole, and no others.
pub(crate) async fn many_ids_are_found_at_once(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 520).await;
    let read = store.read().accounts();
    let mut wanted: Vec<AccountId> = accounts[10..500].iter().map(Account::id).collect();
    wanted.extend((1_000..1_009).map(|number| AccountBuilder::numbered(number).build().id()));
    wanted.push(wanted[0]);
    assert_eq!(wanted.len(), 500);
    let mut found = read.find_many(&wanted).await.unwrap();
    found.sort_by_key(Account::id);
    assert_eq!(found, accounts[10..500]);
    assert_eq!(read.find_many(&[]).await.unwrap(), []);
    assert_eq!(read.find_many(&wanted[490..499]).await.unwrap(), []);
}

/// A search by 500 addresses at once finds the accounts that exist, each once, and no others.
pub(crate) async fn five_hundred_addresses_are_found_at_once(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 520).await;
    let mut wanted: Vec<EmailAddress> = accounts[10..500].iter().map(|account| account.email().clone()).collect();
    wanted.extend((0..9).map(|number| EmailAddress::parse(&format!("nobody-{number}@example.test")).unwrap()));
    wanted.push(wanted[0].clone());
    assert_eq!(wanted.len(), 500);
    let mut found = store.read().accounts().find_by_emails(&wanted).await.unwrap();
    found.sort_by_key(Account::id);
    assert_eq!(found, accounts[10..500]);
}

/// A search by no address finds no account.
pub(crate) async fn no_addresses_find_nobody(store: Arc<dyn Store>) {
    some_accounts(&store, 3).await;
    assert_eq!(store.read().accounts().find_by_emails(&[]).await.unwrap(), []);
}

/// Addresses in the form of an earlier version are listed page by page, as they are stored, without plain ones; such an
/// address can take its canonical form unless another account has it.
pub(crate) async fn addresses_of_an_earlier_form_are_found_and_can_be_changed(store: Arc<dyn Store>) {
    let earlier = [
        "ada@b\u{fc}cher.example",
        "j\u{f6}rg@example.test",
        "user@127.0.0.1",
        "a\u{200b}da@example.test",
        "ada@xn--bcher-kva.example",
        "user@example.123",
    ];
    let plain = ["ada@example.test", "o'neil+xn@example.com", "a-b@c-d.e-f.org"];
    let build = |number: usize, email: &str| {
        let account = AccountBuilder::numbered(u32::try_from(number).unwrap()).build();
        let email = EmailAddress::from_store(email).unwrap();
        Account::restore(AccountRecord { email, ..account.record().clone() })
    };
    let accounts: Vec<Account> =
        earlier.iter().chain(&plain).enumerate().map(|(number, email)| build(number, email)).collect();
    insert_accounts(&store, &accounts).await;
    let (mut after, mut found) = (None, Vec::new());
    let mut pages = Rounds::at_most(accounts.len() + 1, "the pages of doubtful addresses do not come to their end");
    loop {
        pages.one_more();
        let page = store.read().accounts().list_doubtful_addresses(PageRequest { after, limit: 4 }).await.unwrap();
        after = page.items.last().map(Account::id);
        found.extend(page.items);
        if !page.has_more {
            break;
        }
    }
    assert!(!found.iter().any(|account| plain.contains(&account.email().as_str())));
    found.retain(|account| account.email().to_canonical().as_ref() != Ok(account.email()));
    let emails: Vec<&str> = found.iter().map(|account| account.email().as_str()).collect();
    assert_eq!(emails, [earlier[0], earlier[2], earlier[3], earlier[5]]);
    let mut unit = store.write().await.unwrap();
    let mut account = unit.accounts().find_for_update(accounts[0].id()).await.unwrap().unwrap();
    account.spell_email(account.email().to_canonical().unwrap());
    assert!(matches!(unit.accounts().update(&account).await, Err(StoreError::Conflict(UniqueKey::AccountEmail))));
    unit.accounts().remove(accounts[4].id()).await.unwrap();
    assert!(unit.accounts().update(&account).await.unwrap());
    unit.commit().await.unwrap();
    assert_eq!(store.read().accounts().find_by_email(account.email()).await.unwrap(), Some(account));
}

/// An unknown id, address or user name finds no account.
pub(crate) async fn unknown_keys_find_nobody(store: Arc<dyn Store>) {
    insert_accounts(&store, &[AccountBuilder::numbered(0).username("somebody").build()]).await;
    let stranger = AccountBuilder::numbered(1).username("stranger").build();
    let read = store.read().accounts();
    assert_eq!(read.find(stranger.id()).await.unwrap(), None);
    assert_eq!(read.find_by_email(stranger.email()).await.unwrap(), None);
    assert_eq!(read.find_by_username(stranger.username().unwrap()).await.unwrap(), None);
    let mut unit = store.write().await.unwrap();
    assert_eq!(unit.accounts().find_for_update(stranger.id()).await.unwrap(), None);
    assert_eq!(unit.accounts().find_by_email_for_update(stranger.email()).await.unwrap(), None);
}

/// Accounts created in the same microsecond are paged through in the order of their ids, without gaps or repeats.
pub(crate) async fn pages_run_over_accounts_of_the_same_moment_in_the_order_of_ids(store: Arc<dyn Store>) {
    let randomness = SeededRandomness::new(1);
    let mut ids: Vec<AccountId> = (0..21).map(|_| AccountId::new(NOW, randomness.bytes())).collect();
    ids.extend([[0; 12], [0x7F; 12], [0x80; 12], [0xFF; 12]].map(|bits| AccountId::from(Id96::from_bytes(bits))));
    let mut accounts: Vec<_> =
        (0..).zip(ids).map(|(number, id)| AccountBuilder::numbered(number).id(id).build()).collect();
    insert_accounts(&store, &accounts).await;
    accounts.sort_by_key(Account::id);

    let (listed, sizes) = all_pages(&store, AccountFilter::default(), 10).await;
    assert_eq!(listed, accounts);
    assert_eq!(sizes, [10, 10, 5]);
}

/// A page says that there is more if, and only if, there is.
pub(crate) async fn a_page_says_exactly_whether_there_is_more(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 10).await;
    let read = store.read().accounts();
    for (after, limit, items, has_more) in [
        (None, 9, &accounts[..9], true),
        (None, 10, &accounts[..], false),
        (None, 11, &accounts[..], false),
        (Some(&accounts[4]), 4, &accounts[5..9], true),
        (Some(&accounts[4]), 5, &accounts[5..], false),
        (Some(&accounts[9]), 1, &[], false),
        (Some(&AccountBuilder::numbered(99).build()), 10, &[], false),
    ] {
        let request = PageRequest { after: after.map(Account::id), limit };
        let page = read.list(AccountFilter::default(), request).await.unwrap();
        assert_eq!(page.items, items, "{request:?}");
        assert_eq!(page.has_more, has_more, "{request:?}");
    }
}

/// A page can follow an id that no longer exists.
pub(crate) async fn a_page_follows_an_id_that_is_gone(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 4).await;
    let mut unit = store.write().await.unwrap();
    assert!(unit.accounts().remove(accounts[1].id()).await.unwrap());
    unit.commit().await.unwrap();
    let request = PageRequest { after: Some(accounts[1].id()), limit: 10 };
    let page = store.read().accounts().list(AccountFilter::default(), request).await.unwrap();
    assert_eq!(page.items, accounts[2..]);
}

/// A filter by role applies to lists, their pages and counts.
pub(crate) async fn a_filter_holds_for_pages_and_counts(store: Arc<dyn Store>) {
    let roles = [Role::User, Role::Admin, Role::User, Role::Root, Role::Admin, Role::User, Role::User];
    let accounts: Vec<_> =
        (0..).zip(roles).map(|(number, role)| AccountBuilder::numbered(number).role(role).build()).collect();
    insert_accounts(&store, &accounts).await;
    for (role, sizes) in [(Role::User, vec![2, 2]), (Role::Admin, vec![2]), (Role::Root, vec![1])] {
        let filter = AccountFilter { role: Some(role), ..AccountFilter::default() };
        let expected: Vec<_> = accounts.iter().filter(|account| account.role() == role).cloned().collect();
        assert_eq!(all_pages(&store, filter, 2).await, (expected.clone(), sizes), "{role:?}");
        let count = store.read().accounts().count(filter).await.unwrap();
        assert_eq!(count, u64::try_from(expected.len()).unwrap(), "{role:?}");
    }
    assert_eq!(store.read().accounts().count(AccountFilter::default()).await.unwrap(), 7);
}

/// Lists and counts follow changes of role and removals.
pub(crate) async fn lists_and_counts_follow_changes(store: Arc<dyn Store>) {
    let account = |number, role| AccountBuilder::numbered(number).role(role).build();
    insert_accounts(&store, &[0, 1, 2, 3].map(|number| account(number, Role::Root))).await;
    let mut unit = store.write().await.unwrap();
    assert!(unit.accounts().update(&account(1, Role::Admin)).await.unwrap());
    assert!(unit.accounts().remove(account(2, Role::Root).id()).await.unwrap());
    unit.commit().await.unwrap();
    for (role, left) in [
        (Some(Role::Root), vec![account(0, Role::Root), account(3, Role::Root)]),
        (Some(Role::Admin), vec![account(1, Role::Admin)]),
        (Some(Role::User), vec![]),
        (None, vec![account(0, Role::Root), account(1, Role::Admin), account(3, Role::Root)]),
    ] {
        let filter = AccountFilter { role, ..AccountFilter::default() };
        let count = store.read().accounts().count(filter).await.unwrap();
        assert_eq!(count, u64::try_from(left.len()).unwrap(), "{role:?}");
        assert_eq!(all_pages(&store, filter, 10).await.0, left, "{role:?}");
    }
}

/// A filter by the cost of password hashes applies to lists, their pages and counts, alone and combined with one by role.
/// Accounts without a hash, or with a hash without a bcrypt cost, do not match.
pub(crate) async fn a_filter_by_hash_cost_holds_for_pages_and_counts(store: Arc<dyn Store>) {
    let hashes =
        ["$2b$12$", "$2a$13$", "$2b$04$", "", "$2y$14$", "$argon2id$v=19$", "$2b$13$", "$2b$31$", "", "$2b$13$"];
    let roles = [Role::User, Role::User, Role::Admin];
    let accounts: Vec<_> = (0..)
        .zip(hashes)
        .map(|(number, hash)| {
            let hash = (!hash.is_empty()).then(|| PasswordHash::new(format!("{hash}{}", "x".repeat(9))));
            AccountBuilder::numbered(number).role(roles[number as usize % 3]).password(hash).build()
        })
        .collect();
    insert_accounts(&store, &accounts).await;
    for (above, dear) in [
        (3, &[0, 1, 2, 4, 6, 7, 9][..]),
        (4, &[0, 1, 4, 6, 7, 9]),
        (12, &[1, 4, 6, 7, 9]),
        (13, &[4, 7]),
        (14, &[7]),
        (31, &[]),
        (255, &[]),
    ] {
        for role in [None, Some(Role::User), Some(Role::Admin)] {
            let filter = AccountFilter { role, hash_cost_above: Some(above) };
            let is_of_role = |account: &&Account| role.is_none_or(|role| account.role() == role);
            let expected: Vec<_> = dear.iter().map(|number| &accounts[*number]).filter(is_of_role).cloned().collect();
            assert_eq!(all_pages(&store, filter, 2).await.0, expected, "{filter:?}");
            let count = store.read().accounts().count(filter).await.unwrap();
            assert_eq!(count, u64::try_from(expected.len()).unwrap(), "{filter:?}");
        }
    }
}

/// The list by hash cost follows new passwords.
pub(crate) async fn a_filter_by_hash_cost_follows_new_passwords(store: Arc<dyn Store>) {
    let with = |hash: Option<&str>| AccountBuilder::numbered(0).password(hash.map(PasswordHash::new)).build();
    let (dear, cheap, none) = (with(Some("$2b$14$dear")), with(Some("$2b$12$cheap")), with(None));
    insert_accounts(&store, std::slice::from_ref(&dear)).await;
    let filter = AccountFilter { hash_cost_above: Some(12), ..AccountFilter::default() };
    for (account, count) in [(&cheap, 0), (&dear, 1), (&none, 0)] {
        let mut unit = store.write().await.unwrap();
        assert!(unit.accounts().update(account).await.unwrap());
        unit.commit().await.unwrap();
        assert_eq!(store.read().accounts().count(filter).await.unwrap(), count);
        assert_eq!(all_pages(&store, filter, 10).await.0.len() as u64, count);
    }
}

/// A page has at most 1000 rows, whatever limit is requested.
pub(crate) async fn a_page_has_at_most_a_thousand_rows(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 1001).await;
    let (listed, sizes) = all_pages(&store, AccountFilter::default(), 5000).await;
    assert_eq!(sizes, [1000, 1]);
    assert_eq!(listed, accounts);
}

/// An empty store lists nothing and counts none.
pub(crate) async fn an_empty_store_has_no_accounts(store: Arc<dyn Store>) {
    assert_eq!(all_pages(&store, AccountFilter::default(), 10).await, (vec![], vec![0]));
    assert_eq!(store.read().accounts().count(AccountFilter::default()).await.unwrap(), 0);
}

/// The rows of all pages with this limit, and the size of each page.
async fn all_pages(store: &Arc<dyn Store>, filter: AccountFilter, limit: u32) -> (Vec<Account>, Vec<usize>) {
    let (mut listed, mut sizes) = (Vec::<Account>::new(), Vec::new());
    let mut pages = Rounds::at_most(2_000, "the pages of accounts do not come to their end");
    loop {
        pages.one_more();
        let request = PageRequest { after: listed.last().map(Account::id), limit };
        let page = store.read().accounts().list(filter, request).await.unwrap();
        sizes.push(page.items.len());
        listed.extend(page.items);
        if !page.has_more {
            return (listed, sizes);
        }
    }
}
