//! Searches for accounts: statements built at run time from fixed pieces, with every value bound.

use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use vestibule_domain::{AccountStatus, EmailAddress, PermissionSet, Role, Username};
use vestibule_ports::{AccountSearch, MayDo, SortBy, SortKey, Window};

use super::{AccountRow, PAGE_LIMIT};
use crate::columns::FoundAccount;

/// The number of accounts for which the choice between the two plans is tuned; with far more or fewer, a page is slower
/// than it could be, but correct.
const USUAL_ACCOUNTS: u64 = 100_000;

/// The accounts of a window, and how many match. Matches are counted first: without statistics SQLite may sort every
/// account where it could walk an index, or the reverse.
pub(super) async fn search(
    connection: &mut SqliteConnection,
    search: &AccountSearch,
    window: &Window,
) -> sqlx::Result<(Vec<AccountRow>, u64)> {
    let total = count(connection, search).await?;
    let (skip, limit) = (window.skip, u64::from(window.limit.min(PAGE_LIMIT)));
    if limit == 0 || skip >= total {
        return Ok((Vec::new(), total));
    }
    // Few matches are fetched and sorted. Many matches are soon met on a walk in the requested order. At the bound both
    // plans touch equally many rows.
    let few = total <= skip.saturating_add(limit).saturating_mul(USUAL_ACCOUNTS).isqrt();
    // The ids of accounts with extra permissions have an index of their own.
    let way = if few && !(window.sort.is_empty() && may_more_than_all(search)) { Way::Sort } else { Way::Walk };
    // Not cached: there are more of these statements than a connection can remember.
    let rows: Vec<FoundAccount> =
        page(search, window, way).build_query_as().persistent(false).fetch_all(connection).await?;
    Ok((rows.into_iter().map(|found| found.0).collect(), total))
}

/// The plan for a page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Fetch all matches and sort them.
    Sort,
    /// Walk an index that has the order, or the beginning of it.
    Walk,
}

fn page(search: &AccountSearch, window: &Window, way: Way) -> QueryBuilder<Sqlite> {
    let sort = decisive(&window.sort);
    let mut page = QueryBuilder::new("SELECT ");
    page.push(FoundAccount::COLUMNS).push(" FROM accounts");
    if way == Way::Walk {
        page.push(index(&sort, search));
    }
    push_filter(&mut page, search, Table::Accounts);
    push_order(&mut page, &sort, way);
    page.push(" LIMIT ").push_bind(i64::from(window.limit.min(PAGE_LIMIT)));
    page.push(" OFFSET ").push_bind(i64::try_from(window.skip).unwrap_or(i64::MAX));
    page
}

async fn count(connection: &mut SqliteConnection, search: &AccountSearch) -> sqlx::Result<u64> {
    total(search).build_query_scalar().persistent(false).fetch_one(connection).await
}

/// Few accounts share a text, which an index finds; for other values the tally has the number of each kind.
fn total(search: &AccountSearch) -> QueryBuilder<Sqlite> {
    let AccountSearch { email, username, first_name, last_name, .. } = search;
    let by_text = email.is_some() || username.is_some() || first_name.is_some() || last_name.is_some();
    let (total, table) = if by_text {
        ("SELECT count(*) FROM accounts", Table::Accounts)
    } else {
        ("SELECT coalesce(sum(accounts), 0) FROM account_tally", Table::Tally)
    };
    let mut query = QueryBuilder::new(total);
    push_filter(&mut query, search, table);
    query
}

/// What a filter is applied to.
#[derive(Clone, Copy)]
enum Table {
    /// The accounts.
    Accounts,
    /// The number of accounts of each kind.
    Tally,
}

/// The effective sort keys: each once, and none after a unique one.
fn decisive(sort: &[SortBy]) -> Vec<SortBy> {
    let mut decisive: Vec<SortBy> = Vec::new();
    for by in sort {
        if decisive.iter().all(|earlier| earlier.key != by.key) {
            decisive.push(*by);
        }
        if is_unique(by.key) {
            break;
        }
    }
    decisive
}

