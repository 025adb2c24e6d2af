//! Where values come from, and which wins.

use std::sync::Arc;

use secrecy::ExposeSecret;
use vestibule_http::{EgoOptions, MernOptions, Mount};
use vestibule_server::config::{Config, Database, LogFormat, show};

use crate::support::{Place, SECRET, config, problem, text};

/// The settings of `ego`.
fn ego(config: &Config) -> Arc<EgoOptions> {
    config.dialects.iter().find_map(Mount::settings::<EgoOptions>).unwrap().into_inner()
}

#[test]
fn without_anything_the_defaults_hold() {
    let config = config(&[]);
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:3000");
    assert_eq!(config.server.public_url_at(config.server.listen), "http://127.0.0.1:3000");
    assert_eq!(config.server.data_dir.to_str(), Some("./vestibule-data"));
    assert!(matches!(&config.database.store, Database::Sqlite(path) if path.ends_with("vestibule-data/vestibule.db")));
    assert_eq!((config.database.postgres.max_connections, config.database.migrate), (16, true));
    assert!(config.security.secret.is_none());
    assert_eq!((config.security.hashing.cost, config.security.password_min, config.security.limits), (12, 8, true));
    assert!(config.root.is_none());
    assert!(config.email.smtp.is_none());
    assert_eq!(config.metrics_listen.unwrap().to_string(), "127.0.0.1:9464");
    assert_eq!(config.log.format, None);
    for mount in &config.dialects {
        assert_eq!((mount.is_on(), mount.prefix()), (true, ""), "{mount:?}");
    }
    let names: Vec<_> = config.dialects.iter().map(|mount| mount.dialect().name()).collect();
    assert_eq!(names, ["contacts", "mern", "ego", "rococoins", "looking"]);
    assert_eq!(*ego(&config), EgoOptions::default());
    let mern = config.dialects.iter().find_map(Mount::settings::<MernOptions>).unwrap();
    assert_eq!(**mern, MernOptions::default());
    assert!(config.server.workers >= 1 && config.security.hashing.threads >= 1);
    assert!(config.server.trusted_proxies.is_empty() && config.server.cors_origins.is_empty());
    let [warning] = &config.warnings[..] else { panic!("{:?}", config.warnings) };
    assert!(warning.contains("VESTIBULE_EGO_PASSWORD_MIN"), "{warning}");
}

#[test]
fn the_environment_wins_over_the_file() {
    let place = Place::with_file("[security]\nbcrypt_cost = 11\npassword_min = 10\n");
    let config = place.config(&[("VESTIBULE_BCRYPT_COST", "13")]);
    assert_eq!((config.security.hashing.cost, config.security.password_min), (13, 10));
}

#[test]
fn empty_values_count_as_unset() {
    let place = Place::with_file("[security]\nbcrypt_cost = 11\n[email]\nhost = \"\"\n");
    let config = place.config(&[("VESTIBULE_BCRYPT_COST", " "), ("EMAIL_HOST", "")]);
    assert_eq!(config.security.hashing.cost, 11);
    assert!(config.email.smtp.is_none());
}

#[test]
fn every_kind_of_value_is_read_from_toml() {
    let place = Place::with_file(
        r#"
        [server]
        listen = "[::1]:8080"
        trusted_proxies = ["10.0.0.0/8", "fd00::1"]
        [database]
        migrate = false
        [security]
        limits = "off"
        [log]
        format = "JSON"
        [dialects.contacts]
        enabled = true
        prefix = "/contacts/"
        "#,
    );
    let config = place.config(&[]);
    assert_eq!(config.server.listen.to_string(), "[::1]:8080");
    let networks: Vec<String> = config.server.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(networks, ["10.0.0.0/8", "fd00::1/128"]);
    assert!(!config.database.migrate);
    assert!(!config.security.limits);
    assert_eq!(config.log.format, Some(LogFormat::Json));
    let contacts = config.dialects.iter().find(|mount| mount.dialect().name() == "contacts").unwrap();
    assert_eq!(contacts.prefix(), "/contacts");
}

#[test]
fn lists_in_the_environment_are_separated_by_commas() {
    let config = config(&[("VESTIBULE_CORS_ORIGINS", "https://a.example, http://b.example:8080,")]);
    assert_eq!(config.server.cors_origins, ["https://a.example", "http://b.example:8080"]);
}

