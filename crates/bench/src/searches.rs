//! Searches for profiles of the dialect looking among few and among many profiles: of an age between bounds, with tags that are
//! common, rare, or nowhere.

use std::time::Duration;

use crate::{
    Failure,
    crowd::Store,
    turns::{self, Request},
    wire::{Connection, Target},
};

/// A search, and under which keys its samples are recorded: among few and among many.
#[derive(Debug, Clone, Copy)]
pub struct Search {
    /// What follows `/profiles/find/10/0/` in the path.
    pub path: &'static str,
    /// On PostgreSQL.
    pub postgres: [&'static str; 2],
    /// On SQLite.
    pub sqlite: [&'static str; 2],
}

macro_rules! searches {
    ($($path:literal)*) => {
        &[$(Search {
            path: $path,
            postgres: [concat!("search/postgres/few/", $path), concat!("search/postgres/many/", $path)],
            sqlite: [concat!("search/sqlite/few/", $path), concat!("search/sqlite/many/", $path)],
        }),*]
    };
}

/// The searches that are measured, in profiles as `bare profiles` makes them.
pub const SEARCHES: &[Search] = searches! {
    "20/60/half/half/half" "20/60/tenth/tenth/tenth" "20/60/hundredth/half/half" "20/60/thousandth/half/half"
    "20/60/half/half/ten" "20/60/half/half/none" "20/60/apart/apart/half" "20/60/half" "33/33/null" "95/99/half/half/half"
};

/// `bare searches`
#[derive(clap::Args)]
pub struct Args {
    /// On which store the servers run.
    #[arg(long)]
    store: Store,
    /// The server with few profiles, such as `http://127.0.0.1:3000/`.
    #[arg(long)]
    few: Target,
    /// The server with many profiles.
    #[arg(long)]
    many: Target,
    /// The token of an anonymous session there, such as `POST /auth/session` gives.
    #[arg(long)]
    few_token: String,
    /// The same of the other server.
    #[arg(long)]
    many_token: String,
    /// For how long.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

/// Prints a line for each search on each server: its key, and latencies in milliseconds as JSON.
pub fn run(args: &Args) -> Result<(), Failure> {
    let servers = [(&args.few, &args.few_token), (&args.many, &args.many_token)];
    let mut connections = [Connection::open(&args.few)?, Connection::open(&args.many)?];
    let requests_of = |search: &Search| {
        let keys = match args.store {
            Store::Postgres => search.postgres,
            Store::Sqlite => search.sqlite,
        };
        let path = format!("/profiles/find/10/0/{}", search.path);
        [0, 1].map(|connection| {
            let (server, token) = servers[connection];
            let target = Target { authority: server.authority.clone(), path: path.clone() };
            Request { key: keys[connection], bytes: target.get(token), connection }
        })
    };
    let requests: Vec<Request> = SEARCHES.iter().flat_map(requests_of).collect();
    turns::make(&requests, &mut connections, Duration::from_secs(args.seconds))
}
