//! Where document contents are stored.

use std::path::PathBuf;

use secrecy::ExposeSecret;
use vestibule_server::{
    compose::{self, compose_without_blobs},
    config::BlobPlace,
};

use crate::support::{Place, SECRET, config, problem, text};

const KEY: [(&str, &str); 2] = [("VESTIBULE_S3_ACCESS_KEY_ID", "id"), ("VESTIBULE_S3_SECRET_ACCESS_KEY", "hunter2")];

fn beside(environment: &[(&str, &str)]) -> PathBuf {
    match config(environment).blobs {
        BlobPlace::Beside(folder) => folder,
        other => panic!("{other:?}"),
    }
}

fn folder(environment: &[(&str, &str)]) -> PathBuf {
    match config(environment).blobs {
        BlobPlace::Folder(folder) => folder,
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_a_setting_the_blobs_go_with_the_store() {
    assert_eq!(beside(&[]), PathBuf::from("./vestibule-data/vestibule.db.blobs"));
    assert_eq!(beside(&[("DATABASE_URL", "sqlite:///srv/a.db")]), PathBuf::from("/srv/a.db.blobs"));
    assert!(matches!(config(&[("DATABASE_URL", "memory:")]).blobs, BlobPlace::Memory));
    let postgres = [("DATABASE_URL", "postgres://u@h/db"), ("VESTIBULE_SECRET", SECRET)];
    assert!(matches!(config(&postgres).blobs, BlobPlace::Nowhere));
}

#[test]
fn a_folder_is_named_by_its_path() {
    for (name, path) in
        [("file:blobs", "blobs"), ("file:/srv/blobs", "/srv/blobs"), ("file:///srv/blobs", "/srv/blobs")]
    {
        assert_eq!(folder(&[("VESTIBULE_BLOBS", name)]), PathBuf::from(path));
    }
}

#[test]
fn a_bucket_has_a_prefix_a_region_and_a_key() {
    let place = Place::new();
    let file = place.write("key.txt", "hunter2\n");
    let environment = [
        ("VESTIBULE_BLOBS", "s3://bucket/vestibule/blobs/"),
        ("VESTIBULE_S3_ENDPOINT", "http://[::1]:9000/"),
        ("VESTIBULE_S3_ACCESS_KEY_ID", "id"),
        ("VESTIBULE_S3_SECRET_ACCESS_KEY_FILE", text(&file)),
    ];
    let config = place.config(&environment);
    let BlobPlace::S3(options) = &config.blobs else { panic!("{:?}", config.blobs) };
    assert_eq!((options.bucket.as_str(), options.prefix.as_str()), ("bucket", "vestibule/blobs"));
    assert_eq!((options.endpoint.as_deref(), options.allow_http), (Some("http://[::1]:9000"), true));
    assert_eq!((options.region.as_str(), options.access_key_id.as_str()), ("us-east-1", "id"));
    assert_eq!(options.secret_access_key.expose_secret(), "hunter2");
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn a_bucket_without_its_key_is_refused() {
    for (missing, other) in [(KEY[0].0, KEY[1]), (KEY[1].0, KEY[0])] {
        let problem = problem(&[("VESTIBULE_BLOBS", "s3://bucket"), other]);
        assert!(problem.ends_with(&format!("a bucket needs a key; set {missing}")), "{problem}");
    }
}

#[test]
fn what_is_no_place_is_refused() {
    for place in [
        "blobs",
        "file:",
        "s3:bucket",
        "s3://",
        "s3://b",
        "s3://bucket/a b",
        "s3://bucket/../x",
        "s3://bucket//x",
        "gs://bucket",
        "memory:x",
    ] {
        let problem = problem(&[("VESTIBULE_BLOBS", place)]);
        assert!(problem.contains("VESTIBULE_BLOBS") && problem.contains("; write `"), "{place}: {problem}");
    }
}

#[test]
fn http_leads_to_this_machine_unless_it_is_allowed() {
    let with = |endpoint, more: &[(&'static str, &'static str)]| {
        let mut environment =
            vec![("VESTIBULE_BLOBS", "s3://bucket"), ("VESTIBULE_S3_ENDPOINT", endpoint), KEY[0], KEY[1]];
        environment.extend(more);
        environment
    };
    for endpoint in
        ["http://127.0.0.1:9000", "http://localhost", "https://s3.example.org", "https://s3.example.org:9000/x"]
    {
        config(&with(endpoint, &[]));
    }
    for endpoint in ["http://s3.example.org", "http://10.0.0.1:9000", "http://localhost.example.org"] {
        assert!(problem(&with(endpoint, &[])).contains("VESTIBULE_S3_ALLOW_HTTP"), "{endpoint}");
        config(&with(endpoint, &[("VESTIBULE_S3_ALLOW_HTTP", "on")]));
    }
    for endpoint in
        ["s3.example.org", "ftp://s3.example.org", "https://", "https://user@s3.example.org", "https://a/b?c"]
    {
        assert!(problem(&with(endpoint, &[])).contains("not the URL of an S3 server"), "{endpoint}");
    }
}

#[test]
fn a_key_without_a_bucket_is_a_warning() {
    let warnings = config(&KEY).warnings;
    assert_eq!(warnings.iter().filter(|warning| warning.ends_with("unless VESTIBULE_BLOBS is a bucket")).count(), 2);
}

/// Composes everything, or what a command needs; returns the error text if it fails.
fn compose(environment: &[(&str, &str)], is_command: bool) -> Result<(), String> {
    let config = config(environment);
    actix_web::rt::System::new().block_on(async {
        let composed = if is_command { compose_without_blobs(&config).await } else { compose::compose(&config).await };
        composed.map(drop).map_err(|error| error.to_string())
    })
}

#[test]
fn a_folder_that_is_missing_stops_the_server_and_no_command() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("blobs");
    let place = format!("file:{}", folder.display());
    let environment = [("DATABASE_URL", "memory:"), ("VESTIBULE_BLOBS", place.as_str())];
    let told = compose(&environment, false).unwrap_err();
    assert!(told.starts_with("VESTIBULE_BLOBS cannot be used: there is no folder"), "{told}");
    assert!(told.ends_with(&format!("`mkdir -m 700 {}`", folder.display())), "{told}");
    compose(&environment, true).unwrap();
    assert!(!folder.exists());
    std::fs::create_dir(&folder).unwrap();
    compose(&environment, false).unwrap();
}

#[test]
fn the_folder_beside_a_sqlite_file_is_made_by_the_server_alone() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("a.db.blobs");
    let database = format!("sqlite://{}", directory.path().join("a.db").display());
    let environment = [("DATABASE_URL", database.as_str()), ("VESTIBULE_SECRET", SECRET)];
    compose(&environment, true).unwrap();
    assert!(!folder.exists());
    compose(&environment, false).unwrap();
    assert!(folder.is_dir());
}

#[test]
fn uploads_to_a_bucket_wait_in_the_data_directory() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let mut environment = vec![("DATABASE_URL", "memory:"), ("VESTIBULE_BLOBS", "s3://bucket"), KEY[0], KEY[1]];
    environment.push(("VESTIBULE_DATA_DIR", text(&data)));
    compose(&environment, true).unwrap();
    assert!(!data.exists());
    compose(&environment, false).unwrap();
    assert!(data.join("uploads").is_dir());
    std::fs::remove_dir_all(&data).unwrap();
    std::fs::write(&data, "a file").unwrap();
    let told = compose(&environment, false).unwrap_err();
    assert!(told.contains("uploads cannot be used") && told.contains("VESTIBULE_DATA_DIR"), "{told}");
}
