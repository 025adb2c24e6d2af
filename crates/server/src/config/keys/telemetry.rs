//! Metrics and log lines.

use super::{Key, Kind, table};

table! {
    METRICS_LISTEN = Key::new("metrics.listen", &["VESTIBULE_METRICS_LISTEN"], Kind::Text,
        "Address and port of `/metrics`, or `off`; it is not protected, so keep it inside.").default("127.0.0.1:9464");

    LOG_FILTER = Key::new("log.filter", &["RUST_LOG"], Kind::Text,
        "What is logged: levels, also by module, as in `info,vestibule_smtp=debug`.")
        .default("info,sqlx=warn,actix_server=warn,actix_http=off,mio=warn");
    LOG_FORMAT = Key::new("log.format", &["VESTIBULE_LOG_FORMAT"], Kind::Choice(&["text", "json"]),
        "How a log line looks.").derived("`text` on a terminal, otherwise `json`").example("json");
}
