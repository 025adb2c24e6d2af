//! What is refused, and as what.

use jsonwebtoken::Algorithm::{HS256, HS512};
use proptest::prelude::*;
use serde_json::json;
use vestibule_ports::{TokenRejection, TokenSigner};

use crate::{ACCESS, LONG, NOW, RESET, at, claims, forge, live_claims, signer};

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

fn rejection(token: &str) -> TokenRejection {
    signer().verify(ACCESS, token, at(NOW)).unwrap_err()
}

fn payload() -> String {
    serde_json::Value::Object(live_claims()).to_string()
}

#[test]
fn the_forge_makes_good_tokens() {
    // Otherwise the refusals below would prove nothing.
    assert_eq!(signer().verify(ACCESS, &forge(HEADER, &payload(), 1, HS256), at(NOW)).unwrap(), live_claims());
}

#[test]
fn a_header_with_other_members_or_order_is_read() {
    let token = forge(r#"{ "typ":"JWT", "x":1, "alg":"HS256" }"#, &payload(), 1, HS256);
    assert!(signer().verify(ACCESS, &token, at(NOW)).is_ok());
}

#[test]
fn another_algorithm_is_refused_though_the_signature_would_be_right() {
    let under_the_same_key = forge(r#"{"alg":"HS512","typ":"JWT"}"#, &payload(), 1, HS512);
    assert_eq!(rejection(&under_the_same_key), TokenRejection::Algorithm);
    let under_the_long_key = forge(HEADER, &payload(), 3, HS256);
    assert_eq!(signer().verify(LONG, &under_the_long_key, at(NOW)), Err(TokenRejection::Algorithm));
}

#[test]
fn algorithms_that_only_the_header_names_are_refused() {
    for name in ["none", "None", "hs256", "RS256", "ES256", "HS384", ""] {
        let token = forge(&json!({ "alg": name, "typ": "JWT" }).to_string(), &payload(), 1, HS256);
        assert_eq!(rejection(&token), TokenRejection::Algorithm, "{name:?}");
        let (message, _) = token.rsplit_once('.').unwrap();
        assert_eq!(rejection(&format!("{message}.")), TokenRejection::Algorithm, "{name:?}, unsigned");
    }
}

#[test]
fn a_header_without_an_algorithm_is_malformed() {
    for header in ["{}", r#"{"alg":null}"#, r#"{"alg":1}"#, r#"["HS256"]"#, "HS256", ""] {
        assert_eq!(rejection(&forge(header, &payload(), 1, HS256)), TokenRejection::Malformed, "{header}");
    }
}

#[test]
fn a_token_of_another_kind_or_dialect_is_refused() {
    let token = signer().sign(RESET, &live_claims()).unwrap();
    assert_eq!(rejection(&token), TokenRejection::Signature);
    assert_eq!(signer().verify(LONG, &token, at(NOW)), Err(TokenRejection::Algorithm));
}

#[test]
fn any_changed_character_of_the_signature_is_refused() {
    let token = signer().sign(ACCESS, &live_claims()).unwrap();
    let start = token.rfind('.').unwrap() + 1;
    for index in start..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[index] = if changed[index] == b'A' { b'Q' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(signer().verify(ACCESS, &changed, at(NOW)).is_err(), "character {index}");
    }
}

#[test]
fn claims_under_the_signature_of_others_are_refused() {
    let token = forge(HEADER, &payload(), 1, HS256);
    let other = forge(HEADER, &json!({ "id": "other", "exp": NOW + 60 }).to_string(), 1, HS256);
    let (message, _) = other.rsplit_once('.').unwrap();
    let (_, signature) = token.rsplit_once('.').unwrap();
    assert_eq!(rejection(&format!("{message}.{signature}")), TokenRejection::Signature);
    assert_eq!(rejection(&format!("{message}.")), TokenRejection::Signature);
}

#[test]
fn every_truncation_is_refused() {
    let token = signer().sign(ACCESS, &live_claims()).unwrap();
    for length in 0..token.len() {
        assert!(signer().verify(ACCESS, &token[..length], at(NOW)).is_err(), "{length} bytes");
    }
}

#[test]
fn what_is_not_three_parts_of_base64url_is_malformed() {
    let token = forge(HEADER, &payload(), 1, HS256);
    let (message, signature) = token.rsplit_once('.').unwrap();
    let cases = [
        String::new(),
        "..".to_owned(),
        "a.b".to_owned(),
        message.to_owned(),
        format!("{token}."),
        format!("{token}.{signature}"),
        format!("{token}="),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{message}.{}", signature.replace(|c: char| c.is_ascii_digit(), "+")),
        format!("é{token}"),
        token.replacen('.', "..", 1),
    ];
    for case in cases {
        assert_eq!(rejection(&case), TokenRejection::Malformed, "{case}");
    }
}

#[test]
fn claims_that_are_no_object_are_malformed() {
    for payload in ["[]", "[{\"exp\":9999999999}]", "1", "null", "\"text\"", "", "{\"exp\":", "{} {}"] {
        assert_eq!(rejection(&forge(HEADER, payload, 1, HS256)), TokenRejection::Malformed, "{payload}");
    }
}

#[test]
fn claims_nested_without_end_are_malformed() {
    let payload = format!("{{\"a\":{}", "[".repeat(2_000));
    assert_eq!(rejection(&forge(HEADER, &payload, 1, HS256)), TokenRejection::Malformed);
}

#[test]
fn a_token_over_4096_bytes_is_malformed_though_signed() {
    let of_padding =
        |length: usize| forge(HEADER, &json!({ "exp": NOW + 60, "pad": "p".repeat(length) }).to_string(), 1, HS256);
    let first_too_long = (2_900..3_100).map(of_padding).find(|token| token.len() > 4_096).unwrap();
    assert!(first_too_long.len() <= 4_100);
    assert_eq!(rejection(&first_too_long), TokenRejection::Malformed);
}

#[test]
fn an_exp_that_is_missing_or_no_whole_number_is_refused() {
    let exps = ["{}", r#"{"exp":null}"#, r#"{"exp":"9999999999"}"#, r#"{"exp":9999999999.5}"#, r#"{"exp":1e300}"#];
    for payload in exps {
        assert_eq!(rejection(&forge(HEADER, payload, 1, HS256)), TokenRejection::Expired { at: None }, "{payload}");
    }
}

#[test]
fn a_token_is_good_until_15_seconds_after_its_exp() {
    let signer = signer();
    let token = signer.sign(ACCESS, &claims(&json!({ "exp": NOW }))).unwrap();
    let nearly = at(NOW + 14) + time::Duration::microseconds(999_999);
    assert!(signer.verify(ACCESS, &token, nearly).is_ok());
    assert_eq!(signer.verify(ACCESS, &token, at(NOW + 15)), Err(TokenRejection::Expired { at: Some(NOW) }));
}

#[test]
fn exps_at_the_ends_of_time_do_no_harm() {
    let signer = signer();
    for (exp, good) in [(i64::MAX, true), (i64::MIN, false), (0, false)] {
        let token = signer.sign(ACCESS, &claims(&json!({ "exp": exp }))).unwrap();
        assert_eq!(signer.verify(ACCESS, &token, at(NOW)).is_ok(), good, "{exp}");
    }
}

#[test]
fn rejections_come_in_the_order_of_the_port() {
    let long_past = json!({ "exp": 1 }).to_string();
    let other_header = r#"{"alg":"none"}"#;
    assert_eq!(rejection(&forge(other_header, "[]", 9, HS256)), TokenRejection::Malformed);
    assert_eq!(rejection(&forge(other_header, &long_past, 9, HS256)), TokenRejection::Algorithm);
    assert_eq!(rejection(&forge(HEADER, &long_past, 9, HS256)), TokenRejection::Signature);
    assert_eq!(rejection(&forge(HEADER, &long_past, 1, HS256)), TokenRejection::Expired { at: Some(1) });
}

proptest! {
    #[test]
    fn no_text_is_taken_or_panics(text in any::<String>()) {
        prop_assert!(signer().verify(ACCESS, &text, at(NOW)).is_err());
    }

    #[test]
    fn no_three_parts_are_taken_or_panic(text in "[A-Za-z0-9_-]{0,60}\\.[A-Za-z0-9_-]{0,60}\\.[A-Za-z0-9_-]{0,60}") {
        prop_assert!(signer().verify(ACCESS, &text, at(NOW)).is_err());
    }

    #[test]
    fn no_signed_json_panics(payload in any::<String>(), header in any::<String>()) {
        prop_assert!(signer().verify(ACCESS, &forge(&header, &payload, 1, HS256), at(NOW)).is_err());
        let signed = signer().verify(ACCESS, &forge(HEADER, &payload, 1, HS256), at(NOW));
        let is_refused = matches!(signed, Err(TokenRejection::Malformed | TokenRejection::Expired { .. }));
        prop_assert!(is_refused);
    }
}
