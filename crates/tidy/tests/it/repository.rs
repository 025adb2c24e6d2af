//! The repository as the rules see it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The files that are tracked, or new and not ignored.
pub(crate) struct Repository {
    root: PathBuf,
    files: Vec<String>,
}

impl Repository {
    /// Lists the repository that this crate lies in.
    pub(crate) fn open() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_path_buf();
        let output = Command::new("git")
            // A clone that belongs to another user is read all the same.
            .args(["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(&root)
            .output()
            .expect("the tidy tests need git");
        assert!(output.status.success(), "git ls-files: {}", String::from_utf8_lossy(&output.stderr));
        let listed = String::from_utf8(output.stdout).unwrap();
        let mut files: Vec<String> = listed.split_terminator('\0').map(ToOwned::to_owned).collect();
        files.sort();
        files.dedup();
        files.retain(|file| root.join(file).is_file());
        assert!(files.iter().any(|file| file == "Cargo.toml"), "git ls-files did not list the workspace");
        Self { root, files }
    }

    /// Every file, relative to the root.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }

    /// The files with an ending such as `.rs`.
    pub(crate) fn ending(&self, ending: &str) -> impl Iterator<Item = &str> {
        self.files().filter(move |file| file.ends_with(ending))
    }

    /// The text of a file; `None` if it is gone or not text.
    pub(crate) fn text(&self, file: &str) -> Option<String> {
        fs::read_to_string(self.root.join(file)).ok()
    }

    /// The place of a file on disk.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.root.join(file)
    }

    /// Whether a file or folder exists.
    pub(crate) fn exists(&self, file: &str) -> bool {
        self.root.join(file).exists()
    }
}

/// Fails with every violation on a line of its own.
pub(crate) fn assert_none(rule: &str, violations: &[String]) {
    assert!(violations.is_empty(), "{rule}:\n  {}", violations.join("\n  "));
}
