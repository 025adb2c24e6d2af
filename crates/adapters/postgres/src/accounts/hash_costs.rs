//! Accounts whose password hash costs more than a limit, found by the index of costs.

use uuid::Uuid;
use vestibule_domain::Role;
use vestibule_ports::{MAX_HASH_COST, StoreError, hash_cost_digits};

use super::AccountRow;
use crate::{
    columns::{columns, select},
    connections::{Connections, alone},
};

/// The filter.
#[derive(Clone, Copy)]
pub(super) struct DearHashes {
    /// Only accounts whose cost is above this.
    pub(super) above: u8,
    /// Only accounts of this role.
    pub(super) role: Option<Role>,
}

/// One page. A subquery per cost, written so that the planner must use the index (cost, id): each reads no more rows than
/// the page has. The ids are an array, so that the planner fetches their accounts by primary key.
pub(super) async fn list(
    connections: &Connections,
    DearHashes { above, role }: DearHashes,
    after: Uuid,
    rows: i64,
) -> Result<Vec<AccountRow>, StoreError> {
    let (above, highest, role) = (i32::from(above), i32::from(MAX_HASH_COST), role.map(Role::as_str));
    alone!(
        connections,
        fetch_all,
        select_accounts!(
            "WHERE id = ANY(ARRAY(SELECT dear.id FROM generate_series($1::int + 1, $2::int) AS costs (cost), \
             LATERAL (SELECT id FROM accounts WHERE password_hash IS NOT NULL \
             AND substr(password_hash, 5, 2) COLLATE \"C\" <= lpad(cost::text, 2, '0') \
             AND (substr(password_hash, 5, 2) COLLATE \"C\", id) > (lpad(cost::text, 2, '0'), $3) \
             AND ($4::text IS NULL OR role = $4) \
             ORDER BY substr(password_hash, 5, 2) COLLATE \"C\", id LIMIT $5) AS dear \
             ORDER BY dear.id LIMIT $5)) ORDER BY id",
            above,
            highest,
            after,
            role,
            rows
        )
    )
}

/// The number of matches. Where most hashes are above the cost, the planner may read the table instead of the index.
pub(super) async fn count(connections: &Connections, asked: DearHashes) -> Result<i64, StoreError> {
    let DearHashes { above, role } = asked;
    let (above, highest, role) = (hash_cost_digits(above), hash_cost_digits(MAX_HASH_COST), role.map(Role::as_str));
    let (above, highest) = (above.as_str(), highest.as_str());
    alone!(
        connections,
        fetch_one,
        sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM accounts WHERE password_hash IS NOT NULL
            AND substr(password_hash, 5, 2) COLLATE "C" > $1 AND substr(password_hash, 5, 2) COLLATE "C" <= $2
            AND ($3::text IS NULL OR role = $3)"#,
            above,
            highest,
            role
        )
    )
}
