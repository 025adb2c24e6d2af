//! Restarts of one node after the other behind a proxy, as docs/operations.md says: no client notices.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use serde_json::json;
use tempfile::TempDir;

use crate::support::{
    Account, Certificates, Database, PASSWORD, PATIENCE, Proxy, Server, Setup, contacts::email,
    rococoins::lasting_port, setup::SECRET, within,
};

/// How many clients send requests at once, each again as soon as it is answered.
const CLIENTS: usize = 4;
/// For longer than a balancer takes to notice that a node is ready, or not.
const A_WHILE: Duration = Duration::from_millis(1_500);

/// Two nodes of one database, with a proxy before them.
struct Nodes {
    _database: Database,
    setups: [Setup; 2],
    servers: [Option<Server>; 2],
    account: Account,
}

impl Nodes {
    fn start(drain_seconds: &str) -> Self {
        let database = Database::empty();
        let setups = [0, 1].map(|_| {
            Setup::postgres(&database)
                .unlimited()
                .with("VESTIBULE_SECRET", SECRET)
                .with("VESTIBULE_TRUSTED_PROXIES", "127.0.0.1")
                .with("VESTIBULE_DRAIN_SECONDS", drain_seconds)
                .with("VESTIBULE_LISTEN", format!("127.0.0.1:{}", lasting_port()))
        });
        let servers = [0, 1].map(|number: usize| setups[number].start());
        let account = servers[0].register(&email());
        Self { _database: database, setups, servers: servers.map(Some), account }
    }

    fn addresses(&self) -> [SocketAddr; 2] {
        [0, 1].map(|number: usize| self.servers[number].as_ref().unwrap().address())
    }

    /// Ends a node as a service manager does, and starts it again.
    fn restart(&mut self, number: usize) {
        self.servers[number].take().unwrap().stop();
        let server = self.setups[number].start();
        within(PATIENCE, "a node that is ready", || (server.get("/health/ready").status == 200).then_some(()));
        self.servers[number] = Some(server);
    }
}

/// A client of the proxy, which sees no node.
struct Client {
    proxy: SocketAddr,
    authority: PathBuf,
}

impl Client {
    fn curl(&self, path: &str, arguments: &[&str]) -> String {
        let port = self.proxy.port();
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--max-time", "30", "--write-out", " %{http_code}", "--cacert"])
            .arg(&self.authority)
            .args(arguments)
            .arg(format!("https://localhost:{port}{path}"))
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{path}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Reads the account and signs in again and again, until it is told to stop; returns the number of requests. Each must
    /// succeed.
    fn ask(&self, account: &Account, enough: &AtomicBool) -> usize {
        let token = format!("Authorization: Bearer {}", account.token);
        let sign_in = json!({ "email": account.email, "password": PASSWORD }).to_string();
        let mut asked = 0;
        while !enough.load(Ordering::Relaxed) {
            let answers =
                [self.curl("/api/auth/me", &["--header", &token]), self.curl("/api/auth/login", &["--json", &sign_in])];
            for answer in answers {
                assert!(answer.ends_with(" 200"), "after {asked} requests: {answer}");
                asked += 1;
            }
        }
        asked
    }
}

/// Restarts both nodes in turn while clients ask by way of the proxy.
fn assert_unnoticed(nodes: &mut Nodes, client: &Client, restart: impl Fn(&mut Nodes, usize)) {
    let (enough, account) = (AtomicBool::new(false), nodes.account.clone());
    let asked: usize = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(|| client.ask(&account, &enough))).collect();
        for number in [0, 1] {
            thread::sleep(A_WHILE);
            restart(nodes, number);
        }
        thread::sleep(A_WHILE);
        enough.store(true, Ordering::Relaxed);
        clients.into_iter().map(|client| client.join().unwrap()).sum()
    });
    println!("{asked} requests, none failed");
    assert!(asked > 4 * CLIENTS, "{asked} requests are too few");
}

fn certificates() -> TempDir {
    let folder = TempDir::new().unwrap();
    Certificates::of_this_machine().write(folder.path());
    folder
}

fn client(proxy: &Proxy, certificates: &Path) -> Client {
    Client { proxy: proxy.address(), authority: certificates.join(Certificates::AUTHORITY) }
}

#[test]
fn nodes_behind_nginx_are_marked_down_and_restarted_one_by_one() {
    let (mut nodes, certificates) = (Nodes::start("0"), certificates());
    let proxy = Proxy::deployed_nginx(nodes.addresses(), certificates.path());
    let client = client(&proxy, certificates.path());
    assert_unnoticed(&mut nodes, &client, |nodes, number| {
        let up = format!("server {} max_fails=0;", nodes.addresses()[number]);
        let down = up.replace(';', " down;");
        proxy.reconfigure(|text| text.replace(&up, &down));
        thread::sleep(A_WHILE);
        nodes.restart(number);
        proxy.reconfigure(|text| text.replace(&down, &up));
    });
}

#[test]
fn nodes_behind_haproxy_say_that_they_are_about_to_stop() {
    let (mut nodes, certificates) = (Nodes::start("3"), certificates());
    let proxy = Proxy::deployed_haproxy(nodes.addresses(), certificates.path());
    let client = client(&proxy, certificates.path());
    assert_unnoticed(&mut nodes, &client, Nodes::restart);
}
