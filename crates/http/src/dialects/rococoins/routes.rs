//! The URL table, and the handlers below it.

use actix_web::{HttpRequest, HttpResponse, http::Method};
use vestibule_domain::conversation::Side;

use super::{
    RococoinsOptions,
    caller::{Named, NamedDocument, SignedIn, SignedInUntil},
    errors::Failure,
    mapping,
    openapi::{accounts, chat, codes, documents},
    requests::{AdminChat, AdminUpdate, ChatPaging, FileBody, JsonBody, LastEventId, Paging, UserChat},
    responses::{self, Success, User, chat::ChatEvents},
    tokens,
};
use crate::shared::{
    events, here,
    kind::Kind,
    routes::{Access, RouteRow},
};

type Here = here::Here<RococoinsOptions>;

/// The file and what a form says around it.
const UPLOAD: Kind = Kind::Upload { limit: (10 * 1_024 + 64) * 1_024 };

/// Every route of the dialect.
pub(crate) const ROUTES: &[RouteRow] = &[
    RouteRow::post("/user", Access::Public, accounts::register_with_password, |route| route.to(register_with_password)),
    RouteRow::get("/user", Access::Privileged, accounts::list_users, |route| route.to(list_users)),
    RouteRow::post("/user/login", Access::Public, accounts::sign_in_with_password, |route| {
        route.to(sign_in_with_password)
    }),
    RouteRow::get("/user/verify", Access::Bearer, accounts::verify, |route| route.to(show_self)),
    RouteRow::get("/user/{id}", Access::Owner, accounts::show_user, |route| route.to(show_user)),
    RouteRow::put("/user/{id}", Access::Owner, accounts::edit_user, |route| route.to(edit_user)),
    RouteRow::delete("/user/{id}", Access::Owner, accounts::remove_user, |route| route.to(remove_user)),
    RouteRow::put("/user/admin/{id}", Access::Privileged, accounts::change_user, |route| route.to(change_user)),
    RouteRow::put("/user/user_chat/{id}", Access::Owner, chat::send_as_user, |route| route.to(send_as_user)),
    RouteRow::put("/user/admin_chat/{id}", Access::Privileged, chat::send_as_staff, |route| route.to(send_as_staff)),
    RouteRow::get("/user/{id}/chat", Access::Owner, chat::list_messages, |route| route.to(list_messages)),
    RouteRow::put("/user/{id}/chat/read", Access::Owner, chat::mark_read, |route| route.to(mark_read)),
    RouteRow::get("/user/{id}/chat/events", Access::Owner, chat::follow, |route| route.to(follow)).of(Kind::Events),
    RouteRow::post("/user/{id}/documents/{field}", Access::Owner, documents::upload, |route| route.to(upload))
        .of(UPLOAD),
    RouteRow::get("/user/{id}/documents/{field}", Access::Owner, documents::download, |route| route.to(download))
        .of(Kind::Bytes),
    RouteRow::post("/users/otp", Access::Public, codes::resend_verification_code, |route| {
        route.to(resend_verification_code)
    }),
    RouteRow::post("/users/verify_otp", Access::Public, codes::verify_mailbox_by_code, |route| {
        route.to(verify_mailbox_by_code)
    }),
];

async fn register_with_password(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let input = mapping::register(body.read().await?, here.origin);
    let created = here.identity.register_with_password(input).await?;
    Ok(Success::CREATED.with_user(User::new(&created.account, &created.dossier, &here.prefix)))
}

async fn list_users(SignedIn(caller): SignedIn, here: Here, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let staff = caller.as_staff()?;
    let paging = Paging::read(request.query_string(), here.page_rows)?;
    let page = here.identity.list_with_dossiers(staff, paging.skip, paging.limit).await?;
    let users: Vec<User> =
        page.accounts.iter().map(|(account, dossier)| User::with_codes(account, dossier, &here.prefix)).collect();
    Ok(responses::ok(users))
}

async fn sign_in_with_password(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    let input = mapping::sign_in(body.read().await?, here.origin);
    let signed_in = here.identity.sign_in_with_password(input).await?;
    let token = tokens::issue(&here.identity, &signed_in.account, signed_in.at)?;
    Ok(responses::ok(responses::SignedIn { success: true, token }))
}

async fn show_self(SignedIn(caller): SignedIn, here: Here) -> Result<HttpResponse, Failure> {
    let dossier = here.identity.show_dossier(caller.id()).await?;
    Ok(responses::ok(User::new(caller.account(), &dossier, &here.prefix)))
}

async fn show_user(SignedIn(caller): SignedIn, Named(id): Named, here: Here) -> Result<HttpResponse, Failure> {
    let id = id?;
    let found = here.identity.show_with_dossier(caller.as_viewer_of(id)?).await?;
    let (account, dossier) = found.ok_or(Failure::USER_NOT_FOUND)?;
    let chats = here.chat.newest_messages(&caller, id).await?;
    Ok(User::to(&caller, &account, &dossier, &here.prefix).with_chats(&chats))
}

