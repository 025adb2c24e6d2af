//! The URL table, and the handlers below it.

use actix_web::{HttpRequest, HttpResponse};
use vestibule_domain::Role;

use super::{
    caller::{Presented, SignedIn},
    errors::Failure,
    mapping,
    openapi::{administration, mailbox, own_account, sessions},
    requests::{JsonBody, Paging, RefreshToken, RetryKey},
    responses::{self, List, Profile, RootSession, Session, Success, Tokens, User},
    tokens,
};
use crate::{
    EgoOptions,
    shared::{
        here,
        kind::Kind,
        routes::{Access, Describe, RouteRow, Tie},
    },
};

type Here = here::Here<EgoOptions>;

/// The most of a body is less than in other dialects.
const KIND: Kind = Kind::Json { limit: 64 * 1_024 };

const fn post(path: &'static str, access: Access, describe: Describe, handler: Tie) -> RouteRow {
    RouteRow::post(path, access, describe, handler).of(KIND)
}

const fn put(path: &'static str, access: Access, describe: Describe, handler: Tie) -> RouteRow {
    RouteRow::put(path, access, describe, handler).of(KIND)
}

/// Every route of the dialect.
pub(crate) const ROUTES: &[RouteRow] = &[
    post("/api/v1/users/register", Access::Optional, mailbox::register_with_code, |route| route.to(register_with_code)),
    post("/api/v1/users/verify-otp", Access::Public, mailbox::verify_mailbox_by_code, |route| {
        route.to(verify_mailbox_by_code)
    }),
    post("/api/v1/users/resend-otp", Access::Public, mailbox::resend_verification_code, |route| {
        route.to(resend_verification_code)
    }),
    post("/api/v1/users/request-reset-password", Access::Public, mailbox::request_password_reset, |route| {
        route.to(request_password_reset)
    }),
    post("/api/v1/users/reset-password", Access::Public, mailbox::reset_password_by_token, |route| {
        route.to(reset_password_by_token)
    }),
    post("/api/v1/users/login", Access::Public, sessions::sign_in_with_password, |route| {
        route.to(sign_in_with_password)
    }),
    post("/api/v1/users/ad-login", Access::Public, sessions::sign_in_as_root, |route| route.to(sign_in_as_root)),
    post("/api/v1/users/refresh-token", Access::Public, sessions::use_refresh_token, |route| {
        route.to(use_refresh_token)
    }),
    post("/api/v1/users/logout", Access::Bearer, sessions::sign_out, |route| route.to(sign_out)),
    RouteRow::get("/api/v1/users/profile", Access::Bearer, own_account::show_dossier, |route| route.to(show_dossier)),
    post("/api/v1/users/update", Access::Bearer, own_account::update_self, |route| route.to(update_self)),
    put("/api/v1/users/update", Access::Bearer, own_account::update_self_by_put, |route| route.to(update_self)),
    post("/api/v1/users/delete", Access::Bearer, own_account::remove_self, |route| route.to(remove_self)),
    RouteRow::delete("/api/v1/users/delete", Access::Bearer, own_account::remove_self_by_delete, |route| {
        route.to(remove_self)
    }),
    put("/api/v1/users/update-password", Access::Bearer, own_account::change_own_password, |route| {
        route.to(change_own_password)
    }),
    RouteRow::get("/api/v1/users/all", Access::Privileged, administration::list_users, |route| route.to(list_users)),
    post("/api/v1/users/superadmin", Access::Privileged, administration::check_is_root, |route| {
        route.to(check_is_root)
    }),
];

async fn register_with_code(presented: Presented, here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let input = mapping::register(body.read().await?, here.origin);
    let caller = presented.caller(input.role > Role::User)?;
    here.identity.register_with_code(caller.as_ref(), input).await?;
    Ok(Success::REGISTERED.response())
}

async fn verify_mailbox_by_code(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let input = mapping::verify_code(body.read().await?, here.origin)?;
    here.identity.verify_mailbox_by_code(input).await?;
    Ok(Success::OTP_VERIFIED.response())
}

