//! How credentials travel: an access token in `Authorization: Bearer`; and whose account a path names.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use futures_util::future::{FutureExt, LocalBoxFuture};
use time::OffsetDateTime;
use vestibule_application::{Caller, documents::DocumentOf};
use vestibule_domain::AccountId;

use super::{
    errors::Failure,
    tokens::{self, Token},
    words,
};
use crate::{
    Site,
    shared::{bearer, source::origin_of},
};

/// The account whose access token came with the request, as the store has it now.
pub(super) struct SignedIn(pub(super) Caller);

/// The same, and when the token expires.
pub(super) struct SignedInUntil(pub(super) Caller, pub(super) OffsetDateTime);

/// The account that the path names; looked at only by a handler, so that a bad token is told first.
pub(super) struct Named(pub(super) Result<AccountId, Failure>);

impl FromRequest for SignedIn {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        SignedInUntil::from_request(request, payload).map(|found| Ok(Self(found?.0))).boxed_local()
    }
}

impl FromRequest for SignedInUntil {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (checked, origin) = (check(request), origin_of(request));
        async move {
            let (site, token) = checked?;
            Ok(Self(site.identity.authenticate(token.presented, origin).await?, token.until))
        }
        .boxed_local()
    }
}

/// The document that the path names, of the account that it names; looked at as that is.
pub(super) struct NamedDocument(pub(super) Result<(DocumentOf, &'static str), Failure>);

impl FromRequest for NamedDocument {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(named_document(request))))
    }
}

impl FromRequest for Named {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(named(request))))
    }
}

fn named(request: &HttpRequest) -> Result<AccountId, Failure> {
    let id = request.match_info().get("id").unwrap_or_default();
    AccountId::from_hex(id).map_err(|_| Failure::INVALID_USER_ID)
}

/// With the document's own name for it.
fn named_document(request: &HttpRequest) -> Result<(DocumentOf, &'static str), Failure> {
    let owner = named(request)?;
    let field = request.match_info().get("field").unwrap_or_default();
    let (name, field) = words::document(field).ok_or(Failure::NOT_FOUND)?;
    Ok((DocumentOf { owner, field }, name))
}

fn check(request: &HttpRequest) -> Result<(web::Data<Site>, Token), Failure> {
    let site = request.app_data::<web::Data<Site>>().ok_or(Failure::INTERNAL)?;
    let credential = bearer::authorization(request.headers()).map_err(|_| Failure::INVALID_TOKEN)?;
    if credential.is_none() {
        return Err(Failure::NO_TOKEN);
    }
    let token = bearer::token(request.headers()).ok_or(Failure::INVALID_TOKEN)?;
    let token = tokens::read_access(&site.identity, token).ok_or(Failure::INVALID_TOKEN)?;
    Ok((site.clone(), token))
}
