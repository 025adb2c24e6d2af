//! What is refused, and in which words.

use vestibule_server::config::{Database, load, load_without_mail_files, show};

use crate::support::{Place, SECRET, config, problem, text};

#[test]
fn a_mistyped_key_is_refused_with_a_suggestion() {
    let place = Place::with_file("[databse]\nurl = \"memory:\"\n");
    assert!(place.problem(&[]).ends_with("vestibule.toml: unknown key `databse.url`; did you mean `database.url`?"));
    let place = Place::with_file("[server]\nbcrypt_cost = 12\n");
    assert!(place.problem(&[]).ends_with("`server.bcrypt_cost`; did you mean `security.bcrypt_cost`?"));
    let place = Place::with_file("[security]\nsecretfile = \"x\"\n");
    assert!(place.problem(&[]).ends_with("did you mean `security.secret_file`?"));
    let place = Place::with_file("zzzzzzzzzzz = 1\n");
    assert!(place.problem(&[]).contains("`zzzzzzzzzzz`; remove it"));
    let place = Place::with_file("[metrik]\n");
    assert!(place.problem(&[]).contains("unknown key `metrik`"));
}

#[test]
fn a_mistyped_variable_is_refused_with_a_suggestion() {
    assert_eq!(
        problem(&[("VESTIBULE_BCRPYT_COST", "12")]),
        "environment: unknown variable `VESTIBULE_BCRPYT_COST`; did you mean `VESTIBULE_BCRYPT_COST`?"
    );
    assert!(problem(&[("VESTIBULE_PORT", "3000")]).contains("unknown variable `VESTIBULE_PORT`"));
    for (wrong, meant) in [
        ("VESTIBULE_DATABASE_URL", "DATABASE_URL"),
        ("VESTIBULE_EMAIL_HOST", "EMAIL_HOST"),
        ("VESTIBULE_KEY", "KEY"),
        ("VESTIBULE_RUST_LOG", "RUST_LOG"),
        ("DATABASE_ULR", "DATABASE_URL"),
        ("EMAIL_HOTS", "EMAIL_HOST"),
        ("GOOGLE_CLIENTID", "GOOGLE_CLIENT_ID"),
    ] {
        let problem = problem(&[(wrong, "x")]);
        assert_eq!(problem, format!("environment: unknown variable `{wrong}`; did you mean `{meant}`?"));
    }
}

#[test]
fn variables_that_may_well_be_somebody_else_s_are_left_alone() {
    config(&[("DATABASE_URLS", "x"), ("DATABASE_URL", "memory:"), ("KEYS", "x"), ("EMAIL_ADDRESS", "a@b.test")]);
}

#[test]
fn a_variable_is_no_slip_of_one_whose_setting_is_given_in_another_way() {
    let place = Place::with_file("[email]\nhost = \"localhost\"\nfrom = \"a@b.test\"\n");
    let password = place.write("password.txt", "hunter2 hunter2");
    place.config(&[
        ("EMAIL_HOSTS", "x"),
        ("EMAIL_USER", "jo"),
        ("EMAIL_PASS_FILE", text(&password)),
        ("EMAIL_PAST_FILE", "x"),
        ("VESTIBULE_ROOT_EMAIL", "root@shop.test"),
        ("VESTIBULE_ROOT_PASSWORD", "hunter2 hunter2"),
        ("SUPER_ADMIN_EMAILS", "x"),
    ]);
    assert!(problem(&[("SUPER_ADMIN_EMAILS", "x")]).contains("did you mean `SUPER_ADMIN_EMAIL`?"));
}

