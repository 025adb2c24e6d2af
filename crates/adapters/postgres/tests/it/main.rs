//! The PostgreSQL store keeps every promise of the ports, and some of its own, against a real server.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that meets an error is to fail on the spot")]

mod appends;
mod bus;
mod contention;
mod database;
mod erasures;
mod failover;
mod outages;
mod plans;
mod proxy;
mod schema;
mod searches;
mod statements;
mod support;
mod unreadable;
mod vanished;

use vestibule_conformance::Fixture;

async fn fresh() -> Fixture {
    let database = database::Database::migrated().await;
    Fixture::reopening(move || std::future::ready(database.store())).await
}

vestibule_conformance::conformance_suite!(fresh);
