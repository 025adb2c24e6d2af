//! The secret, passwords, guesses and limits.

use super::{Key, Kind, number, table};

table! {
    SECRET = Key::new("security.secret", &["VESTIBULE_SECRET", "KEY"], Kind::Text,
        "The server secret, at least 32 bytes; every key is derived from it, so whoever has it can sign tokens. \
         All nodes on one PostgreSQL share it, so there it must be given.")
        .derived("read from `secret` in the data directory, where it is generated at the first start")
        .example("the output of `openssl rand -hex 32`").secret();
    BCRYPT_COST = Key::new("security.bcrypt_cost", &["VESTIBULE_BCRYPT_COST"], number(10, 14),
        "Cost of new password hashes; one more doubles the time of a sign-in.").default("12");
    HASH_THREADS = Key::new("security.hash_threads", &["VESTIBULE_HASH_THREADS"],
        number(1, 256),
        "How many passwords are hashed at once.").derived("one for each core").example("4");
    HASH_QUEUE = Key::new("security.hash_queue", &["VESTIBULE_HASH_QUEUE"], number(1, 1_024),
        "How many passwords may wait for their turn to be hashed; for the next one the answer is 503.").default("64");
    HASH_WAIT = Key::new("security.hash_wait_seconds", &["VESTIBULE_HASH_WAIT_SECONDS"], number(1, 30),
        "How long a password may wait for its turn to be hashed; then the answer is 503.").default("5");
    PASSWORD_MIN = Key::new("security.password_min", &["VESTIBULE_PASSWORD_MIN"], number(8, 64),
        "The fewest characters of a new password; the most is 72 bytes.").default("8");
    LIMITS = Key::new("security.limits", &["VESTIBULE_LIMITS"], Kind::Switch,
        "Whether requests are counted per source and mailbox, and guesses per account delayed. \
         `off` is for tests and refused unless the listener is on loopback.").default("on");

    GUESSES_FREE = Key::new("guesses.free", &["VESTIBULE_GUESSES_FREE"], number(1, 9),
        "How many guesses need no wait.").default("4");
    GUESSES_FIRST_WAIT = Key::new("guesses.first_wait_seconds", &["VESTIBULE_GUESSES_FIRST_WAIT_SECONDS"],
        number(1, 600), "The wait after the next guess.").default("3");
    GUESSES_SECOND_WAIT = Key::new("guesses.second_wait_seconds", &["VESTIBULE_GUESSES_SECOND_WAIT_SECONDS"],
        number(1, 1_800), "The wait after the one that follows.").default("10");
    GUESSES_LATER_WAIT = Key::new("guesses.later_wait_seconds", &["VESTIBULE_GUESSES_LATER_WAIT_SECONDS"],
        number(10, 3_600), "The wait after each later one.").default("60");
    GUESSES_CLOSE = Key::new("guesses.close_after", &["VESTIBULE_GUESSES_CLOSE_AFTER"], number(10, 1_000),
        "After how many guesses the account is closed to whoever shares the count, until the 24 hours are over or the \
         password is reset.").default("100");

    SIGN_INS = Key::new("limits.sign_ins_per_minute", &["VESTIBULE_LIMIT_SIGN_INS_PER_MINUTE"], number(1, 600),
        "Sign-ins from one source (an IPv4 address or IPv6 /64).").default("10");
    ANONYMOUS_SESSIONS = Key::new("limits.anonymous_sessions_per_minute",
        &["VESTIBULE_LIMIT_ANONYMOUS_SESSIONS_PER_MINUTE"], number(1, 10_000),
        "Anonymous sessions that one source may begin.").default("60");
    REGISTRATIONS = Key::new("limits.registrations_per_hour", &["VESTIBULE_LIMIT_REGISTRATIONS_PER_HOUR"],
        number(1, 10_000), "Registrations from one source.").default("20");
    MAILS = Key::new("limits.mails_per_hour", &["VESTIBULE_LIMIT_MAILS_PER_HOUR"], number(1, 1_000),
        "Requests from one source that may send a mail.").default("5");
    MAILBOX_INTERVAL = Key::new("limits.mailbox_interval_seconds", &["VESTIBULE_LIMIT_MAILBOX_INTERVAL_SECONDS"],
        number(10, 3_600), "The time between two mails to one mailbox for one purpose.").default("60");
    MAILBOX_HOURLY = Key::new("limits.mailbox_per_hour", &["VESTIBULE_LIMIT_MAILBOX_PER_HOUR"], number(1, 100),
        "Mails to one mailbox.").default("5");
    MAILBOX_DAILY = Key::new("limits.mailbox_per_day", &["VESTIBULE_LIMIT_MAILBOX_PER_DAY"], number(1, 1_000),
        "Mails to one mailbox.").default("10");
    RESETS = Key::new("limits.resets_per_minute", &["VESTIBULE_LIMIT_RESETS_PER_MINUTE"], number(1, 600),
        "New passwords for one account that come with a good reset token, such as one whose password is refused.").default("30");
    LOOK_UPS = Key::new("limits.look_ups_per_hour", &["VESTIBULE_LIMIT_LOOK_UPS_PER_HOUR"], number(1, 10_000),
        "Look-ups of contacts by one account.").default("30");
    IDENTIFIERS = Key::new("limits.identifiers_per_hour", &["VESTIBULE_LIMIT_IDENTIFIERS_PER_HOUR"],
        number(500, 1_000_000), "Contacts that one account may look up, of which one request may have 500.")
        .default("5000");
    USERNAME_CHANGES = Key::new("limits.username_changes_per_hour",
        &["VESTIBULE_LIMIT_USERNAME_CHANGES_PER_HOUR"], number(1, 1_000),
        "Tries to give one account another user name, each of which tells whether the name is taken.").default("10");
    SUBMISSIONS = Key::new("limits.submissions_per_hour", &["VESTIBULE_LIMIT_SUBMISSIONS_PER_HOUR"],
        number(1, 10_000), "Stories that one source may hand in (`looking`).").default("10");
    STREAMS_PER_ACCOUNT = Key::new("limits.streams_per_account", &["VESTIBULE_LIMIT_STREAMS_PER_ACCOUNT"],
        number(1, 1_000), "Live streams of conversations that one account may have open on a node.").default("10");
    STREAMS = Key::new("limits.streams", &["VESTIBULE_LIMIT_STREAMS"], number(10, 1_000_000),
        "Live streams of conversations that a node holds; each is an open connection.").default("10000");
}
