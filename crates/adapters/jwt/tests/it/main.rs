//! The signer through its port, and against tokens made by hand.

#![expect(clippy::unwrap_used, reason = "test helpers")]

mod keys;
mod rejections;
mod tokens;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::SecretSlice;
use serde_json::{Value, json};
use time::OffsetDateTime;
use vestibule_jwt::JwtSigner;
use vestibule_ports::{Algorithm, Claims, TokenKey};

const NOW: i64 = 1_800_000_000;
const ACCESS: TokenKey = TokenKey { dialect: "contacts", kind: "access", algorithm: Algorithm::Hs256 };
const RESET: TokenKey = TokenKey { dialect: "contacts", kind: "reset", algorithm: Algorithm::Hs256 };
const LONG: TokenKey = TokenKey { dialect: "mern", kind: "access", algorithm: Algorithm::Hs512 };

fn secret(byte: u8) -> SecretSlice<u8> {
    vec![byte; 64].into()
}

fn signer() -> JwtSigner {
    JwtSigner::new([(ACCESS, secret(1)), (RESET, secret(2)), (LONG, secret(3))]).unwrap()
}

fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap()
}

fn claims(value: &Value) -> Claims {
    value.as_object().unwrap().clone()
}

fn live_claims() -> Claims {
    claims(&json!({ "id": "507f1f77bcf86cd799439011", "iat": NOW, "exp": NOW + 60 }))
}

/// A token of any header and payload, whose signature is right for an algorithm and the secret of a byte.
fn forge(header: &str, payload: &str, byte: u8, algorithm: jsonwebtoken::Algorithm) -> String {
    let message = format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(header), BASE64_URL_SAFE_NO_PAD.encode(payload));
    let key = jsonwebtoken::EncodingKey::from_secret(&[byte; 64]);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, algorithm).unwrap();
    format!("{message}.{signature}")
}
