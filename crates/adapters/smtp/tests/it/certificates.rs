//! A certificate authority of the tests' own.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use tempfile::TempDir;

/// The files of an authority and of a server's certificate that it signed.
pub(crate) struct Certificates {
    directory: TempDir,
}

impl Certificates {
    /// Makes an authority and a certificate for a name.
    pub(crate) fn for_name(name: &str) -> Self {
        Self::signed(&CertificateParams::new(vec![name.to_owned()]).unwrap())
    }

    /// The same, with a certificate that was good until a while ago.
    pub(crate) fn expired(name: &str) -> Self {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_after = date_time_ymd(2020, 1, 1);
        Self::signed(&params)
    }

    fn signed(params: &CertificateParams) -> Self {
        let directory = TempDir::new().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.distinguished_name.push(DnType::CommonName, "Authority of the tests");
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &authority).unwrap();
        fs::write(directory.path().join("authority.pem"), authority.pem()).unwrap();
        fs::write(directory.path().join("certificate.pem"), certificate.pem()).unwrap();
        fs::write(directory.path().join("key.pem"), key.serialize_pem()).unwrap();
        Self { directory }
    }

    /// Makes a certificate that signed itself, as `openssl req -x509` does: it says that it is an authority.
    pub(crate) fn self_signed(name: &str) -> Self {
        let directory = TempDir::new().unwrap();
        let key = KeyPair::generate().unwrap();
        let mut certificate = CertificateParams::new(vec![name.to_owned()]).unwrap();
        certificate.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = certificate.self_signed(&key).unwrap();
        for file in ["authority.pem", "certificate.pem"] {
            fs::write(directory.path().join(file), certificate.pem()).unwrap();
        }
        fs::write(directory.path().join("key.pem"), key.serialize_pem()).unwrap();
        Self { directory }
    }

    pub(crate) fn authority(&self) -> PathBuf {
        self.file("authority.pem")
    }

    pub(crate) fn certificate(&self) -> PathBuf {
        self.file("certificate.pem")
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.file("key.pem")
    }

    /// A file beside them.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        Path::join(self.directory.path(), name)
    }
}
