//! Checks a configuration against this machine without changing anything, to find what would keep the server from starting.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use rustix::fs::{Access, access};
use socket2::{Domain, Socket, Type};

use super::{BlobPlace, Config, DataDirError, Problem, data_dir};

/// The findings.
#[derive(Debug, Default)]
pub struct Findings {
    /// Problems that keep the server from starting.
    pub problems: Vec<Problem>,
    pub warnings: Vec<String>,
}

/// Checks everything as this user: the secret and the SQLite file, the directories to write to, the addresses to listen on.
pub fn find(config: &Config) -> Findings {
    let mut findings = Findings::default();
    if let Err(error) = data_dir::check(config) {
        findings.refuse("the data directory", &error);
    }
    for directory in directories(config) {
        if let Err(source) = may_write_in(&directory) {
            findings.refuse("the data directory", &DataDirError::Io { path: directory, source });
        }
    }
    if let Some(file) = config.database.store.file()
        && file.exists()
        && let Err(error) = access(file, Access::READ_OK | Access::WRITE_OK)
    {
        findings.refuse("DATABASE_URL", &DataDirError::Io { path: file.to_owned(), source: error.into() });
    }
    findings.listen("VESTIBULE_LISTEN", config.server.listen);
    if let Some(address) = config.metrics_listen {
        findings.listen("VESTIBULE_METRICS_LISTEN", address);
    }
    findings
}

impl Findings {
    fn refuse(&mut self, place: &str, error: &DataDirError) {
        // A problem of the directory may be found twice.
        let problem = Problem::new(place, error.to_string(), "");
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn listen(&mut self, key: &str, address: SocketAddr) {
        match may_bind(address) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => self.warnings.push(format!(
                "something listens on {address} ({key}) already: unless it is this server, it keeps this one from starting"
            )),
            Err(error) => {
                let remedy = format!("set {key} to an address of this machine, and to a port that this user may use");
                self.problems.push(Problem::new(key, format!("cannot listen on {address}: {error}"), remedy));
            }
        }
    }
}

/// Directories in which the server creates files.
fn directories(config: &Config) -> Vec<PathBuf> {
    let data_dir = || config.server.data_dir.clone();
    let of_store = config.database.store.file().map(|file| [data_dir(), data_dir::home(file).to_owned()]);
    let of_blobs = match &config.blobs {
        BlobPlace::Folder(folder) | BlobPlace::Beside(folder) => Some(folder.clone()),
        // Uploads wait there.
        BlobPlace::S3(_) => Some(data_dir()),
        BlobPlace::Memory | BlobPlace::Nowhere => None,
    };
    let mut all: Vec<_> = of_store.into_iter().flatten().chain(of_blobs).collect();
    all.dedup();
    all
}

/// Whether files can be created in a directory, or the directory itself if it is missing.
fn may_write_in(directory: &Path) -> io::Result<()> {
    let above = directory.ancestors().map(|path| if path.as_os_str().is_empty() { Path::new(".") } else { path });
    let mut there = above.skip_while(|path| !path.exists());
    let Some(first) = there.next() else { return Err(io::ErrorKind::NotFound.into()) };
    if !first.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    Ok(access(first, Access::WRITE_OK | Access::EXEC_OK)?)
}

/// Whether this user may listen there. It only binds: connections meanwhile are refused as before.
fn may_bind(address: SocketAddr) -> io::Result<()> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())
}
