//! Promises of account searches, against a plain model that looks at every account and sorts every match.
//!
//! The model is written apart from the reference, [`AccountSearch::fits`] and [`Window::order`]: a store may use the
//! reference, as the one in memory does, so a model made of it would compare it with itself.

use std::{cmp::Ordering, sync::Arc};

use time::Duration;
use vestibule_domain::{
    Account, AccountStatus, EmailAddress, FullName, Permission, PermissionSet, PersonName, Provider, Role, Username,
};
use vestibule_ports::{AccountSearch, MayDo, RandomnessExt, SortBy, SortKey, Store, Window};
use vestibule_testkit::{AccountBuilder, SeededRandomness};

use crate::support::{MICROSECOND, NOW, insert_accounts, some_accounts};

const KEYS: [SortKey; 10] = [
    SortKey::Id,
    SortKey::Username,
    SortKey::Email,
    SortKey::FirstName,
    SortKey::LastName,
    SortKey::Status,
    SortKey::Standing,
    SortKey::Role,
    SortKey::CreatedAt,
    SortKey::UpdatedAt,
];

/// Names whose byte order matches no language, and some that differ only in case, blanks or accents.
const WORDS: [&str; 12] =
    ["ada", "Ada", "ADA", "Zoë", "Zoe", "Zo\u{65}\u{308}", "é", "z", "Z", "a-b", "a_b %", "渡辺 🦆"];

/// A random generator with the same sequence in every run.
struct Dice(SeededRandomness);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(SeededRandomness::new(seed))
    }

    fn below(&self, bound: usize) -> usize {
        usize::from(u16::from_be_bytes(self.0.bytes())) % bound
    }

    fn one<T: Copy>(&self, values: &[T]) -> T {
        values[self.below(values.len())]
    }

    fn account(&self, number: u32) -> Account {
        let mut account = AccountBuilder::numbered(number)
            .email(&format!("{}{number}@example.test", self.one(&["a", "b.", "é", "z-", "_"])))
            .role(self.one(&[Role::User, Role::User, Role::User, Role::Admin, Role::Root]))
            .status(self.one(&[AccountStatus::Active, AccountStatus::Pending, AccountStatus::Disabled]))
            .created_at(NOW + MICROSECOND * self.one(&[-1, 0, 0, 0, 1, 1_000_000]))
            .updated_at(NOW + Duration::days(self.one(&[1, 2, 3])))
            .mailbox_proven_at(self.one(&[None, Some(NOW)]));
        account = match self.below(4) {
            0 => account.name(PersonName::UNKNOWN),
            1 => account.name(PersonName::Full(FullName::parse(&self.words()).unwrap())),
            2 => account.parts(self.one(&WORDS), ""),
            _ => account.parts(self.one(&WORDS), self.one(&WORDS)),
        };
        if self.below(3) > 0 {
            account = account.username(&format!("{}{number}", self.one(&["a.", "a-", "a_", "zz"])));
        }
        if self.below(3) == 0 {
            account = account.identity(self.one(&Provider::ALL), &format!("id-{number}"), None);
        }
        if self.below(2) == 0 {
            let held = [self.one(&Permission::ALL), self.one(&Permission::ALL)];
            account = account.permissions(held.into_iter().fold(PermissionSet::EMPTY, PermissionSet::with));
        }
        account.build()
    }

    fn words(&self) -> String {
        (0..=self.below(3)).map(|_| self.one(&WORDS)).collect::<Vec<_>>().join(" ")
    }

    fn sort(&self) -> Vec<SortBy> {
        (0..self.below(4)).map(|_| SortBy { key: self.one(&KEYS), descending: self.below(2) == 0 }).collect()
    }
}

/// Stores this many accounts of every kind.
async fn generated(store: &Arc<dyn Store>, seed: u64, count: u32) -> Vec<Account> {
    let dice = Dice::new(seed);
    let accounts: Vec<_> = (0..count).map(|number| dice.account(number)).collect();
    insert_accounts(store, &accounts).await;
    accounts
}

fn matches(search: &AccountSearch, account: &Account) -> bool {
    let name = account.name();
    let may = match search.may {
        None => true,
        Some(MayDo::Everything) => account.role() >= Role::Admin,
        Some(MayDo::Permitted(one)) => account.role() >= Role::Admin || account.permissions().contains(one),
    };
    let wanted = [
        search.email.as_ref().map(|email| account.email() == email),
        search.username.as_ref().map(|username| account.username() == Some(username)),
        search.first_name.as_ref().map(|first| name.first() == Some(first)),
        search.last_name.as_ref().map(|last| name.last() == Some(last)),
        search.role.map(|role| account.role() == role),
        search.status.map(|status| account.status() == status),
        search.standing.map(|standing| account.standing() == standing),
    ];
    may && wanted.into_iter().flatten().all(|fits| fits)
}