/// Whether values of this key are unique and never missing.
fn is_unique(key: SortKey) -> bool {
    matches!(key, SortKey::Id | SortKey::Email)
}

fn column(key: SortKey) -> &'static str {
    match key {
        SortKey::Id => "id",
        SortKey::Username => "username",
        SortKey::Email => "email",
        SortKey::FirstName => "first_name",
        SortKey::LastName => "last_name",
        SortKey::Status => "status",
        SortKey::Standing => "standing",
        SortKey::Role => "role",
        SortKey::CreatedAt => "created_at",
        SortKey::UpdatedAt => "updated_at",
    }
}

/// The index to walk.
fn index(sort: &[SortBy], search: &AccountSearch) -> String {
    match sort.first() {
        // An index on one filter value is also sorted by id.
        None if search.first_name.is_some() => " INDEXED BY accounts_first_name_idx".to_owned(),
        None if search.last_name.is_some() => " INDEXED BY accounts_last_name_idx".to_owned(),
        None if may_more_than_all(search) => " INDEXED BY accounts_privileged_idx".to_owned(),
        None if search.role.is_some() => " INDEXED BY accounts_role_idx".to_owned(),
        None if search.status.is_some() => " INDEXED BY accounts_status_idx".to_owned(),
        None if search.standing.is_some() => " INDEXED BY accounts_standing_idx".to_owned(),
        None | Some(SortBy { key: SortKey::Id, .. }) => " NOT INDEXED".to_owned(),
        Some(SortBy { key: SortKey::Email, .. }) => " INDEXED BY accounts_email_key".to_owned(),
        Some(SortBy { key, descending }) => {
            format!(" INDEXED BY accounts_{}{}_idx", column(*key), if *descending { "_desc" } else { "" })
        }
    }
}

/// Whether every match may do more than a new account.
fn may_more_than_all(search: &AccountSearch) -> bool {
    matches!(search.may, Some(MayDo::Permitted(permission)) if !PermissionSet::default().contains(permission))
}

fn push_filter(query: &mut QueryBuilder<Sqlite>, search: &AccountSearch, table: Table) {
    let mut words = [" WHERE "].into_iter().chain(std::iter::repeat(" AND "));
    let mut next = |query: &mut QueryBuilder<Sqlite>, column: &str| {
        query.push(words.next().unwrap_or_default()).push(column);
    };
    // Few accounts share a name: a unary plus keeps SQLite from indexes on values that nearly all share.
    let by_name = search.first_name.is_some() || search.last_name.is_some();
    let aside = |column: &'static str| if by_name { column } else { &column[1..] };
    let standing = match table {
        Table::Accounts => aside("+standing = "),
        Table::Tally => "CASE WHEN status = 'active' AND NOT mailbox_proven THEN 'pending' ELSE status END = ",
    };
    let texts = [
        ("email = ", search.email.as_ref().map(EmailAddress::as_str)),
        ("username = ", search.username.as_ref().map(Username::as_str)),
        ("first_name = ", search.first_name.as_deref()),
        ("last_name = ", search.last_name.as_deref()),
        (aside("+role = "), search.role.map(Role::as_str)),
        (aside("+status = "), search.status.map(AccountStatus::as_str)),
        (standing, search.standing.map(AccountStatus::as_str)),
    ];
    for (column, text) in texts {
        if let Some(text) = text {
            next(query, column);
            query.push_bind(text.to_owned());
        }
    }
    match search.may {
        None => {}
        Some(MayDo::Everything) => next(query, "role IN ('admin', 'root')"),
        Some(MayDo::Permitted(permission)) => {
            let bit = PermissionSet::EMPTY.with(permission).bits();
            next(query, "");
            query.push(format_args!("((permissions & {bit}) <> 0 OR role IN ('admin', 'root'))"));
            let default = PermissionSet::default();
            if may_more_than_all(search) {
                // Redundant, but it is the condition of the partial index of accounts with extra permissions.
                next(query, "");
                query.push(format_args!("(role <> 'user' OR permissions <> {})", default.bits()));
            }
        }
    }
}

