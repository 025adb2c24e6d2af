//! One dialogue with the mail server.

use std::{fmt::Display, time::Duration};

use lettre::{
    Message,
    transport::smtp::{
        self,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
        response::Response,
    },
};
use tokio::time::timeout;

use crate::{
    ProbeStep, Security, SmtpTimeouts, Step,
    failure::{Failure, one_line},
};

/// How long to wait for the answer to QUIT after the server has answered.
const QUIT_TIMEOUT: Duration = Duration::from_secs(1);

/// The inputs of every dialogue.
pub(crate) struct Settings {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) security: Security,
    pub(crate) tls: TlsParameters,
    /// TLS with any certificate; handshake signatures are still checked, so the server must have its key.
    pub(crate) tls_with_any: TlsParameters,
    /// Pinned certificates (DER), one of which the server may present.
    pub(crate) pinned: Vec<Vec<u8>>,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) timeouts: SmtpTimeouts,
    pub(crate) hello_name: ClientId,
}

/// Hands over a message and records each step; without a message it ends when one could be handed over.
///
/// The library's own `send` is not used, because it does not say which command was refused, and its connections wait for
/// answers without a limit.
pub(crate) async fn deliver(
    settings: &Settings,
    message: Option<&Message>,
    steps: &mut Vec<ProbeStep>,
) -> Result<(), Failure> {
    let refusal = match attempt(settings, settings.trust(), message, steps).await {
        Err(failure) if failure.is_of_tls() && !settings.pinned.is_empty() => failure,
        result => return result,
    };
    // No authority vouches for a self-signed certificate, but it may be a pinned one.
    let mut again = Vec::new();
    match attempt(settings, Trust::Pinned, message, &mut again).await {
        // The first error, about authorities, says more.
        Err(failure) if failure.is_of_tls() => Err(refusal),
        result => {
            *steps = again;
            result
        }
    }
}

/// Which certificates are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// Those signed by an authority.
    Authorities,
    /// Pinned ones.
    Pinned,
    /// Any: where plain text would be accepted too.
    Any,
}

impl Settings {
    fn trust(&self) -> Trust {
        let may_be_plain = self.security == Security::StartTlsIfOffered && self.pinned.is_empty();
        if may_be_plain { Trust::Any } else { Trust::Authorities }
    }

    fn tls_for(&self, trust: Trust) -> &TlsParameters {
        if trust == Trust::Authorities { &self.tls } else { &self.tls_with_any }
    }
}

async fn attempt(
    settings: &Settings,
    trust: Trust,
    message: Option<&Message>,
    steps: &mut Vec<ProbeStep>,
) -> Result<(), Failure> {
    let mut dialogue = Dialogue { connection: connect(settings, trust, steps).await?, settings, trust, steps };
    let result = dialogue.hold(message).await;
    // A failed connection is not used again; after a failed handshake the library would even panic. The outcome is known,
    // so a failed QUIT changes nothing.
    if result.as_ref().err().is_none_or(Failure::is_refusal) {
        let _ = timeout(QUIT_TIMEOUT, dialogue.connection.quit()).await;
    }
    result
}

async fn connect(
    settings: &Settings,
    trust: Trust,
    steps: &mut Vec<ProbeStep>,
) -> Result<AsyncSmtpConnection, Failure> {
    let Settings { host, port, security, timeouts, hello_name, .. } = settings;
    let implicit = (*security == Security::Implicit).then(|| settings.tls_for(trust).clone());
    let connecting =
        AsyncSmtpConnection::connect_tokio1((host.as_str(), *port), Some(timeouts.connect), hello_name, implicit, None);
    let connected = limited(Step::Connect, timeouts.connect + timeouts.command, connecting).await;
    let way = if *security == Security::Implicit { "over TLS" } else { "in plain" };
    note(steps, Step::Connect, connected, |connection| {
        format!("{host}:{port} answers {way} as {}", one_line(connection.server_info().name()))
    })
}

struct Dialogue<'a> {
    connection: AsyncSmtpConnection,
    settings: &'a Settings,
    trust: Trust,
    steps: &'a mut Vec<ProbeStep>,
}