/// A key's value as bytes that sort like the values; a missing value sorts before an empty one.
fn value(key: SortKey, account: &Account) -> Option<Vec<u8>> {
    let text = |text: &str| Some(text.as_bytes().to_vec());
    let time = |time: time::OffsetDateTime| Some(time.unix_timestamp_nanos().to_be_bytes().to_vec());
    match key {
        SortKey::Id => Some(account.id().uuid().as_bytes().to_vec()),
        SortKey::Username => account.username().and_then(|username| text(username.as_str())),
        SortKey::Email => text(account.email().as_str()),
        SortKey::FirstName => account.name().first().and_then(text),
        SortKey::LastName => account.name().last().and_then(text),
        SortKey::Status => text(account.status().as_str()),
        SortKey::Standing => match (account.status(), account.was_proven()) {
            (AccountStatus::Active, false) => text("pending"),
            (status, _) => text(status.as_str()),
        },
        SortKey::Role => text(account.role().as_str()),
        SortKey::CreatedAt => time(account.created_at()),
        SortKey::UpdatedAt => time(account.updated_at()),
    }
}

/// Everything that a search finds, in its order.
fn model(accounts: &[Account], search: &AccountSearch, sort: &[SortBy]) -> Vec<Account> {
    let mut found: Vec<_> = accounts.iter().filter(|account| matches(search, account)).cloned().collect();
    found.sort_by(|one, other| {
        for by in sort {
            let order = value(by.key, one).cmp(&value(by.key, other));
            if order != Ordering::Equal {
                return if by.descending { order.reverse() } else { order };
            }
        }
        one.id().cmp(&other.id())
    });
    found
}

async fn check(store: &Arc<dyn Store>, accounts: &[Account], search: &AccountSearch, window: &Window) {
    let all = model(accounts, search, &window.sort);
    let found = store.read().accounts().search(search, window).await.unwrap();
    let skip = usize::try_from(window.skip).unwrap_or(usize::MAX);
    let expected: Vec<_> = all.iter().skip(skip).take(window.limit.min(1000) as usize).map(Account::id).collect();
    let ids: Vec<_> = found.accounts.iter().map(Account::id).collect();
    assert_eq!(ids, expected, "{search:?} {window:?}");
    assert_eq!(found.total, u64::try_from(all.len()).unwrap(), "{search:?} {window:?}");
    for account in &found.accounts {
        assert!(accounts.contains(account), "{account:?} did not come back whole");
    }
}

/// One search for every value of every filter, and some that combine them.
fn searches(accounts: &[Account]) -> Vec<AccountSearch> {
    let none = AccountSearch::default;
    let mut searches = vec![none()];
    let known = accounts.iter().find(|account| account.username().is_some()).unwrap();
    for (email, username) in [
        (known.email().clone(), known.username().unwrap().clone()),
        (EmailAddress::parse("nobody@example.test").unwrap(), Username::parse("nobody").unwrap()),
    ] {
        searches.push(AccountSearch { email: Some(email.clone()), ..none() });
        searches.push(AccountSearch { username: Some(username.clone()), ..none() });
        searches.push(AccountSearch { email: Some(email), username: Some(username), ..none() });
    }
    for word in WORDS {
        searches.push(AccountSearch { first_name: Some(word.to_owned()), ..none() });
        searches.push(AccountSearch { last_name: Some(word.to_owned()), ..none() });
    }
    for status in [AccountStatus::Active, AccountStatus::Pending, AccountStatus::Disabled] {
        searches.push(AccountSearch { status: Some(status), ..none() });
        searches.push(AccountSearch { standing: Some(status), ..none() });
        searches.push(AccountSearch { status: Some(AccountStatus::Active), standing: Some(status), ..none() });
    }
    let may: Vec<_> = Permission::ALL.into_iter().map(MayDo::Permitted).chain([MayDo::Everything]).collect();
    searches.extend(may.iter().map(|may| AccountSearch { may: Some(*may), ..none() }));
    for role in [Role::User, Role::Admin, Role::Root] {
        searches.push(AccountSearch { role: Some(role), ..none() });
        searches.extend(may.iter().map(|may| AccountSearch { role: Some(role), may: Some(*may), ..none() }));
    }
    searches.push(AccountSearch {
        first_name: Some("Ada".to_owned()),
        role: Some(Role::User),
        standing: Some(AccountStatus::Active),
        ..none()
    });
    searches
}

/// Every filter, alone and with others, finds exactly the accounts that match, in the order of their ids.
pub(crate) async fn every_filter_finds_what_a_plain_model_finds(store: Arc<dyn Store>) {
    let accounts = generated(&store, 1, 400).await;
    for search in searches(&accounts) {
        check(&store, &accounts, &search, &Window { limit: 1000, ..Window::default() }).await;
        check(&store, &accounts, &search, &Window { skip: 3, limit: 5, ..Window::default() }).await;
    }
}

