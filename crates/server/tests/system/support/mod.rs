//! Starting the binary, and what it needs around it.

mod certificates;
pub(crate) mod client;
pub(crate) mod contacts;
mod cutter;
mod dice;
pub(crate) mod events;
pub(crate) mod mail;
pub(crate) mod mern;
pub(crate) mod metrics;
pub(crate) mod postgres;
pub(crate) mod proxies;
pub(crate) mod rococoins;
pub(crate) mod server;
pub(crate) mod setup;
mod small_disk;

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

pub(crate) use certificates::Certificates;
pub(crate) use client::{Connection, Reply, Request};
pub(crate) use contacts::{Account, PASSWORD, assert_failed};
pub(crate) use cutter::Cutter;
pub(crate) use dice::Dice;
pub(crate) use events::{EventStream, Told};
pub(crate) use postgres::Database;
pub(crate) use proxies::Proxy;
pub(crate) use rococoins::Person;
pub(crate) use server::Server;
pub(crate) use setup::Setup;
pub(crate) use small_disk::SmallDisk;

/// Longer than anything takes that is not stuck, also on a machine that does much else.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Asks again and again until there is an answer; fails after some time.
pub(crate) fn within<T>(time: Duration, what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(began.elapsed() < time, "not within {time:?}: {what}");
        sleep(Duration::from_millis(5));
    }
}
