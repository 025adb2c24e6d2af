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

/// How long a server that has already answered is waited for with the farewell.
const QUIT_TIMEOUT: Duration = Duration::from_secs(1);

/// What every dialogue needs.
pub(crate) struct Settings {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) security: Security,
    pub(crate) tls: TlsParameters,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) timeouts: SmtpTimeouts,
    pub(crate) hello_name: ClientId,
}

/// Hands a message over and writes down each step.
///
/// The library's own `send` is not used, since it does not say which command was refused, and its connections wait for
/// an answer without end.
pub(crate) async fn deliver(settings: &Settings, message: &Message, steps: &mut Vec<ProbeStep>) -> Result<(), Failure> {
    let mut dialogue = Dialogue { connection: connect(settings, steps).await?, settings, steps };
    let result = dialogue.hold(message).await;
    // A connection that failed is not spoken to again; after a failed handshake the library would even panic. The
    // outcome is known, so a failed farewell changes nothing.
    if result.as_ref().err().is_none_or(Failure::is_refusal) {
        let _ = timeout(QUIT_TIMEOUT, dialogue.connection.quit()).await;
    }
    result
}

async fn connect(settings: &Settings, steps: &mut Vec<ProbeStep>) -> Result<AsyncSmtpConnection, Failure> {
    let Settings { host, port, security, tls, timeouts, hello_name, .. } = settings;
    let implicit = (*security == Security::Implicit).then(|| tls.clone());
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
    steps: &'a mut Vec<ProbeStep>,
}

impl Dialogue<'_> {
    async fn hold(&mut self, message: &Message) -> Result<(), Failure> {
        self.start_tls().await?;
        self.sign_in().await?;
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
        let Settings { security, tls, timeouts, hello_name, .. } = self.settings;
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
        note(self.steps, Step::StartTls, started, |()| "encrypted, and the certificate is good".to_owned())
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
                // Of the sender it holds for every mail, and another sender or server mends it.
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
