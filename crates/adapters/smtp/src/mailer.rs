//! The mailer.

use std::{
    collections::BTreeSet,
    fmt, fs,
    net::{Ipv4Addr, Ipv6Addr},
    path::Path,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use lettre::{
    Address, Message,
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
    encoded_words,
    failure::Failure,
    message::compose,
};

/// How a certificate begins in a file (RFC 7468, section 5).
const CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// How many different complaints are remembered; the server chooses their codes.
const MOST_COMPLAINTS: usize = 64;

/// Hands mail to one SMTP server; needs a tokio runtime with time and network.
pub struct SmtpMailer {
    settings: Settings,
    from: Mailbox,
    /// What was logged already.
    said: Mutex<BTreeSet<String>>,
}

/// Checks a sender, `Name <address>` or an address.
pub fn check_sender(text: &str) -> Result<(), SmtpConfigError> {
    sender(text).map(drop)
}

/// Checks a file of certificates (PEM).
pub fn check_certificates(path: &Path) -> Result<(), SmtpConfigError> {
    certificates(path).map(drop)
}

/// Checks a name for EHLO: a host name, or an address literal such as `[192.0.2.1]` (RFC 5321, section 4.1.3).
pub fn check_ehlo_name(text: &str) -> Result<(), SmtpConfigError> {
    hello_name(text).map(drop)
}

fn hello_name(text: &str) -> Result<ClientId, SmtpConfigError> {
    if let Some(literal) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        let v4 = || literal.parse::<Ipv4Addr>().map(ClientId::Ipv4);
        let v6 = || literal.strip_prefix("IPv6:").unwrap_or(literal).parse::<Ipv6Addr>().map(ClientId::Ipv6);
        return v4().or_else(|_| v6()).map_err(|_| SmtpConfigError::EhloName);
    }
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    // An address without brackets looks like a name, and servers refuse it.
    if text.len() <= 255 && text.split('.').all(is_label) && text.parse::<Ipv4Addr>().is_err() {
        Ok(ClientId::Domain(text.to_owned()))
    } else {
        Err(SmtpConfigError::EhloName)
    }
}

/// The domain is sent as A-labels, like those of recipients; the local part stays as the operator wrote it.
fn sender(text: &str) -> Result<Mailbox, SmtpConfigError> {
    let Mailbox { name, email } = text::trim(text).parse().map_err(SmtpConfigError::From)?;
    let canonical = EmailAddress::parse(email.as_ref()).map_err(SmtpConfigError::FromAddress)?;
    let email = Address::new(email.user(), canonical.domain()).map_err(SmtpConfigError::From)?;
    let name = name.map(|name| encoded_words::decode(&name).ok_or(SmtpConfigError::FromName)).transpose()?;
    Ok(Mailbox::new(name, email))
}

fn certificates(path: &Path) -> Result<Certificate, SmtpConfigError> {
    let pem = fs::read(path).map_err(|source| SmtpConfigError::CaFile { path: path.to_owned(), source })?;
    // The library reads a text without any certificate as an empty list.
    let found = pem.windows(CERTIFICATE.len()).any(|window| window == CERTIFICATE);
    let certificates = Certificate::from_pem(&pem).ok().filter(|_| found);
    certificates.ok_or_else(|| SmtpConfigError::CaFileContent { path: path.to_owned() })
}

/// The certificates of a file, as the server would present them.
fn ders(path: &Path) -> Result<Vec<Vec<u8>>, SmtpConfigError> {
    let damaged = || SmtpConfigError::CaFileContent { path: path.to_owned() };
    let pem = fs::read_to_string(path).map_err(|source| SmtpConfigError::CaFile { path: path.to_owned(), source })?;
    let bodies = pem.split("-----BEGIN CERTIFICATE-----").skip(1);
    bodies
        .map(|body| {
            let body = body.split("-----END").next().unwrap_or_default();
            let body: String = body.split_whitespace().collect();
            STANDARD.decode(body).map_err(|_| damaged())
        })
        .collect()
}

