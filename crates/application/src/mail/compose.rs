//! The texts of our mails.

use time::Duration;
use vestibule_domain::{Code, mail::MailContent};

/// The mail with a code to set a new password.
pub(crate) fn password_reset_code(code: &Code, lifetime: Duration) -> MailContent {
    let minutes = lifetime.whole_minutes();
    Letter {
        subject: "Your password reset code",
        lead: "Use this code to set a new password:",
        code: Some(code.expose()),
        rest: &format!("It works for {minutes} minutes and only once. If you did not ask for it, ignore this mail."),
    }
    .compose()
}

/// The notice after a new password was set; it holds no secret.
pub(crate) fn password_changed() -> MailContent {
    Letter {
        subject: "Your password was changed",
        lead: "The password of your account has just been changed, and every device was signed out.",
        code: None,
        rest: "If this was not you, ask for a new password at once.",
    }
    .compose()
}

/// The mail of `vestibule mail test`.
pub(crate) fn test() -> MailContent {
    Letter {
        subject: "Test mail from Vestibule",
        lead: "This is the test mail that was asked for on the command line.",
        code: None,
        rest: "Mail works.",
    }
    .compose()
}

/// The parts that all our mails have; none of them is a user's text.
struct Letter<'a> {
    subject: &'a str,
    lead: &'a str,
    code: Option<&'a str>,
    rest: &'a str,
}

impl Letter<'_> {
    fn compose(&self) -> MailContent {
        let Self { subject, lead, code, rest } = self;
        let code_text = code.map(|code| format!("    {code}\n\n")).unwrap_or_default();
        let code_html =
            code.map(|code| format!("<p style=\"font:bold 1.5em monospace\">{code}</p>\n")).unwrap_or_default();
        MailContent {
            subject: (*subject).to_owned(),
            text: format!("{lead}\n\n{code_text}{rest}\n"),
            html: format!("<!doctype html>\n<p>{lead}</p>\n{code_html}<p>{rest}</p>\n"),
        }
    }
}