async fn edit_user(
    SignedIn(caller): SignedIn,
    Named(id): Named,
    here: Here,
    body: JsonBody,
) -> Result<HttpResponse, Failure> {
    let id = id?;
    caller.as_viewer_of(id)?;
    let (account, dossier) =
        here.identity.edit_account(&caller, mapping::edit(id, body.read().await?, &here.prefix)).await?;
    Ok(Success::UPDATED.with_user(User::to(&caller, &account, &dossier, &here.prefix)))
}

async fn remove_user(SignedIn(caller): SignedIn, Named(id): Named, here: Here) -> Result<HttpResponse, Failure> {
    let id = id?;
    caller.as_viewer_of(id)?;
    if caller.id() == id {
        here.identity.remove_self(&caller).await?;
    } else {
        let account = here.identity.show_account(id).await?.ok_or(Failure::USER_NOT_FOUND)?;
        here.identity.remove_account(caller.authority_over(&account)?).await?;
    }
    Ok(Success::DELETED.response())
}

async fn change_user(
    SignedIn(caller): SignedIn,
    Named(id): Named,
    here: Here,
    body: JsonBody,
) -> Result<HttpResponse, Failure> {
    let id = id?;
    caller.as_staff()?;
    let request: AdminUpdate = body.read().await?;
    let found = here.identity.show_account(id).await?.ok_or(Failure::USER_NOT_FOUND)?;
    let account = here.identity.change_account(caller.authority_over(&found)?, mapping::user_change(request)).await?;
    let dossier = here.identity.show_dossier(id).await?;
    Ok(Success::UPDATED.with_user(User::with_codes(&account, &dossier, &here.prefix)))
}

async fn send_as_user(
    SignedIn(caller): SignedIn,
    Named(id): Named,
    here: Here,
    body: JsonBody,
) -> Result<HttpResponse, Failure> {
    let id = id?;
    here.chat.check_may_send(&caller, id, Side::User)?;
    let UserChat(written) = body.read().await?;
    let sent = here.chat.send(&caller, mapping::send(id, Side::User, written)?).await?;
    Ok(responses::chat::sent(&here.chat.newest_after(&sent).await))
}

async fn send_as_staff(
    SignedIn(caller): SignedIn,
    Named(id): Named,
    here: Here,
    body: JsonBody,
) -> Result<HttpResponse, Failure> {
    let id = id?;
    here.chat.check_may_send(&caller, id, Side::Staff)?;
    let AdminChat(written) = body.read().await?;
    let sent = here.chat.send(&caller, mapping::send(id, Side::Staff, written)?).await?;
    Ok(responses::chat::sent(&here.chat.newest_after(&sent).await))
}

async fn list_messages(
    SignedIn(caller): SignedIn,
    Named(id): Named,
    here: Here,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let id = id?;
    here.chat.check_may_read(&caller, id)?;
    let paging = ChatPaging::read(request.query_string(), here.page_rows)?;
    let list = here.chat.list_messages(&caller, mapping::list_messages(id, paging)).await?;
    Ok(responses::chat::listed(&list))
}

async fn mark_read(
    SignedIn(caller): SignedIn,
    Named(id): Named,
    here: Here,
    body: JsonBody,
) -> Result<HttpResponse, Failure> {
    let id = id?;
    here.chat.check_may_read(&caller, id)?;
    let marked = here.chat.mark_read(&caller, mapping::mark_read(id, body.read().await?)).await?;
    Ok(responses::chat::marked(marked))
}

async fn follow(
    SignedInUntil(caller, until): SignedInUntil,
    Named(id): Named,
    here: Here,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let id = id?;
    here.chat.check_may_read(&caller, id)?;
    let last = LastEventId::read(request.headers())?;
    let follower = here.chat.follow(&caller, mapping::follow(id, last, until)).await?;
    Ok(events::answer(&request, ChatEvents(follower)))
}

async fn upload(
    SignedIn(caller): SignedIn,
    NamedDocument(named): NamedDocument,
    here: Here,
    FileBody(form): FileBody,
) -> Result<HttpResponse, Failure> {
    let (document, name) = named?;
    here.documents.check_may_handle(&caller, document).await?;
    let uploaded = form.file("file", async |file| here.documents.upload(&caller, document, file).await).await;
    uploaded.map_err(Failure::of_form)??;
    Ok(responses::documents::uploaded(document.owner, name, &here.prefix))
}

async fn download(
    SignedIn(caller): SignedIn,
    NamedDocument(named): NamedDocument,
    here: Here,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let (document, name) = named?;
    let content = here.documents.download(&caller, document).await?;
    Ok(responses::documents::content(name, content, request.method() == Method::HEAD))
}

async fn resend_verification_code(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    if let Some(input) = mapping::resend_code(body.read().await?, here.origin) {
        here.identity.resend_verification_code(input).await?;
    }
    Ok(Success::OTP_SENT.response())
}

async fn verify_mailbox_by_code(here: Here, body: JsonBody) -> Result<HttpResponse, Failure> {
    here.identity.verify_mailbox_by_code(mapping::verify_code(body.read().await?, here.origin)).await?;
    Ok(Success::OTP_VERIFIED.response())
}
