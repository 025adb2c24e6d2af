//! The rows of the table: what is compared with what, and how far it may lie apart.
//!
//! A row whose samples were not recorded is left out, so the list is the whole plan and a run may be a part of it.

use crate::{
    lists::{FIRST, LISTS},
    searches::SEARCHES,
};

/// Where a figure comes from: the key and the metric of its samples.
#[derive(Debug, Clone, Copy)]
pub struct Figure<'a> {
    /// Such as `me/postgres/server`.
    pub key: &'a str,
    /// Such as `rps`.
    pub metric: &'a str,
}

/// What a row asks for.
#[derive(Debug, Clone, Copy)]
pub enum Goal {
    /// Server through baseline, at least.
    RatioAtLeast(f64),
    /// Server through baseline, at most.
    RatioAtMost(f64),
    /// The server's own figure, at most.
    AtMost(f64),
    /// Nothing: the row is there to be read.
    None,
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// What is done.
    pub work: &'static str,
    /// On which store.
    pub store: &'static str,
    /// What the figures are, with their unit.
    pub unit: &'static str,
    /// What the server is compared with.
    pub baseline: Option<Figure<'static>>,
    pub server: Figure<'static>,
    /// What is asked.
    pub goal: Goal,
}

const fn figure(key: &'static str, metric: &'static str) -> Figure<'static> {
    Figure { key, metric }
}

const fn bare(work: &'static str, [store, baseline, server]: [&'static str; 3], goal: f64) -> Row {
    Row {
        work,
        store,
        unit: "requests/s",
        baseline: Some(figure(baseline, "rps")),
        server: figure(server, "rps"),
        goal: Goal::RatioAtLeast(goal),
    }
}

const fn sign_in(work: &'static str, server: &'static str) -> Row {
    Row {
        work,
        store: "postgres",
        unit: "sign-ins/s",
        baseline: Some(figure(RAW, "rps")),
        server: figure(server, "rps"),
        goal: Goal::RatioAtLeast(0.9),
    }
}

const fn refresh(store: &'static str, [commits, server]: [&'static str; 2]) -> Row {
    Row {
        work: "refresh, one-row commits",
        store,
        unit: "refreshes/s",
        baseline: Some(figure(commits, "rps")),
        server: figure(server, "rps"),
        goal: Goal::RatioAtLeast(0.6),
    }
}

/// A list, compared with the first page of the same run.
const fn list(query: &'static str, store: &'static str, first: &'static str, server: &'static str) -> Row {
    Row {
        work: query,
        store,
        unit: "p99 ms",
        baseline: Some(figure(first, "p99")),
        server: figure(server, "p99"),
        goal: Goal::RatioAtMost(3.0),
    }
}

/// A search among many profiles, compared with the same among few.
const fn search(path: &'static str, store: &'static str, [few, many]: [&'static str; 2]) -> Row {
    Row {
        work: path,
        store,
        unit: "p99 ms",
        baseline: Some(figure(few, "p99")),
        server: figure(many, "p99"),
        goal: Goal::RatioAtMost(2.0),
    }
}

/// Messages, and single-row commits of the same shape.
const fn send(work: &'static str, [store, baseline, server]: [&'static str; 3], goal: f64) -> Row {
    Row { unit: "messages/s", ..bare(work, [store, baseline, server], goal) }
}

/// The newest entries of a long conversation, compared with those of a short one.
const fn log(store: &'static str, [short, long]: [&'static str; 2]) -> Row {
    Row {
        work: "log of 1000, of 1000000",
        store,
        unit: "p50 ms",
        baseline: Some(figure(short, "p50")),
        server: figure(long, "p50"),
        goal: Goal::RatioAtMost(2.0),
    }
}

/// A figure of live streams, compared with that of a bare route where there is one.
const fn live(
    work: &'static str,
    unit: &'static str,
    figures: (Option<Figure<'static>>, Figure<'static>),
    goal: Goal,
) -> Row {
    Row { work, store: "postgres", unit, baseline: figures.0, server: figures.1, goal }
}