#[test]
fn a_provider_may_know_us_by_several_ids() {
    let config = config(&[
        ("GOOGLE_CLIENT_ID", "web.test, ios.test,"),
        ("FACEBOOK_APP_ID", "1,2"),
        ("FACEBOOK_APP_SECRET", "first, second"),
    ]);
    assert_eq!(config.providers.google.unwrap().client_ids, ["web.test", "ios.test"]);
    let apps = config.providers.facebook.unwrap().apps;
    let apps: Vec<_> = apps.iter().map(|(id, secret)| (id.as_str(), secret.expose_secret())).collect();
    assert_eq!(apps, [("1", "first"), ("2", "second")]);
    let place = Place::with_file("[providers]\ngoogle_client_id = [\"web.test\", \"ios.test\"]\n");
    assert_eq!(place.config(&[]).providers.google.unwrap().client_ids, ["web.test", "ios.test"]);
}

#[test]
fn an_origin_may_be_that_of_an_app_in_a_web_view() {
    let origins = [
        "capacitor://localhost",
        "ionic://localhost",
        "tauri://localhost",
        "http://tauri.localhost",
        "app+x.y-1://com.example.app:8100",
        "chrome-extension://abcdefghijklmnop",
        "http://[::1]:8100",
    ];
    let config = config(&[("VESTIBULE_CORS_ORIGINS", &origins.join(","))]);
    assert_eq!(config.server.cors_origins, origins);
}

#[test]
fn an_alias_sets_what_its_first_name_sets() {
    let config = config(&[
        ("KEY", SECRET),
        ("SUPER_ADMIN_EMAIL", "Root@Shop.test"),
        ("SUPER_ADMIN_PASSWORD", "correct horse battery"),
    ]);
    assert_eq!(config.security.secret.unwrap().expose_secret(), SECRET);
    let root = config.root.unwrap();
    assert_eq!((root.email.as_str(), root.password.expose_secret()), ("root@shop.test", "correct horse battery"));
}

#[test]
fn two_names_of_one_key_may_not_contradict_each_other() {
    let other = SECRET.replace('0', "f");
    let problem = problem(&[("VESTIBULE_SECRET", SECRET), ("KEY", &other)]);
    assert_eq!(
        problem,
        "environment variable KEY: says something else than environment variable VESTIBULE_SECRET; keep one of the two"
    );
    assert!(config(&[("VESTIBULE_SECRET", SECRET), ("KEY", SECRET)]).security.secret.is_some());
}

#[test]
fn a_secret_may_lie_in_a_file_of_its_own() {
    let place = Place::new();
    let secret = place.write_secret("secret.txt", &format!("{SECRET}\n"));
    let url = place.write("url.txt", "postgres://u:p@h/d\n");
    for variable in ["VESTIBULE_SECRET_FILE", "KEY_FILE"] {
        let config = place.config(&[(variable, text(&secret)), ("DATABASE_URL_FILE", text(&url))]);
        assert_eq!(config.security.secret.unwrap().expose_secret(), SECRET);
        assert!(
            matches!(config.database.store, Database::Postgres(url) if url.expose_secret() == "postgres://u:p@h/d")
        );
    }
    place.write("vestibule.toml", &format!("[security]\nsecret_file = \"{}\"\n", secret.display()));
    assert_eq!(place.config(&[]).security.secret.unwrap().expose_secret(), SECRET);
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let place = Place::new();
    let missing = place.path("missing");
    let problem = place.problem(&[("EMAIL_PASS_FILE", text(&missing)), ("EMAIL_USER", "jo")]);
    assert!(problem.starts_with("environment variable EMAIL_PASS_FILE: the file "), "{problem}");
    assert!(problem.contains("cannot be read"), "{problem}");
    let problem = place.problem(&[("VESTIBULE_CONFIG", text(&missing))]);
    assert!(problem.contains("the configuration file cannot be read"), "{problem}");
}

