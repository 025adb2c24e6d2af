//! Which servers use the database: each holds a shared lock on the connection on which it listens.

use sqlx::PgConnection;
use vestibule_ports::StoreError;

use crate::connections::{Connections, alone};

/// The lock's number in this database: that of the migrations' lock plus one.
const SERVES: i64 = 6_219_157_038_244_461_672;

/// Makes a server visible for as long as the connection lasts.
pub(crate) async fn enter(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT pg_advisory_lock_shared($1)", SERVES).execute(connection).await.map(drop)
}

/// The address and port of each, or for a Unix socket the process id of its database backend.
pub(crate) async fn seen(connections: &Connections) -> Result<Vec<String>, StoreError> {
    alone!(
        connections,
        fetch_all,
        sqlx::query_scalar!(
            r#"SELECT COALESCE(host(client_addr) || ' port ' || client_port, 'Unix socket, backend ' || pid) AS "server!"
               FROM pg_locks JOIN pg_stat_activity USING (pid)
               WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted AND objsubid = 1
                 AND classid::bigint << 32 | objid::bigint = $1
                 AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
               ORDER BY 1"#,
            SERVES,
        )
    )
}
