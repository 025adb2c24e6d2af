//! A running server.

use std::{
    fs, io,
    net::SocketAddr,
    path::PathBuf,
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
        let greeting = within(PATIENCE, "the greeting", || {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "{ended:?}: {}", fs::read_to_string(&log).unwrap());
            fs::read_to_string(&out).ok().filter(|text| text.contains("\n  root "))
        });
        let up = greeting.split_once("is up on http://").and_then(|(_, rest)| rest.lines().next()?.parse().ok());
        // It may be called by a public name, under which it is not to be found here.
        self.address = up.or_else(|| mailbox_address(&greeting));
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

/// The address in what is said of the local mailbox, which has no other name.
fn mailbox_address(greeting: &str) -> Option<SocketAddr> {
    let (_, rest) = greeting.split_once("kept here, see http://")?;
    rest.split_once('/')?.0.parse().ok()
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
