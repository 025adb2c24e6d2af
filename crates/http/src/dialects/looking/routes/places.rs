//! Places.

use actix_web::{HttpRequest, HttpResponse, http::Method};

use super::Here;
use crate::dialects::looking::{
    caller::{Deliberate, NamedPlace, Permitted},
    errors::Failure,
    requests::{JsonBody, PlaceBody},
    responses::{self, places::UpdatedEntry},
};

/// The one field of profiles that has places.
const LOCATION: &str = "location";

/// `HEAD` looks nothing up.
pub(super) async fn populate(
    Deliberate(principal): Deliberate,
    here: Here,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let caller = here.places.staff(principal)?;
    if request.match_info().get("field") != Some(LOCATION) {
        return Err(Failure::invalid("field"));
    }
    if request.method() == Method::HEAD {
        return Ok(HttpResponse::Ok().finish());
    }
    Ok(responses::places::filled(&here.places.populate(&caller).await?))
}

pub(super) async fn edit(
    Permitted(principal): Permitted,
    NamedPlace(id): NamedPlace,
    here: Here,
    body: JsonBody,
) -> Result<HttpResponse, Failure> {
    let (caller, id) = (here.places.staff(principal)?, id?);
    let PlaceBody(input) = body.read().await?;
    Ok(responses::ok(UpdatedEntry::new(&here.places.edit(&caller, id, input).await?)))
}