#[test]
fn what_the_parts_would_refuse_at_the_start_is_a_problem_of_its_setting() {
    let key = "-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----";
    for (name, value, with) in [
        ("DATABASE_URL", "postgres://u:hunter2@h:port/db", &[][..]),
        ("DATABASE_URL", "postgres://u@h/db?passwd=hunter2", &[]),
        ("DATABASE_URL", "postgres://u@h/db?sslmode=hunter2", &[]),
        ("EMAIL_FROM", "Foo, Bar <a@b.test>", &[("EMAIL_HOST", "localhost")]),
        ("EMAIL_FROM", "Foo <a@127.0.0.1>", &[("EMAIL_HOST", "localhost")]),
        ("EMAIL_FROM", "a@example.123", &[]),
        ("VESTIBULE_ROOT_EMAIL", "root@127.0.0.1", &[("VESTIBULE_ROOT_PASSWORD", "a long password 7")]),
        ("VESTIBULE_EMAIL_CA_FILE", "/nonexistent", &[("EMAIL_HOST", "localhost"), ("EMAIL_FROM", "a@b.test")]),
        ("VESTIBULE_EMAIL_EHLO_NAME", "192.0.2.1", &[("EMAIL_HOST", "localhost"), ("EMAIL_FROM", "a@b.test")]),
        ("VESTIBULE_EMAIL_TEMPLATES", "/nonexistent", &[]),
        ("VESTIBULE_GOOGLE_JWKS_URL", "foo", &[("GOOGLE_CLIENT_ID", "x")]),
        (
            "VESTIBULE_FACEBOOK_GRAPH_URL",
            "http://example.org",
            &[("FACEBOOK_APP_ID", "x"), ("FACEBOOK_APP_SECRET", "x")],
        ),
        ("APPLE_PRIVATE_KEY", key, &[("APPLE_CLIENT_ID", "x"), ("APPLE_TEAM_ID", "x"), ("APPLE_KEY_ID", "x")]),
    ] {
        let mut variables = vec![(name, value), ("VESTIBULE_SECRET", SECRET)];
        variables.extend(with);
        let problem = problem(&variables);
        assert!(problem.contains(name) && !problem.contains("hunter2"), "{name}={value}: {problem}");
    }
}

#[test]
fn several_ids_of_a_provider_are_a_list_and_never_one_id() {
    let apple = [("APPLE_TEAM_ID", "TEAM"), ("APPLE_KEY_ID", "KEY"), ("APPLE_PRIVATE_KEY", "x")];
    let secret = [("FACEBOOK_APP_SECRET", "x")];
    for (name, value, with) in [
        ("GOOGLE_CLIENT_ID", "web ios", &[][..]),
        ("GOOGLE_CLIENT_ID", "web;ios", &[]),
        ("GOOGLE_CLIENT_ID", "\"web,ios\"", &[]),
        ("GOOGLE_CLIENT_ID", "web,\u{200b}ios", &[]),
        ("GOOGLE_CLIENT_ID", ", ,", &[]),
        ("VESTIBULE_GOOGLE_ISSUER", "https://a.test, https://b.test", &[("GOOGLE_CLIENT_ID", "web")]),
        ("FACEBOOK_APP_ID", "1 2", &secret),
        ("APPLE_CLIENT_ID", "web ios", &apple),
    ] {
        let mut variables = vec![(name, value)];
        variables.extend(with);
        let problems = Place::new().problems(&variables);
        assert!(problems.iter().any(|problem| problem.to_string().contains(name)), "{name}={value}: {problems:?}");
    }
    for (name, value) in [("APPLE_TEAM_ID", "TEAM, OTHER"), ("APPLE_KEY_ID", "KEY OTHER")] {
        let mut variables = vec![("APPLE_CLIENT_ID", "web")];
        variables.extend(apple.map(|(key, given)| (key, if key == name { value } else { given })));
        let problems = Place::new().problems(&variables);
        assert!(problems.iter().any(|problem| problem.to_string().contains(name)), "{name}={value}: {problems:?}");
    }
    for (ids, secrets) in [("1", "a,b"), ("1,2", "a"), ("1,2", "a b")] {
        let problem = problem(&[("FACEBOOK_APP_ID", ids), ("FACEBOOK_APP_SECRET", secrets)]);
        assert!(problem.contains("FACEBOOK_APP_SECRET") && problem.contains("in the same order"), "{problem}");
    }
    let place = Place::with_file("[providers]\ngoogle_client_id = [\"web,ios\"]\n");
    assert!(place.problem(&[]).contains("`web,ios` is not an id"));
}

