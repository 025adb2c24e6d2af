//! The URL table, and the handlers below it.

mod places;
mod profiles;

use actix_web::{HttpRequest, HttpResponse};
use vestibule_application::{AccountSearch, Window};
use vestibule_domain::Permission::{
    AppPreferences, ProfileAdd, ProfileDelete, ProfileManage, ProfileUpdate, ProfileView,
};

use super::{
    LookingOptions,
    caller::{Named, NamedReset, Permitted, Shown, SignedIn},
    errors::Failure,
    mapping,
    openapi::{self, resets, sessions, users},
    requests::{JsonBody, Paging, RequestReset, ResetPassword},
    responses::{self, Created, PasswordReset, Refreshed, ResetLink, ResetRequested, Said, Session, Updated, User},
    tokens,
};
use crate::shared::{
    here,
    kind::Kind,
    routes::{Access, RouteRow},
};

type Here = here::Here<LookingOptions>;

/// A body with pictures.
const PICTURES: Kind = Kind::Pictures { limit: 8 * 1_024 * 1_024 };

/// Every route of the dialect.
pub(crate) const ROUTES: &[RouteRow] = &[
    RouteRow::post("/auth/login", Access::Public, sessions::sign_in_with_password, |route| {
        route.to(sign_in_with_password)
    }),
    RouteRow::post("/auth/logout", Access::Public, sessions::sign_out, |route| route.to(sign_out_of_session)),
    RouteRow::get("/auth/session", Access::Bearer, sessions::show, |route| route.to(authenticate)),
    RouteRow::post("/auth/session", Access::Public, sessions::begin_anonymous, |route| {
        route.to(begin_anonymous_session)
    }),
    RouteRow::put("/auth/session", Access::Bearer, sessions::renew, |route| route.to(renew)),
    RouteRow::post("/auth/reset", Access::Public, resets::request, |route| route.to(request_password_reset)),
    RouteRow::get("/auth/reset/{id}/{token}", Access::Public, resets::show, |route| route.to(show_reset_token)),
    RouteRow::put("/auth/reset/{id}/{token}", Access::Public, resets::reset, |route| route.to(reset_password_by_token)),
    RouteRow::get("/users", Access::Privileged, users::list, |route| route.to(search_users)),
    RouteRow::post("/users", Access::Privileged, users::create, |route| route.to(create_user)),
    RouteRow::get("/users/{id}", Access::Privileged, users::show, |route| route.to(read_user)),
    RouteRow::put("/users/{id}", Access::Owner, users::edit, |route| route.to(edit_user)),
    RouteRow::delete("/users/{id}", Access::Privileged, users::remove, |route| route.to(remove_user)),
    RouteRow::get("/profiles", Access::Public, openapi::profiles::list, |route| route.to(profiles::list_public)),
    RouteRow::get("/profiles/verified", Access::Public, openapi::profiles::list_verified, |route| {
        route.to(profiles::list_public)
    }),
    RouteRow::get("/profiles/submitted", Access::Permitted(ProfileView), openapi::profiles::list_submitted, |route| {
        route.to(profiles::list_submitted)
    }),
    RouteRow::get(
        "/profiles/find/{limit}/{skip}/{min}/{max}/{pos}/{lkng}/{tribes}/{ethnos}",
        Access::PermittedOrAnonymous(ProfileView),
        openapi::profiles::find,
        |route| route.to(profiles::find),
    )
    .with_optional(8),
    RouteRow::get(
        "/profiles/list/{limit}/{skip}/{min}/{max}/{pos}/{lkng}/{tribes}/{ethnos}",
        Access::PermittedOrAnonymous(ProfileView),
        openapi::profiles::find_names,
        |route| route.to(profiles::find_names),
    )
    .with_optional(8),
    RouteRow::get("/profiles/approve/{id}", Access::Permitted(ProfileManage), openapi::profiles::approve, |route| {
        route.to(profiles::approve)
    }),
    RouteRow::post(
        "/profiles/approve/{id}",
        Access::Permitted(ProfileManage),
        openapi::profiles::approve_by_post,
        |route| route.to(profiles::approve),
    ),
    RouteRow::post("/profiles/submission", Access::Public, openapi::profiles::submit, |route| {
        route.to(profiles::submit)
    })
    .of(PICTURES),
    RouteRow::post("/profiles", Access::Permitted(ProfileAdd), openapi::profiles::create, |route| {
        route.to(profiles::create)
    })
    .of(PICTURES),
    RouteRow::get("/profiles/{id}", Access::Optional, openapi::profiles::show, |route| route.to(profiles::show)),
    RouteRow::put("/profiles/{id}", Access::Permitted(ProfileUpdate), openapi::profiles::edit, |route| {
        route.to(profiles::edit)
    })
    .of(PICTURES),
    RouteRow::delete("/profiles/{id}", Access::Permitted(ProfileDelete), openapi::profiles::remove, |route| {
        route.to(profiles::remove)
    }),
    RouteRow::put(
        "/profiles/{profileId}/message/{messageId}",
        Access::Permitted(ProfileUpdate),
        openapi::profiles::edit_message,
        |route| route.to(profiles::edit_message),
    )
    .of(PICTURES),
    RouteRow::get("/images/{folder}/{name}", Access::Optional, openapi::profiles::picture, |route| {
        route.to(profiles::picture)
    })
    .of(Kind::Bytes),
    RouteRow::get(
        "/geocache/populate/{field}",
        Access::Permitted(AppPreferences),
        openapi::places::populate,
        |route| route.to(places::populate),
    ),
    RouteRow::post(
        "/geocache/populate/{field}",
        Access::Permitted(AppPreferences),
        openapi::places::populate_by_post,
        |route| route.to(places::populate),
    ),
    RouteRow::put("/geocache/{id}", Access::Permitted(AppPreferences), openapi::places::edit, |route| {
        route.to(places::edit)
    }),
];

