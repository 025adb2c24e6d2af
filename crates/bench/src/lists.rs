//! Lists of accounts: every filter and every sort, asked in turn on one connection.
//!
//! What they are compared with, the first page without either, has its turn among them, so that all meet the same
//! machine; and one at a time, so that none waits for another.

use std::time::Duration;

use crate::{
    Failure,
    crowd::Store,
    turns::{self, Request},
    wire::{Connection, Target},
};

/// A query of a list, and under which keys its samples are recorded.
#[derive(Debug, Clone, Copy)]
pub struct List {
    /// What follows `limit=30` in the query; empty for the first page.
    pub query: &'static str,
    /// On PostgreSQL.
    pub postgres: &'static str,
    /// On SQLite.
    pub sqlite: &'static str,
}

macro_rules! lists {
    ($($query:literal)*) => {
        &[$(List { query: $query, postgres: concat!("list/postgres/", $query), sqlite: concat!("list/sqlite/", $query) }),*]
    };
}

/// The page that the others are compared with.
pub const FIRST: List = List { query: "", postgres: "list/postgres/first", sqlite: "list/sqlite/first" };

/// Every other query. What is searched for is in the crowd that `bare crowd` makes: rare and frequent words, and filters
/// that nearly all match.
pub const LISTS: &[List] = lists! {
    "email=crowd-77777@example.test" "username=crowd-77777" "firstName=First7" "lastName=Last7"
    "status=active" "status=disabled" "status=unverified-email" "role=user" "role=admin" "role=root"
    "permissions=userRead" "permissions=postRead" "permissions=nothing"
    "role=user&status=active" "role=user&permissions=userRead" "firstName=First7&status=active"
    "sort=id" "sort=-id" "sort=username" "sort=-username" "sort=email" "sort=-email"
    "sort=firstName" "sort=-firstName" "sort=lastName" "sort=-lastName" "sort=status" "sort=-status"
    "sort=role" "sort=-role" "sort=createdAt" "sort=-createdAt" "sort=updatedAt" "sort=-updatedAt"
    "role=user&sort=-updatedAt" "status=active&sort=lastName%20firstName"
};

/// `bare lists`
#[derive(clap::Args)]
pub struct Args {
    /// On which store the server runs.
    #[arg(long)]
    store: Store,
    /// The list, such as `http://127.0.0.1:3000/api/users`.
    #[arg(long)]
    url: Target,
    /// The access token of somebody who may see it.
    #[arg(long)]
    token: String,
    /// For how long.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

/// Prints a line for each query: its key, and latencies in milliseconds as JSON.
pub fn run(args: &Args) -> Result<(), Failure> {
    let request_of = |list: &List| {
        let key = match args.store {
            Store::Postgres => list.postgres,
            Store::Sqlite => list.sqlite,
        };
        Request { key, bytes: target(&args.url, list.query).get(&args.token), connection: 0 }
    };
    let requests: Vec<Request> = [&FIRST].into_iter().chain(LISTS).map(request_of).collect();
    turns::make(&requests, &mut [Connection::open(&args.url)?], Duration::from_secs(args.seconds))
}

fn target(list: &Target, query: &str) -> Target {
    let separator = if query.is_empty() { "" } else { "&" };
    Target { authority: list.authority.clone(), path: format!("{}?limit=30{separator}{query}", list.path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_follows_the_limit() {
        let list: Target = "http://127.0.0.1:1/api/users".parse().unwrap();
        assert_eq!(target(&list, FIRST.query).path, "/api/users?limit=30");
        assert_eq!(target(&list, LISTS[0].query).path, "/api/users?limit=30&email=crowd-77777@example.test");
    }
}