impl SmtpMailer {
    /// Checks the options and reads the trusted certificates; does not connect.
    pub fn new(options: SmtpOptions) -> Result<Self, SmtpConfigError> {
        let SmtpOptions { host, port, user, password, from, ca_file, ehlo_name, tls, timeouts } = options;
        let from = sender(&from)?;
        let credentials = match (user, password) {
            (Some(user), Some(password)) => Some(Credentials::new(user, password.expose_secret().to_owned())),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(SmtpConfigError::Credentials),
        };
        let security = Security::choose(tls, &host, port);
        let mut trust = TlsParameters::builder(host.clone());
        let mut pinned = Vec::new();
        if let Some(path) = ca_file {
            trust = trust.add_root_certificate(certificates(&path)?);
            pinned = ders(&path)?;
        }
        let tls = trust.build_rustls().map_err(SmtpConfigError::Tls)?;
        let any = TlsParameters::builder(host.clone()).dangerous_accept_invalid_certs(true);
        let tls_with_any = any.dangerous_accept_invalid_hostnames(true).build_rustls().map_err(SmtpConfigError::Tls)?;
        let hello_name = ehlo_name.as_deref().map(hello_name).transpose()?.unwrap_or_default();
        let settings = Settings { host, port, security, tls, tls_with_any, pinned, credentials, timeouts, hello_name };
        Ok(Self { settings, from, said: Mutex::default() })
    }

    /// What the dialogue does about TLS.
    pub fn security(&self) -> Security {
        self.settings.security
    }

    /// Sends a mail and reports every step with the server's words: for an operator who tests the settings.
    pub async fn probe(&self, mail: &Mail) -> ProbeReport {
        let mut steps = Vec::new();
        let result = self.deliver(mail, &mut steps).await;
        Self::report(&result, steps)
    }

    /// Connects, negotiates TLS and signs in, without any mail, and reports every step.
    pub async fn greet(&self) -> ProbeReport {
        let mut steps = Vec::new();
        let result = self.speak(None, &mut steps).await;
        Self::report(&result, steps)
    }

    fn report(result: &Result<(), Failure>, mut steps: Vec<ProbeStep>) -> ProbeReport {
        // A failure outside the dialogue is not recorded yet.
        if let Err(failure) = result
            && steps.last().is_none_or(|last| last.outcome.is_ok())
        {
            steps.push(ProbeStep { step: failure.step(), outcome: Err(failure.for_operator()) });
        }
        ProbeReport { steps, accepted: result.is_ok() }
    }

    /// Logs once what stops all mail until an operator acts. Otherwise each attempt would repeat it.
    fn complain(&self, failure: &Failure) {
        let Some(complaint) = failure.for_log() else { return };
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.len() < MOST_COMPLAINTS && said.insert(complaint.clone()) {
            tracing::error!(
                "the mail server {}:{} does not take mail from us; it will be retried: {complaint}",
                self.settings.host,
                self.settings.port
            );
        }
    }

    async fn deliver(&self, mail: &Mail, steps: &mut Vec<ProbeStep>) -> Result<(), Failure> {
        self.speak(Some(&compose(mail, &self.from)?), steps).await
    }

    async fn speak(&self, message: Option<&Message>, steps: &mut Vec<ProbeStep>) -> Result<(), Failure> {
        let total = self.settings.timeouts.total;
        match timeout(total, deliver(&self.settings, message, steps)).await {
            Ok(result) => result,
            // A hanging step has no entry, so the last entry is the step before it.
            Err(_) => Err(Failure::timed_out(steps.last().map_or(Step::Connect, |last| last.step), total)),
        }
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailerError> {
        let result = self.deliver(mail, &mut Vec::new()).await;
        result.inspect_err(|failure| self.complain(failure)).map_err(MailerError::from)
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
