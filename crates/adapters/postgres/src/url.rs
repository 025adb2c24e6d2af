//! URLs of databases, checked before the driver reads them: it writes what it does not know of one into the log, and
//! goes on.

use sqlx::{ConnectOptions, postgres::PgConnectOptions};
use url::Url;

/// What the driver takes behind the `?`; besides, `options[NAME]` for any setting of the server.
const PARAMETERS: [&str; 18] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

/// Why a URL is not taken; never quotes a value, which may be a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// Nothing that the driver knows, most often a slip.
    #[error("the parameter `{0}` of the URL is not known, such as `sslmode` is")]
    UnknownParameter(String),
    /// Not a URL, or a value of the wrong form.
    #[error(
        "the URL cannot be read: its port, `sslmode` or another part is not of the right form, or a sign in the password \
         is not written as %XX"
    )]
    Malformed,
}

/// Checks the URL of a database without connecting.
pub fn check_url(url: &str) -> Result<(), InvalidUrl> {
    parse(url).map(drop)
}

pub(crate) fn parse(url: &str) -> Result<PgConnectOptions, InvalidUrl> {
    let url = Url::parse(url).map_err(|_| InvalidUrl::Malformed)?;
    // Nothing of a database is named so: it is the end of a password with a bare `#` in it.
    if url.fragment().is_some() {
        return Err(InvalidUrl::Malformed);
    }
    if let Some((name, _)) = url.query_pairs().find(|(name, _)| !is_known(name)) {
        return Err(if may_be_told(&name, &url) {
            InvalidUrl::UnknownParameter(name.into_owned())
        } else {
            InvalidUrl::Malformed
        });
    }
    PgConnectOptions::from_url(&url).map_err(|_| InvalidUrl::Malformed)
}

fn is_known(name: &str) -> bool {
    let is_setting = name.starts_with("options[") && name.ends_with(']');
    is_setting || PARAMETERS.contains(&name)
}

/// What looks like a name may be the end of a password with a bare `?` in it, and then an `@` follows.
fn may_be_told(name: &str, url: &Url) -> bool {
    let looks_like_one = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    looks_like_one && url.query().is_some_and(|query| !query.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_driver_knows_is_taken() {
        for url in [
            "postgres://u:p@db.example.org:5432/name",
            "postgresql://u@localhost/name?sslmode=require&sslrootcert=/etc/ca.pem",
            "postgres:///name?host=/run/postgresql&options[search_path]=x&application_name=y",
            "postgres://u@localhost/name?options%5Bsearch_path%5D=x&ssl%2Dmode=require",
        ] {
            assert_eq!(check_url(url), Ok(()), "{url}");
        }
    }

    #[test]
    fn what_it_would_pass_over_or_fail_at_is_refused_without_a_value() {
        for (url, name) in [
            ("postgres://u@h/name?passwd=sekrit", "passwd"),
            ("postgres://u@h/name?sslmode=require&pasword=sekrit", "pasword"),
        ] {
            assert_eq!(check_url(url), Err(InvalidUrl::UnknownParameter(name.to_owned())), "{url}");
        }
        for url in ["postgres://u:p@h:notaport/name", "postgres://u@h/name?sslmode=sekrit", "postgres://u@h/n?port=x"] {
            assert_eq!(check_url(url), Err(InvalidUrl::Malformed), "{url}");
        }
        for url in [
            "postgres://u:12?sekrit@h/name",
            "postgres://u:12?sekrit=34@h/name",
            "postgres://u:12?sekrit#34@h/name",
            "postgres://u@h/n?a:sekrit",
        ] {
            assert_eq!(check_url(url), Err(InvalidUrl::Malformed), "{url}");
        }
    }
}
