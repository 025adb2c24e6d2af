//! Accounts whose password hash costs more than a limit, found by the index of costs.

use sqlx::SqliteConnection;
use uuid::Uuid;
use vestibule_domain::Role;
use vestibule_ports::{MAX_HASH_COST, hash_cost_digits};

use super::AccountRow;
use crate::columns::{columns, select};

/// The filter.
#[derive(Clone, Copy)]
pub(super) struct DearHashes {
    /// Only accounts whose cost is above this.
    pub(super) above: u8,
    /// Only accounts of this role.
    pub(super) role: Option<Role>,
}

/// One page.
pub(super) async fn list(
    connection: &mut SqliteConnection,
    DearHashes { above, role }: DearHashes,
    after: Vec<u8>,
    rows: i64,
) -> sqlx::Result<Vec<AccountRow>> {
    let (above, highest, role) = (hash_cost_digits(above), hash_cost_digits(MAX_HASH_COST), role.map(Role::as_str));
    select_accounts!(
        "WHERE id IN (SELECT id FROM accounts INDEXED BY accounts_hash_cost_idx WHERE password_hash IS NOT NULL
            AND substr(password_hash, 5, 2) > ?1 AND substr(password_hash, 5, 2) <= ?2 AND id > ?3
            AND (?4 IS NULL OR role = ?4) ORDER BY id LIMIT ?5)
        ORDER BY id",
        above,
        highest,
        after,
        role,
        rows
    )
    .fetch_all(connection)
    .await
}

/// The number of matches.
pub(super) async fn count(connection: &mut SqliteConnection, asked: DearHashes) -> sqlx::Result<u64> {
    let DearHashes { above, role } = asked;
    let (above, highest, role) = (hash_cost_digits(above), hash_cost_digits(MAX_HASH_COST), role.map(Role::as_str));
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!: u64" FROM accounts INDEXED BY accounts_hash_cost_idx
        WHERE password_hash IS NOT NULL AND substr(password_hash, 5, 2) > ?1 AND substr(password_hash, 5, 2) <= ?2
            AND (?3 IS NULL OR role = ?3)"#,
        above,
        highest,
        role
    )
    .fetch_one(connection)
    .await
}
