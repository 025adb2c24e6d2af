//! A fresh database for a test, on the server of all tests or on one that a test may stop.

use std::{
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use vestibule_testkit::postgres::{POSTGRES_FUNCTIONS, postgres_url};

/// A database that is dropped with this value.
pub(crate) struct Database {
    name: String,
}

impl Database {
    /// An empty database: the server migrates it.
    pub(crate) fn empty() -> Self {
        Self::made("")
    }

    /// An empty database that is made with these words.
    pub(crate) fn made(how: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("vestibule_system_{}_{number}", std::process::id());
        query(&postgres_url(), &format!("CREATE DATABASE {name} {how}"));
        Self { name }
    }

    pub(crate) fn url(&self) -> String {
        let server = postgres_url();
        let (server, _) = server.rsplit_once('/').unwrap_or_else(|| panic!("{server} names no database"));
        format!("{server}/{}", self.name)
    }

    /// Runs a statement past the server, and gives what it answers.
    pub(crate) fn query(&self, sql: &str) -> String {
        query(&self.url(), sql)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let dropped = psql(&postgres_url(), &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)).output();
        assert!(dropped.is_ok() || std::thread::panicking(), "the database {} was not dropped", self.name);
    }
}

/// Runs a statement, and gives what it answers.
pub(crate) fn query(url: &str, sql: &str) -> String {
    let output = psql(url, sql).output().unwrap();
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// The client that comes with every server.
fn psql(url: &str, sql: &str) -> Command {
    const SHELL: &str = r#". "$1"; if bin=$(postgres_find); then PATH=$bin:$PATH; fi; shift; exec psql "$@""#;
    let mut command = Command::new("bash");
    command.args([
        "-c",
        SHELL,
        "bash",
        POSTGRES_FUNCTIONS,
        "-X",
        "-q",
        "-A",
        "-t",
        "-v",
        "ON_ERROR_STOP=1",
        "-c",
        sql,
        url,
    ]);
    command
}
