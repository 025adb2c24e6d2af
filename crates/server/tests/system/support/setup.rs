//! A configuration and a directory, from which the binary is run as often as wanted.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{PipeWriter, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError},
    },
    thread,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use super::{Database, PATIENCE, Server};

/// The binary under test.
const BINARY: &str = env!("CARGO_BIN_EXE_vestibule");
/// The secret where one must be given.
pub(crate) const SECRET: &str = "5a1f0c6e9b7d42388e11c0a4d27f6b935ce80d14a6f97b20";

/// A data directory and an environment without anything else in it.
pub(crate) struct Setup {
    directory: Arc<TempDir>,
    environment: BTreeMap<&'static str, String>,
    user: Option<u32>,
}

/// What a command that has ended answered.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Fails unless the command ended with this code, and gives what it wrote.
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }

    /// Fails unless the command was refused with this code and said this.
    pub(crate) fn expect_refusal(self, code: i32, words: &str) {
        let outcome = self.expect(code);
        assert!(outcome.stderr.contains(words), "{words:?} is not said in {outcome:?}");
    }
}

impl Setup {
    fn new() -> Self {
        let setup = Self { directory: Arc::new(TempDir::new().unwrap()), environment: BTreeMap::new(), user: None };
        let data = setup.data_dir().display().to_string();
        setup
            .with("VESTIBULE_LISTEN", "127.0.0.1:0")
            .with("VESTIBULE_METRICS_LISTEN", "off")
            .with("VESTIBULE_BCRYPT_COST", "10")
            .with("VESTIBULE_DATA_DIR", data)
    }

    /// With the defaults: a SQLite file in the data directory.
    pub(crate) fn sqlite() -> Self {
        Self::new()
    }

    pub(crate) fn memory() -> Self {
        Self::new().with("DATABASE_URL", "memory:")
    }

    pub(crate) fn postgres(database: &Database) -> Self {
        Self::at(&database.url())
    }

    /// With a database URL, and a secret.
    pub(crate) fn at(url: &str) -> Self {
        Self::new().with("DATABASE_URL", url).with("VESTIBULE_SECRET", SECRET)
    }

    pub(crate) fn with(mut self, variable: &'static str, value: impl Into<String>) -> Self {
        self.environment.insert(variable, value.into());
        self
    }

    /// The same directory and environment once more.
    pub(crate) fn again(&self) -> Self {
        Self { directory: Arc::clone(&self.directory), environment: self.environment.clone(), user: self.user }
    }

    pub(crate) fn without(mut self, variable: &'static str) -> Self {
        self.environment.remove(variable);
        self
    }

    /// Without what is counted per source and mailbox.
    pub(crate) fn unlimited(self) -> Self {
        self.with("VESTIBULE_LIMITS", "off")
    }

    /// Root may write everywhere, so the server runs as another user.
    pub(crate) fn unprivileged(mut self) -> Self {
        const NOBODY: u32 = 65_534;
        if rustix::process::getuid().is_root() {
            std::os::unix::fs::chown(self.directory.path(), Some(NOBODY), Some(NOBODY)).unwrap();
            self.user = Some(NOBODY);
        }
        self
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.path("data")
    }

    /// The SQLite file.
    pub(crate) fn database_file(&self) -> PathBuf {
        self.data_dir().join("vestibule.db")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        Path::join(self.directory.path(), name)
    }

    /// Starts the server and waits until it says that it is up.
    pub(crate) fn start(&self) -> Server {
        let mut server = self.launch();
        server.wait_until_up();
        server
    }

    /// Ends a server as a crash would, and starts it again on what it left.
    pub(crate) fn restart_after_crash(&self, mut server: Server) -> Server {
        server.kill();
        server.wait(PATIENCE);
        drop(server);
        self.start()
    }

    /// Starts the server and does not wait.
    pub(crate) fn launch(&self) -> Server {
        self.launch_onto(None, None)
    }

    /// Starts the server with pipes as its standard output and standard error, or the files that are read otherwise.
    pub(crate) fn launch_onto(&self, stdout: Option<PipeWriter>, stderr: Option<PipeWriter>) -> Server {
        let number = fs::read_dir(self.directory.path()).unwrap().count();
        let (out, log) = (self.path(&format!("{number}.out")), self.path(&format!("{number}.log")));
        let mut command = self.command();
        let onto = |pipe: Option<PipeWriter>, file| {
            let file = File::create(file).unwrap();
            pipe.map_or_else(|| Stdio::from(file), Stdio::from)
        };
        command.stdout(onto(stdout, &out)).stderr(onto(stderr, &log));
        Server::new(command.stdin(Stdio::null()).spawn().unwrap(), Arc::clone(&self.directory), (out, log))
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        self.run_with_input(arguments, "")
    }

    /// Runs a command that reads its standard input; one that does not end is killed, and has no code.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Outcome {
        let mut child = self.spawn(arguments);
        // Not every command reads it.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let (ended, watch) = mpsc::channel::<()>();
        let process = Pid::from_child(&child);
        thread::spawn(move || {
            if watch.recv_timeout(4 * PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let _ = kill_process(process, Signal::KILL);
            }
        });
        let output = child.wait_with_output().unwrap();
        drop(ended);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Outcome { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Starts a command with pipes to it.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Child {
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    fn command(&self) -> Command {
        let mut command = match self.user {
            None => Command::new(BINARY),
            Some(user) => {
                let mut command = Command::new("setpriv");
                command.args([format!("--reuid={user}"), format!("--regid={user}"), "--clear-groups".to_owned()]);
                command.arg(BINARY);
                command
            }
        };
        command.env_clear().envs(&self.environment).current_dir(self.directory.path());
        command
    }
}

/// A loopback port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
