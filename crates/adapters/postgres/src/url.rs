//! URLs of databases, checked before the driver reads them: it writes what it does not know of one into the log, and
//! goes on.

use sqlx::postgres::PgConnectOptions;

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
    #[error("the URL cannot be read: its port, `sslmode` or another part is not of the right form")]
    Malformed,
}

/// Checks the URL of a database without connecting.
pub fn check_url(url: &str) -> Result<(), InvalidUrl> {
    parse(url).map(drop)
}

pub(crate) fn parse(url: &str) -> Result<PgConnectOptions, InvalidUrl> {
    let query = url.split_once('?').map_or("", |(_, query)| query.split('#').next().unwrap_or_default());
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let names = pairs.map(|pair| pair.split('=').next().unwrap_or_default());
    for name in names {
        let is_setting = name.starts_with("options[") && name.ends_with(']');
        if !is_setting && !PARAMETERS.contains(&name) {
            return Err(InvalidUrl::UnknownParameter(name.to_owned()));
        }
    }
    url.parse().map_err(|_| InvalidUrl::Malformed)
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
    }
}
