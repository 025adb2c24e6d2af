//! The URL table, and the handlers below it.

use actix_web::{HttpRequest, HttpResponse, Route, http::header::HeaderValue, middleware::from_fn, web};
use vestibule_application::{links::LinkPurpose, register::RegisterWithProof, sign_in::SignInWithProvider};
use vestibule_domain::Provider;

use super::{
    MernOptions,
    caller::{
        SignedIn,
        limits::{limit_failures, limit_successes},
    },
    errors::Failure,
    mapping,
    openapi::{administration, authentication, own_account},
    requests::{
        Apple, ChangePassword, Facebook, Google, JsonBody, Request, ResetPassword, SendToken, SignIn, SignUp,
        UpdateProfile, UpdateUser, UsersQuery, VerifyEmail, VerifyToken,
    },
    responses::{self, CheckedToken, OneUser, Profile, Session, Success, UpdatedProfile, UpdatedUser, Users, views},
    tokens::{self, SignedInWith},
};
use crate::shared::{
    here,
    routes::{Access, RouteRow},
};

type Here = here::Here<MernOptions>;

const USERS: &str = "/api/users";

/// Every route of the dialect.
pub(crate) const ROUTES: &[RouteRow] = &[
    RouteRow::get("/api/alive", Access::Public, authentication::alive, |route| route.to(alive)),
    RouteRow::post("/api/auth/signup", Access::Public, authentication::register_with_password, |route| {
        route.to(register_with_password).wrap(from_fn(limit_successes))
    }),
    RouteRow::post("/api/auth/signin", Access::Public, authentication::sign_in_with_password, |route| {
        route.to(sign_in_with_password).wrap(from_fn(limit_failures))
    }),
    RouteRow::post("/api/auth/google", Access::Public, authentication::sign_in_with_google, |route| {
        route.to(sign_in_with_google).wrap(from_fn(limit_failures))
    }),
    RouteRow::post("/api/auth/facebook", Access::Public, authentication::sign_in_with_facebook, |route| {
        route.to(sign_in_with_facebook).wrap(from_fn(limit_failures))
    }),
    RouteRow::post("/api/auth/apple", Access::Public, authentication::sign_in_with_apple, |route| {
        route.to(sign_in_with_apple).wrap(from_fn(limit_failures))
    }),
    RouteRow::post("/api/auth/send-token", Access::Public, authentication::send_link, |route| {
        route.to(send_link).wrap(from_fn(limit_successes))
    }),
    RouteRow::post("/api/auth/verify-email/{token}", Access::Public, authentication::verify_email_by_link, |route| {
        route.to(verify_email_by_link).wrap(from_fn(limit_failures))
    }),
    RouteRow::post(
        "/api/auth/reset-password/{token}",
        Access::Public,
        authentication::reset_password_by_link,
        |route| route.to(reset_password_by_link).wrap(from_fn(limit_failures)),
    ),
    RouteRow::post("/api/auth/verify-jwt-token", Access::Bearer, authentication::authenticate, |route| {
        route.to(authenticate).wrap(from_fn(limit_failures))
    }),
    RouteRow::post("/api/auth/invalidate-all-jwt-tokens", Access::Bearer, authentication::end_own_tokens, |route| {
        route.to(end_own_tokens).wrap(from_fn(limit_failures))
    }),
    RouteRow::get("/api/profiles", Access::Bearer, own_account::show_self, |route| route.to(show_self)),
    RouteRow::put("/api/profiles", Access::Bearer, own_account::rename_self, |route| route.to(rename_self)),
    RouteRow::put("/api/profiles/password", Access::Bearer, own_account::change_own_password, |route| {
        route.to(change_own_password)
    }),
    RouteRow::get("/api/profiles/{userId}", Access::Public, own_account::show_account, |route| route.to(show_account)),
    RouteRow::get(USERS, Access::Privileged, administration::search_users, |route| route.to(search_users)),
    RouteRow::get("/api/users/{userId}", Access::Privileged, administration::read_user, |route| route.to(read_user)),
    RouteRow::put("/api/users/{userId}", Access::Privileged, administration::change_user, |route| {
        route.to(change_user)
    }),
    RouteRow::delete("/api/users/{userId}", Access::Privileged, administration::remove_user, |route| {
        route.to(remove_user)
    }),
];

/// What else lies below the users, where a token is asked for before anything.
pub(super) const ROWLESS: &[&str] = &["/api/users/{rest:.*}"];

