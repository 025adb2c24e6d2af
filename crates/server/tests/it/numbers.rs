//! The numbers: their defaults and bounds, and that each reaches its user.

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
    keys::all().iter().filter_map(|key| match key.kind {
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
        for (value, why) in [(i64::from(floor) - 1, "below the floor"), (i64::from(ceiling) + 1, "above the ceiling")] {
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
    assert_eq!(config.policy, Policy::default());
    assert_eq!(config.requests.limits, HttpOptions::default().requests);
    assert_eq!(config.database.postgres, PostgresOptions::default());
    assert_eq!(config.database.sqlite, SqliteOptions { create: true, ..SqliteOptions::default() });
    assert_eq!(config.security.hashing, BcryptOptions::default());
    let (smtp, timeouts) = (config.email.smtp.unwrap().timeouts, SmtpTimeouts::default());
    assert_eq!((smtp.connect, smtp.command), (timeouts.connect, timeouts.command));
    assert_eq!(smtp.total + std::time::Duration::from_secs(5), timeouts.total, "given up before the lease ends");
    assert_eq!(config.policy.outbox.lease, timeouts.total);
}

#[test]
fn a_second_acceptance_is_needed_where_four_eyes_are_on() {
    let mail = [("EMAIL_HOST", "mail.test"), ("EMAIL_FROM", "a@mail.test")];
    let on = config(&[mail[0], mail[1], ("VESTIBULE_DOSSIER_FOUR_EYES", "on")]);
    assert!(on.policy.dossier.four_eyes);
}
