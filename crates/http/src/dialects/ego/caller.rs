//! How credentials travel: an access token in `Authorization: Bearer`, or else in a header `authentication`, with or
//! without `Bearer` before it.

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{HeaderMap, HeaderValue},
    web,
};
use futures_util::future::{FutureExt, LocalBoxFuture};
use vestibule_application::{Caller, accounts::PresentedInSession};

use super::{errors::Failure, tokens};
use crate::{
    Site,
    shared::{
        bearer,
        single::{Repeated, single},
        source::origin_of,
    },
};

const AUTHENTICATION: &str = "authentication";

/// The account whose access token came with the request, as the store has it now.
pub(super) struct SignedIn(pub(super) Caller);

/// The same where a token may be left out.
struct MaybeSignedIn(Option<Caller>);

/// The same where a token is of no matter unless a right is asked for: a client goes on sending one that has run out.
pub(super) struct Presented(Result<MaybeSignedIn, Failure>);

impl Presented {
    /// The caller, where a right of theirs is asked for; a wrong token is refused only there.
    pub(super) fn caller(self, asks_for_a_right: bool) -> Result<Option<Caller>, Failure> {
        match self.0 {
            Ok(MaybeSignedIn(caller)) => Ok(caller),
            Err(failure) if asks_for_a_right => Err(failure),
            Err(_) => Ok(None),
        }
    }
}

impl FromRequest for Presented {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    /// What cannot be looked at now is told in any case.
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let found = MaybeSignedIn::from_request(request, payload);
        found
            .map(|found| match found {
                Err(failure) if !failure.is_of_a_token() => Err(failure),
                found => Ok(Self(found)),
            })
            .boxed_local()
    }
}

impl FromRequest for SignedIn {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        MaybeSignedIn::from_request(request, payload)
            .map(|found| found?.0.map(Self).ok_or(Failure::NO_TOKEN))
            .boxed_local()
    }
}

impl FromRequest for MaybeSignedIn {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (checked, origin) = (check(request), origin_of(request));
        async move {
            let Some((site, presented)) = checked? else { return Ok(Self(None)) };
            Ok(Self(Some(site.identity.authenticate_in_session(presented, origin).await?)))
        }
        .boxed_local()
    }
}

fn check(request: &HttpRequest) -> Result<Option<(web::Data<Site>, PresentedInSession)>, Failure> {
    let site = request.app_data::<web::Data<Site>>().ok_or(Failure::INTERNAL)?;
    let token = token(request.headers()).map_err(|Repeated| Failure::INVALID_TOKEN)?;
    let Some(token) = token else { return Ok(None) };
    let token = std::str::from_utf8(token).map_err(|_| Failure::INVALID_TOKEN)?;
    let presented = tokens::read_access(&site.identity, token).ok_or(Failure::INVALID_TOKEN)?;
    Ok(Some((site.clone(), presented)))
}

/// The bytes of the token, if there is one.
fn token(headers: &HeaderMap) -> Result<Option<&[u8]>, Repeated> {
    let (authorization, authentication) = (bearer::authorization(headers)?, single(headers, AUTHENTICATION)?);
    let token = match authorization {
        Some(value) => after_bearer(value.as_bytes()),
        None => authentication.map(HeaderValue::as_bytes).map(|value| after_bearer(value).unwrap_or(value)),
    };
    Ok(token.map(<[u8]>::trim_ascii).filter(|token| !token.is_empty()))
}

/// What follows the word `Bearer`, in any case (RFC 9110, section 11.1).
fn after_bearer(value: &[u8]) -> Option<&[u8]> {
    let value = value.trim_ascii();
    let end = value.iter().position(u8::is_ascii_whitespace).unwrap_or(value.len());
    let (scheme, rest) = value.split_at(end);
    scheme.eq_ignore_ascii_case(b"bearer").then_some(rest)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderName;

    use super::*;

    fn found(headers: &[(&'static str, &'static str)]) -> Option<String> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        token(&map).unwrap().map(|token| String::from_utf8(token.to_vec()).unwrap())
    }

    #[test]
    fn a_token_follows_bearer_in_authorization() {
        for value in ["Bearer a.b.c", "bearer   a.b.c ", "BEARER\ta.b.c"] {
            assert_eq!(found(&[("authorization", value)]).as_deref(), Some("a.b.c"), "{value}");
        }
        for value in ["", "Bearer", "Bearer ", "Basic a.b.c", "a.b.c", "Bearera.b.c"] {
            assert_eq!(found(&[("authorization", value)]), None, "{value}");
        }
    }

    #[test]
    fn a_token_stands_in_authentication_with_or_without_bearer() {
        for value in ["Bearer a.b.c", "bearer a.b.c", "a.b.c", "  a.b.c "] {
            assert_eq!(found(&[("authentication", value)]).as_deref(), Some("a.b.c"), "{value}");
        }
        for value in ["", "  ", "Bearer", "Bearer  "] {
            assert_eq!(found(&[("authentication", value)]), None, "{value}");
        }
        assert_eq!(found(&[]), None);
    }

    #[test]
    fn authentication_is_read_only_without_authorization() {
        assert_eq!(found(&[("authentication", "d.e.f"), ("authorization", "Bearer a.b.c")]).as_deref(), Some("a.b.c"));
        assert_eq!(found(&[("authentication", "d.e.f"), ("authorization", "Basic x")]), None);
    }
}
