//! Why TLS with the server failed, and what to do about it.

use std::error::Error;

use rustls::{AlertDescription, CertificateError, Error as TlsError};

/// The reason, with what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsFault {
    #[error(
        "no authority that is trusted here signed the certificate of the PostgreSQL server: name the authority that did in \
         `sslrootcert` of DATABASE_URL"
    )]
    Untrusted,
    #[error(
        "the certificate of the PostgreSQL server is for another name: name in DATABASE_URL the host that it is for, or write \
         `sslmode=verify-ca`, with which names are not compared"
    )]
    ForOthers,
    #[error(
        "the certificate of the PostgreSQL server has expired: renew it there; if it is still good, put the clock of this machine \
         right"
    )]
    Expired,
    #[error(
        "the certificate of the PostgreSQL server is not valid yet: put the clock of this machine right, or that on which it was made"
    )]
    NotYetValid,
    #[error(
        "the PostgreSQL server speaks neither TLS 1.2 nor 1.3, or none of their ciphers: see `ssl_min_protocol_version` there"
    )]
    NothingInCommon,
    /// The driver reports more only as text.
    #[error(
        "TLS with the PostgreSQL server cannot begin: turn it on there (`ssl = on`), or write `sslmode=prefer` in DATABASE_URL if the \
         network is yours alone; files that the URL names must hold certificates"
    )]
    NotOffered(#[source] sqlx::Error),
    #[error(
        "TLS with the PostgreSQL server failed: check `sslmode`, `sslrootcert`, `sslcert` and `sslkey` of DATABASE_URL"
    )]
    Other(#[source] sqlx::Error),
}

impl TlsFault {
    /// What an error of the driver says about TLS; otherwise the error itself.
    pub(crate) fn of(error: sqlx::Error) -> Result<Self, sqlx::Error> {
        let found = match &error {
            sqlx::Error::Tls(_) => return Ok(Self::NotOffered(error)),
            sqlx::Error::Io(io) => io.get_ref().and_then(|inner| (inner as &(dyn Error + 'static)).downcast_ref()),
            _ => None,
        };
        let fault = match found {
            None => return Err(error),
            Some(TlsError::InvalidCertificate(fault)) => Self::of_certificate(fault),
            Some(
                TlsError::PeerIncompatible(_)
                | TlsError::AlertReceived(
                    AlertDescription::ProtocolVersion
                    | AlertDescription::HandshakeFailure
                    | AlertDescription::InsufficientSecurity,
                ),
            ) => Some(Self::NothingInCommon),
            Some(_) => None,
        };
        Ok(fault.unwrap_or(Self::Other(error)))
    }

    fn of_certificate(fault: &CertificateError) -> Option<Self> {
        match fault {
            // The last is reported for a self-signed certificate that claims to be a CA.
            CertificateError::UnknownIssuer | CertificateError::BadSignature | CertificateError::Other(_) => {
                Some(Self::Untrusted)
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Some(Self::ForOthers)
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Some(Self::Expired),
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Some(Self::NotYetValid),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use rustls::PeerIncompatible;

    use super::*;

    #[test]
    fn each_fault_of_tls_is_told_with_its_remedy() {
        let expired = TlsError::InvalidCertificate(CertificateError::Expired);
        let early = TlsError::InvalidCertificate(CertificateError::NotValidYet);
        let old = TlsError::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13);
        for (error, words) in [
            (TlsError::InvalidCertificate(CertificateError::UnknownIssuer), "`sslrootcert`"),
            (TlsError::InvalidCertificate(CertificateError::NotValidForName), "`sslmode=verify-ca`"),
            (expired, "has expired"),
            (early, "not valid yet"),
            (old, "neither TLS 1.2 nor 1.3"),
            (TlsError::DecryptError, "check `sslmode`"),
        ] {
            let told = TlsFault::of(sqlx::Error::Io(io::Error::new(io::ErrorKind::InvalidData, error))).unwrap();
            assert!(told.to_string().contains(words), "{told}");
        }
        assert!(TlsFault::of(sqlx::Error::Tls("none".into())).unwrap().to_string().contains("`ssl = on`"));
        assert!(TlsFault::of(sqlx::Error::Io(io::ErrorKind::ConnectionReset.into())).is_err());
    }
}
