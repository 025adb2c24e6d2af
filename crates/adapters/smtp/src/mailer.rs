//! The mailer.

use std::{fmt, fs, path::Path};

use async_trait::async_trait;
use lettre::{
    Address,
    message::Mailbox,
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, TlsParameters},
        extension::ClientId,
    },
};
use secrecy::ExposeSecret;
use tokio::time::timeout;
use vestibule_domain::{EmailAddress, mail::Mail, text};
use vestibule_ports::{Mailer, MailerError};

use crate::{
    ProbeReport, ProbeStep, Security, SmtpConfigError, SmtpOptions, Step,
    dialogue::{Settings, deliver},
    failure::Failure,
    message::compose,
};

/// How a certificate begins in a file (RFC 7468, section 5).
const CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// Hands mail to one SMTP server; needs a tokio runtime with time and network.
pub struct SmtpMailer {
    settings: Settings,
    from: Mailbox,
}

/// Checks a sender, `Name <address>` or an address.
pub fn check_sender(text: &str) -> Result<(), SmtpConfigError> {
    sender(text).map(drop)
}

/// Checks a file of certificates (PEM).
pub fn check_certificates(path: &Path) -> Result<(), SmtpConfigError> {
    certificates(path).map(drop)
}

/// The domain is sent as its A-labels, as those of recipients are; the local part is the operator's to write.
fn sender(text: &str) -> Result<Mailbox, SmtpConfigError> {
    let Mailbox { name, email } = text::trim(text).parse().map_err(SmtpConfigError::From)?;
    let canonical = EmailAddress::parse(email.as_ref()).map_err(SmtpConfigError::FromAddress)?;
    let email = Address::new(email.user(), canonical.domain()).map_err(SmtpConfigError::From)?;
    Ok(Mailbox::new(name, email))
}

fn certificates(path: &Path) -> Result<Certificate, SmtpConfigError> {
    let pem = fs::read(path).map_err(|source| SmtpConfigError::CaFile { path: path.to_owned(), source })?;
    // The library takes a text without any certificate for an empty list of them.
    let found = pem.windows(CERTIFICATE.len()).any(|window| window == CERTIFICATE);
    let certificates = Certificate::from_pem(&pem).ok().filter(|_| found);
    certificates.ok_or_else(|| SmtpConfigError::CaFileContent { path: path.to_owned() })
}

impl SmtpMailer {
    /// Checks the options and reads the trusted certificates; does not connect.
    pub fn new(options: SmtpOptions) -> Result<Self, SmtpConfigError> {
        let SmtpOptions { host, port, user, password, from, ca_file, tls, timeouts } = options;
        let from = sender(&from)?;
        let credentials = match (user, password) {
            (Some(user), Some(password)) => Some(Credentials::new(user, password.expose_secret().to_owned())),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(SmtpConfigError::Credentials),
        };
        let security = Security::choose(tls, &host, port);
        let mut trust = TlsParameters::builder(host.clone());
        if let Some(path) = ca_file {
            trust = trust.add_root_certificate(certificates(&path)?);
        }
        let tls = trust.build_rustls().map_err(SmtpConfigError::Tls)?;
        let hello_name = ClientId::default();
        Ok(Self { settings: Settings { host, port, security, tls, credentials, timeouts, hello_name }, from })
    }

    /// What the dialogue does about TLS.
    pub fn security(&self) -> Security {
        self.settings.security
    }

    /// Sends a mail and tells every step, with the server's words: for an operator who tries the settings.
    pub async fn probe(&self, mail: &Mail) -> ProbeReport {
        let mut steps = Vec::new();
        let result = self.deliver(mail, &mut steps).await;
        // What fails outside of the dialogue has not been written down yet.
        if let Err(failure) = &result
            && steps.last().is_none_or(|last| last.outcome.is_ok())
        {
            steps.push(ProbeStep { step: failure.step(), outcome: Err(failure.for_operator()) });
        }
        ProbeReport { steps, accepted: result.is_ok() }
    }

    async fn deliver(&self, mail: &Mail, steps: &mut Vec<ProbeStep>) -> Result<(), Failure> {
        let message = compose(mail, &self.from)?;
        let total = self.settings.timeouts.total;
        match timeout(total, deliver(&self.settings, &message, steps)).await {
            Ok(result) => result,
            // The step that hangs has no entry, so the last one to name is the one before.
            Err(_) => Err(Failure::timed_out(steps.last().map_or(Step::Connect, |last| last.step), total)),
        }
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailerError> {
        self.deliver(mail, &mut Vec::new()).await.map_err(MailerError::from)
    }
}

impl fmt::Debug for SmtpMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpMailer")
            .field("host", &self.settings.host)
            .field("port", &self.settings.port)
            .field("security", &self.settings.security)
            .finish_non_exhaustive()
    }
}
