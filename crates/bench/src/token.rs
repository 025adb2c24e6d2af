//! Access tokens of the bare route: HS256, with the claims and the size of the server's.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::Failure;

/// 1 January 2100: the bare route's tokens need no clock to be made.
const EXPIRES: u64 = 4_102_444_800;
/// 30 days earlier.
const ISSUED: u64 = EXPIRES - 2_592_000;

/// The claims of an access token.
#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    /// The account, as 24 hexadecimal digits.
    pub id: String,
    /// When it was issued, in seconds since 1970.
    pub iat: u64,
    /// When it expires, in seconds since 1970.
    pub exp: u64,
    /// Names the token.
    pub jti: String,
}

/// Signs a token for an account.
pub fn sign(secret: &str, account: &str) -> Result<String, Failure> {
    let claims = Claims { id: account.to_owned(), iat: ISSUED, exp: EXPIRES, jti: "0123456789abcdef".repeat(2) };
    Ok(jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(secret.as_bytes()))?)
}

/// Checks tokens.
pub struct Verifier {
    key: DecodingKey,
    validation: Validation,
}

impl Verifier {
    /// Checks what [`sign`] signed with the same secret.
    pub fn new(secret: &str) -> Self {
        Self { key: DecodingKey::from_secret(secret.as_bytes()), validation: Validation::new(Algorithm::HS256) }
    }

    /// The claims of a good token.
    pub fn verify(&self, token: &str) -> Option<Claims> {
        jsonwebtoken::decode(token, &self.key, &self.validation).map(|data| data.claims).ok()
    }
}

/// `bare token`
#[derive(clap::Args)]
pub struct Args {
    /// The secret that the bare route was started with.
    #[arg(long)]
    secret: String,
    /// The account, as 24 hexadecimal digits.
    #[arg(long)]
    account: String,
}

/// Prints a token.
pub fn run(args: &Args) -> Result<(), Failure> {
    println!("{}", sign(&args.secret, &args.account)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tokens_of_the_same_secret_are_accepted() {
        let token = sign("one secret", "507f1f77bcf86cd799439011").unwrap();
        let claims = Verifier::new("one secret").verify(&token).unwrap();
        assert_eq!(claims.id, "507f1f77bcf86cd799439011");
        assert!(Verifier::new("another secret").verify(&token).is_none());
    }
}
