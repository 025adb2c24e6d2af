//! The generated secret and the mark of a database.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
    sync::Barrier,
    thread,
};

use secrecy::ExposeSecret;
use vestibule_server::config::{Config, DataDirError, data_dir};

use crate::support::{Counting, Place, SECRET, counting_from, text};

fn sqlite(place: &Place) -> Config {
    place.config(&[("VESTIBULE_DATA_DIR", text(&place.path("data")))])
}

fn secret(config: &Config) -> Result<String, DataDirError> {
    data_dir::secret(config, &counting_from(1000)).map(|secret| secret.expose_secret().to_owned())
}

/// What opening the store would leave behind.
fn make_database(config: &Config) {
    fs::write(config.server.data_dir.join("vestibule.db"), "SQLite format 3").unwrap();
    data_dir::mark_initialised(config, &Counting::default()).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

#[test]
fn the_secret_is_made_once_and_kept_from_others() {
    let place = Place::new();
    let config = sqlite(&place);
    let first = secret(&config).unwrap();
    assert_eq!(first.len(), 64);
    assert!(first.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!(data_dir::secret(&config, &counting_from(7)).unwrap().expose_secret(), first);
    assert_eq!((mode(&place.path("data")), mode(&place.path("data/secret"))), (0o700, 0o600));
    let names: Vec<_> = fs::read_dir(place.path("data")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["secret"], "nothing temporary stays");
}

#[test]
fn of_many_who_start_at_once_all_get_one_secret() {
    for _ in 0..20 {
        let place = Place::new();
        let config = sqlite(&place);
        let barrier = Barrier::new(8);
        let secrets: Vec<String> = thread::scope(|scope| {
            let start = |n: u64| {
                let (config, barrier) = (&config, &barrier);
                scope.spawn(move || {
                    let randomness = counting_from(n << 32);
                    barrier.wait();
                    data_dir::secret(config, &randomness).unwrap().expose_secret().to_owned()
                })
            };
            let threads: Vec<_> = (1..=8).map(start).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let kept = fs::read_to_string(place.path("data/secret")).unwrap();
        assert!(secrets.iter().all(|secret| secret == kept.trim()), "{secrets:?}");
        assert_eq!(fs::read_dir(place.path("data")).unwrap().count(), 1, "nothing temporary stays");
    }
}

#[test]
fn a_configured_secret_is_taken_and_none_is_made() {
    let place = Place::new();
    let config = place.config(&[("VESTIBULE_DATA_DIR", text(&place.path("data"))), ("VESTIBULE_SECRET", SECRET)]);
    assert_eq!(secret(&config).unwrap(), SECRET);
    assert!(!place.path("data").exists());
}

#[test]
fn the_memory_store_gets_a_secret_that_is_kept_nowhere() {
    let place = Place::new();
    let data = place.path("data");
    let config = place.config(&[("VESTIBULE_DATA_DIR", text(&data)), ("DATABASE_URL", "memory:")]);
    let randomness = Counting::default();
    let [first, second] = [0, 1].map(|_| data_dir::secret(&config, &randomness).unwrap());
    assert_eq!(first.expose_secret().len(), 64);
    assert_ne!(first.expose_secret(), second.expose_secret());
    data_dir::mark_initialised(&config, &randomness).unwrap();
    assert!(!data.exists());
}

#[test]
fn a_secret_that_everybody_may_read_is_refused_with_the_remedy_in_both_ways_to_give_it() {
    let place = Place::new();
    let config = sqlite(&place);
    let made = secret(&config).unwrap();
    let path = place.path("data/secret");
    let named = ("VESTIBULE_SECRET_FILE", text(&path));
    for mode in [0o644, 0o604, 0o444] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let error = secret(&config).unwrap_err();
        assert!(matches!(&error, DataDirError::SecretReadable { mode: found, .. } if *found == mode));
        assert!(error.to_string().contains(&format!("chmod 600 {}", path.display())), "{error}");
        let problem = place.problem(&[named]);
        assert!(problem.contains("every user of this machine may read") && problem.contains("chmod 600"), "{problem}");
    }
    // What Kubernetes makes of it with `fsGroup`, at each mount.
    for mode in [0o660, 0o640, 0o440] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        assert_eq!(secret(&config).unwrap(), made);
        for environment in [("VESTIBULE_DATA_DIR", text(&place.path("data"))), named] {
            let config = place.config(&[environment]);
            assert_eq!(secret(&config).unwrap(), made);
            let warnings: Vec<_> =
                config.warnings.iter().filter(|line| line.contains("others than its owner")).collect();
            assert_eq!(warnings.len(), 1, "{mode:o} {environment:?} {warnings:?}");
        }
    }
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    let of_the_mode = |line: &&String| line.contains("mode");
    assert_eq!(place.config(&[named]).warnings.iter().find(of_the_mode), None, "nothing to say about the mode");
}

#[test]
fn the_directory_of_a_mistyped_path_is_never_made() {
    let place = Place::new();
    let elsewhere = format!("sqlite://{}", place.path("no/such/dir/x.db").display());
    let data = place.path("data");
    for secret_is_given in [false, true] {
        let mut environment = vec![("VESTIBULE_DATA_DIR", text(&data)), ("DATABASE_URL", elsewhere.as_str())];
        environment.extend(secret_is_given.then_some(("VESTIBULE_SECRET", SECRET)));
        let error = secret(&place.config(&environment)).unwrap_err();
        assert!(matches!(error, DataDirError::DirectoryMissing { .. }), "{error}");
        assert!(!place.path("no").exists() && !data.exists());
    }
    let within = format!("sqlite://{}", place.path("data/x.db").display());
    secret(&place.config(&[("VESTIBULE_DATA_DIR", text(&data)), ("DATABASE_URL", &within), ("KEY", SECRET)])).unwrap();
    data_dir::make_home(&data, &place.path("data/x.db")).unwrap();
    assert!(data.is_dir(), "the data directory is made when it is needed");
}

#[test]
fn a_directory_that_everybody_may_write_is_warned_of() {
    let place = Place::new();
    let open = place.path("open");
    fs::create_dir(&open).unwrap();
    let database = format!("sqlite://{}", open.join("x.db").display());
    let blobs = format!("file:{}", open.display());
    let warned = |environment: &[(&str, &str)]| {
        place.config(environment).warnings.iter().filter(|line| line.contains("may write into the directory")).count()
    };
    for environment in [("VESTIBULE_DATA_DIR", text(&open)), ("DATABASE_URL", &database), ("VESTIBULE_BLOBS", &blobs)] {
        for (mode, expected) in [(0o777, 1), (0o1777, 1), (0o755, 0), (0o770, 0)] {
            fs::set_permissions(&open, Permissions::from_mode(mode)).unwrap();
            assert_eq!(warned(&[environment]), expected, "{environment:?} {mode:o}");
        }
    }
}

#[test]
fn a_secret_that_is_too_short_is_refused() {
    let place = Place::new();
    let config = sqlite(&place);
    secret(&config).unwrap();
    fs::write(place.path("data/secret"), "short").unwrap();
    assert!(matches!(secret(&config), Err(DataDirError::SecretMalformed { .. })));
}

#[test]
fn a_database_that_was_made_and_is_gone_stops_the_start() {
    let place = Place::new();
    let config = sqlite(&place);
    let before = secret(&config).unwrap();
    make_database(&config);
    assert_eq!(secret(&config).unwrap(), before, "with the database there, all is well");

    let database = place.path("data/vestibule.db");
    for lose in [|path: &Path| fs::write(path, "").unwrap(), |path: &Path| fs::remove_file(path).unwrap()] {
        lose(&database);
        let error = secret(&config).unwrap_err();
        assert!(matches!(error, DataDirError::DatabaseMissing { .. }));
        let remedy = format!("restore it, or delete {} to begin anew", place.path("data/initialised").display());
        assert!(error.to_string().ends_with(&remedy), "{error}");
    }

    fs::remove_file(place.path("data/initialised")).unwrap();
    assert_eq!(secret(&config).unwrap(), before, "the remedy helps");
}

#[test]
fn the_mark_is_of_one_database_and_moves_with_its_directory() {
    let place = Place::new();
    let config = sqlite(&place);
    secret(&config).unwrap();
    make_database(&config);
    let data = place.path("data");
    let elsewhere = format!("sqlite://{}", place.path("other.db").display());
    let other = place.config(&[("VESTIBULE_DATA_DIR", text(&data)), ("DATABASE_URL", &elsewhere)]);
    secret(&other).unwrap();
    data_dir::mark_initialised(&other, &Counting::default()).unwrap();
    assert!(matches!(secret(&other), Err(DataDirError::DatabaseMissing { .. })));
    secret(&config).unwrap();

    let moved = place.path("moved");
    fs::rename(&data, &moved).unwrap();
    fs::remove_file(moved.join("vestibule.db")).unwrap();
    let config = place.config(&[("VESTIBULE_DATA_DIR", text(&moved))]);
    assert!(matches!(secret(&config), Err(DataDirError::DatabaseMissing { .. })));
}

#[test]
fn a_lost_secret_is_never_silently_replaced() {
    let place = Place::new();
    let config = sqlite(&place);
    secret(&config).unwrap();
    make_database(&config);
    fs::remove_file(place.path("data/secret")).unwrap();
    let error = secret(&config).unwrap_err();
    assert!(matches!(&error, DataDirError::SecretMissing { evidence, .. } if evidence.ends_with("initialised")));
    assert!(error.to_string().contains("restore it, or set VESTIBULE_SECRET"), "{error}");

    fs::remove_file(place.path("data/initialised")).unwrap();
    let error = secret(&config).unwrap_err();
    assert!(matches!(&error, DataDirError::SecretMissing { evidence, .. } if evidence.ends_with("vestibule.db")));

    let data = place.path("data");
    let configured = place.config(&[("VESTIBULE_DATA_DIR", text(&data)), ("KEY", SECRET)]);
    assert_eq!(secret(&configured).unwrap(), SECRET);
}

#[test]
fn marking_twice_writes_one_line() {
    let place = Place::new();
    let config = sqlite(&place);
    secret(&config).unwrap();
    make_database(&config);
    data_dir::mark_initialised(&config, &Counting::default()).unwrap();
    assert_eq!(fs::read_to_string(place.path("data/initialised")).unwrap(), "vestibule.db\n");
}

#[test]
fn a_data_directory_that_cannot_be_made_is_told_with_the_remedy() {
    let place = Place::new();
    place.write("data", "a file, not a directory");
    let error = secret(&sqlite(&place)).unwrap_err();
    assert!(error.to_string().contains("VESTIBULE_DATA_DIR"), "{error}");
}
