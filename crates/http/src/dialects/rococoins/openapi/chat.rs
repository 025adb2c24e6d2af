//! The chat between an account and the staff.

use actix_web::HttpResponse;
use serde_json::{Value, json};
use vestibule_domain::conversation::Side;

use super::{ID, bad, good, of_user, refused, shapes};
use crate::{
    dialects::rococoins::{
        errors::Failure,
        requests::{AdminChat, ChatPaging, MAX_ENTRIES, ReadUpTo, UserChat},
    },
    shared::{
        describe::{Answer, Description, Parameter},
        kind::Kind,
        shape::{count, exactly, list, object, required, text},
    },
};

fn entry(text: &str, side: &str) -> Value {
    json!({
        "_id": "65b2f0000000000000000002", "seq": 1, "userId": ID, side: text, "time": "10:30 AM",
        "createdAt": "2024-01-25T10:30:00.000Z",
    })
}

fn sent(entry: &Value) -> Vec<Answer> {
    let shape = object([
        required("success", exactly(true)),
        required("message", text()),
        required("chats", list(shapes::entry())),
    ]);
    let body = json!({ "success": true, "message": "Message sent", "chats": [entry] });
    of_user(vec![
        good("the newest 100 entries, ascending", body, shape),
        bad("the id of the client names another text", &Failure::CLIENT_ID_USED),
    ])
}

pub(crate) fn send_as_user() -> Description {
    let body = json!({ "userId": ID, "userChats": "Hello", "time": "10:30 AM", "clientId": "a1" });
    let mut answers = sent(&entry("Hello", "userChats"));
    answers
        .push(refused::<UserChat>("no text, or more than 4000 characters", json!({ "userId": ID, "userChats": " " })));
    let summary = "Write to the staff, as the owner; the same `clientId` again stores nothing and answers the same";
    Description::new("rococoins_user_chat", summary, answers).taking(body, shapes::written(Side::User))
}

pub(crate) fn send_as_staff() -> Description {
    let body = json!({ "userId": ID, "adminChats": "Hello", "time": "10:31 AM", "clientId": "b1" });
    let mut answers = sent(&entry("Hello", "adminChats"));
    answers.push(refused::<AdminChat>(
        "no text, or more than 4000 characters",
        json!({ "userId": ID, "adminChats": " " }),
    ));
    Description::new("rococoins_admin_chat", "Write to an account, as an admin", answers)
        .taking(body, shapes::written(Side::Staff))
}

pub(crate) fn list_messages() -> Description {
    let body = json!({
        "success": true, "chats": [entry("Hello", "userChats")], "lastSeq": 1, "unread": 0,
        "readUpTo": { "user": 0, "admin": 1 },
    });
    let shape = [required("success", exactly(true)), required("chats", list(shapes::entry()))];
    let shape = shape.into_iter().chain(shapes::state());
    let answers = of_user(vec![
        good("the entries, ascending", body, object(shape)),
        bad("not a whole number within bounds", &ChatPaging::read("limit=0", 1).err().unwrap_or(Failure::INTERNAL)),
    ]);
    let summary = "Read a part of the chat: the newest, those after a number, or the nearest before one";
    Description::new("rococoins_chat", summary, answers).filtered_by([
        Parameter::new("after", 0, count()),
        Parameter::new("before", 101, count()),
        Parameter::new("limit", 100, count().at_least(1).at_most(MAX_ENTRIES)),
    ])
}

pub(crate) fn mark_read() -> Description {
    let shape = [required("success", exactly(true))].into_iter().chain(shapes::state());
    let marked = json!({ "success": true, "lastSeq": 7, "unread": 0, "readUpTo": { "user": 0, "admin": 7 } });
    let answers = of_user(vec![
        good("where both sides are", marked, object(shape)),
        refused::<ReadUpTo>("not a whole number", json!({ "seq": "x" })),
    ]);
    Description::new("rococoins_chat_read", "Move the read cursor of one's own side; never backwards", answers)
        .taking(json!({ "seq": 7 }), object([required("seq", count())]))
}

pub(crate) fn follow() -> Description {
    let answers = of_user(vec![
        Answer::of("events `message`, with the entry and its `seq` as the id, and `read`", events(), shapes::event()),
        bad("`Last-Event-ID` is no whole number", &Failure::invalid("Last-Event-ID")),
        bad("too many streams of one account; `Retry-After` says when", &Failure::TOO_MANY_REQUESTS),
    ]);
    let summary = "Follow the chat as Server-Sent Events, from `Last-Event-ID` on, or from now on";
    Description::new("rococoins_chat_events", summary, answers).heeding(Parameter::new("Last-Event-ID", 0, count()))
}

fn events() -> HttpResponse {
    HttpResponse::Ok().content_type(Kind::Events.success_type()).finish()
}
