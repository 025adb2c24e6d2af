//! Database URLs, checked before the driver reads them: the driver only logs what it does not know and goes on.

use std::fs::File;

use sqlx::{ConnectOptions, postgres::PgConnectOptions};
use url::Url;

use crate::parameters::{SEVERAL, Verdict, is_file, judge};

/// Why a URL is refused; never quotes a value, which may be a password, except the name of a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// Unknown to the driver, most often a typo.
    #[error("the URL has the unknown parameter `{0}`")]
    UnknownParameter(String),
    /// A parameter that promises what we do not do.
    #[error("the parameter `{name}` of the URL is not supported")]
    NotKept {
        /// The parameter.
        name: String,
        /// What to write instead.
        remedy: &'static str,
    },
    /// More than one server.
    #[error("the URL names several servers")]
    SeveralServers,
    /// A file that cannot be read.
    #[error("the file that `{name}` of the URL names cannot be read: {why}")]
    File {
        /// The parameter.
        name: String,
        why: String,
    },
    /// Not a URL, or a value of the wrong form.
    #[error(
        "the URL cannot be read: its port, `sslmode` or another part is not of the right form, or a sign in the password \
         is not written as %XX"
    )]
    Malformed,
}

impl InvalidUrl {
    /// What to do, unless it is just to correct the form.
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::NotKept { remedy, .. } => Some(remedy),
            Self::SeveralServers => Some(SEVERAL),
            Self::File { .. } => Some("name a file that this user may read"),
            Self::UnknownParameter(_) | Self::Malformed => None,
        }
    }
}

/// Checks a database URL without connecting; returns warnings about parameters that have no effect.
pub fn check_url(url: &str) -> Result<Vec<String>, InvalidUrl> {
    let Read { url, warnings, .. } = read(url)?;
    for (name, path) in url.query_pairs().filter(|(name, _)| is_file(name)) {
        File::open(&*path).map_err(|error| InvalidUrl::File { name: name.into_owned(), why: error.to_string() })?;
    }
    Ok(warnings)
}

/// The options, and whether a pooler gives each transaction another session.
pub(crate) fn parse(url: &str) -> Result<(PgConnectOptions, bool), InvalidUrl> {
    read(url).map(|read| (read.options, read.is_pooled))
}

/// The content of a URL.
struct Read {
    options: PgConnectOptions,
    is_pooled: bool,
    /// As the driver reads it.
    url: Url,
    /// What to warn about.
    warnings: Vec<String>,
}

fn read(text: &str) -> Result<Read, InvalidUrl> {
    if has_several_hosts(text) {
        return Err(InvalidUrl::SeveralServers);
    }
    let mut url = Url::parse(text).map_err(|_| InvalidUrl::Malformed)?;
    // No database has such a name: it is the end of a password that contains a bare `#`.
    if url.fragment().is_some() {
        return Err(InvalidUrl::Malformed);
    }
    let (mut kept, mut warnings, mut is_pooled) = (Vec::new(), Vec::new(), false);
    for (name, value) in url.query_pairs() {
        match judge(&name, &value) {
            Verdict::Kept => kept.push((name.into_owned(), value.into_owned())),
            Verdict::Pooled => is_pooled = true,
            Verdict::Dropped(why) => {
                warnings.push(format!("the parameter `{name}` of the database URL changes nothing here: {why}"));
            }
            Verdict::Refused(remedy) => return Err(InvalidUrl::NotKept { name: name.into_owned(), remedy }),
            Verdict::Unknown if may_be_told(&name, &url) => {
                return Err(InvalidUrl::UnknownParameter(name.into_owned()));
            }
            Verdict::Unknown => return Err(InvalidUrl::Malformed),
        }
    }
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
    let options = PgConnectOptions::from_url(&url).map_err(|_| InvalidUrl::Malformed)?;
    Ok(Read { options, is_pooled, url, warnings })
}

/// libpq accepts a list of hosts with ports; a comma in a password comes before the last `@`.
fn has_several_hosts(text: &str) -> bool {
    let authority =
        text.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
    authority.rsplit('@').next().is_some_and(|hosts| hosts.contains(','))
}

