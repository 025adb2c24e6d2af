//! How long mailed codes, links and refresh tokens live.

use super::{Key, number, table};

table! {
    CODE_LIFETIME = Key::new("codes.lifetime_seconds", &["VESTIBULE_CODE_LIFETIME_SECONDS"], number(60, 3_600),
        "How long a mailed code works; the mail tells whole minutes.").default("600");
    CODE_TRIES = Key::new("codes.tries", &["VESTIBULE_CODE_TRIES"], number(1, 10),
        "How many tries, right or wrong, use a code up.").default("5");
    CODE_ACCOUNT_TRIES = Key::new("codes.account_tries_per_day", &["VESTIBULE_CODE_ACCOUNT_TRIES_PER_DAY"],
        number(3, 100), "Wrong codes for one account in 24 hours, over all codes.").default("10");
    RESET_LINK = Key::new("codes.reset_link_seconds", &["VESTIBULE_RESET_LINK_SECONDS"], number(300, 86_400),
        "How long a mailed link works that sets a new password; the mail tells whole minutes.").default("3600");
    VERIFICATION_LINK = Key::new("codes.verification_link_seconds", &["VESTIBULE_VERIFICATION_LINK_SECONDS"],
        number(3_600, 604_800), "How long a mailed link works that proves a mailbox; the mail tells whole hours.").default("86400");

    REFRESH_IDLE = Key::new("refresh.idle_days", &["VESTIBULE_REFRESH_IDLE_DAYS"], number(1, 90),
        "How long a sign-in can be refreshed after its last use.").default("7");
    REFRESH_ABSOLUTE = Key::new("refresh.absolute_days", &["VESTIBULE_REFRESH_ABSOLUTE_DAYS"], number(1, 365),
        "How long a sign-in can be refreshed in all.").default("30");
    REFRESH_RETRY = Key::new("refresh.retry_seconds", &["VESTIBULE_REFRESH_RETRY_SECONDS"], number(1, 60),
        "For how long another use of a refresh token without a key is taken for a retry.").default("10");
    REFRESH_PER_ACCOUNT = Key::new("refresh.per_account", &["VESTIBULE_REFRESH_PER_ACCOUNT"], number(1, 1_000),
        "How many sign-ins of one account can be refreshed; the least recently used one makes room.").default("20");
}
