//! A fresh database for a test, on the server of all tests or on one that a test may stop.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

const FUNCTIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/lib/postgres.sh");

/// A database that is dropped with this value.
pub(crate) struct Database {
    name: String,
}

impl Database {
    /// An empty database: the server migrates it.
    pub(crate) fn empty() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("vestibule_system_{}_{number}", std::process::id());
        query(&server_url(), &format!("CREATE DATABASE {name}"));
        Self { name }
    }

    pub(crate) fn url(&self) -> String {
        let server = server_url();
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
        let dropped = psql(&server_url(), &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)).output();
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
    command.args(["-c", SHELL, "bash", FUNCTIONS, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, url]);
    command
}

fn server_url() -> String {
    env::var("VESTIBULE_TEST_POSTGRES_URL").unwrap_or_else(|_| {
        panic!(
            "not run: VESTIBULE_TEST_POSTGRES_URL names no PostgreSQL server. `scripts/test` starts one for all tests; \
             for a shell of your own: `. scripts/lib/postgres.sh; postgres_up`"
        )
    })
}

/// A shell that runs a cluster and takes orders by its standard input; at the end of its input it removes all.
const CLUSTER: &str = r#"
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

/// A cluster that a test may stop and start.
pub(crate) struct Cluster {
    shell: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    pub(crate) url: String,
}

impl Cluster {
    pub(crate) fn start() -> Self {
        // Where the tests were given no server, this one says so like all others.
        drop(server_url());
        let mut shell = Command::new("bash")
            .args(["-c", CLUSTER, "bash", FUNCTIONS])
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

    /// Stops the server as a crash would.
    pub(crate) fn halt(&mut self) {
        self.order("halt");
    }

    /// Starts it again, on the same port.
    pub(crate) fn resume(&mut self) {
        self.order("resume");
    }

    fn order(&mut self, order: &str) {
        writeln!(self.orders.as_mut().unwrap(), "{order}").unwrap();
        assert_eq!(self.answer(), "done");
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the cluster was not started; its shell says why");
        line.trim_end().to_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.orders.take());
        let ended = self.shell.wait();
        assert!(ended.is_ok() || std::thread::panicking(), "the cluster was not removed");
    }
}