async fn sign_in_with_password(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let input = mapping::sign_in(body.read().await?, here.origin);
    let signed_in = here.identity.sign_in_with_password(input).await?;
    let session = signed_in.refresh.ok_or(Failure::INTERNAL)?.id.session;
    let life = here.options.first(here.options.sign_in).of(signed_in.at, signed_in.at)?;
    let token = tokens::issue(&here.identity, (&signed_in.account, session), life)?;
    Ok(responses::ok(responses::SignedIn::new(&signed_in.account, token)))
}

/// A token that is no good has nothing to be signed out of.
async fn sign_out_of_session(Shown(shown): Shown, here: Here) -> Result<HttpResponse, Failure> {
    match shown {
        Ok((principal, _)) => here.identity.sign_out_of_session(&principal).await?,
        Err(failure) if failure.is_about_token() => {}
        Err(failure) => return Err(failure),
    }
    Ok(responses::ok(Said::SIGNED_OUT))
}

async fn authenticate(Shown(shown): Shown) -> Result<HttpResponse, Failure> {
    let of_session = |failure: Failure| if failure.is_about_token() { Failure::NO_SESSION } else { failure };
    let (_, decoded) = shown.map_err(of_session)?;
    Ok(responses::ok(Session::of(decoded)))
}

async fn begin_anonymous_session(here: Here) -> Result<HttpResponse, Failure> {
    let session = here.identity.begin_anonymous_session(&here.origin).await?;
    let life = here.options.first(here.options.anonymous).of(session.at, session.at)?;
    let token = tokens::issue_anonymous(&here.identity, session.id, life)?;
    Ok(responses::ok(responses::SignedIn::anonymous(token)))
}

async fn renew(Permitted(principal): Permitted, here: Here) -> Result<HttpResponse, Failure> {
    let sitting = principal.sitting().ok_or(Failure::INTERNAL)?;
    let life = here.identity.renew(&sitting, here.options.renewal())?;
    let token = tokens::issue_again(&here.identity, (&principal, sitting.id), life)?;
    Ok(responses::ok(Refreshed::new(token, life.expires_at - life.at)))
}

async fn request_password_reset(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let request: RequestReset = body.read().await?;
    let input = mapping::request_reset(&request, here.origin, &here.options);
    Ok(responses::ok(ResetRequested::new(&here.identity.request_password_reset(input).await?)))
}

async fn show_reset_token(NamedReset(named): NamedReset, here: Here) -> Result<HttpResponse, Failure> {
    let (account, token) = named.ok_or(Failure::NO_SESSION)?;
    let expires = here.identity.show_reset_token(account, &token).await?.ok_or(Failure::NO_SESSION)?;
    Ok(responses::ok(ResetLink::new(account.hex(), expires)))
}

async fn reset_password_by_token(
    NamedReset(named): NamedReset,
    here: Here,
    body: JsonBody,
) -> Result<HttpResponse, Failure> {
    let request: ResetPassword = body.read().await?;
    let input = mapping::reset_password(named.ok_or(Failure::SPENT_RESET)?, request, here.origin);
    here.identity.reset_password_by_token(input).await?;
    Ok(responses::ok(PasswordReset::DONE))
}

async fn search_users(SignedIn(caller): SignedIn, here: Here, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let Paging { skip, limit } = Paging::read(request.query_string(), here.page_rows)?;
    let window = Window { sort: Vec::new(), skip, limit };
    let found = here.identity.search_accounts(caller.as_reader()?, &AccountSearch::default(), &window).await?;
    let users: Vec<User> = found.accounts.iter().map(User::new).collect();
    Ok(responses::listed(users, found.total))
}

async fn create_user(SignedIn(caller): SignedIn, here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let input = mapping::create(body.read().await?);
    let account = here.identity.create_account(caller.as_ruler()?, input).await?;
    Ok(responses::created(Created::new(&account)))
}

async fn read_user(SignedIn(caller): SignedIn, Named(id): Named, here: Here) -> Result<HttpResponse, Failure> {
    Ok(responses::ok(User::new(&here.identity.read_account(&caller, id?).await?)))
}

async fn edit_user(
    SignedIn(caller): SignedIn,
    Named(id): Named,
    here: Here,
    body: JsonBody,
) -> Result<HttpResponse, Failure> {
    if id.as_ref().ok() != Some(&caller.id()) {
        caller.as_ruler()?;
    }
    let id = id?;
    let (account, _) = here.identity.edit_account(&caller, mapping::edit(id, body.read().await?)).await?;
    Ok(responses::ok(Updated::of(User::new(&account))))
}

async fn remove_user(SignedIn(caller): SignedIn, Named(id): Named, here: Here) -> Result<HttpResponse, Failure> {
    let account = here.identity.show_account(id?).await?.ok_or(Failure::USER_NOT_FOUND)?;
    here.identity.remove_account(caller.authority_over(&account)?).await?;
    Ok(responses::ok(Said::DELETED))
}
