//! Keys and signatures.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::{
    encoding::AsDer,
    hmac,
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256,
        UnparsedPublicKey,
    },
};
use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::Members;

/// An RSA key that signs ID tokens.
#[derive(Debug, Clone)]
pub struct SigningKey {
    /// The key's id in the published set.
    pub id: String,
    pair: Arc<RsaKeyPair>,
}

impl SigningKey {
    /// A key by number; cached per number, because making one takes long.
    pub fn numbered(number: usize) -> Self {
        static PAIRS: [OnceLock<Arc<RsaKeyPair>>; 2] = [const { OnceLock::new() }; 2];
        let pair = PAIRS[number % PAIRS.len()]
            .get_or_init(|| Arc::new(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key is made")));
        Self { id: format!("key-{number}"), pair: Arc::clone(pair) }
    }

    /// The key as it is published.
    pub(crate) fn published(&self) -> Value {
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let public = self.pair.public_key();
        json!({
            "kty": "RSA",
            "alg": "RS256",
            "use": "sig",
            "kid": self.id,
            "n": encode(public.modulus().big_endian_without_leading_zero()),
            "e": encode(public.exponent().big_endian_without_leading_zero()),
        })
    }

    /// A token with any header, signed by RS256.
    pub fn sign(&self, header: &Members, claims: &Members) -> String {
        let message = message(header, claims);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let random = SystemRandom::new();
        self.pair.sign(&RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature).expect("a token is signed");
        with_signature(&message, &signature)
    }

    /// A token with any header, signed by HS256 with the public key as the secret, as a forger could.
    pub fn forge_with_public_key(&self, header: &Members, claims: &Members) -> String {
        let message = message(header, claims);
        let der = self.pair.public_key().as_der().expect("a public key is encoded");
        let pem =
            format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", BASE64_STANDARD.encode(der.as_ref()));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, pem.as_bytes()), message.as_bytes());
        with_signature(&message, tag.as_ref())
    }
}

/// The signed part of a token.
pub(crate) fn message(header: &Members, claims: &Members) -> String {
    let encode = |part: &Members| BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(part).expect("JSON is written"));
    format!("{}.{}", encode(header), encode(claims))
}

fn with_signature(message: &str, signature: &[u8]) -> String {
    format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

/// The key that signs an Apple client's secrets.
#[derive(Debug)]
pub(crate) struct ClientKey(EcdsaKeyPair);

impl ClientKey {
    pub(crate) fn generate() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key is made"))
    }

    /// PKCS#8 PEM, as downloaded from Apple.
    pub(crate) fn pem(&self) -> String {
        let der = self.0.to_pkcs8v1().expect("a key is encoded");
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----", BASE64_STANDARD.encode(der.as_ref()))
    }

    /// Header and claims of a secret, if this key has signed it.
    pub(crate) fn verify(&self, token: &str) -> Option<(Value, Value)> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).ok();
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.0.public_key().as_ref());
        key.verify(message.as_bytes(), &decode(signature)?).ok()?;
        let read = |part: &str| serde_json::from_slice(&decode(part)?).ok();
        Some((read(header)?, read(claims)?))
    }
}

/// HMAC-SHA256 in hexadecimal digits.
pub(crate) fn hmac_hex(secret: &str, text: &str) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), text.as_bytes());
    hex::encode(tag)
}
