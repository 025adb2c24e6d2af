//! A token split into its parts, before anything in it is believed.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;
use vestibule_ports::{Claims, TokenRejection};

/// The longest token, in bytes: the token of a request is read before it is known to be ours.
pub(crate) const MAX_TOKEN_BYTES: usize = 4096;

/// The three parts of a token, none of them checked yet.
pub(crate) struct Parts<'token> {
    /// The first part, still encoded.
    pub(crate) header: &'token str,
    /// The first two parts with the dot between: the signed content.
    pub(crate) message: &'token str,
    /// The third part, still encoded, but known to be base64url.
    pub(crate) signature: &'token str,
    /// The decoded second part.
    pub(crate) claims: Claims,
}

impl<'token> Parts<'token> {
    pub(crate) fn read(token: &'token str) -> Result<Self, TokenRejection> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenRejection::Malformed);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(TokenRejection::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(TokenRejection::Malformed)?;
        // The alphabet has no dot, so a fourth part fails here.
        decode(signature)?;
        Ok(Self { header, message, signature, claims: read_object(payload)? })
    }

    /// The algorithm that the header names.
    pub(crate) fn algorithm(&self) -> Result<String, TokenRejection> {
        match read_object(self.header)?.remove("alg") {
            Some(Value::String(name)) => Ok(name),
            _ => Err(TokenRejection::Malformed),
        }
    }
}

fn read_object(part: &str) -> Result<Claims, TokenRejection> {
    serde_json::from_slice(&decode(part)?).map_err(|_| TokenRejection::Malformed)
}

fn decode(part: &str) -> Result<Vec<u8>, TokenRejection> {
    BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenRejection::Malformed)
}
