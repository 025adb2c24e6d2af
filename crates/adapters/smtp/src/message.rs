//! A mail in the form of RFC 5322.

use std::time::{Duration, SystemTime};

use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use vestibule_domain::mail::Mail;

use crate::{Step, failure::Failure};

/// Writes a mail: plain text and HTML as alternatives, and no request for a receipt.
///
/// The `Message-ID` and the `Date` derive from the mail's id, so a second delivery of a mail is the same message, and no
/// clock is read.
pub(crate) fn compose(mail: &Mail, from: &Mailbox) -> Result<Message, Failure> {
    // The address of an account stored by an earlier version may have another form.
    let to = mail.to.to_canonical().unwrap_or_else(|_| mail.to.clone());
    let to: Address = to.as_str().parse().map_err(|_| Failure::unsuited(Step::RcptTo, "an address of this form"))?;
    // The library folds and encodes headers; control characters never get here.
    let subject: String = mail.content.subject.chars().filter(|character| !character.is_control()).collect();
    let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(subject)
        .date(written_at(mail))
        .message_id(Some(format!("<{}@{}>", mail.id.hex(), from.email.domain())))
        .raw_header(automatic)
        .multipart(MultiPart::alternative_plain_html(mail.content.text.clone(), mail.content.html.clone()))
        .map_err(|_| Failure::unsuited(Step::Content, "a message of this form"))
}

/// The time of creation, which an id begins with.
fn written_at(mail: &Mail) -> SystemTime {
    let [a, b, c, d, ..] = *mail.id.uuid().as_bytes();
    SystemTime::UNIX_EPOCH + Duration::from_secs(u32::from_be_bytes([a, b, c, d]).into())
}
