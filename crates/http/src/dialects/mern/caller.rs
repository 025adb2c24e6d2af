//! How credentials travel: a token in `Authorization: Bearer`, and what follows it is of no interest; and how much a
//! caller may do from one source.

pub(super) mod limits;

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::HeaderMap, web};
use futures_util::future::{FutureExt, LocalBoxFuture};
use vestibule_application::Caller;

use super::{
    MernOptions,
    errors::Failure,
    tokens::{self, Credential, SignedInWith},
};
use crate::{
    Site,
    shared::{bearer::authorization, single::Repeated, source::origin_of},
};

/// The account whose token came with the request, as the store has it now, and how it had signed in.
pub(super) struct SignedIn {
    pub(super) caller: Caller,
    pub(super) with: SignedInWith,
}

impl FromRequest for SignedIn {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (checked, origin) = (check(request), origin_of(request));
        async move {
            let (site, options, Credential { presented, signed_in_with }) = checked?;
            let caller = site.identity.authenticate(presented, origin).await;
            let caller = caller.map_err(|error| Failure::of_authentication(error, &options))?;
            let is_unproven = caller.account().mailbox_proven_at().is_none();
            if options.verify_email && is_unproven && signed_in_with == SignedInWith::Local {
                return Err(Failure::UNVERIFIED);
            }
            Ok(Self { caller, with: signed_in_with })
        }
        .boxed_local()
    }
}

type Checked = (web::Data<Site>, web::Data<MernOptions>, Credential);

fn check(request: &HttpRequest) -> Result<Checked, Failure> {
    let site = request.app_data::<web::Data<Site>>().ok_or(Failure::INTERNAL)?;
    let options = request.app_data::<web::Data<MernOptions>>().ok_or(Failure::INTERNAL)?;
    let token = bearer(request.headers()).map_err(|Repeated| Failure::TOKEN_MALFORMED)?.ok_or(Failure::NO_TOKEN)?;
    Ok((site.clone(), options.clone(), tokens::read(&site.identity, token)?))
}

/// The second word, if the first one is `Bearer` in any case.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Repeated> {
    let value = authorization(headers)?.and_then(|value| value.to_str().ok());
    let mut words = value.unwrap_or_default().split_whitespace();
    let is_bearer = words.next().is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer"));
    Ok(words.next().filter(|_| is_bearer))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{self, HeaderValue};

    use super::*;

    #[test]
    fn the_token_is_the_word_after_bearer() {
        let token = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, HeaderValue::from_static(value));
            bearer(&headers).unwrap().map(str::to_owned)
        };
        for value in ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c  ", "Bearer a.b.c and more"] {
            assert_eq!(token(value).as_deref(), Some("a.b.c"), "{value}");
        }
        for value in ["", "Bearer", "Bearer ", "Basic a.b.c", "a.b.c", "Bearera.b.c"] {
            assert_eq!(token(value), None, "{value:?}");
        }
        assert_eq!(bearer(&HeaderMap::new()), Ok(None));
    }
}
