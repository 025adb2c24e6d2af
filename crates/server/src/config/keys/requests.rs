//! Time and size limits of requests.

use super::{Key, number, table};

table! {
    REQUEST_HEAD = Key::new("requests.head_seconds", &["VESTIBULE_REQUEST_HEAD_SECONDS"], number(1, 60),
        "How long a client may take to send the head of a request.").default("5");
    REQUEST_IDLE = Key::new("requests.idle_seconds", &["VESTIBULE_REQUEST_IDLE_SECONDS"], number(1, 3_600),
        "How long a kept connection may wait for its next request. Longer than a balancer in front keeps its own: 620 for Google's, which keep theirs for 600 s.")
        .default("75");
    REQUEST_BODY = Key::new("requests.body_seconds", &["VESTIBULE_REQUEST_BODY_SECONDS"], number(1, 300),
        "How long a client may take to send the body of a request.").default("30");
    REQUEST_HANDLER = Key::new("requests.handler_seconds", &["VESTIBULE_REQUEST_HANDLER_SECONDS"], number(1, 120),
        "How long a request may be worked on, its body aside; then the answer is 503.").default("10");
    REQUEST_KIB = Key::new("requests.body_kib", &["VESTIBULE_REQUEST_BODY_KIB"], number(16, 100),
        "The most KiB of a JSON body; the documents of contacts and mern promise 100, ego takes 64 at most.").default("100");
    REQUEST_DEPTH = Key::new("requests.body_depth", &["VESTIBULE_REQUEST_BODY_DEPTH"], number(4, 64),
        "How deep objects and arrays may lie in each other in a JSON body.").default("16");
    PAGE_ROWS = Key::new("requests.page_rows", &["VESTIBULE_PAGE_ROWS"], number(30, 1_000),
        "The most accounts in one list; `check-registered` of contacts answers up to 500 regardless.").default("1000");
}
