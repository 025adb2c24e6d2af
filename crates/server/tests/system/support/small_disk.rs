//! A disk that a test can fill.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

/// A small file system in memory; it is unmounted with this value.
pub(crate) struct SmallDisk {
    directory: TempDir,
}

impl SmallDisk {
    pub(crate) fn of_megabytes(size: u32) -> Self {
        let disk = Self { directory: TempDir::new().unwrap() };
        let size = format!("size={size}m");
        assert!(
            as_root(&["mount", "-t", "tmpfs", "-o", &size, "tmpfs", disk.at()]),
            "not run: only root, or who may use sudo without a password, can mount a small file system"
        );
        disk
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Gives it to the user that PostgreSQL runs as in tests.
    pub(crate) fn hand_to_postgres(&self) {
        let user = if rustix::process::getuid().is_root() {
            "postgres".to_owned()
        } else {
            rustix::process::getuid().as_raw().to_string()
        };
        assert!(as_root(&["chown", &user, self.at()]));
    }

    /// Takes all the room that is left.
    pub(crate) fn fill(&self) {
        let mut file = File::create(self.filler()).unwrap();
        for size in [65_536, 4_096, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
    }

    pub(crate) fn empty(&self) {
        fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.path().join("filler")
    }

    fn at(&self) -> &str {
        self.path().to_str().unwrap()
    }
}

fn as_root(command: &[&str]) -> bool {
    let sudo: &[&str] = if rustix::process::getuid().is_root() { &[] } else { &["sudo", "-n"] };
    let words: Vec<&str> = sudo.iter().chain(command).copied().collect();
    Command::new(words[0]).args(&words[1..]).status().is_ok_and(|status| status.success())
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a server that is being killed may still have files there.
        let unmounted = as_root(&["umount", "--lazy", self.at()]);
        assert!(unmounted || std::thread::panicking(), "the small file system was not unmounted");
    }
}
