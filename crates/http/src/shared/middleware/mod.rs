//! What every request passes: an id, a time limit, headers, one log line, metrics, and where it is called from.

mod cors;
mod fold_case;
mod headers;
mod observe;
mod request_id;
mod time_limit;
mod unread;

pub(crate) use cors::{cors, refuse_preflight};
pub(crate) use fold_case::fold_case;
pub(crate) use observe::observe;
pub(crate) use request_id::{RequestIdValue, RequestIds};
pub(crate) use time_limit::TimeLimit;
