//! A running server.

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ExitStatus},
    sync::Arc,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use super::{Connection, PATIENCE, Reply, Request, within};

/// The server as a child process; it is killed with this value.
pub(crate) struct Server {
    child: Child,
    out: PathBuf,
    log: PathBuf,
    address: Option<SocketAddr>,
    /// Not removed before the server has ended.
    _directory: Arc<TempDir>,
}

impl Server {
    /// A child that writes into these files of a directory.
    pub(super) fn new(child: Child, directory: Arc<TempDir>, (out, log): (PathBuf, PathBuf)) -> Self {
        Self { child, out, log, address: None, _directory: directory }
    }

    /// Waits for the greeting.
    pub(crate) fn wait_until_up(&mut self) {
        let (out, log) = (self.out.clone(), self.log.clone());
        let facts = within(PATIENCE, "the greeting", || {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "{ended:?}: {}", fs::read_to_string(&log).unwrap());
            facts(&out)
        });
        self.address = facts["listen"].as_str().and_then(|address| address.parse().ok());
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address.expect("the server is up")
    }

    /// What was written to standard output: the greeting, a line of JSON where log lines are.
    pub(crate) fn greeting(&self) -> String {
        fs::read_to_string(&self.out).unwrap()
    }

    /// A fact of the greeting.
    pub(crate) fn fact(&self, name: &str) -> String {
        let facts = facts(&self.out).unwrap_or_else(|| panic!("{}", self.greeting()));
        facts[name].as_str().unwrap_or_else(|| panic!("no {name} in {facts}")).to_owned()
    }

    /// What has been logged until now.
    pub(crate) fn log(&self) -> String {
        // A line waits in the server for at most 50 ms.
        std::thread::sleep(Duration::from_millis(120));
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

    /// How much memory the process has, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        self.memory_of("VmRSS:")
    }

    /// The same, from which on [`Self::peak_memory`] is counted anew.
    pub(crate) fn peak_memory_since_now(&self) -> u64 {
        // Only root may, since the server keeps its memory private; for others the peak is that since the start.
        let _ = fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5");
        self.memory()
    }

    /// How much memory the process had at most, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        self.memory_of("VmHWM:")
    }

    fn memory_of(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let kilobytes = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        kilobytes.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1_024
    }

    /// What the kernel shows of the process in a file of `/proc`.
    pub(crate) fn proc(&self, file: &str) -> PathBuf {
        format!("/proc/{}/{file}", self.child.id()).into()
    }

    pub(crate) fn signal(&self, signal: Signal) {
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

    /// The code that it has ended with, if it has.
    pub(crate) fn ended(&mut self) -> Option<i32> {
        self.child.try_wait().unwrap().and_then(|status| status.code())
    }

    /// Asks it to end, which it does well.
    pub(crate) fn stop(mut self) {
        self.terminate();
        let status = self.wait(PATIENCE);
        assert_eq!(status.code(), Some(0), "{}", self.log());
    }
}

/// The greeting, in either form; none until it is whole.
fn facts(out: &Path) -> Option<Value> {
    let text = fs::read_to_string(out).ok()?;
    if let Ok(facts) = serde_json::from_str(&text) {
        return Some(facts);
    }
    // Text names the listener in a line of its own where the URL is another one.
    let (_, rest) = text.contains("\n  root ").then(|| text.split_once("is up on http://"))??;
    let url = rest.lines().next()?;
    let listen = text.lines().find_map(|line| line.strip_prefix("  listen   ")).unwrap_or(url);
    Some(serde_json::json!({ "listen": listen }))
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
