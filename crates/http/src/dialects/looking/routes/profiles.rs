//! Profiles and their pictures.

use actix_web::{HttpRequest, HttpResponse, http::Method};
use vestibule_application::ProfileSummary;
use vestibule_domain::Permission;

use super::Here;
use crate::{
    dialects::looking::{
        caller::{Deliberate, NamedMessage, NamedPicture, NamedProfile, Permitted, Reader},
        errors::Failure,
        mapping::profiles::{self as mapping, window},
        requests::{Find, Paging, PictureBody},
        responses::{
            self,
            pictures::{is_known, served},
            profiles::{Approved, Created, Deleted, FoundProfile, FullProfile, ListedProfile, Submitted, Updated},
        },
    },
    shared::paged::{self, Page},
};

pub(super) async fn list_public(here: Here, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let part = Paging::read(request.query_string(), here.page_rows)?.part();
    let read = async move |part| {
        let list = here.profiles.list_public(window(part)).await?;
        Ok(Page::of(list.profiles.iter().map(FullProfile::new)).with_total(list.total))
    };
    paged::array(part, paged::LONG, read).await
}

pub(super) async fn list_submitted(
    Permitted(reader): Permitted,
    here: Here,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let part = Paging::read(request.query_string(), here.page_rows)?.part();
    let read = async move |part| {
        let list = here.profiles.list_submitted(&reader, window(part)).await?;
        Ok(Page::of(list.profiles.iter().map(FullProfile::new)).with_total(list.total))
    };
    paged::array(part, paged::LONG, read).await
}

pub(super) async fn find(permitted: Permitted, here: Here, request: HttpRequest) -> Result<HttpResponse, Failure> {
    search(permitted, here, request, |found| Page::of(found.iter().map(FoundProfile::new))).await
}

/// The same with less of each profile.
pub(super) async fn find_names(
    permitted: Permitted,
    here: Here,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    search(permitted, here, request, |found| Page::of(found.iter().map(ListedProfile::new))).await
}

async fn search(
    Permitted(reader): Permitted,
    here: Here,
    request: HttpRequest,
    page: fn(&[ProfileSummary]) -> Page,
) -> Result<HttpResponse, Failure> {
    let Find { filter, part } = Find::read(&request, here.page_rows)?;
    let read = async move |part| {
        let Some(filter) = &filter else { return Ok(Page::default()) };
        Ok(page(&here.profiles.find(&reader, filter, window(part)).await?))
    };
    paged::array(part, paged::SHORT, read).await
}

pub(super) async fn show(
    Reader(reader): Reader,
    NamedProfile(id): NamedProfile,
    here: Here,
) -> Result<HttpResponse, Failure> {
    let profile = here.profiles.show(reader.as_ref(), id?).await?;
    Ok(responses::ok(FullProfile::new(&profile)))
}

pub(super) async fn create(
    Permitted(principal): Permitted,
    here: Here,
    body: PictureBody,
) -> Result<HttpResponse, Failure> {
    let caller = here.profiles.staff(principal, Permission::ProfileAdd)?;
    let (request, _room) = body.read().await?;
    let profile = here.profiles.create(&caller, mapping::create(request)).await?;
    Ok(responses::created(Created::new(&profile)))
}

pub(super) async fn edit(
    Permitted(principal): Permitted,
    NamedProfile(id): NamedProfile,
    here: Here,
    body: PictureBody,
) -> Result<HttpResponse, Failure> {
    let caller = here.profiles.staff(principal, Permission::ProfileUpdate)?;
    let id = id?;
    let (request, _room) = body.read().await?;
    let edited = here.profiles.edit(&caller, id, mapping::edit(request)).await;
    Ok(responses::ok(Updated::new(&edited.map_err(Failure::of_update)?)))
}

pub(super) async fn edit_message(
    Permitted(principal): Permitted,
    NamedMessage(named): NamedMessage,
    here: Here,
    body: PictureBody,
) -> Result<HttpResponse, Failure> {
    let caller = here.profiles.staff(principal, Permission::ProfileUpdate)?;
    let named = named?;
    let (request, _room) = body.read().await?;
    let edited = here.profiles.edit_message(&caller, named, mapping::edit_message(request)).await;
    Ok(responses::ok(Updated::message(&edited.map_err(Failure::of_update)?)))
}

pub(super) async fn remove(
    Permitted(principal): Permitted,
    NamedProfile(id): NamedProfile,
    here: Here,
) -> Result<HttpResponse, Failure> {
    let (caller, id) = (here.profiles.staff(principal, Permission::ProfileDelete)?, id?);
    here.profiles.remove(&caller, id).await?;
    Ok(responses::ok(Deleted::new(id)))
}

/// `HEAD` shows the profile as it is.
pub(super) async fn approve(
    Deliberate(principal): Deliberate,
    NamedProfile(id): NamedProfile,
    here: Here,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let id = id?;
    let profile = if request.method() == Method::HEAD {
        here.profiles.show(Some(&principal), id).await?
    } else {
        here.profiles.approve(&here.profiles.staff(principal, Permission::ProfileManage)?, id).await?
    };
    Ok(responses::ok(Approved::new(&profile)))
}

pub(super) async fn submit(here: Here, body: PictureBody) -> Result<HttpResponse, Failure> {
    let counted = here.profiles.count_submission(&here.origin)?;
    let (request, _room) = body.read().await?;
    let profile = here.profiles.submit(counted, mapping::submit(request)).await?;
    Ok(responses::ok(Submitted::new(&profile)))
}

pub(super) async fn picture(
    Reader(reader): Reader,
    NamedPicture(path): NamedPicture,
    here: Here,
    request: HttpRequest,
) -> Result<HttpResponse, Failure> {
    let path = path.ok_or(Failure::NOT_FOUND)?;
    let picture = here.profiles.picture(reader.as_ref(), path, !is_known(&request, path)).await?;
    Ok(served(&request, path, picture))
}