#[test]
fn what_is_no_origin_of_a_page_is_refused() {
    for origin in [
        "null",
        "*",
        "https://*",
        "https://*.example.org",
        "file://localhost",
        "file:///",
        "data://x",
        "javascript://x",
        "capacitor://",
        "capacitor:localhost",
        "://localhost",
        "1app://localhost",
        "Capacitor://localhost",
        "capacitor://Localhost",
        "capacitor://localhost/",
        "capacitor://localhost:80:81",
        "ionic://user@localhost",
        "https://app.example.org:443",
        "http://app.example.org:80",
    ] {
        let problem = problem(&[("VESTIBULE_CORS_ORIGINS", origin)]);
        assert!(problem.contains("VESTIBULE_CORS_ORIGINS") && problem.contains("not an origin"), "{origin}: {problem}");
    }
}

#[test]
fn files_of_mail_that_are_away_stop_only_what_reads_them() {
    let place = Place::new();
    let sources = place.sources(&[
        ("EMAIL_HOST", "localhost"),
        ("EMAIL_FROM", "a@b.test"),
        ("VESTIBULE_EMAIL_CA_FILE", "/nonexistent/ca.pem"),
        ("VESTIBULE_EMAIL_TEMPLATES", "/nonexistent/mail"),
    ]);
    let problems = load(&sources).map(drop).unwrap_err().problems;
    assert_eq!(problems.len(), 2, "{problems:?}");
    let email = load_without_mail_files(&sources).unwrap().config.email;
    assert_eq!((email.templates, email.smtp.unwrap().ca_file), (None, None));
}

#[test]
fn variables_of_kubernetes_and_of_the_tests_are_left_alone() {
    config(&[
        ("VESTIBULE_SERVICE_HOST", "10.0.0.1"),
        ("VESTIBULE_SERVICE_PORT_HTTP", "3000"),
        ("VESTIBULE_PORT", "tcp://10.0.0.1:3000"),
        ("VESTIBULE_PORT_3000_TCP_PROTO", "tcp"),
        ("VESTIBULE_TEST_POSTGRES_URL", "postgres://x"),
    ]);
}

#[test]
fn toml_that_cannot_be_read_is_refused_without_quoting_it() {
    let place = Place::with_file("[security]\nsecret = hunter2hunter2\n");
    let problem = place.problem(&[]);
    assert!(problem.contains("vestibule.toml, line 2: not valid TOML"), "{problem}");
    assert!(!problem.contains("hunter2"), "{problem}");
}

#[test]
fn a_value_of_the_wrong_type_is_refused() {
    let place = Place::with_file("[server]\nlisten = 3000\n");
    let problem = place.problem(&[]);
    assert!(
        problem.contains("key `server.listen`: of the wrong type (integer); give text in quotation marks"),
        "{problem}"
    );
    let place = Place::with_file("[server]\ncors_origins = [1]\n");
    assert!(place.problem(&[]).contains("give an array of texts"));
    assert!(super::support::problem(&[("VESTIBULE_MIGRATE", "maybe")]).ends_with("give `on` or `off`"));
}

#[test]
fn all_problems_are_told_at_once() {
    let place = Place::with_file("[databse]\nurl = \"memory:\"\n[security]\nbcrypt_cost = 4\n");
    let problems = place.problems(&[
        ("VESTIBULE_LISTEN", "3000"),
        ("VESTIBULE_SECRET", "short"),
        ("VESTIBULE_LOGFORMAT", "json"),
        ("VESTIBULE_LOG_FORMAT", "xml"),
    ]);
    let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(all.len(), 6, "{all:#?}");
    let outcome = load(&place.sources(&[]));
    let json = show::check_json(outcome.as_ref());
    assert_eq!((json["valid"].as_bool(), json["problems"].as_array().map(Vec::len)), (Some(false), Some(2)));
    assert!(show::check_text(outcome.as_ref()).contains("4 is below the floor of 10; give a number from 10 to 14"));
    let good = load(&Place::new().sources(&[("VESTIBULE_EGO_PASSWORD_MIN", "8")]));
    assert_eq!(show::check_text(good.as_ref()), show::VALID);
}

