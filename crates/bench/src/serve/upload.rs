//! The bare route of an upload: it writes the file of a form to a folder and syncs it, and nothing else.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

use actix_multipart::Multipart;
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use futures_util::StreamExt;
use serde::Serialize;
use tokio::{
    fs::File,
    io::{AsyncWriteExt, BufWriter},
};

use super::{State, bearer};
use crate::Failure;

/// As much as the server writes at once.
const PART: usize = 512 * 1_024;

/// Where files are kept.
pub(super) struct Uploads {
    folder: Option<PathBuf>,
    files: AtomicU64,
}

#[derive(Serialize)]
struct Stored {
    success: bool,
    message: &'static str,
    path: String,
}

impl Uploads {
    pub(super) fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, files: AtomicU64::new(0) }
    }

    /// Takes the place of the file before, as in the server: under another name, after which that one goes.
    async fn store(&self, id: &str, mut form: Multipart) -> Result<HttpResponse, Failure> {
        let folder = self.folder.as_ref().ok_or("there is no folder")?;
        let mut field = form.next().await.ok_or("a form without a part")?.map_err(|error| error.to_string())?;
        let unfinished = folder.join(format!("{id}#{}", self.files.fetch_add(1, Ordering::Relaxed)));
        let mut file = BufWriter::with_capacity(PART, File::create(&unfinished).await?);
        while let Some(piece) = field.next().await {
            file.write_all(&piece.map_err(|error| error.to_string())?).await?;
        }
        file.flush().await?;
        file.get_ref().sync_all().await?;
        tokio::fs::rename(&unfinished, folder.join(id)).await?;
        File::open(folder).await?.sync_all().await?;
        Ok(HttpResponse::Created().json(Stored { success: true, message: "Document uploaded", path: format!("/{id}") }))
    }
}

/// `POST /user/{id}/documents/taxId`
pub(super) async fn upload(
    request: HttpRequest,
    state: Data<State>,
    id: Path<String>,
    form: Multipart,
) -> HttpResponse {
    if bearer(&request).and_then(|token| state.verifier.verify(token)).is_none() {
        return HttpResponse::Unauthorized().finish();
    }
    let stored = state.uploads.store(&id, form).await;
    stored.unwrap_or_else(|_| HttpResponse::InternalServerError().finish())
}
