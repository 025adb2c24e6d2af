//! The keyring over one secret.

use std::{
    collections::HashMap,
    fmt,
    sync::{PoisonError, RwLock},
};

use aws_lc_rs::aead::{AES_256_GCM, Aad, MAX_TAG_LEN, NONCE_LEN, Nonce, RandomizedNonceKey};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;
use vestibule_domain::{BlobName, Digest};
use vestibule_ports::{BlobOpener, BlobSealer, Keyring, SealBroken, SealedDocumentKey};

use crate::blobs::{DocumentKey, Opener, Sealer};

/// Ties the keys to this product: the same secret used elsewhere gives other keys. Changing it invalidates everything
/// sealed or digested.
const SALT: &[u8] = b"vestibule/keys/1";
/// The prefix that derives each kind of key; a new kind needs a prefix that is no prefix of these.
const DERIVE: &[u8] = b"derive/";
const DIGEST: &[u8] = b"digest/";
const SEAL: &[u8] = b"seal/AES-256-GCM";
/// The first byte of sealed content: tells how to open it, once there is a second format.
const VERSION: u8 = 1;

/// The server secret has fewer than 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretTooShort;

impl fmt::Display for SecretTooShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server secret must have at least {} bytes", SecretKeyring::MIN_SECRET_BYTES)
    }
}

impl std::error::Error for SecretTooShort {}

/// Derives every key from the one server secret and uses them; never printed.
pub struct SecretKeyring {
    hkdf: Hkdf<Sha256>,
    digest_keys: RwLock<HashMap<&'static str, Hmac<Sha256>>>,
    seal_key: RandomizedNonceKey,
}

impl SecretKeyring {
    /// The least bytes of a server secret.
    pub const MIN_SECRET_BYTES: usize = 32;

    /// Takes the server secret, of at least 32 bytes.
    pub fn new(secret: &SecretSlice<u8>) -> Result<Self, SecretTooShort> {
        let secret = secret.expose_secret();
        if secret.len() < Self::MIN_SECRET_BYTES {
            return Err(SecretTooShort);
        }
        let hkdf = Hkdf::new(Some(SALT), secret);
        let seal_key = seal_key(&expand::<32>(&hkdf, &[SEAL]));
        Ok(Self { hkdf, digest_keys: RwLock::default(), seal_key })
    }

    /// The 64-byte key of a label (such as `token/contacts/access/HS256`), for a signer.
    pub fn derive(&self, label: &str) -> SecretSlice<u8> {
        expand::<64>(&self.hkdf, &[DERIVE, label.as_bytes()]).to_vec().into()
    }

    fn document_key(&self, key: &SealedDocumentKey) -> Result<DocumentKey, SealBroken> {
        let key: [u8; DocumentKey::BYTES] = self.open(key.as_bytes())?.try_into().map_err(|_| SealBroken)?;
        Ok(DocumentKey::new(key))
    }

    /// The prepared HMAC of a label. Labels are constants of the code, so the map stays small.
    fn digest_key(&self, label: &'static str) -> Hmac<Sha256> {
        if let Some(key) = self.digest_keys.read().unwrap_or_else(PoisonError::into_inner).get(label) {
            return key.clone();
        }
        // HMAC uses a key of SHA-256's block size as it is.
        let key = Hmac::new(&expand::<64>(&self.hkdf, &[DIGEST, label.as_bytes()]).into());
        self.digest_keys.write().unwrap_or_else(PoisonError::into_inner).insert(label, key.clone());
        key
    }
}

impl Keyring for SecretKeyring {
    fn digest(&self, label: &'static str, parts: &[&[u8]]) -> Digest {
        let mut mac = self.digest_key(label);
        for part in parts {
            // The length prefix tells ("ab", "c") from ("a", "bc").
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        Digest::new(mac.finalize().into_bytes().into())
    }

    /// One version byte, twelve of nonce, the ciphertext, sixteen of tag. The nonce is random, which is safe for 2^32
    /// messages under one secret (NIST SP 800-38D, section 8.3).
    #[expect(
        clippy::expect_used,
        reason = "fails only beyond 64 GiB, or if there is no randomness, where going on is unsafe"
    )]
    fn seal(&self, content: &[u8]) -> Vec<u8> {
        let mut body = Vec::with_capacity(content.len() + MAX_TAG_LEN);
        body.extend_from_slice(content);
        let nonce = self
            .seal_key
            .seal_in_place_append_tag(Aad::from([VERSION]), &mut body)
            .expect("content is small and there is randomness");
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + body.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(nonce.as_ref());
        sealed.append(&mut body);
        sealed
    }

    fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, SealBroken> {
        let Some((&VERSION, rest)) = sealed.split_first() else { return Err(SealBroken) };
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(SealBroken)?;
        let mut body = body.to_vec();
        let opened = self
            .seal_key
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from([VERSION]), &mut body)
            .map_err(|_| SealBroken)?
            .len();
        body.truncate(opened);
        Ok(body)
    }

    fn seal_document_key(&self, random: [u8; 32]) -> SealedDocumentKey {
        SealedDocumentKey::from_stored(self.seal(&random))
    }

    fn blob_sealer(
        &self,
        key: &SealedDocumentKey,
        blob: BlobName,
        random: [u8; 19],
    ) -> Result<Box<dyn BlobSealer>, SealBroken> {
        Ok(Box::new(Sealer::new(self.document_key(key)?, blob, random)))
    }

    fn blob_opener(&self, key: &SealedDocumentKey, blob: BlobName) -> Result<Box<dyn BlobOpener>, SealBroken> {
        Ok(Box::new(Opener::new(self.document_key(key)?, blob)))
    }
}

impl fmt::Debug for SecretKeyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKeyring(…)")
    }
}

#[expect(clippy::expect_used, reason = "HKDF-SHA-256 gives up to 8160 bytes")]
fn expand<const N: usize>(hkdf: &Hkdf<Sha256>, info: &[&[u8]]) -> [u8; N] {
    let mut key = [0; N];
    hkdf.expand_multi_info(info, &mut key).expect("keys are short");
    key
}

#[expect(clippy::expect_used, reason = "the length of the key is right by its type")]
fn seal_key(key: &[u8; 32]) -> RandomizedNonceKey {
    RandomizedNonceKey::new(&AES_256_GCM, key).expect("AES-256 takes 32 bytes")
}
