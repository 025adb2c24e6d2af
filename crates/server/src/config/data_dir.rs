//! The data directory: the generated secret, and the mark that a database was created.
//!
//! Both exist to fail closed: a lost secret or SQLite file stops the start and is never silently replaced. To open a SQLite
//! store, call [`secret`] first, and [`mark_initialised`] once its schema is there.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf, absolute},
    process,
};

use secrecy::SecretString;
use vestibule_ports::{Randomness, RandomnessExt};

use super::{
    Config, Kept,
    modes::{self, Access},
    resolve::MIN_SECRET_BYTES,
};

/// Why the data directory prevents the start; every text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// A file or directory cannot be read or written.
    #[error("{path} cannot be used: {source}; give this user a directory to write in as VESTIBULE_DATA_DIR", path = path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Every user of the machine may read the secret.
    #[error(
        "every user of this machine may read {path} (mode {mode:04o}), so it is no longer a secret; if no one has read it, run \
         `chmod 600 {path}`, otherwise put a new one in its place (`openssl rand -hex 32`, mode 0600) and run `vestibule secret \
         adopt --yes`, which ends all tokens, codes and waiting mail, and makes stored documents unreadable",
        path = path.display()
    )]
    SecretReadable {
        /// The secret's file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file does not hold a secret.
    #[error("{path} does not hold a secret of at least 32 bytes; restore it, or set VESTIBULE_SECRET", path = path.display())]
    SecretMalformed {
        /// The secret's file.
        path: PathBuf,
    },
    /// There is a database, but its secret is gone.
    #[error(
        "the secret {secret} is missing, but {evidence} shows that a database was used with it; restore it, or set \
         VESTIBULE_SECRET to what it was; to go on with a new one, which ends all tokens, codes and waiting mail, and makes \
         stored documents unreadable, put the output of `openssl rand -hex 32` into {secret} with mode 0600 and run `vestibule secret adopt --yes`",
        secret = secret.display(), evidence = evidence.display()
    )]
    SecretMissing {
        /// The path where it should be.
        secret: PathBuf,
        /// The mark or database that was found.
        evidence: PathBuf,
    },
    /// The directory of a SQLite file outside of the data directory is missing.
    #[error(
        "there is no directory {directory} for the SQLite file of DATABASE_URL; create it, or correct the path (three slashes begin an \
         absolute one)",
        directory = directory.display()
    )]
    DirectoryMissing { directory: PathBuf },
    /// A database was created once and its file is gone.
    #[error(
        "the database {database} was made before and is missing or empty; restore it, or delete {marker} to begin anew",
        database = database.display(), marker = marker.display()
    )]
    DatabaseMissing {
        /// The SQLite file.
        database: PathBuf,
        /// The mark that names it.
        marker: PathBuf,
    },
}

/// The path of the generated secret.
pub fn secret_path(data_dir: &Path) -> PathBuf {
    data_dir.join("secret")
}

/// The path of the mark: a file with one line for each created SQLite file.
pub fn marker_path(data_dir: &Path) -> PathBuf {
    data_dir.join("initialised")
}

/// The server secret: the configured one; or, with a store in a file, that of the data directory, generated once; or a
/// temporary one. With a store in a file it also checks that neither secret nor file was lost.
pub fn secret(config: &Config, randomness: &dyn Randomness) -> Result<SecretString, DataDirError> {
    match (kept_secret(config)?, config.database.store.kept()) {
        (Some(secret), _) => Ok(secret),
        (None, Kept::InFile(_)) => create(&config.server.data_dir, randomness),
        (None, Kept::InMemory | Kept::Shared) => Ok(generate(randomness).into()),
    }
}

/// Fails where [`secret`] would, as far as that can be known without creating anything.
pub fn check(config: &Config) -> Result<(), DataDirError> {
    kept_secret(config).map(drop)
}

/// The existing secret; none if one is to be generated.
fn kept_secret(config: &Config) -> Result<Option<SecretString>, DataDirError> {
    let configured = config.security.secret.clone();
    let Some(database) = config.database.store.file() else { return Ok(configured) };
    let data_dir = &config.server.data_dir;
    check_database(data_dir, database)?;
    check_home(data_dir, database)?;
    if configured.is_some() {
        return Ok(configured);
    }
    // Checked before the secret: another process that starts now creates its secret first and its database after.
    let evidence = [marker_path(data_dir), database.to_owned()].into_iter().find(|path| is_filled(path));
    let path = secret_path(data_dir);
    match (read(&path)?, evidence) {
        (None, Some(evidence)) => Err(DataDirError::SecretMissing { secret: path, evidence }),
        (secret, _) => Ok(secret),
    }
}

/// Fails if the directory of a SQLite file is missing and is not the data directory. The path may be mistyped or not
/// mounted, which a fresh database there would hide.
fn check_home(data_dir: &Path, database: &Path) -> Result<(), DataDirError> {
    let home = home(database);
    let is_ours = || Ok(absolute(home).map_err(at(home))? == absolute(data_dir).map_err(at(data_dir))?);
    if home.is_dir() || is_ours()? {
        Ok(())
    } else {
        Err(DataDirError::DirectoryMissing { directory: home.to_owned() })
    }
}

