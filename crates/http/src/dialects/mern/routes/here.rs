//! What nearly every handler works with.

use std::sync::Arc;

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use futures_util::future::{Ready, ready};
use vestibule_application::Application;
use vestibule_domain::Origin;

use crate::{MernOptions, Site, dialects::mern::errors::Failure, shared::source::origin_of};

/// The use cases, the settings of the dialect, and where the request came from.
pub(super) struct Here {
    pub(super) app: Arc<Application>,
    pub(super) options: web::Data<MernOptions>,
    pub(super) origin: Origin,
}

impl FromRequest for Here {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(find(request).ok_or(Failure::INTERNAL))
    }
}

fn find(request: &HttpRequest) -> Option<Here> {
    let site = request.app_data::<web::Data<Site>>()?;
    let options = request.app_data::<web::Data<MernOptions>>()?.clone();
    Some(Here { app: Arc::clone(&site.app), options, origin: origin_of(request) })
}
