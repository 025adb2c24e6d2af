//! Failures, and whether a retry can help.

use std::{error::Error, io, time::Duration};

use lettre::transport::smtp::{self, response::Code};
use vestibule_ports::MailerError;

use crate::{
    Step,
    status::{EnhancedStatus, is_for_good, is_of_this_mail, remedy},
    tls::TlsFault,
};

/// A step of the dialogue that failed.
#[derive(Debug)]
pub(crate) struct Failure {
    step: Step,
    cause: Cause,
}

#[derive(Debug)]
enum Cause {
    /// The server refused; its words may repeat the address.
    Refused { code: Code, words: String },
    /// The server did not answer in time.
    TimedOut(Duration),
    /// TLS failed, for example because of an untrusted certificate.
    Tls(TlsFault),
    /// The connection failed.
    Connection(String),
    /// The answer is not SMTP, or is truncated.
    Nonsense,
    /// The server cannot do what we need.
    Lacking(&'static str),
    /// The server cannot do what this mail needs.
    Unsuited(&'static str),
}

impl Failure {
    pub(crate) fn timed_out(step: Step, limit: Duration) -> Self {
        Self { step, cause: Cause::TimedOut(limit) }
    }

    pub(crate) fn lacking(step: Step, what: &'static str) -> Self {
        Self { step, cause: Cause::Lacking(what) }
    }

    pub(crate) fn unsuited(step: Step, what: &'static str) -> Self {
        Self { step, cause: Cause::Unsuited(what) }
    }

    pub(crate) fn new(step: Step, error: &smtp::Error) -> Self {
        let cause = match (error.status(), io_error(error)) {
            (Some(code), _) => Cause::Refused {
                code,
                words: error.source().map_or(String::new(), |words| one_line(&words.to_string())),
            },
            (None, Some(io)) => TlsFault::of(io).map_or_else(|| Cause::Connection(io.to_string()), Cause::Tls),
            (None, None) if error.is_response() => Cause::Nonsense,
            (None, None) => Cause::Connection("it failed".to_owned()),
        };
        Self { step, cause }
    }

    /// The certificate is not a pinned one.
    pub(crate) fn certificate(step: Step) -> Self {
        Self { step, cause: Cause::Tls(TlsFault::Untrusted) }
    }

    pub(crate) fn is_of_tls(&self) -> bool {
        matches!(self.cause, Cause::Tls(_))
    }

    pub(crate) fn step(&self) -> Step {
        self.step
    }

    /// Whether the server answered, so that the connection still works.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(self.cause, Cause::Refused { .. })
    }

    /// Whether this mail itself is permanently refused, not because of the server or our settings.
    fn is_permanent(&self) -> bool {
        match &self.cause {
            Cause::Refused { code, words } => is_of_this_mail(self.step, *code, EnhancedStatus::of_words(words)),
            Cause::Unsuited(_) => true,
            Cause::TimedOut(_) | Cause::Tls(_) | Cause::Connection(_) | Cause::Nonsense | Cause::Lacking(_) => false,
        }
    }

    /// What an operator should know about a failure that stops all mail and that waiting does not cure; without the
    /// server's words.
    pub(crate) fn for_log(&self) -> Option<String> {
        let advice = match &self.cause {
            Cause::Refused { code, words } if is_for_good(*code) && !self.is_permanent() => {
                remedy(self.step, *code, EnhancedStatus::of_words(words))
            }
            Cause::Tls(fault) => fault.remedy(),
            Cause::Lacking(_) => "check EMAIL_HOST, EMAIL_PORT and EMAIL_FROM",
            _ => return None,
        };
        Some(format!("{}: {}; {advice}", self.step, self.without_words()))
    }

    /// In a line, with the server's words.
    pub(crate) fn for_operator(&self) -> String {
        match &self.cause {
            Cause::Refused { code, words } => format!("{code} {words}"),
            Cause::Tls(fault) => format!("{}; {}", self.without_words(), fault.remedy()),
            _ => self.without_words(),
        }
    }

    fn without_words(&self) -> String {
        match &self.cause {
            Cause::Refused { code, words } => match EnhancedStatus::of_words(words) {
                Some(status) => format!("refused with {code} {status}"),
                None => format!("refused with {code}"),
            },
            Cause::TimedOut(limit) => format!("no answer within {limit:?}"),
            Cause::Tls(fault) => format!("TLS failed: {}", fault.words()),
            Cause::Connection(reason) => format!("the connection failed: {reason}"),
            Cause::Nonsense => "the answer is not SMTP, or breaks off".to_owned(),
            Cause::Lacking(what) => format!("the server does not offer {what}"),
            Cause::Unsuited(what) => format!("the server does not take {what}"),
        }
    }
}

/// The text for logs and the outbox: the step and the codes, never the server's words.
impl From<Failure> for MailerError {
    fn from(failure: Failure) -> Self {
        let text = format!("{}: {}", failure.step, failure.without_words());
        if failure.is_permanent() { Self::Permanent(text) } else { Self::Transient(text) }
    }
}

fn io_error(error: &smtp::Error) -> Option<&io::Error> {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Some(error);
        }
        source = error.source();
    }
    None
}

pub(crate) fn one_line(words: &str) -> String {
    words.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}
