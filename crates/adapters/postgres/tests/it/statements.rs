//! How many statements an answer takes: what an attacker could measure as time.

use time::Duration;
use tracing_subscriber::filter::LevelFilter;
use vestibule_domain::ThrottleRule;
use vestibule_ports::{Store, UnitOfWork};
use vestibule_testkit::{FixedClock, Lines};

use crate::database::Database;

const RULE: ThrottleRule = ThrottleRule::counted(10, Duration::hours(1));

/// The statements that a take of a key sends.
async fn statements_of_take(unit: &mut dyn UnitOfWork, key: &str) -> usize {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(LevelFilter::DEBUG).with_writer(move || writer.clone());
    let guard = tracing::subscriber::set_default(subscriber.finish());
    unit.throttles().take(key, &RULE, FixedClock::START).await.unwrap().unwrap();
    drop(guard);
    lines.text().matches("sqlx::query").count()
}

#[tokio::test]
async fn a_take_costs_as_much_for_a_key_that_was_counted_as_for_a_new_one() {
    let database = Database::migrated().await;
    let store = database.store();
    let mut unit = store.write().await.unwrap();
    let first = statements_of_take(unit.as_mut(), "key").await;
    let next = statements_of_take(unit.as_mut(), "key").await;
    assert_eq!((first, next), (2, 2));
}