/// What answers another method: this document tells of no method at all.
pub(super) fn other_methods(path: &'static str, _: HeaderValue) -> Route {
    if path.starts_with(USERS) { web::to(refuse_below_users) } else { web::to(refuse_method) }
}

async fn refuse_method() -> HttpResponse {
    Failure::NOT_FOUND.response()
}

/// The method matters less than the token: without one, nothing is told of what is here.
async fn refuse_below_users(_: SignedIn) -> HttpResponse {
    Failure::NOT_FOUND.response()
}

async fn alive() -> HttpResponse {
    responses::alive()
}

async fn register_with_password(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let request: SignUp = body.read().await?;
    let registration = mapping::register(request, here.origin)?;
    if here.options.verify_email {
        let mail = mapping::link_mail(LinkPurpose::VerifyEmail, &here.options);
        here.identity.register_with_proof(RegisterWithProof { registration, mail }).await?;
        Ok(Success::REGISTERED_UNPROVEN.response())
    } else {
        here.identity.register_with_password(registration).await?;
        Ok(Success::REGISTERED.response())
    }
}

async fn sign_in_with_password(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let request: SignIn = body.read().await?;
    let signed_in = here.identity.sign_in_with_password(mapping::sign_in(request, here.origin, &here.options)).await;
    let signed_in = signed_in.map_err(|error| Failure::of_sign_in(error, &here.options))?;
    let token = tokens::issue(&here.identity, &signed_in.account, &SignedInWith::Local, signed_in.at)?;
    let user = views::full(&signed_in.account, &here.options);
    Ok(responses::ok(&Session { token, signed_in_with: "local", user }))
}

async fn sign_in_with_google(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let request: Google = read_if_on(&here, Provider::Google, body).await?;
    sign_in_with_provider(&here, mapping::google(request, here.origin.clone())).await
}

async fn sign_in_with_facebook(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let request: Facebook = read_if_on(&here, Provider::Facebook, body).await?;
    sign_in_with_provider(&here, mapping::facebook(request, here.origin.clone())).await
}

async fn sign_in_with_apple(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let request: Apple = read_if_on(&here, Provider::Apple, body).await?;
    sign_in_with_provider(&here, mapping::apple(request, here.origin.clone())).await
}

/// A provider that is not configured has no route.
async fn read_if_on<R: Request>(here: &Here, provider: Provider, body: JsonBody) -> Result<R, Failure> {
    if !here.identity.has_provider(provider) {
        return Err(Failure::NOT_FOUND);
    }
    body.read().await
}

async fn sign_in_with_provider(here: &Here, input: SignInWithProvider) -> Result<HttpResponse, Failure> {
    let provider = input.provider;
    let signed_in = here.identity.sign_in_with_provider(input).await;
    let signed_in = signed_in.map_err(|error| Failure::of_provider(error, provider))?;
    let token = tokens::issue(&here.identity, &signed_in.account, &SignedInWith::provider(provider), signed_in.at)?;
    let user = views::full(&signed_in.account, &here.options);
    Ok(responses::ok(&Session { token, signed_in_with: provider.as_str(), user }))
}

async fn send_link(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let request: SendToken = body.read().await?;
    let purpose = request.purpose;
    let sent = match purpose {
        LinkPurpose::VerifyEmail if !here.options.verify_email => return Err(Failure::VERIFY_EMAIL_OFF),
        LinkPurpose::ResetPassword if !here.options.reset_password => return Err(Failure::RESET_PASSWORD_OFF),
        LinkPurpose::VerifyEmail => Success::VERIFICATION_SENT,
        LinkPurpose::ResetPassword => Success::RESET_SENT,
    };
    here.identity.send_link(mapping::send_link(request, here.origin, &here.options)).await?;
    Ok(sent.response())
}

async fn verify_email_by_link(here: Here, token: web::Path<String>, body: JsonBody) -> Result<HttpResponse, Failure> {
    let request: VerifyEmail = body.read().await?;
    if !here.options.verify_email {
        return Err(Failure::VERIFY_EMAIL_OFF);
    }
    here.identity.verify_email_by_link(mapping::verify_email(request, token.into_inner(), here.origin)).await?;
    Ok(Success::EMAIL_VERIFIED.response())
}

async fn reset_password_by_link(here: Here, token: web::Path<String>, body: JsonBody) -> Result<HttpResponse, Failure> {
    if !here.options.reset_password {
        return Err(Failure::RESET_PASSWORD_OFF);
    }
    let request: ResetPassword = body.read().await?;
    here.identity.reset_password_by_link(mapping::reset_password(request, token.into_inner(), here.origin)).await?;
    Ok(Success::PASSWORD_RESET.response())
}

