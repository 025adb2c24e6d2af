//! How credentials travel: a token in `Authorization: Bearer`, of an account or anonymous; what a row of the table asks of its
//! holder; and whose account a path names.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};
use futures_util::future::{FutureExt, LocalBoxFuture};
use vestibule_application::{
    Caller, Principal,
    profiles::PicturePath,
    rights::{may_at_once, rules_at_once},
};
use vestibule_domain::{AccountId, Permission, PlaceId, ProfileId, ProfileMessageId};

use super::{
    errors::Failure,
    responses::Decoded,
    tokens::{self, Token},
    words::{self, pictures},
};
use crate::{
    Access, Site,
    shared::{bearer, prefetch::is_prefetch, source::origin_of},
};

/// A token that was shown, with its holder, or why it is no good: for the routes that answer a bad one in their own words.
pub(super) struct Shown(pub(super) Result<(Principal, Decoded), Failure>);

/// The holder of a good token who has the right that the row of the table asks for.
pub(super) struct Permitted(pub(super) Principal);

/// The same, with an account.
pub(super) struct SignedIn(pub(super) Caller);

/// The holder of a good token; none where no token came.
pub(super) struct Reader(pub(super) Option<Principal>);

/// The same as [`Permitted`] for a route that changes something by `GET`, unless a browser asks ahead of a wish.
pub(super) struct Deliberate(pub(super) Principal);

/// The account that the path names; looked at only by a handler, so that a bad token is told first.
pub(super) struct Named(pub(super) Result<AccountId, Failure>);

/// The profile that the path names; looked at as an account is.
pub(super) struct NamedProfile(pub(super) Result<ProfileId, Failure>);

/// The message that the path names, of the profile that it names.
pub(super) struct NamedMessage(pub(super) Result<(ProfileId, ProfileMessageId), Failure>);

/// The place that the path names.
pub(super) struct NamedPlace(pub(super) Result<PlaceId, Failure>);

/// The picture that the path names; none if there can be none.
pub(super) struct NamedPicture(pub(super) Option<PicturePath>);

/// The account and the token of the reset link that the path names; none if that cannot be one.
pub(super) struct NamedReset(pub(super) Option<(AccountId, String)>);

impl FromRequest for NamedReset {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let segment = |name| request.match_info().get(name).unwrap_or_default();
        let account = AccountId::from_hex(segment("id")).ok();
        ready(Ok(Self(account.map(|account| (account, segment("token").to_owned())))))
    }
}

impl FromRequest for NamedProfile {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(named_profile(request, "id"))))
    }
}

impl FromRequest for NamedMessage {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let message = ProfileMessageId::from_hex(segment(request, "messageId")).map_err(|_| Failure::MESSAGE_NOT_FOUND);
        ready(Ok(Self(named_profile(request, "profileId").and_then(|profile| Ok((profile, message?))))))
    }
}

impl FromRequest for NamedPlace {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(PlaceId::from_hex(segment(request, "id")).map_err(|_| Failure::PLACE_NOT_FOUND))))
    }
}

impl FromRequest for NamedPicture {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let path = format!("{}/{}", segment(request, "folder"), segment(request, "name")).to_ascii_lowercase();
        ready(Ok(Self(pictures::parse(&path))))
    }
}

fn named_profile(request: &HttpRequest, name: &str) -> Result<ProfileId, Failure> {
    ProfileId::from_hex(segment(request, name)).map_err(|_| Failure::PROFILE_NOT_FOUND)
}

fn segment<'r>(request: &'r HttpRequest, name: &str) -> &'r str {
    request.match_info().get(name).unwrap_or_default()
}

impl FromRequest for Shown {
    type Error = Infallible;
    type Future = LocalBoxFuture<'static, Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (checked, origin) = (check(request), origin_of(request));
        async move {
            let authenticated = async {
                let (site, token) = checked?;
                let principal = site.identity.authenticate_anyone(token.presented, origin).await?;
                Ok((principal, token.decoded))
            };
            Ok(Self(authenticated.await))
        }
        .boxed_local()
    }
}

impl FromRequest for Permitted {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let access = request.app_data().copied();
        let shown = Shown::from_request(request, payload);
        async move {
            let Ok(Shown(shown)) = shown.await;
            let (principal, _) = shown?;
            permit(access.ok_or(Failure::INTERNAL)?, &principal)?;
            Ok(Self(principal))
        }
        .boxed_local()
    }
}

impl FromRequest for SignedIn {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let permitted = Permitted::from_request(request, payload);
        async move { permitted.await?.0.caller().map(Self).ok_or_else(Failure::missing_super) }.boxed_local()
    }
}

impl FromRequest for Reader {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !request.headers().contains_key(header::AUTHORIZATION) {
            return ready(Ok(Self(None))).boxed_local();
        }
        let permitted = Permitted::from_request(request, payload);
        async move { Ok(Self(Some(permitted.await?.0))) }.boxed_local()
    }
}

impl FromRequest for Deliberate {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if is_prefetch(request.headers()) {
            return ready(Err(Failure::PREFETCH)).boxed_local();
        }
        let permitted = Permitted::from_request(request, payload);
        async move { Ok(Self(permitted.await?.0)) }.boxed_local()
    }
}

impl FromRequest for Named {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().get("id").unwrap_or_default();
        ready(Ok(Self(AccountId::from_hex(id).map_err(|_| Failure::USER_NOT_FOUND))))
    }
}

/// Whether the holder of a token has what a row asks for. A client that did not sign in has no account's rights; what
/// [`Access::Owner`] asks of an account depends on the path.
fn permit(access: Access, principal: &Principal) -> Result<(), Failure> {
    let account = match principal {
        Principal::Account(caller) => Some(caller.account()),
        Principal::Anonymous(_) => None,
    };
    let may = |permission| account.is_some_and(|account| may_at_once(account, permission));
    let (is_permitted, refusal) = match access {
        Access::Public | Access::Optional | Access::Bearer => return Ok(()),
        Access::Owner => (account.is_some(), Failure::missing_super()),
        Access::Privileged => (account.is_some_and(rules_at_once), Failure::missing_super()),
        Access::Permitted(permission) => (may(permission), Failure::missing(permission)),
        Access::PermittedOrAnonymous(permission) => {
            let is_permitted = may(permission) || (account.is_none() && is_anonymous(permission));
            (is_permitted, Failure::missing(permission))
        }
    };
    if is_permitted { Ok(()) } else { Err(refusal) }
}

fn is_anonymous(permission: Permission) -> bool {
    words::ANONYMOUS.contains(&words::of(permission))
}

fn check(request: &HttpRequest) -> Result<(web::Data<Site>, Token), Failure> {
    let site = request.app_data::<web::Data<Site>>().ok_or(Failure::INTERNAL)?;
    let credential = bearer::authorization(request.headers()).map_err(|_| Failure::MALFORMED_TOKEN)?;
    if credential.is_none() {
        return Err(Failure::NO_TOKEN);
    }
    let token = bearer::token(request.headers()).ok_or(Failure::MALFORMED_TOKEN)?;
    Ok((site.clone(), tokens::read_access(&site.identity, token)?))
}
