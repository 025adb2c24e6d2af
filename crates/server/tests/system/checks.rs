//! `config check`: the server starts with everything that it accepts.

use std::{env, fs, os::unix::fs::PermissionsExt};

use serde_json::json;

use vestibule_testkit::PostgresCluster;

use crate::support::{Connection, PATIENCE, Request, Setup, postgres};

/// Fails unless the check and the server refuse it, both with these words.
fn assert_found(setup: &Setup, words: &str) {
    let check = setup.run(&["config", "check", "--json"]).expect(3).json();
    assert_eq!(check["valid"], false);
    assert!(check["problems"][0]["what"].as_str().unwrap().contains(words), "{check}");
    setup.run(&["config", "check"]).expect_refusal(3, words);
    let mut server = setup.launch();
    assert_ne!(server.wait(PATIENCE).code(), Some(0));
    assert!(server.log().contains(words), "{}", server.log());
}

#[test]
fn what_keeps_the_server_from_starting_is_found_without_changing_anything() {
    let nowhere = Setup::sqlite().with("DATABASE_URL", "sqlite:///no/such/directory/x.db");
    assert_found(&nowhere, "there is no directory /no/such/directory");

    let locked = Setup::sqlite().unprivileged();
    fs::create_dir(locked.data_dir()).unwrap();
    fs::set_permissions(locked.data_dir(), fs::Permissions::from_mode(0o555)).unwrap();
    assert_found(&locked, "cannot be used: Permission denied");

    let readable = Setup::sqlite();
    fs::create_dir(readable.data_dir()).unwrap();
    fs::write(readable.data_dir().join("secret"), "x".repeat(64)).unwrap();
    fs::set_permissions(readable.data_dir().join("secret"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_found(&readable, "every user of this machine may read");

    let elsewhere = Setup::sqlite().with("VESTIBULE_LISTEN", "192.0.2.1:3000").with("EMAIL_HOST", "mail.test");
    let elsewhere = elsewhere.with("EMAIL_FROM", "a@shop.test").with("VESTIBULE_EMAIL_EHLO_NAME", "shop.test");
    assert_found(&elsewhere, "cannot listen on 192.0.2.1:3000");

    let good = Setup::sqlite();
    let check = good.run(&["config", "check", "--json"]).expect(0).json();
    assert_eq!(check["problems"], json!([]));
    assert!(!good.data_dir().exists(), "the check made something");
}

#[test]
fn a_server_that_runs_is_no_problem() {
    let setup = Setup::sqlite().on_one_port();
    let server = setup.start();
    let check = setup.run(&["config", "check", "--json"]).expect(0).json();
    assert!(check["warnings"].to_string().contains("something listens on"), "{check}");
    server.stop();
}

#[test]
fn what_is_dangerous_in_production_is_told() {
    let setup = Setup::sqlite()
        .with("VESTIBULE_PUBLIC_URL", "https://accounts.shop.test")
        .with("VESTIBULE_METRICS_LISTEN", "0.0.0.0:0")
        .with("VESTIBULE_SECRET", "change-me-change-me-change-me-now")
        .with("VESTIBULE_ROOT_EMAIL", "root@shop.test")
        .with("VESTIBULE_ROOT_PASSWORD", "a password for the root");
    let told = setup.run(&["config", "check"]).expect(0).stdout;
    for words in [
        "VESTIBULE_TRUSTED_PROXIES is empty",
        "VESTIBULE_ROOT_PASSWORD is set",
        "VESTIBULE_BCRYPT_COST is 10",
        "metrics are shown to everybody",
        "the secret looks like a placeholder",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let told = setup.with("VESTIBULE_PUBLIC_URL", "http://shop.test").run(&["config", "check"]).expect(0).stdout;
    assert!(told.contains("travel in plain text"), "{told}");
    let quiet = Setup::sqlite().with("VESTIBULE_BCRYPT_COST", "12").with("VESTIBULE_EGO_PASSWORD_MIN", "8");
    let quiet = quiet.run(&["config", "check"]).expect(0).stdout;
    assert!(!quiet.contains("warning"), "{quiet}");
}

#[test]
fn a_store_and_a_mail_server_are_asked_where_that_is_wanted() {
    let connect = ["config", "check", "--connect"];
    let nowhere = Setup::at("postgres://nobody@127.0.0.1:1/nothing");
    nowhere.run(&["config", "check"]).expect(0);
    nowhere.run(&connect).expect_refusal(4, "DATABASE_URL: the store is unavailable");

    let cluster = PostgresCluster::start();
    let missing = Setup::at(&format!("{}/nothing", cluster.url().rsplit_once('/').unwrap().0));
    missing.run(&connect).expect_refusal(4, "database \"nothing\" does not exist (SQLSTATE 3D000)");
    let setup = Setup::at(cluster.url());
    setup.run(&connect).expect(0);
    assert_eq!(postgres::query(cluster.url(), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "0");
    setup.run(&["migrate"]).expect(0);
    setup.start().stop();
    setup.run(&connect).expect(0);
    let other = setup.again().with("VESTIBULE_SECRET", "another one, which is as long as it has to be");
    other.run(&connect).expect_refusal(3, "another secret");

    let mail =
        Setup::sqlite().with("EMAIL_HOST", "127.0.0.1").with("EMAIL_PORT", "1").with("EMAIL_FROM", "a@shop.test");
    mail.run(&["config", "check"]).expect(0);
    mail.run(&connect).expect_refusal(1, "EMAIL_HOST: the mail server does not take mail from us: connect");
    assert!(!mail.data_dir().exists(), "the check made something");
}

#[test]
fn a_bucket_is_asked_where_that_is_wanted() {
    let connect = ["config", "check", "--connect"];
    let with = |endpoint: &str, bucket: &str| {
        Setup::sqlite()
            .with("VESTIBULE_BLOBS", format!("s3://{bucket}"))
            .with("VESTIBULE_S3_ENDPOINT", endpoint)
            .with("VESTIBULE_S3_ALLOW_HTTP", "on")
            .with("VESTIBULE_S3_ACCESS_KEY_ID", "id")
            .with("VESTIBULE_S3_SECRET_ACCESS_KEY", "secret")
    };
    let nowhere = with("http://127.0.0.1:1", "documents");
    nowhere.run(&["config", "check"]).expect(0);
    nowhere.run(&connect).expect_refusal(1, "VESTIBULE_BLOBS: the bucket cannot be asked");

    let endpoint = env::var("VESTIBULE_TEST_S3_URL").expect("scripts/test starts an S3 server and names it");
    with(&endpoint, "missing-bucket").run(&connect).expect_refusal(1, "VESTIBULE_BLOBS: the bucket cannot be asked");
    let address = endpoint.strip_prefix("http://").unwrap().parse().unwrap();
    let made = Connection::open(address).unwrap().call(&Request::get("/checked-bucket").method("PUT")).unwrap();
    assert_eq!(made.status, 200, "{made:?}");
    let setup = with(&endpoint, "checked-bucket");
    setup.run(&connect).expect(0);
    assert!(!setup.data_dir().exists(), "the check made something");
}
