//! Signing and checking of a dialect's tokens, whose claims are called as the dialect has it; and looking at one-time
//! tokens.

use time::OffsetDateTime;
use vestibule_domain::{OneTimeToken, TokenPurpose};
use vestibule_ports::{Claims, StoreError, TokenKey, TokenRejection};

use crate::{Fault, Identity};

impl Identity {
    /// Signs the claims of a token.
    pub fn sign_token(&self, key: TokenKey, claims: &Claims) -> Result<String, Fault> {
        Ok(self.ports.signer.sign(key, claims)?)
    }

    /// Checks a token's size, algorithm, signature and expiry, and returns its claims.
    pub fn verify_token(&self, key: TokenKey, token: &str) -> Result<Claims, TokenRejection> {
        self.ports.signer.verify(key, token, self.core.now())
    }

    /// An unexpired one-time token without spending it: so that one that is no good costs no hash, and that whose account
    /// it is is known before the account is locked, which comes before its tokens.
    pub(crate) async fn find_token(
        &self,
        token: &str,
        purpose: TokenPurpose,
        now: OffsetDateTime,
    ) -> Result<Option<OneTimeToken>, StoreError> {
        self.core.read().tokens().find(&self.token_digest(token), purpose, now).await
    }
}
