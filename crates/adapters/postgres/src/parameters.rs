//! Parameters of libpq and of other clients, which hosting providers put into database URLs.

/// How a parameter is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The driver supports it.
    Kept,
    /// Each transaction may be in another session, and no statement stays prepared.
    Pooled,
    /// It has no effect here, for this reason.
    Dropped(&'static str),
    /// It promises what we do not do; with what to write instead.
    Refused(&'static str),
    /// Unknown, most often a typo.
    Unknown,
}

use Verdict::{Dropped, Kept, Pooled, Refused, Unknown};

const TIMES: &str =
    "VESTIBULE_DATABASE_ACQUIRE_SECONDS and VESTIBULE_DATABASE_STATEMENT_SECONDS say how long is waited";
const POOL: &str = "VESTIBULE_DATABASE_POOL says how many connections there are";
const ALWAYS: &str = "that is so in any case";
const ALIVE: &str = "a connection that was unused is tested before it is used";
const OF_OTHERS: &str = "it is for another client";
const VERIFY: &str =
    "leave it out, and write `sslmode=verify-full`, with which only a server with a trusted certificate is spoken to";
const PASSWORD: &str = "leave it out, and give the URL with its password in DATABASE_URL_FILE";
const NO_GSS: &str = "leave it out: Kerberos is not spoken here; use a password or a client certificate over TLS";
const ONE_SERVER: &str = "leave it out: the URL must lead to the one server that takes writes";

/// How a parameter with a value is treated.
pub(crate) fn judge(name: &str, value: &str) -> Verdict {
    let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(value));
    match name {
        "host" | "hostaddr" | "port" if value.contains(',') => Refused(SEVERAL),
        "application_name"
        | "dbname"
        | "host"
        | "hostaddr"
        | "options"
        | "password"
        | "port"
        | "ssl-ca"
        | "ssl-cert"
        | "ssl-key"
        | "ssl-mode"
        | "ssl-root-cert"
        | "sslcert"
        | "sslkey"
        | "sslmode"
        | "sslrootcert"
        | "statement-cache-capacity"
        | "user" => Kept,
        _ if name.starts_with("options[") && name.ends_with(']') => Kept,
        "pgbouncer" if is(&["true", "1"]) => Pooled,
        "statement_cache_size" | "prepared_statement_cache_size" | "prepareThreshold" if value == "0" => Pooled,
        "pgbouncer" | "statement_cache_size" | "prepared_statement_cache_size" | "prepareThreshold" => {
            Dropped(OF_OTHERS)
        }
        "connect_timeout" | "pool_timeout" | "socket_timeout" | "tcp_user_timeout" => Dropped(TIMES),
        "connection_limit" | "pool_size" | "max_conns" => Dropped(POOL),
        "keepalives" | "keepalives_idle" | "keepalives_interval" | "keepalives_count" => Dropped(ALIVE),
        "fallback_application_name" => Dropped("the name is `vestibule` where `application_name` does not say another"),
        "supa" | "uselibpqcompat" | "sslcompression" | "sslsni" => Dropped(OF_OTHERS),
        _ => judge_choice(name, &is),
    }
}

pub(crate) const SEVERAL: &str = "name one address that leads to the server which takes writes: a DNS name, a virtual address or a \
                                  proxy that follows the failover";

/// Parameters with some values that have no effect, and others that promise something.
fn judge_choice(name: &str, is: &impl Fn(&[&str]) -> bool) -> Verdict {
    match name {
        "client_encoding" if is(&["utf8", "utf-8", "auto"]) => Dropped(ALWAYS),
        "client_encoding" => Refused("leave it out: text is UTF-8 here"),
        "channel_binding" if is(&["disable", "prefer"]) => Dropped("there is none here"),
        "target_session_attrs" if is(&["any", "read-write", "primary"]) => {
            Dropped("a server that takes writes is looked for in any case")
        }
        "load_balance_hosts" if is(&["disable"]) => Dropped(ALWAYS),
        "load_balance_hosts" | "target_session_attrs" => Refused(ONE_SERVER),
        "gssencmode" if is(&["disable", "prefer"]) => Dropped("Kerberos is not spoken here"),
        "gssencmode" | "krbsrvname" | "gsslib" | "gssdelegation" => Refused(NO_GSS),
        "sslnegotiation" if is(&["postgres"]) => Dropped(ALWAYS),
        "sslnegotiation" => {
            Refused("leave it out: TLS begins after a question to the server; `sslmode=require` demands it")
        }
        "ssl_min_protocol_version" if is(&["TLSv1", "TLSv1.1", "TLSv1.2"]) => {
            Dropped("TLS 1.2 is the least in any case")
        }
        "ssl_max_protocol_version" if is(&["TLSv1.3"]) => Dropped(ALWAYS),
        "ssl_min_protocol_version" | "ssl_max_protocol_version" => {
            Refused("leave it out: TLS 1.2 or 1.3 is spoken, as the server prefers; restrict it there")
        }
        "sslcertmode" if is(&["allow", "disable"]) => Dropped(OF_OTHERS),
        "requiressl" | "ssl" | "sslaccept" => {
            Refused("write `sslmode=require`, or `sslmode=verify-full` if the certificate is to be checked")
        }
        "channel_binding" | "sslcertmode" | "require_auth" | "requirepeer" | "sslcrl" | "sslcrldir" => Refused(VERIFY),
        "sslpassword" => Refused("leave it out, and decrypt the key of the client certificate"),
        "sslkeylogfile" => Refused("leave it out: the keys of connections are written nowhere"),
        "schema" | "search_path" | "currentSchema" => Refused("write `options[search_path]=NAME`"),
        "passfile" | "scram_client_key" | "scram_server_key" => Refused(PASSWORD),
        "service" | "servicefile" => Refused("leave it out, and write what the service file says into the URL"),
        "replication" => Refused("leave it out: this is no replication client"),
        _ => Unknown,
    }
}

/// Whether the value names a file that the driver reads.
pub(crate) fn is_file(name: &str) -> bool {
    ["ssl-ca", "ssl-cert", "ssl-key", "ssl-root-cert", "sslcert", "sslkey", "sslrootcert"].contains(&name)
}
