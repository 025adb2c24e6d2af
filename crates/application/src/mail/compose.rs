//! Which letters we write; their words are templates.

use time::{Duration, OffsetDateTime, UtcOffset};
use vestibule_domain::{Code, mail::MailContent};
use vestibule_ports::{Language, Letter};

use crate::{Core, Fault};

/// A mail with a link that carries a one-time token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkMail {
    pub template: &'static str,
    pub language: Language,
    /// What the token is appended to: a URL made from the configured public URL, never from a request.
    pub url_prefix: String,
    /// What else the template fills in.
    pub fields: Vec<(&'static str, String)>,
}

impl Core {
    /// The mail with a code to set a new password.
    pub(crate) fn write_password_reset_code(&self, code: &Code, lifetime: Duration) -> Result<MailContent, Fault> {
        let minutes = lifetime.whole_minutes().to_string();
        let fields = vec![("code", code.expose().to_owned()), ("minutes", minutes)];
        self.write("password-reset-code", Language::English, fields)
    }

    /// The mail with a code that proves a mailbox, and with it takes the password of a sign-up: it tells when that was.
    pub(crate) fn write_verification_code(
        &self,
        code: &Code,
        signed_up_at: OffsetDateTime,
        language: Language,
    ) -> Result<MailContent, Fault> {
        let minutes = self.policy.code_lifetime.whole_minutes().to_string();
        let fields = vec![
            ("code", code.expose().to_owned()),
            ("minutes", minutes),
            ("signed_up_at", to_the_second(signed_up_at)),
        ];
        self.write("verify-email-code", language, fields)
    }

    /// The notice after a new password was set; it holds no secret.
    pub(crate) fn write_password_changed(&self, language: Language) -> Result<MailContent, Fault> {
        self.write("password-changed", language, Vec::new())
    }

    /// The notice to the mailbox of before, after another address was given; it holds no secret.
    pub(crate) fn write_email_changed(&self, language: Language) -> Result<MailContent, Fault> {
        self.write("email-changed", language, Vec::new())
    }

    /// The mail of `vestibule mail test`.
    pub(crate) fn write_test(&self) -> Result<MailContent, Fault> {
        self.write("test", Language::English, Vec::new())
    }

    /// A mail with a link; how long that works is told in hours or minutes, as the template likes.
    pub(crate) fn write_link(&self, mail: LinkMail, token: &str, lifetime: Duration) -> Result<MailContent, Fault> {
        let LinkMail { template, language, url_prefix, mut fields } = mail;
        fields.push(("link", format!("{url_prefix}{token}")));
        fields.push(("hours", lifetime.whole_hours().to_string()));
        fields.push(("minutes", lifetime.whole_minutes().to_string()));
        self.write(template, language, fields)
    }

    fn write(
        &self,
        template: &'static str,
        language: Language,
        fields: Vec<(&'static str, String)>,
    ) -> Result<MailContent, Fault> {
        Ok(self.ports.letters.compose(&Letter { template, language, fields })?)
    }
}

/// A time to the second, as it is read in every language: `2026-03-01 12:00:00 UTC`.
fn to_the_second(at: OffsetDateTime) -> String {
    let at = at.to_offset(UtcOffset::UTC);
    let (date, (hour, minute, second)) = (at.date(), at.to_hms());
    format!("{date} {hour:02}:{minute:02}:{second:02} UTC")
}
