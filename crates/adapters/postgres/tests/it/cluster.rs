//! A cluster of its own for a test.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use vestibule_ports::Store;
use vestibule_postgres::{PostgresOptions, PostgresStore};

use crate::database::server_url;

/// A shell that runs the cluster and takes orders by its standard input; at the end of its input it removes all.
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

/// A cluster that a test may stop, start and fail over.
pub(crate) struct Server {
    shell: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    pub(crate) url: String,
}

impl Server {
    pub(crate) fn start() -> Self {
        // Where the tests were given no server, this one says so like all others.
        drop(server_url());
        let functions = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../scripts/lib/postgres.sh");
        let mut shell = Command::new("bash")
            .args(["-c", SHELL, "bash", functions])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = shell.stdin.take();
        let answers = BufReader::new(shell.stdout.take().unwrap());
        let mut server = Self { shell, orders, answers, url: String::new() };
        server.url = server.answer();
        server
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the cluster was not started; its shell says why");
        line.trim_end().to_owned()
    }

    pub(crate) fn order(&mut self, order: &str) {
        writeln!(self.orders.as_mut().unwrap(), "{order}").unwrap();
        assert_eq!(self.answer(), "done");
    }

    /// Makes a standby that follows this server; its URL.
    pub(crate) fn standby(&mut self) -> String {
        writeln!(self.orders.as_mut().unwrap(), "standby").unwrap();
        let url = self.answer();
        assert_eq!(self.answer(), "done");
        url
    }

    pub(crate) async fn store(&self) -> PostgresStore {
        let store = PostgresStore::connect_lazy(&self.url, PostgresOptions::default()).unwrap();
        store.migrate().await.unwrap();
        store
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.orders.take());
        let ended = self.shell.wait();
        assert!(ended.is_ok() || std::thread::panicking(), "the cluster was not removed");
    }
}