/// What looks like a name may be the end of a password with a bare `?`; then an `@` follows.
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
            "postgresql://u@localhost/name?sslmode=require&sslrootcert=/etc/hostname",
            "postgres:///name?host=/run/postgresql&options[search_path]=x&application_name=y",
            "postgres://u@localhost/name?options%5Bsearch_path%5D=x&ssl%2Dmode=require",
        ] {
            assert_eq!(check_url(url), Ok(Vec::new()), "{url}");
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

    #[test]
    fn what_providers_print_is_taken_and_what_changes_nothing_is_told() {
        for (url, told) in [
            ("postgres://u:p@ep-1.neon.tech/db?sslmode=require&channel_binding=prefer", &["channel_binding"][..]),
            ("postgres://u:p@h:6543/db?pgbouncer=true&connection_limit=1", &["connection_limit"]),
            (
                "postgres://u:p,q@h/db?connect_timeout=10&keepalives=1&keepalives_idle=30",
                &["connect_timeout", "keepalives", "keepalives_idle"],
            ),
            (
                "postgres://u@h/db?target_session_attrs=read-write&client_encoding=UTF8&gssencmode=disable",
                &["target_session_attrs", "client_encoding", "gssencmode"],
            ),
            (
                "postgres://u@h/db?sslnegotiation=postgres&ssl_min_protocol_version=TLSv1.2",
                &["sslnegotiation", "ssl_min_protocol_version"],
            ),
        ] {
            let warnings = check_url(url).unwrap();
            assert_eq!(warnings.len(), told.len(), "{url}: {warnings:?}");
            for (warning, name) in warnings.iter().zip(told) {
                assert!(warning.contains(&format!("`{name}`")), "{url}: {warning}");
            }
        }
    }

    #[test]
    fn what_is_dropped_is_not_given_to_the_driver_and_what_is_kept_is() {
        let url = "postgres://u:p%40@h/db?keepalives=1&application_name=a%26b&options[search_path]=x&pgbouncer=true";
        let Read { options, url, is_pooled, .. } = read(url).unwrap();
        assert!(is_pooled);
        assert_eq!((options.get_application_name(), options.get_options()), (Some("a&b"), Some("-c search_path=x")));
        let names: Vec<_> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
        assert_eq!(names, ["application_name", "options[search_path]"]);
        assert_eq!(options.get_host(), "h");
    }

    #[test]
    fn what_promises_too_much_is_refused_with_the_remedy() {
        for (parameter, remedy) in [
            ("channel_binding=require", "sslmode=verify-full"),
            ("target_session_attrs=standby", "takes writes"),
            ("host=a,b", "one address"),
            ("ssl=true", "sslmode=require"),
            ("require_auth=scram-sha-256", "sslmode=verify-full"),
            ("sslcrl=/x", "sslmode=verify-full"),
            ("ssl_min_protocol_version=TLSv1.3", "TLS 1.2 or 1.3"),
            ("schema=x", "options[search_path]"),
            ("passfile=/x", "DATABASE_URL_FILE"),
            ("client_encoding=LATIN1", "UTF-8"),
        ] {
            let error = check_url(&format!("postgres://u:p@h/db?{parameter}")).unwrap_err();
            let name = parameter.split('=').next().unwrap();
            assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
            assert!(error.remedy().unwrap().contains(remedy), "{parameter}: {error:?}");
        }
        for url in ["postgres://u:p@a,b/db", "postgres://u:p@a:5432,b:5433/db", "postgres://a,b"] {
            assert_eq!(check_url(url), Err(InvalidUrl::SeveralServers), "{url}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_told() {
        for name in ["sslrootcert", "sslcert", "sslkey", "ssl-ca"] {
            let error = check_url(&format!("postgres://u:p@h/db?{name}=/nonexistent/ca.pem")).unwrap_err();
            assert!(matches!(&error, InvalidUrl::File { name: told, .. } if told == name), "{error}");
        }
    }
}
