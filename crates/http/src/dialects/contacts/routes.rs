//! The URL table, and the handlers below it.

use actix_web::{HttpResponse, web};

use super::{
    caller::SignedIn,
    errors::Failure,
    mapping,
    requests::{BODY_LIMIT, ResetPasswordRequest},
    responses::{self, CurrentUser, RegisteredUsers, ResetToken, UserWithToken},
    tokens,
};
use crate::{
    Site,
    shared::{
        body::RawBody,
        routes::{Access, RouteRow},
        source::ClientOrigin,
    },
};

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

async fn register_with_password(
    site: web::Data<Site>,
    origin: ClientOrigin,
    body: RawBody,
) -> Result<HttpResponse, Failure> {
    let request = body.json_object(BODY_LIMIT).await?;
    let input = mapping::register(request, origin.0, site.app.password_rules())?;
    let registered = site.app.register_and_sign_in(input).await?;
    let token = tokens::issue_access(&site.app, &registered.account, registered.at)?;
    Ok(responses::created("User registered successfully", UserWithToken::new(&registered.account, token)))
}

async fn sign_in_with_password(
    site: web::Data<Site>,
    origin: ClientOrigin,
    body: RawBody,
) -> Result<HttpResponse, Failure> {
    let input = mapping::sign_in(body.json_object(BODY_LIMIT).await?, origin.0)?;
    let signed_in = site.app.sign_in_with_password(input).await?;
    let token = tokens::issue_access(&site.app, &signed_in.account, signed_in.at)?;
    Ok(responses::ok("Login successful", UserWithToken::new(&signed_in.account, token)))
}

async fn authenticate(SignedIn(caller): SignedIn) -> HttpResponse {
    responses::ok("User data fetched successfully", CurrentUser::from(caller.account()))
}

async fn request_password_reset(
    site: web::Data<Site>,
    origin: ClientOrigin,
    body: RawBody,
) -> Result<HttpResponse, Failure> {
    let input = mapping::request_password_reset(body.json_object(BODY_LIMIT).await?, origin.0)?;
    if let Some(input) = input {
        site.app.request_password_reset(input).await?;
    }
    Ok(responses::done("Success, an OTP has been sent."))
}

async fn verify_password_reset_code(site: web::Data<Site>, body: RawBody) -> Result<HttpResponse, Failure> {
    let input = mapping::verify_code(body.json_object(BODY_LIMIT).await?)?;
    let granted = site.app.verify_password_reset_code(input).await;
    let grant = granted.map_err(|error| Failure::of_reset(error, Failure::INVALID_OTP))?;
    Ok(responses::ok("OTP verified successfully", ResetToken::new(tokens::issue_reset(&site.app, grant)?)))
}

async fn complete_password_reset(
    site: web::Data<Site>,
    origin: ClientOrigin,
    body: RawBody,
) -> Result<HttpResponse, Failure> {
    let request: ResetPasswordRequest = body.json_object(BODY_LIMIT).await?;
    let proof = request.reset_token.and_then(|token| tokens::read_reset(&site.app, &token));
    let proof = proof.ok_or(Failure::INVALID_RESET_TOKEN)?;
    let input = mapping::complete_password_reset(proof, origin.0, request.new_password, site.app.password_rules())?;
    let completed = site.app.complete_password_reset(input).await;
    completed.map_err(|error| Failure::of_reset(error, Failure::INVALID_RESET_TOKEN))?;
    Ok(responses::done("Password reset successfully"))
}

async fn find_registered(
    SignedIn(caller): SignedIn,
    site: web::Data<Site>,
    body: RawBody,
) -> Result<HttpResponse, Failure> {
    let input = mapping::find_registered(body.json_object(BODY_LIMIT).await?)?;
    let found = site.app.find_registered(&caller, input).await?;
    Ok(responses::ok("Registered users fetched successfully", RegisteredUsers::from(found)))
}
