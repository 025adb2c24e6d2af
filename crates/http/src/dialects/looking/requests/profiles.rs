//! The bodies of profiles and their messages.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    convert::Infallible,
    future::{Ready, ready},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use vestibule_application::{
    accounts::Edit,
    profiles::{ContentEdit, DetailsEdit, MessageInput, PictureEdit, PictureInput},
};
use vestibule_domain::{
    FullName, ProfileMessageId,
    conversation::MessageText,
    place::PlaceName,
    profile::{About, Age, Tag, Tags},
};

use super::{
    pictures,
    tree::{self, Object, Tree},
};
use crate::{
    dialects::looking::{errors::Failure, words},
    shared::{body::RawBody, gate::Admission},
};

/// A body with pictures, still unread: credentials are checked before it.
pub(crate) struct PictureBody(RawBody);

impl FromRequest for PictureBody {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Ok(Self(RawBody::take(request, payload))))
    }
}

impl PictureBody {
    /// Reads a request, or tells what is wrong first. The text is dropped as soon as its pictures are decoded; these have their
    /// room until the admission is dropped.
    pub(crate) async fn read<R: TreeRequest>(self) -> Result<(R, Admission), Failure> {
        self.0.read_admitted(|json| R::read(tree::read(&json).ok_or(Failure::INVALID_BODY)?)).await
    }
}

/// A request that is read from a body with pictures.
pub(crate) trait TreeRequest: Sized + Send + 'static {
    /// Reads it, or tells what is wrong first.
    fn read(object: Object<'_>) -> Result<Self, Failure>;
}

/// What a body is refused with, for the description; as for other requests.
pub(crate) fn refusal<R: TreeRequest>(body: &serde_json::Value) -> Failure {
    let json = body.to_string();
    tree::read(json.as_bytes())
        .map_or(Failure::INVALID_BODY, |object| R::read(object).err().unwrap_or(Failure::INTERNAL))
}

/// `POST /profiles`, `PUT /profiles/{id}` and `POST /profiles/submission`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ProfileBody {
    pub(crate) content: ContentEdit,
    pub(crate) submitted: Option<bool>,
    pub(crate) approved: Option<bool>,
}

/// `PUT /profiles/{profileId}/message/{messageId}`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MessageBody {
    pub(crate) text: Option<MessageText>,
    pub(crate) image: Edit<PictureInput>,
}

impl TreeRequest for ProfileBody {
    fn read(mut object: Object<'_>) -> Result<Self, Failure> {
        let details = match object.remove("details") {
            None => DetailsEdit::default(),
            Some(Tree::Object(details)) => self::details(details)?,
            Some(_) => return Err(Failure::invalid("details")),
        };
        let order = match object.remove("order") {
            None => None,
            Some(Tree::Null) => Some(0),
            Some(order) => Some(
                whole(&order).and_then(|order| i32::try_from(order).ok()).ok_or_else(|| Failure::invalid("order"))?,
            ),
        };
        let messages = match object.remove("messages") {
            None => None,
            Some(Tree::Null) => Some(Vec::new()),
            Some(Tree::List(list)) => {
                Some(list.into_iter().enumerate().map(|(at, one)| message(at, one)).collect::<Result<_, _>>()?)
            }
            Some(_) => return Err(Failure::invalid("messages")),
        };
        Ok(Self {
            content: ContentEdit { order, details, messages },
            submitted: switch(&mut object, "submitted", "submitted")?,
            approved: switch(&mut object, "approved", "approved")?,
        })
    }
}

impl TreeRequest for MessageBody {
    fn read(mut object: Object<'_>) -> Result<Self, Failure> {
        let text = match object.remove("text") {
            None => None,
            Some(text) => Some(message_text(Some(text), "text")?),
        };
        let is_cleared = object.get("image") == Some(&Tree::Null);
        let image = match pictures::picture(&mut object, "image")? {
            Some(image) => Edit::Set(image),
            None if is_cleared => Edit::Clear,
            None => Edit::Keep,
        };
        Ok(Self { text, image })
    }
}

