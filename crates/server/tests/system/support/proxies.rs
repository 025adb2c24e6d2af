//! nginx and `HAProxy` as Debian has them, before a server; and `PgBouncer`, behind it.

use std::{
    env,
    fs::{self, Permissions},
    net::{SocketAddr, TcpStream},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::{PATIENCE, certificates::Certificates, rococoins::lasting_port, within};

/// How long a proxy waits for the next byte; by default it is 50 s and more. Longer than the pauses of a young stream.
pub(crate) const IDLE_SECONDS: u64 = 6;

/// How nginx is told its configuration.
const NGINX: &[&str] = &["-e", "stderr", "-c"];
/// The file of the configuration, in the folder of a proxy.
const CONFIGURATION: &str = "configuration";

/// A proxy as a child process; it ends with this value.
pub(crate) struct Proxy {
    command: Vec<String>,
    child: Child,
    address: SocketAddr,
    directory: TempDir,
}

impl Proxy {
    /// nginx with what it does by default, but for the time; `docs/operations.md` shows the location.
    pub(crate) fn nginx(server: SocketAddr) -> Self {
        let configuration = |folder: &Path, address: SocketAddr| {
            nginx_with(
                folder,
                &format!(
                    "gzip on;
                    server {{
                        listen {address};
                        location / {{
                            proxy_pass http://{server};
                            proxy_read_timeout {IDLE_SECONDS}s;
                            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                            proxy_set_header Forwarded \"\";
                            proxy_set_header X-Request-Id $request_id;
                        }}
                    }}"
                ),
            )
        };
        Self::start("VESTIBULE_TEST_NGINX", NGINX, configuration)
    }

    /// nginx with `deploy/nginx.conf` before two nodes, and certificates of a folder.
    pub(crate) fn deployed_nginx(nodes: [SocketAddr; 2], certificates: &Path) -> Self {
        let configuration = |folder: &Path, address: SocketAddr| {
            let deployed = deployed("nginx.conf", nodes)
                .replace("listen 80;", &format!("listen 127.0.0.1:{};", lasting_port()))
                .replace("listen 443 ssl;", &format!("listen {address} ssl;"))
                .replace("/etc/ssl/certs/accounts.example.org.pem", &path(certificates, Certificates::CERTIFICATE))
                .replace("/etc/ssl/private/accounts.example.org.key", &path(certificates, Certificates::KEY));
            nginx_with(folder, &deployed)
        };
        Self::start("VESTIBULE_TEST_NGINX", NGINX, configuration)
    }

    /// `HAProxy` with `deploy/haproxy.cfg` before two nodes, and certificates of a folder.
    pub(crate) fn deployed_haproxy(nodes: [SocketAddr; 2], certificates: &Path) -> Self {
        let configuration = |folder: &Path, address: SocketAddr| {
            let [certificate, key] = [Certificates::CERTIFICATE, Certificates::KEY]
                .map(|name| fs::read_to_string(certificates.join(name)).unwrap());
            fs::write(folder.join("pair.pem"), certificate + &key).unwrap();
            deployed("haproxy.cfg", nodes)
                .replace("bind :443", &format!("bind {address}"))
                .replace("/etc/ssl/private/accounts.example.org.pem", &path(folder, "pair.pem"))
        };
        Self::start("VESTIBULE_TEST_HAPROXY", &["-db", "-f"], configuration)
    }

    /// Changes its configuration and has it read that (nginx).
    pub(crate) fn reconfigure(&self, change: impl FnOnce(String) -> String) {
        let file = self.directory.path().join(CONFIGURATION);
        fs::write(&file, change(fs::read_to_string(&file).unwrap())).unwrap();
        self.reload();
    }

    /// `HAProxy` with Debian's defaults, but for the time; `docs/operations.md` shows the backend.
    pub(crate) fn haproxy(server: SocketAddr) -> Self {
        let configuration = |_: &Path, address: SocketAddr| {
            format!(
                "defaults
                    mode http
                    option dontlognull
                    timeout connect 5000
                    timeout client {IDLE_SECONDS}s
                    timeout server {IDLE_SECONDS}s
                frontend all
                    bind {address}
                    default_backend vestibule
                backend vestibule
                    option forwardfor
                    http-request del-header Forwarded
                    server one {server}\n"
            )
        };
        Self::start("VESTIBULE_TEST_HAPROXY", &["-db", "-f"], configuration)
    }

    /// `PgBouncer` with its defaults, before the PostgreSQL of a URL, with at most this many sessions.
    pub(crate) fn pgbouncer(url: &str, mode: &str, sessions: u32) -> Self {
        let (_, server) = url.rsplit_once('@').unwrap();
        let (server, _) = server.split_once('/').unwrap();
        let (host, port) = server.rsplit_once(':').unwrap();
        let configuration = |folder: &Path, address: SocketAddr| {
            format!(
                "[databases]
                * = host={host} port={port} user=postgres
                [pgbouncer]
                listen_addr = {}
                listen_port = {}
                unix_socket_dir =
                auth_type = any
                pool_mode = {mode}
                default_pool_size = {sessions}
                max_client_conn = 200
                logfile = {}\n",
                address.ip(),
                address.port(),
                folder.join("log").display()
            )
            .replace("                ", "")
        };
        // It refuses to run as root.
        let user: &[&str] = if rustix::process::getuid().is_root() { &["-u", "nobody"] } else { &[] };
        Self::start("VESTIBULE_TEST_PGBOUNCER", user, configuration)
    }

    fn start(variable: &str, arguments: &[&str], configuration: impl Fn(&Path, SocketAddr) -> String) -> Self {
        let program = env::var(variable)
            .unwrap_or_else(|_| panic!("not run: {variable} names no proxy. `scripts/test` installs one and sets it"));
        let directory = TempDir::new().unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], lasting_port()));
        // A program that is to run as another user writes here too.
        fs::set_permissions(directory.path(), Permissions::from_mode(0o777)).unwrap();
        let file = directory.path().join(CONFIGURATION);
        fs::write(&file, configuration(directory.path(), address)).unwrap();
        // It does not outlive a test that is killed.
        let mut command = vec!["--pdeathsig".to_owned(), "TERM".to_owned(), program];
        command.extend(arguments.iter().map(|&argument| argument.to_owned()));
        command.push(file.display().to_string());
        let child = launch(&command, address);
        Self { command, child, address, directory }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it, with all its connections, and starts it again.
    pub(crate) fn restart(&mut self) {
        self.end();
        self.child = launch(&self.command, self.address);
    }

    /// Has it read its configuration again (nginx).
    pub(crate) fn reload(&self) {
        kill_process(Pid::from_child(&self.child), Signal::HUP).unwrap();
    }

    fn end(&mut self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        self.child.wait().unwrap();
    }
}

/// The whole configuration of an nginx that serves what is given.
fn nginx_with(folder: &Path, servers: &str) -> String {
    let folder = folder.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {folder}/{name};"))
        .join("\n");
    format!(
        "user root; daemon off; error_log stderr; pid {folder}/pid; events {{}}
        http {{
            {temporary}
            access_log off;
            {servers}
        }}\n"
    )
}

/// A file of `deploy/`, with the addresses of these nodes.
fn deployed(name: &str, nodes: [SocketAddr; 2]) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    let text = fs::read_to_string(folder.join(name)).unwrap();
    text.replace("10.0.0.1:3000", &nodes[0].to_string()).replace("10.0.0.2:3000", &nodes[1].to_string())
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

fn launch(command: &[String], address: SocketAddr) -> Child {
    let mut child = Command::new("setpriv").args(command).spawn().unwrap();
    within(PATIENCE, "a proxy that listens", || {
        let ended = child.try_wait().unwrap();
        assert!(ended.is_none(), "{command:?} has ended with {ended:?}");
        TcpStream::connect(address).ok()
    });
    child
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.end();
    }
}
