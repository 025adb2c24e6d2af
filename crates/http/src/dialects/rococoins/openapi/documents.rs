//! The documents of a dossier.

use serde_json::json;
use vestibule_domain::{AccountId, dossier::MediaType};

use super::{ID, bad, of_user};
use crate::{
    dialects::rococoins::{
        errors::Failure,
        responses::documents::{example, uploaded},
    },
    shared::{
        describe::{Answer, Description},
        shape::{bytes, exactly, object, required, text},
        table::Prefix,
    },
};

const NAME: &str = "taxId";

pub(crate) fn upload() -> Description {
    let uploaded = AccountId::from_hex(ID)
        .map_or_else(|_| Failure::INTERNAL.response(), |id| uploaded(id, NAME, &Prefix::default()));
    let shape = object([required("success", exactly(true)), required("message", text()), required("path", text())]);
    let answers = of_user(vec![
        Answer::of("stored", uploaded, shape),
        bad("no form, or one without the part `file`", &Failure::NO_FILE),
        bad("no byte", &Failure::EMPTY_FILE),
        bad("cut off", &Failure::INCOMPLETE_FILE),
        bad("more than 10 MiB", &Failure::FILE_TOO_LARGE),
        bad("another type, whatever the name of the file says", &Failure::NO_DOCUMENT),
        bad("no such document", &Failure::NOT_FOUND),
    ]);
    let summary =
        "Store a document: a PDF, PNG or JPEG of at most 10 MiB, told by its content; it replaces what was there";
    Description::new("rococoins_upload", summary, answers)
        .taking(json!({ "file": "<bytes>" }), object([required("file", bytes())]))
}

pub(crate) fn download() -> Description {
    let answers = of_user(vec![bad("no such document, or none is stored", &Failure::NOT_FOUND)]);
    let others = [MediaType::Png, MediaType::Jpeg].map(MediaType::as_str);
    Description::new("rococoins_download", "Read a stored document", answers)
        .answering(Answer::of("the bytes, as an attachment", example(), bytes()).also_as(&others))
}