/// Every key sorts, ascending and descending, also after another key: texts by bytes, missing values first, equal values by
/// id, ascending either way.
pub(crate) async fn every_sort_is_that_of_a_plain_model(store: Arc<dyn Store>) {
    let accounts = generated(&store, 2, 200).await;
    let by = |key, descending| SortBy { key, descending };
    let all = AccountSearch::default();
    for key in KEYS {
        for descending in [false, true] {
            for (skip, limit) in [(0, 1000), (0, 30), (77, 50)] {
                check(&store, &accounts, &all, &Window { sort: vec![by(key, descending)], skip, limit }).await;
            }
            for second in KEYS {
                let sort = vec![by(key, descending), by(second, !descending), by(key, !descending)];
                check(&store, &accounts, &all, &Window { sort, skip: 0, limit: 1000 }).await;
            }
        }
    }
}

/// Filters, sort keys and windows can be combined freely.
pub(crate) async fn filters_sorts_and_windows_go_together(store: Arc<dyn Store>) {
    let accounts = generated(&store, 3, 300).await;
    let (dice, searches) = (Dice::new(4), searches(&accounts));
    for _ in 0..500 {
        let search = &searches[dice.below(searches.len())];
        let skip = u64::try_from(dice.one(&[0, 0, dice.below(20), dice.below(400)])).unwrap();
        let limit = u32::try_from(dice.one(&[1, 30, dice.below(400)])).unwrap();
        check(&store, &accounts, search, &Window { sort: dice.sort(), skip, limit }).await;
    }
}

/// A text is matched exactly: no pattern, no other case, no other spelling of a letter, nothing cut off; a text that no
/// account can have finds none.
pub(crate) async fn a_text_is_searched_for_exactly(store: Arc<dyn Store>) {
    let accounts = [AccountBuilder::numbered(0).parts("Zoë", "O'Neil"), AccountBuilder::numbered(1).parts("Al", "%")]
        .map(AccountBuilder::build);
    insert_accounts(&store, &accounts).await;
    let window = Window { limit: 10, ..Window::default() };
    for (text, first, last) in [
        ("Zoë", 1, 0),
        ("O'Neil", 0, 1),
        ("%", 0, 1),
        ("zoë", 0, 0),
        ("Zoe", 0, 0),
        ("Zo\u{65}\u{308}", 0, 0),
        ("Zoë ", 0, 0),
        ("Zo_", 0, 0),
        ("Al%", 0, 0),
        ("", 0, 0),
        ("Al\0", 0, 0),
        ("\0", 0, 0),
        (&"é".repeat(10_000), 0, 0),
    ] {
        let text = Some(text.to_owned());
        for (search, expected) in [
            (AccountSearch { first_name: text.clone(), ..AccountSearch::default() }, first),
            (AccountSearch { last_name: text, ..AccountSearch::default() }, last),
        ] {
            check(&store, &accounts, &search, &window).await;
            assert_eq!(store.read().accounts().search(&search, &window).await.unwrap().total, expected, "{search:?}");
        }
    }
}

/// A window has at most 1000 accounts, whatever limit is requested.
pub(crate) async fn a_found_window_has_at_most_a_thousand_accounts(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 1002).await;
    let sort = vec![SortBy { key: SortKey::LastName, descending: true }];
    for limit in [999, 1000, 1001, u32::MAX] {
        for skip in [0, 2, 1001] {
            check(&store, &accounts, &AccountSearch::default(), &Window { sort: vec![], skip, limit }).await;
            check(&store, &accounts, &AccountSearch::default(), &Window { sort: sort.clone(), skip, limit }).await;
        }
    }
}

/// The total counts all matches: in an empty window, beyond the end, and without any account.
pub(crate) async fn the_total_does_not_depend_on_the_window(store: Arc<dyn Store>) {
    let admins = AccountSearch { role: Some(Role::Admin), ..AccountSearch::default() };
    let windows = [(0, 0), (0, 1), (2, 1), (3, 30), (4, 30), (5, 0), (u64::MAX, 0), (u64::MAX, u32::MAX)];
    let windows = windows.map(|(skip, limit)| Window { sort: vec![], skip, limit });
    for window in &windows {
        check(&store, &[], &admins, window).await;
    }
    let role = |number| if number < 3 { Role::Admin } else { Role::User };
    let accounts: Vec<_> = (0..7).map(|number| AccountBuilder::numbered(number).role(role(number)).build()).collect();
    insert_accounts(&store, &accounts).await;
    for window in &windows {
        check(&store, &accounts, &admins, window).await;
        assert_eq!(store.read().accounts().search(&admins, window).await.unwrap().total, 3, "{window:?}");
        check(&store, &accounts, &AccountSearch::default(), window).await;
    }
}