fn details(mut object: Object<'_>) -> Result<DetailsEdit, Failure> {
    let name = match object.remove("name") {
        None => None,
        Some(name) => Some(
            text(&name).and_then(|name| FullName::parse(name).ok()).ok_or_else(|| Failure::invalid("details.name"))?,
        ),
    };
    let age = edit(object.remove("age"), "details.age", |age| Age::new(u64::try_from(whole(age)?).ok()?).ok())?;
    let location = edit(not_blank(object.remove("location")), "details.location", |location| {
        PlaceName::parse(text(location)?).ok()
    })?;
    let about = edit(not_blank(object.remove("about")), "details.about", |about| About::parse(text(about)?).ok())?;
    let mut tags = BTreeMap::new();
    for (name, facet) in words::profiles::FACETS {
        if let Some(list) = object.remove(name) {
            tags.insert(facet, self::tags(list).ok_or_else(|| Failure::invalid(&format!("details.{name}")))?);
        }
    }
    let picture = picture(object.remove("pic"))?;
    Ok(DetailsEdit { name, age, location, about, picture, tags })
}

/// Null takes the picture away, and so do both of its sizes if they are null.
fn picture(pic: Option<Tree<'_>>) -> Result<Edit<PictureEdit>, Failure> {
    match pic {
        None => Ok(Edit::Keep),
        Some(Tree::Null) => Ok(Edit::Clear),
        Some(Tree::Object(object)) => {
            let is_cleared = ["thumb", "detail"].iter().all(|size| object.get(*size) == Some(&Tree::Null));
            Ok(match pictures::both(object)? {
                Some(picture) => Edit::Set(picture),
                None if is_cleared => Edit::Clear,
                None => Edit::Keep,
            })
        }
        Some(_) => Err(Failure::IMAGE),
    }
}

fn message(at: usize, message: Tree<'_>) -> Result<MessageInput, Failure> {
    let path = |name: &str| format!("messages.{at}.{name}");
    let Tree::Object(mut object) = message else { return Err(Failure::invalid(&format!("messages.{at}"))) };
    Ok(MessageInput {
        id: object.get("_id").and_then(text).and_then(|id| ProfileMessageId::from_hex(id).ok()),
        text: message_text(object.remove("text"), &path("text"))?,
        is_own: switch(&mut object, "isUser", &path("isUser"))?.unwrap_or_default(),
        image: pictures::picture(&mut object, "image")?,
    })
}

fn message_text(value: Option<Tree<'_>>, path: &str) -> Result<MessageText, Failure> {
    match value {
        None => Err(Failure::required(path)),
        Some(Tree::Text(text)) => MessageText::parse(text.into_owned()).map_err(|_| Failure::invalid(path)),
        Some(_) => Err(Failure::invalid(path)),
    }
}

/// True or false; null is neither.
fn switch(object: &mut Object<'_>, name: &str, path: &str) -> Result<Option<bool>, Failure> {
    match object.remove(name) {
        None | Some(Tree::Null) => Ok(None),
        Some(Tree::Bool(value)) => Ok(Some(value)),
        Some(_) => Err(Failure::invalid(path)),
    }
}

/// What to do with a value that null takes away.
fn edit<T>(
    value: Option<Tree<'_>>,
    path: &str,
    parse: impl FnOnce(&Tree<'_>) -> Option<T>,
) -> Result<Edit<T>, Failure> {
    match value {
        None => Ok(Edit::Keep),
        Some(Tree::Null) => Ok(Edit::Clear),
        Some(value) => parse(&value).map(Edit::Set).ok_or_else(|| Failure::invalid(path)),
    }
}

/// A text without a character that shows is as good as null.
fn not_blank(value: Option<Tree<'_>>) -> Option<Tree<'_>> {
    match value {
        Some(Tree::Text(text)) if vestibule_domain::text::is_blank(&text) => Some(Tree::Null),
        value => value,
    }
}

fn tags(list: Tree<'_>) -> Option<Tags> {
    let list = match list {
        Tree::Null => Vec::new(),
        Tree::List(list) => list,
        Tree::Bool(_) | Tree::Number(_) | Tree::Text(_) | Tree::Object(_) => return None,
    };
    let tags: Option<Vec<Tag>> = list.iter().map(|tag| Tag::parse(text(tag)?).ok()).collect();
    Tags::new(tags?).ok()
}

fn text<'t>(value: &'t Tree<'_>) -> Option<&'t str> {
    match value {
        Tree::Text(Cow::Borrowed(text)) => Some(text),
        Tree::Text(Cow::Owned(text)) => Some(text),
        Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::List(_) | Tree::Object(_) => None,
    }
}

/// A whole number, also one that is written with a fraction of zero.
fn whole(value: &Tree<'_>) -> Option<i64> {
    let Tree::Number(number) = value else { return None };
    let fractional = || number.as_f64().filter(|value| value.fract() == 0.0 && value.abs() < 1e15);
    number.as_i64().or_else(|| format!("{:.0}", fractional()?).parse().ok())
}