async fn sign_in_with_password(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let input = mapping::sign_in(body.read().await?, here.origin, Role::User);
    let signed_in = here.identity.sign_in_with_password(input).await?;
    let refresh = signed_in.refresh.ok_or(Failure::INTERNAL)?;
    let token = tokens::issue(&here.identity, &signed_in.account, refresh, signed_in.at)?;
    Ok(responses::ok(Session::new(&signed_in.account, token)))
}

async fn sign_in_as_root(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let input = mapping::sign_in(body.read().await?, here.origin, Role::Root);
    let signed_in = here.identity.sign_in_with_password(input).await?;
    let refresh = signed_in.refresh.ok_or(Failure::INTERNAL)?;
    let token = tokens::issue(&here.identity, &signed_in.account, refresh, signed_in.at)?;
    Ok(responses::ok(RootSession::new(&signed_in.account, token)))
}

async fn resend_verification_code(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    if let Some(input) = mapping::resend_code(&body.read().await?, here.origin) {
        here.identity.resend_verification_code(input).await?;
    }
    Ok(Success::OTP_RESENT.response())
}

async fn request_password_reset(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    if let Some(input) = mapping::request_password_reset(&body.read().await?, here.origin, &here.options) {
        here.identity.request_password_reset(input).await?;
    }
    Ok(Success::RESET_REQUESTED.response())
}

async fn reset_password_by_token(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    here.identity.reset_password_by_token(mapping::reset_password(body.read().await?, here.origin)).await?;
    Ok(Success::PASSWORD_RESET.response())
}

async fn use_refresh_token(here: Here, retry_key: RetryKey, body: JsonBody) -> Result<HttpResponse, Failure> {
    let request: RefreshToken = body.with(retry_key).read().await?;
    let token = tokens::read_refresh(&here.identity, &request.token).ok_or(Failure::INVALID_TOKEN)?;
    let refreshed = here.identity.use_refresh_token(mapping::refresh(request, token, here.origin)).await?;
    let token = tokens::issue(&here.identity, &refreshed.account, refreshed.refresh, refreshed.at)?;
    Ok(responses::ok(Tokens { token }))
}

async fn update_self(SignedIn(caller): SignedIn, here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let input = mapping::update(body.read().await?)?;
    Ok(responses::ok(User::new(&here.identity.update_self(&caller, input).await?)))
}

async fn remove_self(SignedIn(caller): SignedIn, here: Here) -> Result<HttpResponse, Failure> {
    here.identity.remove_self(&caller).await?;
    Ok(Success::REMOVED.response())
}

async fn show_dossier(SignedIn(caller): SignedIn, here: Here) -> Result<HttpResponse, Failure> {
    let dossier = here.identity.show_dossier(caller.id()).await?;
    Ok(responses::ok(Profile::new(caller.account(), &dossier)))
}

async fn change_own_password(SignedIn(caller): SignedIn, here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let changed = here.identity.change_own_password(&caller, mapping::change_password(body.read().await?)).await?;
    let dossier = here.identity.show_dossier(caller.id()).await?;
    Ok(responses::ok(User::new(&(changed.account, dossier))))
}

async fn sign_out(SignedIn(caller): SignedIn, here: Here) -> Result<HttpResponse, Failure> {
    here.identity.sign_out(&caller).await?;
    Ok(Success::SIGNED_OUT.response())
}

async fn list_users(SignedIn(caller): SignedIn, here: Here, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let staff = caller.as_staff()?;
    let paging = Paging::read(request.query_string(), here.page_rows)?;
    let found = here.identity.list_with_dossiers(staff, paging.skip(), paging.limit).await?;
    Ok(responses::ok(List::new(&found, paging.page, paging.limit)))
}

async fn check_is_root(SignedIn(caller): SignedIn) -> Result<HttpResponse, Failure> {
    caller.check_is_root()?;
    Ok(Success::IS_ROOT.response())
}
