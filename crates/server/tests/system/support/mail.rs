//! A real mail server, and a way to it that can be shut.

use std::{
    env,
    io::{BufRead, BufReader, copy},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, channel},
    },
    thread::{self, JoinHandle},
};

use serde_json::Value;
use tempfile::TempDir;

use super::{Certificates, PATIENCE};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/lib/smtp-server.py");

/// A mail server called `localhost`, with STARTTLS and the account `user` / `secret`.
pub(crate) struct MailServer {
    child: Child,
    mails: Receiver<Value>,
    directory: TempDir,
    /// The port with STARTTLS.
    pub(crate) port: u16,
}

impl MailServer {
    pub(crate) fn start(options: &[&str]) -> Self {
        let directory = TempDir::new().unwrap();
        Certificates::of_this_machine().write(directory.path());
        let python = env::var("VESTIBULE_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let mut command = Command::new(&python);
        command.arg(SCRIPT).arg("--cert").arg(directory.path().join(Certificates::CERTIFICATE));
        command.arg("--key").arg(directory.path().join(Certificates::KEY)).args(options);
        let Ok(mut child) = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() else { not_started(&python) };
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let Some(Ok(ports)) = lines.next() else { not_started(&python) };
        let ports: Value = serde_json::from_str(&ports).unwrap();
        let port = u16::try_from(ports["starttls"].as_u64().unwrap()).unwrap();
        let (sender, mails) = channel();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                // The test may have seen enough.
                let _ = sender.send(serde_json::from_str(&line).unwrap());
            }
        });
        Self { child, mails, directory, port }
    }

    /// The certificate of the authority that vouches for the server.
    pub(crate) fn authority(&self) -> PathBuf {
        self.directory.path().join(Certificates::AUTHORITY)
    }

    /// The next message that the server took, waiting for it.
    pub(crate) fn taken(&self) -> Value {
        self.mails.recv_timeout(PATIENCE).expect("a mail")
    }

    /// Ends the server; fails if it took a message that was not asked for.
    pub(crate) fn took_no_more(mut self) {
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
        let left: Vec<Value> = self.mails.iter().collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn not_started(python: &str) -> ! {
    panic!(
        "the SMTP server of these tests did not start: {python} is missing or has no aiosmtpd. Run scripts/test, which \
         prepares one and names it in VESTIBULE_TEST_PYTHON."
    )
}

/// Passes connections to a port on; opened, it is as if a mail server had come up there.
pub(crate) struct Gate {
    address: SocketAddr,
    closed: Arc<AtomicBool>,
    porter: Option<JoinHandle<()>>,
}

/// A port that accepts connections and stays silent, like a hung mail server.
pub(crate) struct ShutGate(TcpListener);

impl ShutGate {
    pub(crate) fn on(port: u16) -> Self {
        Self(TcpListener::bind(("127.0.0.1", port)).unwrap())
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    /// Passes on what came so far, all at once, and what comes.
    pub(crate) fn open(self, to: u16) -> Gate {
        let Self(listener) = self;
        let address = listener.local_addr().unwrap();
        let closed = Arc::new(AtomicBool::new(false));
        let is_closed = Arc::clone(&closed);
        let porter = thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if is_closed.load(Ordering::SeqCst) {
                    return;
                }
                let server = TcpStream::connect(("127.0.0.1", to)).unwrap();
                pass(client.try_clone().unwrap(), server.try_clone().unwrap());
                pass(server, client);
            }
        });
        Gate { address, closed, porter: Some(porter) }
    }
}

impl Gate {
    pub(crate) fn open(port: u16, to: u16) -> Self {
        ShutGate::on(port).open(to)
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::SeqCst);
        // The accepting thread wakes up for a connection.
        let _ = TcpStream::connect(self.address);
        let _ = self.porter.take().map(JoinHandle::join);
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        let _ = copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
}
