//! The numbers: their defaults, their floors and ceilings, and that each arrives.

use vestibule_application::Policy;
use vestibule_bcrypt::BcryptOptions;
use vestibule_http::HttpOptions;
use vestibule_postgres::PostgresOptions;
use vestibule_server::config::{
    key::{Key, Kind},
    keys,
};
use vestibule_smtp::SmtpTimeouts;
use vestibule_sqlite::SqliteOptions;

use crate::support::{Place, config};

fn numbers() -> impl Iterator<Item = (&'static Key, u32, u32)> {
    keys::ALL.iter().filter_map(|key| match key.kind {
        Kind::Number { floor, ceiling } => Some((key, floor, ceiling)),
        _ => None,
    })
}

#[test]
fn every_number_is_taken_from_its_floor_to_its_ceiling_and_not_beyond() {
    for (key, floor, ceiling) in numbers() {
        for value in [floor, ceiling] {
            config(&[(key.env[0], &value.to_string())]);
        }
        for (value, why) in [(floor - 1, "below the floor"), (ceiling + 1, "above the ceiling")] {
            let problem = Place::new().problem(&[(key.env[0], &value.to_string())]);
            assert!(problem.contains(why) && problem.contains("; give a number from "), "{}: {problem}", key.name);
        }
    }
}

#[test]
fn every_number_arrives_in_the_configuration() {
    // Some only mean something where there is a mail server.
    let mail = [("EMAIL_HOST", "mail.test"), ("EMAIL_FROM", "a@mail.test")];
    let with = |more: (&str, &str)| format!("{:?}", config(&[mail[0], mail[1], more]));
    let default = with(("EMAIL_HOST", "mail.test"));
    for (key, floor, ceiling) in numbers() {
        let changed = [floor, ceiling].iter().any(|value| with((key.env[0], &value.to_string())) != default);
        assert!(changed, "nothing comes of {}", key.name);
    }
}

#[test]
fn the_defaults_are_those_of_the_parts() {
    let mail = [("EMAIL_HOST", "mail.test"), ("EMAIL_FROM", "a@mail.test")];
    let config = config(&mail);
    let (numbers, policy) = (&config.numbers, Policy::default());
    assert_eq!(numbers.code_lifetime, policy.code_lifetime);
    assert_eq!(numbers.code_tries, policy.code_tries);
    assert_eq!((numbers.links, numbers.guesses), (policy.links, policy.guesses));
    assert_eq!((numbers.mailbox, numbers.node), (policy.mailbox, policy.node));
    assert_eq!(numbers.outbox, policy.outbox);
    assert_eq!((numbers.refresh, numbers.event_memory), (policy.refresh, policy.event_memory));
    assert_eq!(config.requests.limits, HttpOptions::default().requests);
    let (times, postgres) = (&config.database.times, PostgresOptions::default());
    assert_eq!(
        (times.acquire, times.statement, times.lock),
        (postgres.acquire_timeout, postgres.statement_timeout, postgres.lock_timeout)
    );
    assert_eq!(config.database.pool, postgres.max_connections);
    let sqlite = SqliteOptions::default();
    assert_eq!((config.database.readers, times.busy), (sqlite.readers, sqlite.busy));
    let hashing = BcryptOptions::default();
    assert_eq!(
        (config.security.bcrypt_cost, config.security.hash_queue, config.security.hash_wait),
        (hashing.cost, hashing.queue, hashing.max_wait)
    );
    let (smtp, timeouts) = (config.email.smtp.unwrap(), SmtpTimeouts::default());
    assert_eq!((smtp.connect_time, smtp.command_time), (timeouts.connect, timeouts.command));
    assert_eq!(numbers.outbox.lease, timeouts.total);
}
