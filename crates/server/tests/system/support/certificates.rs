//! A certificate for this machine, and an authority that only these tests know.

use std::{fs, path::Path};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};

/// All as PEM.
pub(crate) struct Certificates {
    pub(crate) authority: String,
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Certificates {
    pub(crate) const AUTHORITY: &str = "authority.pem";
    pub(crate) const CERTIFICATE: &str = "certificate.pem";
    pub(crate) const KEY: &str = "key.pem";

    pub(crate) fn of_this_machine() -> Self {
        Self::signed(&CertificateParams::new(["localhost", "127.0.0.1"].map(str::to_owned)).unwrap())
    }

    /// For another name.
    pub(crate) fn of_another_machine() -> Self {
        Self::signed(&CertificateParams::new(vec!["db.example.org".to_owned()]).unwrap())
    }

    /// Good until a while ago.
    pub(crate) fn expired() -> Self {
        let mut params = CertificateParams::new(["localhost", "127.0.0.1"].map(str::to_owned)).unwrap();
        params.not_after = date_time_ymd(2020, 1, 1);
        Self::signed(&params)
    }

    fn signed(params: &CertificateParams) -> Self {
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.distinguished_name.push(DnType::CommonName, "Authority of the tests");
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &authority).unwrap();
        Self { authority: authority.pem(), certificate: certificate.pem(), key: key.serialize_pem() }
    }

    pub(crate) fn write(&self, folder: &Path) {
        let Self { authority, certificate, key } = self;
        for (name, text) in [(Self::AUTHORITY, authority), (Self::CERTIFICATE, certificate), (Self::KEY, key)] {
            fs::write(folder.join(name), text).unwrap();
        }
    }
}