async fn authenticate(
    SignedIn { caller, with }: SignedIn,
    here: Here,
    body: JsonBody,
) -> Result<HttpResponse, Failure> {
    let request: VerifyToken = body.read().await?;
    let issue = || tokens::issue(&here.identity, caller.account(), &with, here.identity.core().now());
    let token = request.refresh_token.then(issue).transpose()?;
    let user = request.refresh_user.then(|| views::full(caller.account(), &here.options));
    Ok(responses::ok(&CheckedToken::new(token, user)))
}

async fn end_own_tokens(SignedIn { caller, .. }: SignedIn, here: Here) -> Result<HttpResponse, Failure> {
    here.identity.end_own_tokens(&caller).await?;
    Ok(Success::TOKENS_ENDED.response())
}

async fn show_self(SignedIn { caller, .. }: SignedIn, here: Here) -> HttpResponse {
    responses::ok(&Profile { profile: views::full(caller.account(), &here.options) })
}

async fn rename_self(SignedIn { caller, .. }: SignedIn, here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let request: UpdateProfile = body.read().await?;
    let updated_fields = request.accepted.clone();
    let account = here.identity.rename_self(&caller, mapping::rename(request)).await?;
    let user = views::full(&account, &here.options);
    Ok(responses::ok(&UpdatedProfile { user, updated_fields }))
}

async fn change_own_password(
    SignedIn { caller, with }: SignedIn,
    here: Here,
    body: JsonBody,
) -> Result<HttpResponse, Failure> {
    let request: ChangePassword = body.read().await?;
    if request.current == request.new.expose() {
        return Err(Failure::SAME_PASSWORD);
    }
    if with != SignedInWith::Local {
        return Err(Failure::SOCIAL_PASSWORD);
    }
    let changed = here.identity.change_own_password(&caller, mapping::change_password(request)).await?;
    Ok(responses::ok(&tokens::issue(&here.identity, &changed.account, &SignedInWith::Local, changed.at)?))
}

async fn show_account(here: Here, id: web::Path<String>) -> Result<HttpResponse, Failure> {
    let found = here.identity.show_account(mapping::user_id(&id)?).await?;
    let account = found.ok_or(Failure::UNKNOWN_USER_ID)?;
    Ok(responses::ok(&Profile { profile: views::public(&account) }))
}

async fn search_users(
    SignedIn { caller, .. }: SignedIn,
    here: Here,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let reader = caller.as_reader()?;
    let query = UsersQuery::parse(request.query_string())?;
    let Some((search, window)) = mapping::search(query, &here.options, here.page_rows) else {
        return Ok(responses::ok(&Users { users: Vec::new(), users_count: 0 }));
    };
    let found = here.identity.search_accounts(reader, &search, &window).await?;
    let users = found.accounts.iter().map(|account| views::seen_by(&caller, account, &here.options)).collect();
    Ok(responses::ok(&Users { users, users_count: found.total }))
}

async fn read_user(
    SignedIn { caller, .. }: SignedIn,
    here: Here,
    id: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let account = here.identity.read_account(&caller, mapping::user_id(&id)?).await?;
    Ok(responses::ok(&OneUser { user: views::seen_by(&caller, &account, &here.options) }))
}

async fn change_user(
    SignedIn { caller, .. }: SignedIn,
    here: Here,
    id: web::Path<String>,
    body: JsonBody,
) -> Result<HttpResponse, Failure> {
    let found = here.identity.show_account(mapping::user_id(&id)?).await?;
    let authority = caller.authority_over(&found.ok_or(Failure::UNKNOWN_USER_ID)?)?;
    let request: UpdateUser = body.read().await?;
    let updated_fields = request.accepted.clone();
    let account = here.identity.change_account(authority, mapping::user_change(request, &here.options)).await?;
    Ok(responses::ok(&UpdatedUser { updated_fields, user: views::seen_by(&caller, &account, &here.options) }))
}

async fn remove_user(
    SignedIn { caller, .. }: SignedIn,
    here: Here,
    id: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let found = here.identity.show_account(mapping::user_id(&id)?).await?;
    here.identity.remove_account(caller.authority_over(&found.ok_or(Failure::UNKNOWN_USER_ID)?)?).await?;
    Ok(Success::USER_REMOVED.response())
}
