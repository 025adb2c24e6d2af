//! From requests to the inputs of use cases.

use time::OffsetDateTime;
use vestibule_application::{
    Language, MessageRange,
    accounts::{AccountChange, EditAccount, EditRule},
    chat::{Follow, ListMessages, MarkRead, SendMessage},
    register::RegisterWithPassword,
    sign_in::{Identifier, MailboxProof, SignInWithPassword},
    verification::{Mailbox, ResendVerificationCode, VerifyMailboxByCode},
};
use vestibule_domain::{AccountId, CodeFormat, EmailAddress, Origin, Role, Username, conversation::Side, text};

use super::{
    errors::Failure,
    requests::{
        AdminUpdate, ChatPaging, Create, LastEventId, Login, LoginName, MailTo, Otp, ReadUpTo, Update, VerifyOtp,
        Written,
    },
    responses::documents,
    words,
};
use crate::shared::table::Prefix;

/// What the dialect's codes look like.
const CODE_FORMAT: CodeFormat = CodeFormat::SixDigits;
/// The language of all mail.
const LANGUAGE: Language = Language::English;

pub(super) fn register(request: Create, origin: Origin) -> RegisterWithPassword {
    let Create { username, email, password, name, dossier } = request;
    RegisterWithPassword { origin, email, username: Some(username), name, password, dossier }
}

/// A text that can be neither an address nor a user name is looked up like an unknown one.
pub(super) fn sign_in(request: Login, origin: Origin) -> SignInWithPassword {
    let identifier = match request.identifier {
        LoginName::Email(email) => Identifier::email(&email),
        LoginName::Username(name) => match Username::parse(text::trim(&name)) {
            Ok(username) => Identifier::Username(username),
            Err(_) => Identifier::Unfit(name),
        },
    };
    SignInWithPassword {
        origin,
        identifier,
        password: request.password,
        proof: MailboxProof::NotNeeded,
        least_role: Role::User,
        refreshable: false,
    }
}

/// A client may send back what it got: the path of a document that is stored here is no other document.
pub(super) fn edit(id: AccountId, request: Update, at: &Prefix) -> EditAccount {
    let Update { username, email, password, current_password, name, mut dossier } = request;
    for (name, field) in words::DOCUMENTS {
        dossier.leave(field, |value| value.line().is_some_and(|line| line.as_str() == documents::path(id, name, at)));
    }
    EditAccount {
        rule: EditRule::ByOwner,
        id,
        name,
        username,
        email,
        password,
        current_password,
        rights: None,
        password_change_due: None,
        dossier,
        language: LANGUAGE,
    }
}

pub(super) fn user_change(request: AdminUpdate) -> AccountChange {
    let AdminUpdate { status, role, code } = request;
    AccountChange { role, status, dossier: code, ..AccountChange::default() }
}

/// `None` for an address that is none: nothing is to be done, and the answer is the one to an unknown address.
pub(super) fn resend_code(request: Otp, origin: Origin) -> Option<ResendVerificationCode> {
    let mailbox = match request.to {
        MailTo::Account(id) => Mailbox::OfAccount(id),
        MailTo::Email(email) => Mailbox::Of(EmailAddress::parse(&email).ok()?),
    };
    Some(ResendVerificationCode { origin, mailbox, to_proven: true, format: CODE_FORMAT, language: LANGUAGE })
}

pub(super) fn verify_code(request: VerifyOtp, origin: Origin) -> VerifyMailboxByCode {
    let VerifyOtp { user, otp } = request;
    VerifyMailboxByCode { origin, mailbox: Mailbox::OfAccount(user), code: otp, format: CODE_FORMAT }
}

/// The account that the body names must be the one that the path names.
pub(super) fn send(conversation: AccountId, side: Side, request: Written) -> Result<SendMessage, Failure> {
    let Written { user, text, time, client_id } = request;
    if user != conversation {
        return Err(Failure::invalid("userId"));
    }
    Ok(SendMessage { conversation, side, text, client_id, display_time: time })
}

pub(super) fn list_messages(conversation: AccountId, paging: ChatPaging) -> ListMessages {
    let ChatPaging { after, before, limit } = paging;
    ListMessages { conversation, range: MessageRange { after, before, limit } }
}

pub(super) fn mark_read(conversation: AccountId, request: ReadUpTo) -> MarkRead {
    MarkRead { conversation, seq: request.seq }
}

/// From the last event that the client has until its token expires.
pub(super) fn follow(conversation: AccountId, last: LastEventId, until: OffsetDateTime) -> Follow {
    Follow { conversation, after: last.0, until: Some(until) }
}
