//! The dialogue as an operator sees it.

use std::fmt;

/// A step of the dialogue with a mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Connecting, a TLS handshake if TLS is implicit, greeting and EHLO.
    Connect,
    /// STARTTLS, the handshake and EHLO again.
    StartTls,
    /// Signing in.
    Auth,
    /// Naming the sender.
    MailFrom,
    /// Naming the recipient.
    RcptTo,
    /// Asking to send the content.
    Data,
    /// The content.
    Content,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connect",
            Self::StartTls => "STARTTLS",
            Self::Auth => "AUTH",
            Self::MailFrom => "MAIL FROM",
            Self::RcptTo => "RCPT TO",
            Self::Data => "DATA",
            Self::Content => "content",
        })
    }
}

/// A step and its result, in a line with the server's words: for an operator, not for a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeStep {
    pub step: Step,
    pub outcome: Result<String, String>,
}

/// The steps of one dialogue, in order; the last one is the one that failed, if any did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeReport {
    pub steps: Vec<ProbeStep>,
    /// Whether the server has accepted the mail, or would accept one.
    pub accepted: bool,
}