fn push_order(query: &mut QueryBuilder<Sqlite>, sort: &[SortBy], way: Way) {
    // A unary plus keeps SQLite from an index on the column.
    let aside = way == Way::Sort;
    query.push(" ORDER BY ");
    let mut list = query.separated(", ");
    // SQLite sorts NULL first.
    for by in sort {
        list.push(if aside { "+" } else { "" }).push_unseparated(column(by.key));
        list.push_unseparated(if by.descending { " DESC" } else { "" });
    }
    if !sort.last().is_some_and(|by| is_unique(by.key)) {
        list.push(if aside { "+id" } else { "id" });
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use vestibule_domain::{Permission, Provider};
    use vestibule_ports::Store;
    use vestibule_testkit::AccountBuilder;

    use super::*;
    use crate::{SqliteOptions, SqliteStore};

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

    async fn filled_store(directory: &tempfile::TempDir) -> SqliteStore {
        let options = SqliteOptions { create: true, ..SqliteOptions::default() };
        let store = SqliteStore::open(&directory.path().join("vestibule.db"), options).await.unwrap();
        store.migrate().await.unwrap();
        let mut unit = store.write().await.unwrap();
        for number in 0..120_u32 {
            let at = vestibule_testkit::FixedClock::START + time::Duration::seconds((number % 4).into());
            let mut account = AccountBuilder::numbered(number)
                .parts(["", "Ada", "Zoe"][number as usize % 3], ["King", "", "Noel", "ada"][number as usize % 4])
                .role([Role::User, Role::Admin, Role::Root, Role::User, Role::User][number as usize % 5])
                .status([AccountStatus::Active, AccountStatus::Pending][number as usize / 2 % 2])
                .mailbox_proven_at((number % 7 > 2).then_some(at))
                .created_at(at)
                .identity(Provider::Google, &number.to_string(), None);
            if number % 3 > 0 {
                account = account.username(&format!("user-{}", number * 7_919 % 1_000));
            }
            if number % 6 == 0 {
                account = account.permissions(PermissionSet::EMPTY.with(Permission::UserRead));
            }
            unit.accounts().insert(&account.build()).await.unwrap();
        }
        unit.commit().await.unwrap();
        store
    }

    fn searches() -> Vec<AccountSearch> {
        let none = AccountSearch::default;
        let mut searches = vec![
            none(),
            AccountSearch { email: Some(EmailAddress::parse("account-7@example.test").unwrap()), ..none() },
            AccountSearch { username: Some(Username::parse("user-919").unwrap()), ..none() },
            AccountSearch { first_name: Some("Ada".to_owned()), ..none() },
            AccountSearch { last_name: Some("Noel".to_owned()), role: Some(Role::User), ..none() },
            AccountSearch { role: Some(Role::User), ..none() },
            AccountSearch { may: Some(MayDo::Everything), ..none() },
        ];
        for permission in [Permission::UserRead, Permission::PostRead] {
            let may = Some(MayDo::Permitted(permission));
            searches.push(AccountSearch { may, ..none() });
            searches.push(AccountSearch { may, role: Some(Role::User), ..none() });
        }
        for status in [AccountStatus::Active, AccountStatus::Pending] {
            searches.push(AccountSearch { status: Some(status), ..none() });
            searches.push(AccountSearch { standing: Some(status), ..none() });
        }
        searches
    }

    #[tokio::test]
    async fn both_ways_lead_to_the_same_page() {
        let directory = tempfile::tempdir().unwrap();
        let store = filled_store(&directory).await;
        let mut reader = store.reader().await.unwrap();
        let by = |key, descending| SortBy { key, descending };
        let mut sorts: Vec<_> = KEYS.iter().flat_map(|key| [vec![by(*key, false)], vec![by(*key, true)]]).collect();
        sorts.push(vec![]);
        sorts.push(vec![by(SortKey::Status, true), by(SortKey::FirstName, false), by(SortKey::UpdatedAt, true)]);
        for search in searches() {
            for sort in &sorts {
                for (skip, limit) in [(0, 1000), (3, 10)] {
                    let window = Window { sort: sort.clone(), skip, limit };
                    let mut pages: Vec<Vec<Uuid>> = Vec::new();
                    for way in [Way::Sort, Way::Walk] {
                        let mut page = page(&search, &window, way);
                        let rows: Vec<FoundAccount> = page.build_query_as().fetch_all(&mut *reader).await.unwrap();
                        pages.push(rows.into_iter().map(|row| row.0.id).collect());
                    }
                    assert_eq!(pages[0], pages[1], "{search:?} {window:?}");
                }
            }
        }
    }

    #[tokio::test]
    async fn a_walk_needs_no_sorting() {
        let directory = tempfile::tempdir().unwrap();
        let store = filled_store(&directory).await;
        let mut reader = store.reader().await.unwrap();
        for key in KEYS {
            for descending in [false, true] {
                let window = Window { sort: vec![SortBy { key, descending }], skip: 0, limit: 30 };
                let plan = plan(&mut reader, page(&AccountSearch::default(), &window, Way::Walk)).await;
                assert!(!plan.contains("TEMP B-TREE"), "{window:?}: {plan}");
            }
        }
    }

    async fn plan(connection: &mut SqliteConnection, query: QueryBuilder<Sqlite>) -> String {
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", query.into_string()));
        let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(connection).await.unwrap();
        steps.into_iter().map(|step| step.3).collect::<Vec<_>>().join("; ")
    }

    #[tokio::test]
    async fn no_total_looks_at_every_account() {
        let directory = tempfile::tempdir().unwrap();
        let store = filled_store(&directory).await;
        let mut reader = store.reader().await.unwrap();
        for search in searches() {
            let plan = plan(&mut reader, total(&search)).await;
            assert!(!plan.contains("SCAN accounts"), "{search:?}: {plan}");
        }
    }

    #[tokio::test]
    async fn a_name_is_counted_by_its_own_index_whatever_else_is_asked() {
        let directory = tempfile::tempdir().unwrap();
        let store = filled_store(&directory).await;
        let mut reader = store.reader().await.unwrap();
        let named = AccountSearch { first_name: Some("First7".to_owned()), ..AccountSearch::default() };
        for search in [
            AccountSearch { status: Some(AccountStatus::Active), ..named.clone() },
            AccountSearch { standing: Some(AccountStatus::Active), ..named.clone() },
            AccountSearch { role: Some(Role::User), ..named.clone() },
        ] {
            let plan = plan(&mut reader, total(&search)).await;
            assert!(plan.contains("accounts_first_name"), "{search:?}: {plan}");
        }
    }

    #[tokio::test]
    async fn few_matches_are_found_by_an_index() {
        let directory = tempfile::tempdir().unwrap();
        let store = filled_store(&directory).await;
        let mut reader = store.reader().await.unwrap();
        // A filter that nearly all accounts match is sorted only where there are few accounts: an index would not help.
        let nearly_all = |search: &AccountSearch| {
            let AccountSearch { email, username, first_name, last_name, status, standing, role, may } = search;
            let texts = [email.is_some(), username.is_some(), first_name.is_some(), last_name.is_some()];
            let by_default = *may == Some(MayDo::Permitted(Permission::PostRead));
            let kinds = [status.is_some(), standing.is_some(), role.is_some()];
            !texts.contains(&true) && !kinds.contains(&true) && (may.is_none() || by_default)
        };
        for search in searches().into_iter().filter(|search| !nearly_all(search)) {
            for sort in [vec![], vec![SortBy { key: SortKey::CreatedAt, descending: true }]] {
                let window = Window { sort, skip: 0, limit: 30 };
                let plan = plan(&mut reader, page(&search, &window, Way::Sort)).await;
                let whole = plan.contains("SCAN accounts") && !plan.contains("accounts_privileged_idx");
                assert!(!whole, "{search:?}: {plan}");
            }
        }
    }
}
