//! A running server.

use std::{
    fs, io,
    net::SocketAddr,
    path::PathBuf,
    process::{Child, ExitStatus},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{Connection, PATIENCE, Reply, Request, within};

/// The server as a child process; it is killed with this value.
pub(crate) struct Server {
    child: Child,
    out: PathBuf,
    log: PathBuf,
    address: Option<SocketAddr>,
}

impl Server {
    pub(super) fn new(child: Child, out: PathBuf, log: PathBuf) -> Self {
        Self { child, out, log, address: None }
    }

    /// Waits for the greeting.
    pub(crate) fn wait_until_up(&mut self) {
        let (out, log) = (self.out.clone(), self.log.clone());
        let greeting = within(PATIENCE, "the greeting", || {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "{ended:?}: {}", fs::read_to_string(&log).unwrap());
            fs::read_to_string(&out).ok().filter(|text| text.contains("\n  root "))
        });
        let (_, rest) = greeting.split_once("is up on http://").unwrap();
        self.address = Some(rest.lines().next().unwrap().parse().unwrap());
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address.expect("the server is up")
    }

    /// What was written to standard output.
    pub(crate) fn greeting(&self) -> String {
        fs::read_to_string(&self.out).unwrap()
    }

    /// What has been logged until now.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// What has been logged until now, which is one JSON object a line.
    pub(crate) fn log_lines(&self) -> Vec<Value> {
        self.log().lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection::open(self.address()).unwrap()
    }

    /// A request on a connection of its own, which may fail if the server is ended meanwhile.
    pub(crate) fn try_call(&self, request: &Request) -> io::Result<Reply> {
        Connection::open(self.address())?.call(request)
    }

    /// A request on a connection of its own.
    pub(crate) fn call(&self, request: &Request) -> Reply {
        self.try_call(request).unwrap_or_else(|error| panic!("{error}: {request:?}\n{}", self.log()))
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.call(&Request::get(path))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        self.call(&Request::post(path, body))
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Asks it to end.
    pub(crate) fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Ends it as a crash would.
    pub(crate) fn kill(&self) {
        self.signal(Signal::KILL);
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self, time: Duration) -> ExitStatus {
        within(time, "the end of the server", || self.child.try_wait().unwrap())
    }

    /// Asks it to end, which it does well.
    pub(crate) fn stop(mut self) {
        self.terminate();
        let status = self.wait(PATIENCE);
        assert_eq!(status.code(), Some(0), "{}", self.log());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("{}\n{}", self.greeting(), self.log());
        }
    }
}
