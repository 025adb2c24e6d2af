//! What nearly every handler of a dialect with settings works with.

use std::sync::Arc;

use actix_web::{FromRequest, HttpRequest, dev::Payload, error::ErrorInternalServerError, web};
use futures_util::future::{Ready, ready};
use vestibule_application::{Chat, Documents, Identity, Places, Profiles};
use vestibule_domain::Origin;

use crate::{
    Site,
    shared::{source::origin_of, table::Prefix},
};

/// The use cases, the settings of the dialect, and where the request came from.
pub(crate) struct Here<Options: 'static> {
    pub(crate) identity: Arc<Identity>,
    pub(crate) chat: Arc<Chat>,
    pub(crate) documents: Arc<Documents>,
    pub(crate) profiles: Arc<Profiles>,
    pub(crate) places: Arc<Places>,
    pub(crate) options: web::Data<Options>,
    pub(crate) origin: Origin,
    /// What stands before the paths of the dialect.
    pub(crate) prefix: Prefix,
    /// The most rows of an answer.
    pub(crate) page_rows: u32,
}

impl<Options: 'static> FromRequest for Here<Options> {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // Whoever mounts a dialect gives its settings along, so that they are always found.
        ready(find(request).ok_or_else(|| ErrorInternalServerError("the dialect has no settings")))
    }
}

fn find<Options: 'static>(request: &HttpRequest) -> Option<Here<Options>> {
    let site = request.app_data::<web::Data<Site>>()?;
    let options = request.app_data::<web::Data<Options>>()?.clone();
    let page_rows = site.options.requests.page_rows;
    Some(Here {
        identity: Arc::clone(&site.identity),
        chat: Arc::clone(&site.chat),
        documents: Arc::clone(&site.documents),
        profiles: Arc::clone(&site.profiles),
        places: Arc::clone(&site.places),
        options,
        origin: origin_of(request),
        prefix: request.app_data::<Prefix>().cloned().unwrap_or_default(),
        page_rows,
    })
}