#[test]
fn the_command_line_names_the_file_before_the_environment_does() {
    let place = Place::with_file("[security]\nbcrypt_cost = 10\n");
    let by_variable = place.write("b.toml", "[security]\nbcrypt_cost = 11\n");
    let by_option = place.write("c.toml", "[security]\nbcrypt_cost = 13\n");
    let environment = [("VESTIBULE_CONFIG", text(&by_variable))];
    assert_eq!(place.config(&environment).security.hashing.cost, 11);
    let mut sources = place.sources(&environment);
    sources.file = Some(by_option);
    assert_eq!(vestibule_server::config::load(&sources).unwrap().config.security.hashing.cost, 13);
}

#[test]
fn every_form_of_a_database_url_is_read() {
    let store = |url| config(&[("DATABASE_URL", url), ("KEY", SECRET)]).database.store;
    assert!(matches!(store("memory:"), Database::Memory));
    for (url, path) in [
        ("sqlite://data/x.db", "data/x.db"),
        ("sqlite:x.db", "x.db"),
        ("sqlite:///srv/x.db", "/srv/x.db"),
        ("sqlite:/srv/x.db", "/srv/x.db"),
        ("sqlite://./x.db", "./x.db"),
    ] {
        assert!(matches!(store(url), Database::Sqlite(found) if found.to_str() == Some(path)), "{url}");
    }
    for url in ["postgres://u:p@h/d", "postgresql://h/d?sslmode=require"] {
        assert!(matches!(store(url), Database::Postgres(found) if found.expose_secret() == url), "{url}");
    }
    for keywords in ["host=/run/postgresql dbname=d", "host = /run/postgresql  dbname = 'd'"] {
        let url = "postgres://?host=%2Frun%2Fpostgresql&dbname=d";
        assert!(matches!(store(keywords), Database::Postgres(found) if found.expose_secret() == url), "{keywords}");
    }
}

#[test]
fn links_of_mern_begin_with_the_front_end_or_else_with_the_public_url() {
    let public = ("VESTIBULE_PUBLIC_URL", "https://accounts.example.org/base");
    let front = ("VESTIBULE_MERN_FRONTEND_URL", "https://app.example.org/");
    for (variables, expected) in
        [(&[public][..], "https://accounts.example.org/base"), (&[public, front], "https://app.example.org")]
    {
        let config = config(variables);
        let mount = config.dialects.iter().find(|mount| mount.dialect().name() == "mern").unwrap().clone();
        let mount = mount.with_public_url(config.server.public_url.as_deref().unwrap());
        assert_eq!(mount.settings::<MernOptions>().unwrap().frontend_url, expected);
    }
    assert!(problem(&[("VESTIBULE_MERN_FRONTEND_URL", "app.example.org")]).contains("VESTIBULE_MERN_FRONTEND_URL"));
}

#[test]
fn a_mail_server_is_read_whole() {
    let place = Place::new();
    let authority = rcgen::generate_simple_self_signed(["smtp.example.org".to_owned()]).unwrap().cert.pem();
    let ca_file = place.write("ca.pem", &authority).display().to_string();
    let config = place.config(&[
        ("EMAIL_HOST", "smtp.example.org"),
        ("EMAIL_PORT", "465"),
        ("EMAIL_USER", "box@example.org"),
        ("EMAIL_PASS", " spaces count "),
        ("VESTIBULE_EMAIL_CA_FILE", &ca_file),
        ("VESTIBULE_LISTEN", "0.0.0.0:3000"),
        ("VESTIBULE_PUBLIC_URL", "https://accounts.example.org/base/"),
        ("VESTIBULE_TRUSTED_PROXIES", "10.0.0.0/8"),
        ("VESTIBULE_EGO_PASSWORD_MIN", "8"),
        ("VESTIBULE_EGO_FRONTEND_URL", "https://app.example.org/"),
    ]);
    assert_eq!(ego(&config).frontend_url, "https://app.example.org");
    assert_eq!(config.email.from, "box@example.org", "the user is an address, so it is the sender");
    assert_eq!(config.server.public_url.as_deref(), Some("https://accounts.example.org/base"));
    let smtp = config.email.smtp.unwrap();
    assert_eq!((smtp.host.as_str(), smtp.port), ("smtp.example.org", 465));
    assert_eq!(smtp.ca_file, Some(place.path("ca.pem")));
    let (user, password) = (smtp.user.unwrap(), smtp.password.unwrap());
    assert_eq!((user.as_str(), password.expose_secret()), ("box@example.org", " spaces count "));
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
}

