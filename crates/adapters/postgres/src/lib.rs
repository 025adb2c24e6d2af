//! Storage in PostgreSQL: a pool of connections, reads in one round trip, units of work in READ COMMITTED.
//!
//! One file per aggregate, named as in the ports and in the other stores. Beside them: the door (`store`), the unit of work
//! (`unit`), the pool (`pool`, `ages`, `under_way`), broken connections (`connections`) and read-only ones (`writable`),
//! how the server is addressed (`manner`, `wire`, `tls`), unsuitable databases (`unfit`), disk space on the server
//! (`room`), the schema (`migrations`), notices between nodes (`bus`), export and import (`transfer`), the
//! columns (`columns`) and the driver's errors (`errors`). This crate must never contain a rule of the domain, read the clock, match on an error's text, or look and
//! then act: other nodes write at the same time. To add an aggregate, add a migration, a file with its statements, and its
//! columns; then run `scripts/sqlx prepare`.

mod accounts;
mod ages;
mod appends;
mod bus;
mod codes;
mod columns;
mod connections;
mod conversations;
mod dossiers;
mod errors;
mod events;
mod fingerprint;
mod keywords;
mod mailbox;
mod manner;
mod migrations;
mod outbox;
mod parameters;
mod places;
mod pool;
mod profiles;
mod room;
mod servers;
mod sessions;
mod sources;
mod store;
mod throttles;
mod tls;
mod tokens;
mod transfer;
mod under_way;
mod unfit;
mod unit;
mod url;
mod wire;
mod writable;

pub use ages::Ages;
pub use bus::{Heartbeat, PostgresBus};
pub use connections::PostgresOptions;
pub use keywords::url_of_keywords;
pub use store::PostgresStore;
pub use url::{InvalidUrl, check_url};