#[test]
fn numbers_have_floors_and_ceilings() {
    for (variable, values) in [
        ("VESTIBULE_BCRYPT_COST", ["9", "15", "-1", "ten"]),
        ("VESTIBULE_PASSWORD_MIN", ["7", "65", "", "8.5"]),
        ("VESTIBULE_DATABASE_POOL", ["1", "501", "99999999999", "x"]),
        ("EMAIL_PORT", ["0", "65536", "smtp", "4294967383"]),
    ] {
        for value in values.into_iter().filter(|value| !value.is_empty()) {
            let problem = problem(&[(variable, value)]);
            assert!(problem.starts_with(&format!("environment variable {variable}: ")), "{problem}");
            assert!(problem.contains("; give a number from "), "{problem}");
        }
    }
}

#[test]
fn a_short_secret_is_refused_without_showing_it() {
    let problem = problem(&[("VESTIBULE_SECRET", "hunter2")]);
    assert!(problem.contains("has 7 bytes, fewer than 32; make one with `openssl rand -hex 32`"), "{problem}");
    assert!(!problem.contains("hunter2"));
}

#[test]
fn with_postgres_the_secret_must_be_given() {
    let url = ("DATABASE_URL", "postgres://u@h/d");
    let problem = problem(&[url]);
    assert!(problem.starts_with("key `security.secret` (VESTIBULE_SECRET): there is no secret"), "{problem}");
    assert!(problem.contains("openssl rand -hex 32"), "{problem}");
    assert!(matches!(config(&[url, ("KEY", SECRET)]).database.store, Database::Postgres(_)));
}

#[test]
fn an_unusable_database_url_is_refused_without_showing_it() {
    for (url, reason) in [
        ("sqlite://x.db?mode=rwc", "query parameters are not taken"),
        ("sqlite::memory:", "write `memory:`"),
        ("sqlite://:memory:", "write `memory:`"),
        ("sqlite://", "path of the SQLite file is missing"),
        ("sqlite:///srv/", "path of the SQLite file is missing"),
        ("mysql://jo:hunter2@h/d", "there is no store for `mysql:`"),
        ("jo hunter2", "not a database URL"),
        ("postgres:hunter2", "without a host"),
        ("memory", "not a database URL"),
        ("host=h dbname=d password='hunter2", "not a database URL"),
        ("host=h pasword=hunter2", "`pasword`"),
        ("host=h port=hunter2", "not of the right form"),
    ] {
        let problem = problem(&[("DATABASE_URL", url)]);
        assert!(problem.contains(reason), "{url}: {problem}");
        assert!(!problem.contains("hunter2"), "{problem}");
    }
}

#[test]
fn a_database_url_as_a_provider_prints_it_is_taken_or_refused_with_what_to_write() {
    let secret = ("VESTIBULE_SECRET", SECRET);
    let refused =
        problem(&[secret, ("DATABASE_URL", "postgres://u:hunter2@h/d?sslmode=require&channel_binding=require")]);
    assert!(refused.contains("`channel_binding`") && refused.contains("sslmode=verify-full"), "{refused}");
    let refused = problem(&[secret, ("DATABASE_URL", "postgres://u:hunter2@a:5432,b:5432/d")]);
    assert!(refused.contains("several servers") && refused.contains("one address"), "{refused}");
    let config = config(&[secret, ("DATABASE_URL", "postgres://u:hunter2@h/d?pgbouncer=true&connect_timeout=9")]);
    let told: Vec<_> = config.warnings.iter().filter(|line| line.contains("`connect_timeout`")).collect();
    assert_eq!(told.len(), 1, "{:?}", config.warnings);
}

#[test]
fn limits_stay_on_where_others_can_reach_the_listener() {
    let mail = [("EMAIL_HOST", "mail.test"), ("EMAIL_FROM", "a@mail.test")];
    let mut environment = vec![("VESTIBULE_LIMITS", "off"), ("VESTIBULE_LISTEN", "0.0.0.0:3000")];
    environment.extend(mail);
    let problem = problem(&environment);
    assert!(problem.starts_with("environment variable VESTIBULE_LIMITS: limits are off while"), "{problem}");
    for loopback in ["127.0.0.1:3000", "127.1.2.3:1", "[::1]:3000", "localhost:3000", "[::ffff:127.0.0.1]:3000"] {
        assert!(!config(&[("VESTIBULE_LIMITS", "off"), ("VESTIBULE_LISTEN", loopback)]).security.limits, "{loopback}");
    }
}

