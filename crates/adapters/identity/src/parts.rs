//! An ID token split into its parts, before anything in it is believed.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use vestibule_ports::CredentialRejection;

/// The longest ID token, in bytes.
const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// A token's claims about a person.
pub(crate) type Claims = Map<String, Value>;

/// The parts of a token in the compact form (RFC 7515), none of them checked yet.
pub(crate) struct Parts<'token> {
    pub(crate) header: Map<String, Value>,
    /// The first two parts with the dot between: the signed content.
    pub(crate) message: &'token str,
    /// The third part, still encoded, but known to be base64url.
    pub(crate) signature: &'token str,
    pub(crate) claims: Claims,
}

impl<'token> Parts<'token> {
    pub(crate) fn read(token: &'token str) -> Result<Self, CredentialRejection> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(CredentialRejection::Malformed);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(CredentialRejection::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(CredentialRejection::Malformed)?;
        // The alphabet has no dot, so a fourth part fails here.
        decode(signature)?;
        Ok(Self { header: read_object(header)?, message, signature, claims: read_object(payload)? })
    }
}

fn read_object(part: &str) -> Result<Map<String, Value>, CredentialRejection> {
    serde_json::from_slice(&decode(part)?).map_err(|_| CredentialRejection::Malformed)
}

fn decode(part: &str) -> Result<Vec<u8>, CredentialRejection> {
    BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| CredentialRejection::Malformed)
}
