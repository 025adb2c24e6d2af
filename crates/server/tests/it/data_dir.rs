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
fn a_secret_that_others_may_read_is_refused_with_the_remedy() {
    let place = Place::new();
    let config = sqlite(&place);
    secret(&config).unwrap();
    let path = place.path("data/secret");
    for mode in [0o640, 0o604] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let error = secret(&config).unwrap_err();
        assert!(matches!(&error, DataDirError::SecretReadable { mode: found, .. } if *found == mode));
        assert!(error.to_string().contains(&format!("chmod 600 {}", path.display())), "{error}");
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
