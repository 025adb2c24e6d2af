//! What nearly every handler works with.

use std::sync::Arc;

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use futures_util::future::{Ready, ready};
use vestibule_application::Application;
use vestibule_domain::Source;

use crate::{MernOptions, Site, dialects::mern::errors::Failure, shared::source::ClientSource};

/// The use cases, the settings of the dialect, where the request came from, and how many rows it may ask for.
pub(super) struct Here {
    pub(super) app: Arc<Application>,
    pub(super) options: web::Data<MernOptions>,
    pub(super) source: Source,
    pub(super) page_rows: u32,
}

impl FromRequest for Here {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(find(request, payload).ok_or(Failure::INTERNAL))
    }
}

fn find(request: &HttpRequest, payload: &mut Payload) -> Option<Here> {
    let site = request.app_data::<web::Data<Site>>()?;
    let options = request.app_data::<web::Data<MernOptions>>()?.clone();
    let Ok(ClientSource(source)) = ClientSource::from_request(request, payload).into_inner();
    Some(Here { app: Arc::clone(&site.app), options, source, page_rows: site.options.requests.page_rows })
}
