//! The mail server.

use super::{Key, Kind, number, table};

table! {
    EMAIL_HOST = Key::new("email.host", &["EMAIL_HOST"], Kind::Text,
        "Host name of the mail server.").example("smtp.example.org");
    EMAIL_PORT = Key::new("email.port", &["EMAIL_PORT"], number(1, 65_535),
        "Port of the mail server: 465 is TLS from the start, any other STARTTLS, which only a server on this machine may \
         leave out.").default("587");
    EMAIL_USER = Key::new("email.user", &["EMAIL_USER"], Kind::Text,
        "User name at the mail server.").example("vestibule@example.org");
    EMAIL_PASS = Key::new("email.password", &["EMAIL_PASS"], Kind::Text,
        "Password at the mail server.").example("a password").secret();
    EMAIL_FROM = Key::new("email.from", &["EMAIL_FROM"], Kind::Text,
        "The sender, `ADDRESS` or `Name <ADDRESS>`; a name that is encoded for a mail (`=?UTF-8?…?=`) is decoded first.")
        .derived("`email.user` where that is an address").example("Vestibule <no-reply@example.org>");
    EMAIL_EHLO_NAME = Key::new("email.ehlo_name", &["VESTIBULE_EMAIL_EHLO_NAME"], Kind::Text,
        "The name given to the mail server with EHLO: a full host name, or an address as `[192.0.2.1]`.")
        .derived("the host name of this machine if it has a dot, else the domain of the public URL or of the sender")
        .example("accounts.example.org");
    EMAIL_CA_FILE = Key::new("email.ca_file", &["VESTIBULE_EMAIL_CA_FILE"], Kind::Path,
        "PEM file of the authority that signed the mail server's certificate, beside those of the system, or of that very certificate if it signed itself.")
        .example("/etc/vestibule/mail-ca.pem");
    EMAIL_TEMPLATES = Key::new("email.templates", &["VESTIBULE_EMAIL_TEMPLATES"], Kind::Path,
        "Folder of mail templates that replace the built-in ones: `<en|fr>/<letter>.<txt|html>`.")
        .example("/etc/vestibule/mail");
    EMAIL_CONNECT = Key::new("email.connect_seconds", &["VESTIBULE_EMAIL_CONNECT_SECONDS"], number(1, 60),
        "How long a connection to the mail server may take.").default("5");
    EMAIL_COMMAND = Key::new("email.command_seconds", &["VESTIBULE_EMAIL_COMMAND_SECONDS"], number(1, 120),
        "How long the mail server may take to answer a command.").default("15");
    EMAIL_LEASE = Key::new("email.lease_seconds", &["VESTIBULE_EMAIL_LEASE_SECONDS"], number(30, 600),
        "After so long without an outcome another worker tries to deliver a mail; the delivery itself is given up 5 s before.")
        .default("60");
    EMAIL_GIVE_UP = Key::new("email.give_up_seconds", &["VESTIBULE_EMAIL_GIVE_UP_SECONDS"], number(600, 604_800),
        "How long the delivery of a notice is tried; a code or link no longer than it works.").default("86400");
}
