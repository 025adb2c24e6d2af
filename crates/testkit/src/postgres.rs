//! The PostgreSQL for tests: the shared one, or a cluster of their own.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test that has no PostgreSQL is to fail on the spot"
)]

use std::{
    env,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// The script whose functions start and find PostgreSQL.
pub const POSTGRES_FUNCTIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/lib/postgres.sh");

/// A shell that runs the cluster and takes orders on its standard input; at the end of input it removes everything.
const SHELL: &str = r#"
set -eu
. "$1"
POSTGRES_FSYNC=off
postgres_up
echo "$VESTIBULE_TEST_POSTGRES_URL"
while read -r order; do
    "postgres_$order"
    echo done
done
"#;

/// The URL of the server that all tests use.
pub fn postgres_url() -> String {
    env::var("VESTIBULE_TEST_POSTGRES_URL").unwrap_or_else(|_| {
        panic!(
            "not run: VESTIBULE_TEST_POSTGRES_URL names no PostgreSQL server. `scripts/test` starts one for all tests; \
             for a shell of your own: `. scripts/lib/postgres.sh; postgres_up`"
        )
    })
}

/// A cluster that a test may stop, start and fail over; removed when it is dropped.
#[derive(Debug)]
pub struct PostgresCluster {
    shell: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    url: String,
}

impl PostgresCluster {
    /// Starts a cluster.
    pub fn start() -> Self {
        // If the tests were given no server, this one reports it like all others.
        drop(postgres_url());
        let mut shell = Command::new("bash")
            .args(["-c", SHELL, "bash", POSTGRES_FUNCTIONS])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = shell.stdin.take();
        let answers = BufReader::new(shell.stdout.take().unwrap());
        let mut cluster = Self { shell, orders, answers, url: String::new() };
        cluster.url = cluster.answer();
        cluster
    }

    /// The URL of its server.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs `postgres_<order>` of the script, such as `halt` (like a crash) or `resume` (on the same port).
    pub fn order(&mut self, order: &str) {
        self.send(order);
        assert_eq!(self.answer(), "done");
    }

    /// Creates a standby that follows this server; returns its URL.
    pub fn standby(&mut self) -> String {
        self.send("standby");
        let url = self.answer();
        assert_eq!(self.answer(), "done");
        url
    }

    fn send(&mut self, order: &str) {
        writeln!(self.orders.as_mut().unwrap(), "{order}").unwrap();
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the cluster was not started; its shell says why");
        line.trim_end().to_owned()
    }
}

impl Drop for PostgresCluster {
    fn drop(&mut self) {
        drop(self.orders.take());
        let ended = self.shell.wait();
        assert!(ended.is_ok() || std::thread::panicking(), "the cluster was not removed");
    }
}
