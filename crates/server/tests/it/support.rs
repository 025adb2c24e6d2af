//! Configurations from maps and temporary directories; the environment of the process is never read.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use tempfile::TempDir;
use vestibule_ports::Randomness;
use vestibule_server::config::{self, Config, Environment, Loaded, Problem, Sources};

/// A directory in which a `vestibule.toml` may lie.
pub(crate) struct Place {
    pub(crate) dir: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { dir: TempDir::new().unwrap() }
    }

    pub(crate) fn with_file(text: &str) -> Self {
        let place = Self::new();
        place.write("vestibule.toml", text);
        place
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// As [`Place::write`], for its owner alone.
    pub(crate) fn write_secret(&self, name: &str, text: &str) -> PathBuf {
        let path = self.write(name, text);
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        path
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn sources(&self, environment: &[(&str, &str)]) -> Sources {
        Sources {
            environment: environment.iter().copied().collect::<Environment>(),
            file: None,
            default_file: self.path("vestibule.toml"),
        }
    }

    pub(crate) fn load(&self, environment: &[(&str, &str)]) -> Loaded {
        config::load(&self.sources(environment)).unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) fn config(&self, environment: &[(&str, &str)]) -> Config {
        self.load(environment).config
    }

    pub(crate) fn problems(&self, environment: &[(&str, &str)]) -> Vec<Problem> {
        match config::load(&self.sources(environment)) {
            Ok(_) => panic!("the configuration was taken"),
            Err(error) => error.problems,
        }
    }

    /// The one problem there is, in words.
    pub(crate) fn problem(&self, environment: &[(&str, &str)]) -> String {
        let problems = self.problems(environment);
        assert_eq!(problems.len(), 1, "{problems:?}");
        problems[0].to_string()
    }
}

/// The configuration of an environment alone.
pub(crate) fn config(environment: &[(&str, &str)]) -> Config {
    Place::new().config(environment)
}

/// The one problem of an environment alone.
pub(crate) fn problem(environment: &[(&str, &str)]) -> String {
    Place::new().problem(environment)
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Bytes that never repeat, for tests only.
#[derive(Default)]
pub(crate) struct Counting(AtomicU64);

impl Randomness for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            chunk.copy_from_slice(&next[..chunk.len()]);
        }
    }
}

/// Starts anywhere, so that two sources differ.
pub(crate) fn counting_from(start: u64) -> Counting {
    Counting(AtomicU64::new(start))
}

pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";