#[test]
fn what_has_no_effect_is_warned_of() {
    let off = ("VESTIBULE_DIALECT_EGO", "off");
    let warnings = config(&[off, ("VESTIBULE_EMAIL_CA_FILE", "/ca.pem")]).warnings;
    assert_eq!(warnings, ["environment variable VESTIBULE_EMAIL_CA_FILE has no effect without EMAIL_HOST"]);
    let host = [("EMAIL_HOST", "localhost"), ("EMAIL_FROM", "Shop <a@shop.test>")];
    let open = [off, ("VESTIBULE_LISTEN", "0.0.0.0:1"), host[0], host[1]];
    let warnings = config(&open).warnings;
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("VESTIBULE_PUBLIC_URL"), "{warnings:?}");
}

#[test]
fn trusting_every_address_is_warned_of() {
    for (networks, expected) in [("0.0.0.0/0", 1), ("10.0.0.0/8, ::/0", 1), ("10.0.0.0/8, fd00::/8", 0)] {
        let warnings = config(&[("VESTIBULE_TRUSTED_PROXIES", networks)]).warnings;
        let told = warnings.iter().filter(|line| line.contains("trusts every address")).count();
        assert_eq!(told, expected, "{networks} {warnings:?}");
    }
}

#[test]
fn a_platform_s_port_is_listened_on_from_outside_unless_the_listener_is_set() {
    let mail = [("EMAIL_HOST", "localhost"), ("EMAIL_FROM", "a@b.test")];
    let listen = |more: &[(&str, &str)]| config(&[&mail[..], more].concat()).server.listen.to_string();
    assert_eq!(listen(&[("PORT", "8080")]), "0.0.0.0:8080");
    assert_eq!(listen(&[("PORT", "")]), "127.0.0.1:3000");
    assert_eq!(listen(&[("PORT", "8080"), ("VESTIBULE_LISTEN", "127.0.0.1:9000")]), "127.0.0.1:9000");
    let refused = problem(&[("PORT", "8080")]);
    assert!(refused.contains("the local mailbox must not be shown on 0.0.0.0:8080"), "{refused}");
    for port in ["tcp://10.0.0.1:80", "0", "65536", "http"] {
        let refused = problem(&[("PORT", port)]);
        assert!(
            refused.starts_with("environment variable PORT: ") && refused.contains("VESTIBULE_LISTEN"),
            "{refused}"
        );
    }
}

#[test]
fn printing_says_where_each_value_came_from_and_shows_no_secret() {
    let place = Place::with_file("[security]\nbcrypt_cost = 11\n[email]\nhost = \"mail.test\"\n");
    let loaded = place.load(&[
        ("KEY", SECRET),
        ("DATABASE_URL", "postgres://jo:hunter2@db.test/vestibule?password=hunter2"),
        ("EMAIL_USER", "a@mail.test"),
        ("EMAIL_PASS", "hunter2"),
        ("VESTIBULE_ROOT_EMAIL", "root@shop.test"),
        ("VESTIBULE_ROOT_PASSWORD", "hunter2 hunter2"),
    ]);
    let text = show::print_text(&loaded.settings);
    let json = show::print_json(&loaded.settings);
    for shown in [text.as_str(), &json.to_string(), &format!("{:?}", loaded.config)] {
        assert!(!shown.contains("hunter2") && !shown.contains(SECRET), "{shown}");
    }
    let line = |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start}"));
    assert!(line("bcrypt_cost = 11 ").ends_with("vestibule.toml, security.bcrypt_cost"));
    assert!(line("secret = ").ends_with("# env KEY"));
    assert!(line("pool = 16").ends_with("# default"));
    assert!(line("public_url = \"http://127.0.0.1:3000\"").ends_with("# default"));
    assert!(line("url = \"postgres://jo:…@db.test/vestibule?…\"").ends_with("# env DATABASE_URL"));
    assert!(text.contains("# username is not set\n"));
    let unset = show::print_text(&Place::new().load(&[]).settings);
    assert!(unset.contains("# secret is not set: read from `secret` in the data directory"), "{unset}");
    assert_eq!(json["security.bcrypt_cost"]["value"], 11);
    assert_eq!(json["security.secret"], serde_json::json!({ "value": "(set, not shown)", "origin": "env KEY" }));
    assert_eq!(json["email.ca_file"]["value"], serde_json::Value::Null);
}
