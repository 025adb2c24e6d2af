//! Searches for accounts: statements built at run time from fixed pieces, with every value bound.

use sqlx::{Postgres, QueryBuilder};
use vestibule_domain::{AccountStatus, EmailAddress, PermissionSet, Role, Username};
use vestibule_ports::{AccountSearch, MayDo, SortBy, SortKey, StoreError, Window};

use super::{AccountRow, MAX_PAGE};
use crate::{
    columns::FoundAccount,
    connections::{Connections, alone},
    store::count,
};

/// An account, and how many match in all.
#[derive(sqlx::FromRow)]
struct FoundRow {
    #[sqlx(flatten)]
    account: FoundAccount,
    total: i64,
}

/// The accounts of a window, and how many match: one statement, unless the window is past the end.
///
/// The statements are not cached. There are more of them than a connection can remember, and an uncached one is planned for
/// its values: a plan for any status is bad for the rarest one.
pub(super) async fn search(
    connections: &Connections,
    search: &AccountSearch,
    window: &Window,
) -> Result<(Vec<AccountRow>, u64), StoreError> {
    let rows: Vec<FoundRow> = alone!(connections, fetch_all, page(search, window).build_query_as().persistent(false))?;
    let total = match rows.first() {
        Some(row) => row.total,
        None if window.skip == 0 && window.limit > 0 => 0,
        None => alone!(connections, fetch_one, total(search).build_query_scalar().persistent(false))?,
    };
    Ok((rows.into_iter().map(|row| row.account.0).collect(), count(total)))
}

fn page(search: &AccountSearch, window: &Window) -> QueryBuilder<Postgres> {
    let mut page = QueryBuilder::new("SELECT ");
    page.push(FoundAccount::COLUMNS).push(", (");
    push_total(&mut page, search);
    page.push(") AS total FROM accounts");
    push_filter(&mut page, search);
    push_order(&mut page, &window.sort);
    page.push(" LIMIT ").push_bind(i64::from(window.limit.min(MAX_PAGE)));
    page.push(" OFFSET ").push_bind(i64::try_from(window.skip).unwrap_or(i64::MAX));
    page
}

fn total(search: &AccountSearch) -> QueryBuilder<Postgres> {
    let mut total = QueryBuilder::new("");
    push_total(&mut total, search);
    total
}

fn push_total(query: &mut QueryBuilder<Postgres>, search: &AccountSearch) {
    query.push("SELECT count(*) FROM accounts");
    push_filter(query, search);
}

fn push_filter(query: &mut QueryBuilder<Postgres>, search: &AccountSearch) {
    query.push(" WHERE TRUE");
    let texts = [
        ("email", search.email.as_ref().map(EmailAddress::as_str)),
        ("username", search.username.as_ref().map(Username::as_str)),
        ("first_name", search.first_name.as_deref()),
        ("last_name", search.last_name.as_deref()),
        ("role", search.role.map(Role::as_str)),
        ("status", search.status.map(AccountStatus::as_str)),
        ("standing", search.standing.map(AccountStatus::as_str)),
    ];
    for (column, text) in texts {
        match text {
            None => {}
            // PostgreSQL neither stores nor accepts this character.
            Some(text) if text.contains('\0') => {
                query.push(" AND FALSE");
            }
            Some(text) => {
                query.push(" AND ").push(column).push(" = ").push_bind(text.to_owned());
            }
        }
    }
    match search.may {
        None => {}
        Some(MayDo::Everything) => {
            query.push(" AND role IN ('admin', 'root')");
        }
        Some(MayDo::Permitted(permission)) => {
            let bit = PermissionSet::EMPTY.with(permission).bits();
            query.push(format_args!(" AND ((permissions & {bit}) <> 0 OR role IN ('admin', 'root'))"));
            let default = PermissionSet::default();
            if !default.contains(permission) {
                // Redundant, but it is the condition of the partial index of accounts with extra permissions.
                query.push(format_args!(" AND (role <> 'user' OR permissions <> {})", default.bits()));
            }
        }
    }
}

fn push_order(query: &mut QueryBuilder<Postgres>, sort: &[SortBy]) {
    query.push(" ORDER BY ");
    let mut seen = Vec::new();
    for by in sort {
        if seen.contains(&by.key) {
            continue;
        }
        seen.push(by.key);
        query.push(match by.key {
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
        });
        // Sort expressions as the indexes have them: a missing value sorts first.
        let nullable = matches!(by.key, SortKey::Username | SortKey::FirstName | SortKey::LastName);
        query.push(match (by.descending, nullable) {
            (false, false) => "",
            (true, false) => " DESC",
            (false, true) => " NULLS FIRST",
            (true, true) => " DESC NULLS LAST",
        });
        // These are unique, so no further sort key matters.
        if matches!(by.key, SortKey::Id | SortKey::Email) {
            return;
        }
        query.push(", ");
    }
    query.push("id");
}
