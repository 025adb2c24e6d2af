//! Tokens as they are made, and read back.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::json;
use vestibule_ports::{SignerError, TokenKey, TokenRejection, TokenSigner};

use crate::{ACCESS, LONG, NOW, at, claims, live_claims, signer};

#[test]
fn claims_come_back_as_they_were_signed() {
    let claims = claims(
        &json!({ "exp": NOW + 60, "id": "ü", "n": null, "list": [1, { "a": true }], "nbf": NOW + 1000, "aud": "x" }),
    );
    for key in [ACCESS, LONG] {
        let token = signer().sign(key, &claims).unwrap();
        assert_eq!(signer().verify(key, &token, at(NOW)).unwrap(), claims);
    }
}

#[test]
fn the_header_is_that_of_the_documents() {
    for (key, header) in [(ACCESS, r#"{"alg":"HS256","typ":"JWT"}"#), (LONG, r#"{"alg":"HS512","typ":"JWT"}"#)] {
        let token = signer().sign(key, &live_claims()).unwrap();
        let (first, _) = token.split_once('.').unwrap();
        assert_eq!(BASE64_URL_SAFE_NO_PAD.decode(first).unwrap(), header.as_bytes());
    }
}

#[test]
fn other_libraries_read_our_tokens() {
    let token = signer().sign(ACCESS, &live_claims()).unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::HS256);
    validation.validate_exp = false;
    let key = jsonwebtoken::DecodingKey::from_secret(&[1; 64]);
    let read = jsonwebtoken::decode::<vestibule_ports::Claims>(&token, &key, &validation).unwrap();
    assert_eq!(read.claims, live_claims());
}

#[test]
fn claims_without_a_whole_exp_are_not_signed() {
    for exp in [json!({}), json!({ "exp": "1" }), json!({ "exp": 1.5 }), json!({ "exp": null })] {
        assert!(matches!(signer().sign(ACCESS, &claims(&exp)), Err(SignerError::Failed(_))), "{exp}");
    }
}

#[test]
fn a_key_that_was_not_given_neither_signs_nor_checks() {
    let unknown = TokenKey { kind: "other", ..ACCESS };
    assert!(matches!(signer().sign(unknown, &live_claims()), Err(SignerError::UnknownKey)));
    let token = signer().sign(ACCESS, &live_claims()).unwrap();
    assert_eq!(signer().verify(unknown, &token, at(NOW)), Err(TokenRejection::Signature));
}

#[test]
fn a_token_of_4096_bytes_is_the_longest() {
    let of_padding = |length: usize| {
        let mut claims = live_claims();
        claims.insert("pad".to_owned(), "p".repeat(length).into());
        signer().sign(ACCESS, &claims)
    };
    let short = of_padding(1).unwrap().len();
    let fitting = (1..3_100).rev().find(|length| of_padding(*length).is_ok()).unwrap();
    let longest = of_padding(fitting).unwrap();
    assert!(short < longest.len() && (4_093..=4_096).contains(&longest.len()), "{}", longest.len());
    assert!(signer().verify(ACCESS, &longest, at(NOW)).is_ok());
    assert!(matches!(of_padding(fitting + 1), Err(SignerError::Failed(_))));
}
