//! The URL table, and the handlers below it.

use actix_web::HttpResponse;

use super::{
    ContactsOptions,
    caller::SignedIn,
    errors::Failure,
    mapping, openapi,
    requests::{JsonBody, ResetPasswordRequest},
    responses::{CurrentUser, RegisteredUsers, ResetToken, Success, UserWithToken},
    tokens,
};
use crate::shared::{
    here,
    routes::{Access, RouteRow},
};

type Here = here::Here<ContactsOptions>;

/// Every route of the dialect.
pub(crate) const ROUTES: &[RouteRow] = &[
    RouteRow::post("/api/auth/register", Access::Public, openapi::register_with_password, |route| {
        route.to(register_with_password)
    }),
    RouteRow::post("/api/auth/login", Access::Public, openapi::sign_in_with_password, |route| {
        route.to(sign_in_with_password)
    }),
    RouteRow::get("/api/auth/me", Access::Bearer, openapi::authenticate, |route| route.to(authenticate)),
    RouteRow::post("/api/auth/forgot-password", Access::Public, openapi::request_password_reset, |route| {
        route.to(request_password_reset)
    }),
    RouteRow::post("/api/auth/verify-otp", Access::Public, openapi::verify_password_reset_code, |route| {
        route.to(verify_password_reset_code)
    }),
    RouteRow::post("/api/auth/reset-password", Access::Public, openapi::complete_password_reset, |route| {
        route.to(complete_password_reset)
    }),
    RouteRow::post("/api/auth/check-registered", Access::Bearer, openapi::find_registered, |route| {
        route.to(find_registered)
    }),
];

async fn register_with_password(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let input = mapping::register(body.read().await?, here.origin, here.identity.core().password_rules())?;
    let registered = here.identity.register_and_sign_in(input).await?;
    let token = tokens::issue_access(&here.identity, &registered.account, registered.at)?;
    Ok(Success::REGISTERED.with(UserWithToken::new(&registered.account, token)))
}

async fn sign_in_with_password(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let input = mapping::sign_in(body.read().await?, here.origin)?;
    let signed_in = here.identity.sign_in_with_password(input).await?;
    let token = tokens::issue_access(&here.identity, &signed_in.account, signed_in.at)?;
    Ok(Success::SIGNED_IN.with(UserWithToken::new(&signed_in.account, token)))
}

async fn authenticate(SignedIn(caller): SignedIn) -> HttpResponse {
    Success::CURRENT_USER.with(CurrentUser::from(caller.account()))
}

async fn request_password_reset(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let input = mapping::request_password_reset(body.read().await?, here.origin)?;
    if let Some(input) = input {
        here.identity.request_password_reset(input).await?;
    }
    Ok(Success::OTP_SENT.response())
}

async fn verify_password_reset_code(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let input = mapping::verify_code(body.read().await?)?;
    let granted = here.identity.verify_password_reset_code(input).await;
    let grant = granted.map_err(|error| Failure::of_reset(error, Failure::INVALID_OTP))?;
    Ok(Success::OTP_VERIFIED.with(ResetToken::new(tokens::issue_reset(&here.identity, grant)?)))
}

async fn complete_password_reset(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let request: ResetPasswordRequest = body.read().await?;
    let proof = request.reset_token.and_then(|token| tokens::read_reset(&here.identity, &token));
    let proof = proof.ok_or(Failure::INVALID_RESET_TOKEN)?;
    let input = mapping::complete_password_reset(
        proof,
        here.origin,
        request.new_password,
        here.identity.core().password_rules(),
    )?;
    let completed = here.identity.complete_password_reset(input).await;
    completed.map_err(|error| Failure::of_reset(error, Failure::INVALID_RESET_TOKEN))?;
    Ok(Success::PASSWORD_RESET.response())
}

async fn find_registered(SignedIn(caller): SignedIn, here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let input = mapping::find_registered(body.read().await?)?;
    let found = here.identity.find_registered(&caller, input).await?;
    Ok(Success::REGISTERED_USERS.with(RegisteredUsers::from(found)))
}