impl Dialogue<'_> {
    async fn hold(&mut self, message: Option<&Message>) -> Result<(), Failure> {
        self.start_tls().await?;
        self.check_pin()?;
        self.sign_in().await?;
        let Some(message) = message else { return Ok(()) };
        let content = message.formatted();
        self.name_sender(message, &content).await?;
        for recipient in message.envelope().to() {
            self.command(Step::RcptTo, Rcpt::new(recipient.clone(), Vec::new())).await?;
        }
        self.command(Step::Data, Data).await?;
        let sent = limited(Step::Content, self.settings.timeouts.command, self.connection.message(&content)).await;
        note(self.steps, Step::Content, sent, words).map(drop)
    }

    async fn start_tls(&mut self) -> Result<(), Failure> {
        let Settings { security, timeouts, hello_name, .. } = self.settings;
        let tls = self.settings.tls_for(self.trust);
        let offered = self.connection.can_starttls();
        match security {
            Security::Implicit => return Ok(()),
            Security::StartTlsIfOffered if !offered => return Ok(()),
            Security::StartTls | Security::StartTlsIfOffered => {}
        }
        let started = if offered {
            limited(Step::StartTls, timeouts.command, self.connection.starttls(tls.clone(), hello_name)).await
        } else {
            Err(Failure::lacking(Step::StartTls, "STARTTLS"))
        };
        let words = match self.trust {
            Trust::Authorities => "encrypted, and the certificate is good",
            Trust::Pinned => "encrypted, by a server with a certificate to be looked at",
            Trust::Any => "encrypted; on this machine the certificate is not looked at",
        };
        note(self.steps, Step::StartTls, started, |()| words.to_owned())
    }

    /// Before anything confidential is sent.
    fn check_pin(&mut self) -> Result<(), Failure> {
        if self.trust != Trust::Pinned {
            return Ok(());
        }
        let step = if self.settings.security == Security::Implicit { Step::Connect } else { Step::StartTls };
        let shown = self.connection.peer_certificate().ok();
        let is_named = shown.is_some_and(|shown| self.settings.pinned.contains(&shown));
        let checked = if is_named { Ok(()) } else { Err(Failure::certificate(step)) };
        note(self.steps, step, checked, |()| "the certificate is the very one of VESTIBULE_EMAIL_CA_FILE".to_owned())
    }

    async fn sign_in(&mut self) -> Result<(), Failure> {
        const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];
        let Some(credentials) = &self.settings.credentials else { return Ok(()) };
        let signed_in = if self.connection.server_info().get_auth_mechanism(&MECHANISMS).is_some() {
            limited(Step::Auth, self.settings.timeouts.command, self.connection.auth(&MECHANISMS, credentials)).await
        } else {
            Err(Failure::lacking(Step::Auth, "AUTH PLAIN or LOGIN"))
        };
        note(self.steps, Step::Auth, signed_in, words).map(drop)
    }

    async fn name_sender(&mut self, message: &Message, content: &[u8]) -> Result<(), Failure> {
        let (server, envelope) = (self.connection.server_info(), message.envelope());
        let mut parameters = Vec::new();
        let addresses = envelope.from().into_iter().chain(envelope.to());
        if !addresses.map(AsRef::<str>::as_ref).all(str::is_ascii) {
            if !server.supports_feature(Extension::SmtpUtfEight) {
                const WHAT: &str = "addresses beyond ASCII (SMTPUTF8)";
                // A sender beyond ASCII affects every mail; the operator must change the sender or the server.
                let of_the_sender = envelope.from().is_some_and(|from| !AsRef::<str>::as_ref(from).is_ascii());
                let failure = if of_the_sender { Failure::lacking } else { Failure::unsuited }(Step::MailFrom, WHAT);
                return note(self.steps, Step::MailFrom, Err(failure), |()| String::new());
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !content.is_ascii() && server.supports_feature(Extension::EightBitMime) {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        self.command(Step::MailFrom, Mail::new(envelope.from().cloned(), parameters)).await
    }

    async fn command(&mut self, step: Step, command: impl Display) -> Result<(), Failure> {
        let answer = limited(step, self.settings.timeouts.command, self.connection.command(command)).await;
        note(self.steps, step, answer, words).map(drop)
    }
}

async fn limited<T>(
    step: Step,
    limit: Duration,
    action: impl Future<Output = Result<T, smtp::Error>>,
) -> Result<T, Failure> {
    match timeout(limit, action).await {
        Ok(result) => result.map_err(|error| Failure::new(step, &error)),
        Err(_) => Err(Failure::timed_out(step, limit)),
    }
}

fn note<T>(
    steps: &mut Vec<ProbeStep>,
    step: Step,
    result: Result<T, Failure>,
    describe: impl FnOnce(&T) -> String,
) -> Result<T, Failure> {
    let outcome = result.as_ref().map(describe).map_err(Failure::for_operator);
    steps.push(ProbeStep { step, outcome });
    result
}

fn words(response: &Response) -> String {
    one_line(&format!("{} {}", response.code(), response.first_line().unwrap_or_default()))
}
