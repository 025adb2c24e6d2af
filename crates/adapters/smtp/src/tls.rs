//! Why TLS with the mail server failed, and what to do about it.

use std::{error::Error, io};

use rustls::{AlertDescription, CertificateError, Error as TlsError, InvalidMessage};

/// The reason, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TlsFault {
    /// No trusted authority signed the certificate, and it is not pinned.
    Untrusted,
    /// It is for these names.
    ForOthers(Vec<String>),
    Expired,
    NotYetValid,
    /// No common version or cipher.
    NothingInCommon,
    /// The answer was not TLS.
    Plain,
    /// Something else, in the words of the library.
    Other(String),
}

impl TlsFault {
    /// What a connection error says about TLS, if anything.
    pub(crate) fn of(error: &io::Error) -> Option<Self> {
        let inner: &(dyn Error + 'static) = error.get_ref()?;
        inner.downcast_ref::<TlsError>().map(Self::of_library)
    }

    fn of_library(error: &TlsError) -> Self {
        match error {
            TlsError::InvalidCertificate(fault) => Self::of_certificate(fault, error),
            TlsError::PeerIncompatible(_)
            | TlsError::AlertReceived(
                AlertDescription::ProtocolVersion
                | AlertDescription::HandshakeFailure
                | AlertDescription::InsufficientSecurity,
            ) => Self::NothingInCommon,
            TlsError::InvalidMessage(InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion) => {
                Self::Plain
            }
            error => Self::Other(error.to_string()),
        }
    }

    fn of_certificate(fault: &CertificateError, error: &TlsError) -> Self {
        match fault {
            // The last is reported for a self-signed certificate that claims to be a CA.
            CertificateError::UnknownIssuer | CertificateError::BadSignature | CertificateError::Other(_) => {
                Self::Untrusted
            }
            CertificateError::NotValidForName => Self::ForOthers(Vec::new()),
            CertificateError::NotValidForNameContext { presented, .. } => Self::ForOthers(presented.clone()),
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Self::NotYetValid,
            _ => Self::Other(error.to_string()),
        }
    }

    /// The problem; the server chooses the names, so only a few are listed.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Untrusted => "no authority that is trusted here signed the certificate of the server".to_owned(),
            Self::ForOthers(names) if names.is_empty() => {
                "the certificate of the server is for another name".to_owned()
            }
            Self::ForOthers(names) => {
                let names: Vec<String> = names.iter().take(3).map(|name| crate::failure::one_line(name)).collect();
                format!("the certificate of the server is for another name ({})", names.join(", "))
            }
            Self::Expired => "the certificate of the server has expired".to_owned(),
            Self::NotYetValid => "the certificate of the server is not valid yet".to_owned(),
            Self::NothingInCommon => "the server speaks neither TLS 1.2 nor 1.3, or none of their ciphers".to_owned(),
            Self::Plain => "the server answers in plain text where TLS is spoken from the first byte".to_owned(),
            Self::Other(words) => crate::failure::one_line(words),
        }
    }

    /// The remedy.
    pub(crate) const fn remedy(&self) -> &'static str {
        match self {
            Self::Untrusted => {
                "name in VESTIBULE_EMAIL_CA_FILE the authority that signed it or, if it signed itself, the certificate"
            }
            Self::ForOthers(_) => {
                "name in EMAIL_HOST what the certificate is for, or name the very certificate in VESTIBULE_EMAIL_CA_FILE"
            }
            Self::Expired => "renew it on the mail server; if it is still good, put the clock of this machine right",
            Self::NotYetValid => "put the clock of this machine right, or that on which the certificate was made",
            Self::NothingInCommon => "let the mail server speak TLS 1.2 or 1.3",
            Self::Plain => "EMAIL_PORT 465 is for TLS from the first byte: with STARTTLS it is 587, or 25",
            Self::Other(_) => "check EMAIL_HOST, EMAIL_PORT and VESTIBULE_EMAIL_CA_FILE",
        }
    }
}

#[cfg(test)]
mod tests {
    use rustls::{OtherError, PeerIncompatible};

    use super::*;

    #[test]
    fn each_fault_of_tls_has_words_and_a_remedy_of_its_own() {
        let presented = vec!["mail.example\r\nx".to_owned()];
        let expected = "localhost".try_into().unwrap();
        let others = CertificateError::NotValidForNameContext { expected, presented };
        let is_authority = CertificateError::Other(OtherError(std::sync::Arc::new(io::Error::other("an authority"))));
        for (error, words, remedy) in [
            (TlsError::InvalidCertificate(CertificateError::UnknownIssuer), "no authority", "VESTIBULE_EMAIL_CA_FILE"),
            (TlsError::InvalidCertificate(is_authority), "no authority", "VESTIBULE_EMAIL_CA_FILE"),
            (TlsError::InvalidCertificate(others), "another name (mail.example  x)", "EMAIL_HOST"),
            (TlsError::InvalidCertificate(CertificateError::NotValidForName), "another name", "EMAIL_HOST"),
            (TlsError::InvalidCertificate(CertificateError::Expired), "has expired", "renew"),
            (TlsError::InvalidCertificate(CertificateError::NotValidYet), "not valid yet", "clock"),
            (TlsError::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13), "neither TLS 1.2", "TLS 1.2"),
            (TlsError::AlertReceived(AlertDescription::ProtocolVersion), "neither TLS 1.2", "TLS 1.2 or 1.3"),
            (TlsError::InvalidMessage(InvalidMessage::InvalidContentType), "plain text", "587"),
            (TlsError::DecryptError, "decrypt", "EMAIL_HOST"),
        ] {
            let fault = TlsFault::of(&io::Error::new(io::ErrorKind::InvalidData, error)).unwrap();
            assert!(fault.words().contains(words) && fault.remedy().contains(remedy), "{fault:?}");
        }
        assert_eq!(TlsFault::of(&io::Error::other("something else")), None);
        assert_eq!(TlsFault::of(&io::ErrorKind::ConnectionReset.into()), None);
    }
}