/// Creates the directory of a SQLite file, if that is the data directory.
pub fn make_home(data_dir: &Path, database: &Path) -> Result<(), DataDirError> {
    check_home(data_dir, database)?;
    let home = home(database);
    if home.is_dir() { Ok(()) } else { make_dir(home) }
}

pub(super) fn home(database: &Path) -> &Path {
    database.parent().filter(|home| !home.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Fails if a SQLite file was created once and is gone.
pub fn check_database(data_dir: &Path, database: &Path) -> Result<(), DataDirError> {
    let marker = marker_path(data_dir);
    let is_marked = marked(&marker)?.contains(&marker_line(data_dir, database)?);
    if is_marked && !is_filled(database) {
        return Err(DataDirError::DatabaseMissing { database: database.to_owned(), marker });
    }
    Ok(())
}

/// Records that the configured SQLite file now exists; does nothing for other stores.
pub fn mark_initialised(config: &Config, randomness: &dyn Randomness) -> Result<(), DataDirError> {
    let Some(database) = config.database.store.file() else { return Ok(()) };
    let data_dir = &config.server.data_dir;
    let marker = marker_path(data_dir);
    let mut lines = marked(&marker)?;
    let line = marker_line(data_dir, database)?;
    if lines.contains(&line) {
        return Ok(());
    }
    lines.push(line);
    make_dir(data_dir)?;
    let temporary = write_temporary(data_dir, "initialised", &(lines.join("\n") + "\n"), randomness)?;
    fs::rename(&temporary, &marker).map_err(at(&marker))?;
    sync_dir(data_dir)
}

fn marked(marker: &Path) -> Result<Vec<String>, DataDirError> {
    match fs::read_to_string(marker) {
        Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(at(marker)(error)),
    }
}

/// A database in the data directory is recorded by a relative path, so that the directory can be moved as a whole.
fn marker_line(data_dir: &Path, database: &Path) -> Result<String, DataDirError> {
    let full = absolute(database).map_err(at(database))?;
    let data_dir = absolute(data_dir).map_err(at(data_dir))?;
    Ok(full.strip_prefix(&data_dir).unwrap_or(&full).display().to_string())
}

fn is_filled(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.len() > 0)
}

fn read(path: &Path) -> Result<Option<SecretString>, DataDirError> {
    match fs::metadata(path) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at(path)(error)),
    }
    if let Some(Access::World(mode)) = modes::of_secret(path) {
        return Err(DataDirError::SecretReadable { path: path.to_owned(), mode });
    }
    let text = fs::read_to_string(path).map_err(at(path))?;
    let secret = text.trim();
    if secret.len() < MIN_SECRET_BYTES {
        return Err(DataDirError::SecretMalformed { path: path.to_owned() });
    }
    Ok(Some(secret.into()))
}

/// Writes the secret, or reads the one that another process wrote first: a hard link appears whole or not at all.
fn create(data_dir: &Path, randomness: &dyn Randomness) -> Result<SecretString, DataDirError> {
    make_dir(data_dir)?;
    let path = secret_path(data_dir);
    let secret = generate(randomness);
    let temporary = write_temporary(data_dir, "secret", &format!("{secret}\n"), randomness)?;
    let linked = fs::hard_link(&temporary, &path);
    fs::remove_file(&temporary).map_err(at(&temporary))?;
    sync_dir(data_dir)?;
    match linked {
        Ok(()) => Ok(secret.into()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            read(&path)?.ok_or(DataDirError::SecretMalformed { path })
        }
        Err(error) => Err(at(&path)(error)),
    }
}

/// 32 random bytes as 64 hex digits.
fn generate(randomness: &dyn Randomness) -> String {
    hex::encode(randomness.bytes::<32>())
}

/// Where uploads wait as nameless files until they are sent to a bucket; created if missing.
pub fn uploads(data_dir: &Path) -> Result<PathBuf, DataDirError> {
    let path = data_dir.join("uploads");
    make_dir(&path)?;
    Ok(path)
}

fn make_dir(data_dir: &Path) -> Result<(), DataDirError> {
    DirBuilder::new().recursive(true).mode(0o700).create(data_dir).map_err(at(data_dir))
}

fn write_temporary(
    data_dir: &Path,
    name: &str,
    content: &str,
    randomness: &dyn Randomness,
) -> Result<PathBuf, DataDirError> {
    let path = data_dir.join(format!(".{name}.{}.{}", process::id(), hex::encode(randomness.bytes::<8>())));
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all(content.as_bytes())?;
        file.sync_all()
    };
    write().map_err(at(&path))?;
    Ok(path)
}

/// Syncs the directory, so that a new name in it survives a power cut.
fn sync_dir(data_dir: &Path) -> Result<(), DataDirError> {
    File::open(data_dir).and_then(|dir| dir.sync_all()).map_err(at(data_dir))
}

fn at(path: &Path) -> impl Fn(io::Error) -> DataDirError {
    move |source| DataDirError::Io { path: path.to_owned(), source }
}
