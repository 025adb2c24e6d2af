//! The documents of a dossier.

use serde_json::json;
use vestibule_domain::AccountId;

use super::{ID, bad, of_user};
use crate::{
    dialects::rococoins::{
        errors::Failure,
        responses::documents::{example, uploaded},
    },
    shared::{
        describe::{Answer, Description},
        table::Prefix,
    },
};

const NAME: &str = "taxId";

pub(crate) fn upload() -> Description {
    let uploaded = AccountId::from_hex(ID)
        .map_or_else(|_| Failure::INTERNAL.response(), |id| uploaded(id, NAME, &Prefix::default()));
    let answers = of_user(vec![
        Answer::of("stored", uploaded),
        bad("no form, or one without the part `file`", &Failure::NO_FILE),
        bad("no byte", &Failure::EMPTY_FILE),
        bad("cut off", &Failure::INCOMPLETE_FILE),
        bad("more than 10 MiB", &Failure::FILE_TOO_LARGE),
        bad("another type, whatever the name of the file says", &Failure::NO_DOCUMENT),
        bad("no such document", &Failure::NOT_FOUND),
    ]);
    let summary =
        "Store a document: a PDF, PNG or JPEG of at most 10 MiB, told by its content; it replaces what was there";
    Description::new("rococoins_upload", summary, answers).taking(json!({ "file": "<bytes>" }))
}

pub(crate) fn download() -> Description {
    let answers = of_user(vec![
        Answer::of("the bytes, as an attachment", example()),
        bad("no such document, or none is stored", &Failure::NOT_FOUND),
    ]);
    Description::new("rococoins_download", "Read a stored document", answers)
}
