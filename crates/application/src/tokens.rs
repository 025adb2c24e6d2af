//! Signing and checking of a dialect's tokens; what the claims are called is the dialect's.

use vestibule_ports::{Claims, TokenKey, TokenRejection};

use crate::{Application, Fault};

impl Application {
    /// 64 random bits as 16 hexadecimal digits: makes a token or a request unlike any other.
    pub fn nonce(&self) -> String {
        format!("{:016x}", u64::from_be_bytes(self.random()))
    }

    /// Signs the claims of a token.
    pub fn sign_token(&self, key: TokenKey, claims: &Claims) -> Result<String, Fault> {
        Ok(self.ports.signer.sign(key, claims)?)
    }

    /// Checks a token's size, algorithm, signature and expiry, and returns its claims.
    pub fn verify_token(&self, key: TokenKey, token: &str) -> Result<Claims, TokenRejection> {
        self.ports.signer.verify(key, token, self.now())
    }
}
