//! How credentials travel: an access token in `Authorization: Bearer`.

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use futures_util::future::{FutureExt, LocalBoxFuture};
use vestibule_application::{Caller, accounts::Presented};

use super::{errors::Failure, tokens};
use crate::{
    Site,
    shared::{bearer, source::origin_of},
};

/// The account whose access token came with the request, as the store has it now.
pub(super) struct SignedIn(pub(super) Caller);

impl FromRequest for SignedIn {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (checked, origin) = (check(request), origin_of(request));
        async move {
            let (site, presented) = checked?;
            Ok(Self(site.identity.authenticate(presented, origin).await?))
        }
        .boxed_local()
    }
}

fn check(request: &HttpRequest) -> Result<(web::Data<Site>, Presented), Failure> {
    let site = request.app_data::<web::Data<Site>>().ok_or(Failure::INTERNAL)?;
    let token = bearer::token(request.headers()).ok_or(Failure::NO_TOKEN)?;
    let presented = tokens::read_access(&site.identity, token).ok_or(Failure::NO_TOKEN)?;
    Ok((site.clone(), presented))
}
