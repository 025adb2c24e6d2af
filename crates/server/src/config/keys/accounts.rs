//! Pending sign-ups, security events, the first root.

use super::{Key, Kind, number, table};

table! {
    PENDING_KEPT = Key::new("accounts.pending_kept_days", &["VESTIBULE_PENDING_KEPT_DAYS"], number(1, 365),
        "How long a sign-up may wait for the first proof of its mailbox; then it is removed, once no code or link of it is good any more.").default("7");

    SUBMISSIONS_KEPT = Key::new("profiles.submissions_kept_days", &["VESTIBULE_SUBMISSIONS_KEPT_DAYS"], number(1, 3_650),
        "How long a story that the public handed in may wait for its approval; then it is removed, with its pictures.").default("30");

    EVENTS_KEPT = Key::new("events.kept_days", &["VESTIBULE_EVENTS_KEPT_DAYS"], number(1, 3_650),
        "How long security events are kept.").default("90");

    ROOT_EMAIL = Key::new("root.email", &["VESTIBULE_ROOT_EMAIL", "SUPER_ADMIN_EMAIL"], Kind::Text,
        "E-mail address of the first root account.").example("root@example.org").or_file();
    ROOT_USERNAME = Key::new("root.username", &["VESTIBULE_ROOT_USERNAME"], Kind::Text,
        "User name of the first root account, which may do without.").example("root").or_file();
    ROOT_PASSWORD = Key::new("root.password", &["VESTIBULE_ROOT_PASSWORD", "SUPER_ADMIN_PASSWORD"], Kind::Text,
        "Password of the first root account; later changes here change nothing.").example("a long password").secret();
}
