//! The bare routes: `GET /api/auth/me`, `GET /api/profiles`, a chat and an upload, as one would write them with
//! nothing around them.
//!
//! The first two check an HS256 token, run the one SELECT that the server runs too, and answer the same JSON. There is no
//! middleware, no log and no check of what they read: what the server takes longer is the price of those.

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::header::AUTHORIZATION,
    web::{self, Data},
};
use clap::ValueEnum;
use serde::Serialize;
use vestibule_domain::AccountId;

use crate::{Failure, token::Verifier};

mod chat;
mod profile;
mod select;
mod upload;

use chat::{Chat, Messages};
use profile::Profile;
use select::{Account, Accounts};
use upload::Uploads;

/// Where the bare route reads accounts.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Store {
    Postgres,
    Sqlite,
    Memory,
}

/// `bare serve`
#[derive(clap::Args)]
pub struct Args {
    /// Where to read accounts; `memory` reads nothing and answers the same account for every id.
    #[arg(long)]
    store: Store,
    /// The URL of the database that the server made.
    #[arg(long, required_if_eq_any([("store", "postgres"), ("store", "sqlite")]))]
    database: Option<String>,
    /// Where to listen.
    #[arg(long)]
    listen: std::net::SocketAddr,
    /// The secret that signs its tokens.
    #[arg(long)]
    secret: String,
    /// Where to keep uploaded files.
    #[arg(long)]
    folder: Option<std::path::PathBuf>,
    /// Threads that answer; as many as cores if not given.
    #[arg(long)]
    workers: Option<usize>,
}

struct State {
    verifier: Verifier,
    accounts: Accounts,
    chat: Chat,
    uploads: Uploads,
}

/// The wire form of the answer.
#[derive(Serialize)]
struct Envelope<T> {
    status: bool,
    message: &'static str,
    data: Option<T>,
}

#[derive(Serialize)]
struct Me {
    id: String,
    #[serde(rename = "fullName")]
    full_name: String,
    email: String,
}

/// Serves until it is told to stop.
pub fn run(args: Args) -> Result<(), Failure> {
    actix_web::rt::System::new().block_on(serve(args))
}

async fn serve(args: Args) -> Result<(), Failure> {
    let database = args.database.as_deref().unwrap_or_default();
    let (accounts, messages) = match args.store {
        Store::Postgres => (Accounts::postgres(database)?, Messages::postgres(database).await?),
        Store::Sqlite => (Accounts::sqlite(database)?, Messages::sqlite(database).await?),
        Store::Memory => (Accounts::Memory, Messages::Nowhere),
    };
    let (verifier, chat, uploads) = (Verifier::new(&args.secret), Chat::new(messages), Uploads::new(args.folder));
    let state = Data::new(State { verifier, accounts, chat, uploads });
    let app = move || {
        let app = App::new().app_data(state.clone());
        let app = app.route("/api/auth/me", web::get().to(me)).route("/api/profiles", web::get().to(profile));
        app.route("/user/user_chat/{id}", web::put().to(chat::commit))
            .route("/user/{id}/documents/taxId", web::post().to(upload::upload))
            .route("/broadcast/{id}", web::put().to(chat::broadcast))
            .route("/broadcast/{id}", web::get().to(chat::follow))
    };
    let workers = args.workers.map_or_else(|| std::thread::available_parallelism().map(usize::from), Ok)?;
    // Streams that nothing is written to do not notice that their clients have gone.
    Ok(HttpServer::new(app).workers(workers).shutdown_timeout(1).bind(args.listen)?.run().await?)
}

async fn me(request: HttpRequest, state: Data<State>) -> HttpResponse {
    answer(request, state, |account| HttpResponse::Ok().json(show(account))).await
}

async fn profile(request: HttpRequest, state: Data<State>) -> HttpResponse {
    answer(request, state, |account| HttpResponse::Ok().json(Profile::of(account))).await
}

async fn answer(request: HttpRequest, state: Data<State>, show: impl Fn(Account) -> HttpResponse) -> HttpResponse {
    let Some(claims) = bearer(&request).and_then(|token| state.verifier.verify(token)) else {
        return HttpResponse::Unauthorized().json(refusal("Not authorized, no token"));
    };
    let Ok(id) = AccountId::from_hex(&claims.id) else {
        return HttpResponse::Unauthorized().json(refusal("Not authorized, no token"));
    };
    match state.accounts.find(id).await {
        Ok(Some(account)) => show(account),
        Ok(None) => HttpResponse::NotFound().json(refusal("User not found")),
        Err(_) => HttpResponse::InternalServerError().json(refusal("Internal server error")),
    }
}

fn bearer(request: &HttpRequest) -> Option<&str> {
    request.headers().get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

fn show(account: Account) -> Envelope<Me> {
    let data = Me { id: account.id.hex(), full_name: account.full_name, email: account.email };
    Envelope { status: true, message: "User data fetched successfully", data: Some(data) }
}

fn refusal(message: &'static str) -> Envelope<()> {
    Envelope { status: false, message, data: None }
}
