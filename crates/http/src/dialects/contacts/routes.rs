//! The URL table, and the handlers below it.

use actix_web::HttpResponse;

use super::{
    ContactsOptions,
    caller::SignedIn,
    errors::Failure,
    mapping,
    requests::{JsonBody, ResetPasswordRequest},
    responses::{self, CurrentUser, RegisteredUsers, ResetToken, UserWithToken},
    tokens,
};
use crate::shared::{
    here,
    routes::{Access, RouteRow},
};

type Here = here::Here<ContactsOptions>;

/// Every route of the dialect.
pub(crate) const ROUTES: &[RouteRow] = &[
    RouteRow::post("/api/auth/register", Access::Public, |route| route.to(register_with_password)),
    RouteRow::post("/api/auth/login", Access::Public, |route| route.to(sign_in_with_password)),
    RouteRow::get("/api/auth/me", Access::Bearer, |route| route.to(authenticate)),
    RouteRow::post("/api/auth/forgot-password", Access::Public, |route| route.to(request_password_reset)),
    RouteRow::post("/api/auth/verify-otp", Access::Public, |route| route.to(verify_password_reset_code)),
    RouteRow::post("/api/auth/reset-password", Access::Public, |route| route.to(complete_password_reset)),
    RouteRow::post("/api/auth/check-registered", Access::Bearer, |route| route.to(find_registered)),
];

async fn register_with_password(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let input = mapping::register(body.read().await?, here.origin, here.app.password_rules())?;
    let registered = here.app.register_and_sign_in(input).await?;
    let token = tokens::issue_access(&here.app, &registered.account, registered.at)?;
    Ok(responses::created("User registered successfully", UserWithToken::new(&registered.account, token)))
}

async fn sign_in_with_password(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let input = mapping::sign_in(body.read().await?, here.origin)?;
    let signed_in = here.app.sign_in_with_password(input).await?;
    let token = tokens::issue_access(&here.app, &signed_in.account, signed_in.at)?;
    Ok(responses::ok("Login successful", UserWithToken::new(&signed_in.account, token)))
}

async fn authenticate(SignedIn(caller): SignedIn) -> HttpResponse {
    responses::ok("User data fetched successfully", CurrentUser::from(caller.account()))
}

async fn request_password_reset(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let input = mapping::request_password_reset(body.read().await?, here.origin)?;
    if let Some(input) = input {
        here.app.request_password_reset(input).await?;
    }
    Ok(responses::done("Success, an OTP has been sent."))
}

async fn verify_password_reset_code(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let input = mapping::verify_code(body.read().await?)?;
    let granted = here.app.verify_password_reset_code(input).await;
    let grant = granted.map_err(|error| Failure::of_reset(error, Failure::INVALID_OTP))?;
    Ok(responses::ok("OTP verified successfully", ResetToken::new(tokens::issue_reset(&here.app, grant)?)))
}

async fn complete_password_reset(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let request: ResetPasswordRequest = body.read().await?;
    let proof = request.reset_token.and_then(|token| tokens::read_reset(&here.app, &token));
    let proof = proof.ok_or(Failure::INVALID_RESET_TOKEN)?;
    let input = mapping::complete_password_reset(proof, here.origin, request.new_password, here.app.password_rules())?;
    let completed = here.app.complete_password_reset(input).await;
    completed.map_err(|error| Failure::of_reset(error, Failure::INVALID_RESET_TOKEN))?;
    Ok(responses::done("Password reset successfully"))
}

async fn find_registered(SignedIn(caller): SignedIn, here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let input = mapping::find_registered(body.read().await?)?;
    let found = here.app.find_registered(&caller, input).await?;
    Ok(responses::ok("Registered users fetched successfully", RegisteredUsers::from(found)))
}