/// What is asked for beside submissions with large pictures, compared with the same alone.
const fn beside(work: &'static str, [alone, beside]: [&'static str; 2]) -> Row {
    Row {
        work,
        store: "postgres",
        unit: "p99 ms",
        baseline: Some(figure(alone, "p99")),
        server: figure(beside, "p99"),
        goal: Goal::RatioAtMost(6.0),
    }
}

const fn memory(work: &'static str, server: &'static str, goal: f64) -> Row {
    let server = figure(server, "rss");
    Row { work, store: "postgres", unit: "MiB", baseline: None, server, goal: Goal::AtMost(goal) }
}

const fn peer(work: &'static str, unit: &'static str, figures: [Figure<'static>; 2], goal: Goal) -> Row {
    Row { work, store: "postgres", unit, baseline: Some(figures[0]), server: figures[1], goal }
}

macro_rules! of {
    ($work:literal, $metric:literal) => {
        (Some(figure(concat!($work, "/baseline"), $metric)), figure(concat!($work, "/server"), $metric))
    };
}

const COMMITTED: (Option<Figure<'static>>, Figure<'static>) =
    (Some(figure("delivery/committed", "p99")), figure("delivery/server", "p99"));
const ME: &str = "me/postgres/server";
const ME_PEER: &str = "me/postgres/peer";
const LOGIN: &str = "login/postgres/server";
const LOGIN_PEER: &str = "login/postgres/peer";
const RAW: &str = "login/raw";
const UPLOAD: &str = "upload/server";
const UPLOAD_BARE: &str = "upload/baseline";

/// Every row, in the order of the table: those below, and the lists and searches on either store.
pub fn rows() -> impl Iterator<Item = Row> {
    let postgres = LISTS.iter().map(|other| list(other.query, "postgres", FIRST.postgres, other.postgres));
    let sqlite = LISTS.iter().map(|other| list(other.query, "sqlite", FIRST.sqlite, other.sqlite));
    let lists = postgres.chain(sqlite);
    let postgres = SEARCHES.iter().map(|of| search(of.path, "postgres", of.postgres));
    let sqlite = SEARCHES.iter().map(|of| search(of.path, "sqlite", of.sqlite));
    ROWS.into_iter().chain(lists).chain(postgres).chain(sqlite)
}

const ROWS: [Row; 39] = [
    bare("GET me, bare route", ["postgres", "me/postgres/baseline", ME], 0.9),
    bare("GET me, bare route", ["sqlite", "me/sqlite/baseline", "me/sqlite/server"], 0.9),
    bare("GET me, bare route", ["memory", "me/memory/baseline", "me/memory/server"], 0.6),
    bare("GET profile, bare route", ["postgres", "profile/postgres/baseline", "profile/postgres/server"], 0.9),
    bare("GET profile, bare route", ["sqlite", "profile/sqlite/baseline", "profile/sqlite/server"], 0.9),
    bare("GET profile, bare route", ["memory", "profile/memory/baseline", "profile/memory/server"], 0.6),
    sign_in("sign-in, raw bcrypt", LOGIN),
    sign_in("mern sign-in, raw bcrypt", "login/postgres/mern"),
    refresh("postgres", ["refresh/postgres/commits", "refresh/postgres/server"]),
    refresh("sqlite", ["refresh/sqlite/commits", "refresh/sqlite/server"]),
    send("chat, one-row commits", ["postgres", "chat/postgres/baseline", "chat/postgres/server"], 0.9),
    send("chat, few entries", ["postgres", "chat/postgres/crowd", "chat/postgres/short"], 0.9),
    send("chat, one-row commits", ["sqlite", "chat/sqlite/baseline", "chat/sqlite/server"], 2.0),
    send("chat, few entries", ["sqlite", "chat/sqlite/crowd", "chat/sqlite/short"], 2.0),
    log("postgres", ["log/postgres/short", "log/postgres/long"]),
    log("sqlite", ["log/sqlite/short", "log/sqlite/long"]),
    Row { unit: "uploads/s", ..bare("10 MiB, written to a file", ["postgres", UPLOAD_BARE, UPLOAD], 0.5) },
    Row {
        work: "memory, 16 such uploads",
        store: "postgres",
        unit: "MiB more",
        baseline: Some(figure(UPLOAD_BARE, "growth")),
        server: figure(UPLOAD, "growth"),
        goal: Goal::AtMost(32.0),
    },
    live("10000 streams, bare streams", "KiB each", of!("streams", "kib"), Goal::AtMost(20.0)),
    live("1000 messages/s, broadcast", "p99 ms", of!("delivery", "p99"), Goal::RatioAtMost(5.0)),
    live("1000 messages/s, broadcast", "p50 ms", of!("delivery", "p50"), Goal::None),
    live("the same, commit, broadcast", "p99 ms", COMMITTED, Goal::RatioAtMost(5.0)),
    live("rate reached of these", "messages/s", of!("delivery", "rps"), Goal::None),
    Row {
        work: "me 200/s, alone : storm",
        store: "postgres",
        unit: "p99 ms",
        baseline: Some(figure("storm/quiet", "p99")),
        server: figure("storm/loud", "p99"),
        goal: Goal::RatioAtMost(6.0),
    },
    Row {
        work: "sign-in in it, raw bcrypt",
        store: "postgres",
        unit: "sign-ins/s",
        baseline: Some(figure(RAW, "rps")),
        server: figure("storm/login", "rps"),
        goal: Goal::RatioAtLeast(0.85),
    },
    Row {
        work: "sign-in, 8 clients, busy cores",
        store: "postgres",
        unit: "sign-ins/s",
        baseline: Some(figure("crowd/quiet", "rps")),
        server: figure("crowd/loud", "rps"),
        goal: Goal::RatioAtLeast(0.3),
    },
    Row {
        work: "refused of these",
        store: "postgres",
        unit: "503",
        baseline: None,
        server: figure("crowd/loud", "refused"),
        goal: Goal::AtMost(0.0),
    },
    Row {
        unit: "searches/s",
        ..bare("find, one statement by pgbench", ["postgres", "search/postgres/pgbench", "search/postgres/server"], 0.5)
    },
    beside("me 200/s, alone : beside", ["submissions/quiet", "submissions/me"]),
    beside("sign-in, alone : beside", ["submissions/alone", "submissions/login"]),
    Row {
        work: "submissions, 2 x 2 MiB",
        store: "postgres",
        unit: "a second",
        baseline: None,
        server: figure("submissions/done", "rps"),
        goal: Goal::None,
    },
    memory("memory, idle", "memory/idle", 20.0),
    memory("memory, me load", "memory/me", 40.0),
    memory("memory, sign-in storm", "memory/storm", 100.0),
    Row {
        work: "start to the first 200",
        store: "postgres",
        unit: "ms",
        baseline: Some(figure("start/baseline", "ms")),
        server: figure("start/server", "ms"),
        goal: Goal::RatioAtMost(10.0),
    },
    peer("GET me, Express", "requests/s", [figure(ME_PEER, "rps"), figure(ME, "rps")], Goal::RatioAtLeast(8.0)),
    peer("GET me, Express", "p99 ms", [figure(ME_PEER, "p99"), figure(ME, "p99")], Goal::RatioAtMost(1.0)),
    peer("sign-in, Express", "sign-ins/s", [figure(LOGIN_PEER, "rps"), figure(LOGIN, "rps")], Goal::None),
    peer("sign-in, Express", "p99 ms", [figure(LOGIN_PEER, "p99"), figure(LOGIN, "p99")], Goal::RatioAtMost(1.0)),
];
