//! The forms in which a PostgreSQL database can be named, each by a server that starts on it.

use crate::support::{Database, Setup, contacts::email};

/// A password that is to be encoded in a URL and quoted among keywords.
const PASSWORD: &str = r"p@ss:w/o'r\d #1?&%";
const ENCODED: &str = "p%40ss%3Aw%2Fo%27r%5Cd%20%231%3F%26%25";
const QUOTED: &str = r"'p@ss:w/o\'r\\d #1?&%'";

#[test]
fn a_database_is_named_by_host_or_socket_in_a_url_or_by_keywords() {
    let database = Database::empty();
    let url = database.url();
    let (_, rest) = url.rsplit_once('@').unwrap();
    let (authority, name) = rest.split_once('/').unwrap();
    let (host, port) = authority.rsplit_once(':').unwrap();
    let folder = database.query("SHOW unix_socket_directories");
    let role = format!("role_{name}");
    database.query(&format!("CREATE ROLE {role} LOGIN PASSWORD '{}'", PASSWORD.replace('\'', "''")));
    database.query(&format!("ALTER DATABASE {name} OWNER TO {role}"));
    database.query(&format!("ALTER SCHEMA public OWNER TO {role}"));

    let encoded_folder = folder.replace('/', "%2F");
    for named in [
        format!("postgres://{role}:{ENCODED}@{host}:{port}/{name}"),
        format!("postgres://{role}:{ENCODED}@{encoded_folder}:{port}/{name}"),
        format!("postgres:///{name}?host={encoded_folder}&port={port}&user={role}&password={ENCODED}"),
        format!("host={host} port={port} dbname={name} user={role} password={QUOTED}"),
        format!("host = '{folder}' port={port} dbname={name} user={role} password = {QUOTED}"),
    ] {
        let setup = Setup::postgres(&database).with("DATABASE_URL", &named);
        let checked = setup.run(&["config", "print"]).expect(0).stdout;
        assert!(!checked.contains("ss:w") && !checked.contains("p%40ss"), "{checked}");
        let server = setup.start();
        let account = server.register(&email());
        assert_eq!(server.me(&account.token), 200, "{named}");
        server.stop();
    }
}