#[test]
fn the_local_mailbox_is_for_loopback_only() {
    let problem = problem(&[("VESTIBULE_LISTEN", "192.0.2.1:3000")]);
    assert!(problem.contains("the local mailbox must not be shown on 192.0.2.1:3000"), "{problem}");
    assert!(problem.ends_with("set EMAIL_HOST and EMAIL_FROM, or listen on 127.0.0.1"), "{problem}");
}

#[test]
fn a_root_needs_both_an_email_and_a_password() {
    let email = ("VESTIBULE_ROOT_EMAIL", "root@shop.test");
    assert!(problem(&[email]).ends_with("set VESTIBULE_ROOT_PASSWORD too, or neither"));
    assert!(
        problem(&[("VESTIBULE_ROOT_PASSWORD", "hunter2 hunter2")])
            .ends_with("set VESTIBULE_ROOT_EMAIL too, or neither")
    );
    assert!(problem(&[("VESTIBULE_ROOT_USERNAME", "root")]).contains("needs both"));
    let short = problem(&[email, ("VESTIBULE_ROOT_PASSWORD", "hunter2")]);
    assert!(short.contains("too short; give at least 8 characters") && !short.contains("hunter2"), "{short}");
    assert!(problem(&[email, ("VESTIBULE_ROOT_PASSWORD", &"x".repeat(73))]).contains("longer than 72 bytes"));
    let common = problem(&[email, ("VESTIBULE_ROOT_PASSWORD", "Password1")]);
    assert!(common.contains("one of the most common ones; choose one that nobody guesses"), "{common}");
    let named = [email, ("VESTIBULE_ROOT_PASSWORD", "hunter2 hunter2"), ("VESTIBULE_ROOT_USERNAME", "Root")];
    assert_eq!(config(&named).root.unwrap().username.unwrap().as_str(), "root");
}

#[test]
fn a_mail_server_needs_a_sender_and_whole_credentials() {
    let host = ("EMAIL_HOST", "mail.test");
    assert!(problem(&[host]).starts_with("key `email.from` (EMAIL_FROM): there is a mail server but no sender"));
    let from = ("EMAIL_FROM", "Shop <a@shop.test>");
    assert!(problem(&[host, from, ("EMAIL_USER", "jo")]).ends_with("set EMAIL_PASS too"));
    assert!(problem(&[host, from, ("EMAIL_PASS", "hunter2")]).ends_with("set EMAIL_USER too"));
    assert!(problem(&[host, ("EMAIL_FROM", "Shop <a@shop.test")]).contains("not a sender"));
    assert!(problem(&[("EMAIL_HOST", "smtp://mail.test:25"), from]).contains("is not a host name"));
}

#[test]
fn malformed_addresses_and_paths_are_refused() {
    for (variable, value) in [
        ("VESTIBULE_LISTEN", "127.0.0.1"),
        ("VESTIBULE_METRICS_LISTEN", "no"),
        ("VESTIBULE_METRICS_LISTEN", "127.0.0.1:3000"),
        ("VESTIBULE_PUBLIC_URL", "accounts.example.org"),
        ("VESTIBULE_PUBLIC_URL", "https://jo:pw@accounts.example.org"),
        ("VESTIBULE_PUBLIC_URL", "https://accounts.example.org/?a"),
        ("VESTIBULE_PUBLIC_URL", "https://"),
        ("VESTIBULE_TRUSTED_PROXIES", "10.0.0.0/8,proxy"),
        ("VESTIBULE_CORS_ORIGINS", "*"),
        ("VESTIBULE_CORS_ORIGINS", "https://a.example/"),
        ("VESTIBULE_CORS_ORIGINS", "https://A.example"),
        ("VESTIBULE_CORS_ORIGINS", "https://a.example:443"),
        ("VESTIBULE_DIALECT_CONTACTS_PREFIX", "contacts"),
        ("VESTIBULE_DIALECT_CONTACTS_PREFIX", "/{x}"),
        ("RUST_LOG", "info,=="),
        (
            "VESTIBULE_SECRET",
            "\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}",
        ),
    ] {
        let problem = problem(&[(variable, value)]);
        assert!(problem.starts_with(&format!("environment variable {variable}: ")), "{problem}");
    }
    assert!(config(&[("VESTIBULE_METRICS_LISTEN", "off")]).metrics_listen.is_none());
}
