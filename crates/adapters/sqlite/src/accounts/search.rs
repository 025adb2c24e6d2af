//! Searches for accounts: statements made at run time of fixed pieces, with every value bound.

use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use vestibule_domain::{AccountStatus, EmailAddress, PermissionSet, Role, Username};
use vestibule_ports::{AccountSearch, MayDo, SortBy, SortKey, Window};

use super::PAGE_LIMIT;
use crate::rows::AccountRow;

/// For how many accounts the choice between the two ways to a page is balanced; with many more or fewer of them a page
/// is slower than it could be, and still right.
const USUAL_ACCOUNTS: u64 = 100_000;

/// The accounts of a window, and how many match. They are counted first: SQLite knows nothing about how its values are
/// spread, and left to itself sorts every account where it could have walked along an index, or the other way round.
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
    let sort = decisive(&window.sort);
    let mut page = QueryBuilder::<Sqlite>::new(
        "SELECT id, email, username, full_name, first_name, last_name, role, status, permissions, mailbox_proven_at, \
         subject, password_hash, google_user_id, google_picture, facebook_user_id, facebook_picture, apple_user_id, \
         apple_picture, created_at, updated_at FROM accounts",
    );
    // Few matches are fetched and sorted. Of many, those of the page are soon met on a walk in the order that is asked
    // for. The bound is where both touch as many rows.
    let few = total <= skip.saturating_add(limit).saturating_mul(USUAL_ACCOUNTS).isqrt();
    if !few {
        page.push(index(&sort, search));
    }
    push_filter(&mut page, search);
    push_order(&mut page, &sort, few);
    page.push(" LIMIT ").push_bind(limit.cast_signed());
    page.push(" OFFSET ").push_bind(skip.min(i64::MAX.cast_unsigned()).cast_signed());
    // Not kept: there are more kinds of these statements than a connection remembers.
    let rows = page.build_query_as().persistent(false).fetch_all(connection).await?;
    Ok((rows, total))
}

async fn count(connection: &mut SqliteConnection, search: &AccountSearch) -> sqlx::Result<u64> {
    let mut count = QueryBuilder::<Sqlite>::new("SELECT count(*) FROM accounts");
    push_filter(&mut count, search);
    count.build_query_scalar().persistent(false).fetch_one(connection).await
}

/// What decides the order: each key once, and nothing after one that no two accounts share.
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

/// Whether no two accounts have the same, nor none.
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
        SortKey::Role => "role",
        SortKey::CreatedAt => "created_at",
        SortKey::UpdatedAt => "updated_at",
    }
}

/// The index to walk along.
fn index(sort: &[SortBy], search: &AccountSearch) -> String {
    match sort.first() {
        // An index of one value of the filter is in the order of the ids too.
        None if search.first_name.is_some() => " INDEXED BY accounts_first_name_idx".to_owned(),
        None if search.last_name.is_some() => " INDEXED BY accounts_last_name_idx".to_owned(),
        None if search.role.is_some() => " INDEXED BY accounts_role_idx".to_owned(),
        None if search.statuses.len() == 1 => match search.mailbox_proven {
            None => " INDEXED BY accounts_status_idx".to_owned(),
            Some(true) => " INDEXED BY accounts_proven_idx".to_owned(),
            Some(false) => " INDEXED BY accounts_unproven_idx".to_owned(),
        },
        None | Some(SortBy { key: SortKey::Id, .. }) => " NOT INDEXED".to_owned(),
        Some(SortBy { key: SortKey::Email, .. }) => " INDEXED BY accounts_email_key".to_owned(),
        Some(SortBy { key, descending }) => {
            format!(" INDEXED BY accounts_{}{}_idx", column(*key), if *descending { "_desc" } else { "" })
        }
    }
}

fn push_filter(query: &mut QueryBuilder<Sqlite>, search: &AccountSearch) {
    let mut words = [" WHERE "].into_iter().chain(std::iter::repeat(" AND "));
    let mut next = |query: &mut QueryBuilder<Sqlite>, column: &str| {
        query.push(words.next().unwrap_or_default()).push(column);
    };
    let texts = [
        ("email = ", search.email.as_ref().map(EmailAddress::as_str)),
        ("username = ", search.username.as_ref().map(Username::as_str)),
        ("first_name = ", search.first_name.as_deref()),
        ("last_name = ", search.last_name.as_deref()),
        ("role = ", search.role.map(Role::as_str)),
    ];
    for (column, text) in texts {
        if let Some(text) = text {
            next(query, column);
            query.push_bind(text.to_owned());
        }
    }
    match search.statuses.as_slice() {
        [] => {}
        [status] => {
            next(query, "status = ");
            query.push_bind(status.as_str());
        }
        statuses => {
            next(query, "status IN (");
            let mut list = query.separated(", ");
            for status in statuses {
                list.push_bind(AccountStatus::as_str(*status));
            }
            query.push(")");
        }
    }
    match search.mailbox_proven {
        None => {}
        Some(true) => next(query, "mailbox_proven_at IS NOT NULL"),
        Some(false) => next(query, "mailbox_proven_at IS NULL"),
    }
    match search.may {
        None => {}
        Some(MayDo::Everything) => next(query, "role IN ('admin', 'root')"),
        Some(MayDo::Permitted(permission)) => {
            let bit = PermissionSet::EMPTY.with(permission).bits();
            next(query, "");
            query.push(format_args!("((permissions & {bit}) <> 0 OR role IN ('admin', 'root'))"));
            let default = PermissionSet::default();
            if !default.contains(permission) {
                // This follows from the above; said in the words of the index of those who may more than everybody.
                next(query, "");
                query.push(format_args!("(role <> 'user' OR permissions <> {})", default.bits()));
            }
        }
    }
}

/// Writes the order; `aside` keeps SQLite from walking along an index that has it.
fn push_order(query: &mut QueryBuilder<Sqlite>, sort: &[SortBy], aside: bool) {
    query.push(" ORDER BY ");
    let mut list = query.separated(", ");
    // SQLite takes a missing value for the least.
    for by in sort {
        list.push(if aside { "+" } else { "" }).push_unseparated(column(by.key));
        list.push_unseparated(if by.descending { " DESC" } else { "" });
    }
    if !sort.last().is_some_and(|by| is_unique(by.key)) {
        list.push(if aside { "+id" } else { "id" });
    }
}
