//! What is left of a chunked body when its request has been answered.
//!
//! The HTTP library reads the rest of a chunked body that nobody wants for as long as it comes, which may be for ever.
//! It ends the connection instead if somebody still holds the body when the answer has gone out: so the answer does.

use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{
    HttpMessage,
    body::{BodySize, MessageBody},
    dev::{Payload, ServiceRequest},
    error::PayloadError,
    http::header,
    web::Bytes,
};
use futures_util::{Stream, StreamExt};

/// A body that is read by a handler and held by the answer.
#[derive(Clone)]
pub(super) struct HeldBody(Rc<RefCell<Payload>>);

impl HeldBody {
    /// Takes the body of a request if it is chunked, and lets the handler read it all the same.
    pub(super) fn of(request: &mut ServiceRequest) -> Option<Self> {
        if !request.headers().contains_key(header::TRANSFER_ENCODING) {
            return None;
        }
        let held = Self(Rc::new(RefCell::new(request.take_payload())));
        request.set_payload(Payload::Stream { payload: Box::pin(held.clone()) });
        Some(held)
    }
}

impl Stream for HeldBody {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.borrow_mut().poll_next_unpin(context)
    }
}

/// The body of an answer, which holds that of its request until it has gone out.
pub(super) struct Answer<B> {
    body: B,
    _request: Option<HeldBody>,
}

impl<B> Answer<B> {
    /// An answer to a request with this body.
    pub(super) fn new(body: B, request: Option<HeldBody>) -> Self {
        Self { body, _request: request }
    }
}

impl<B: MessageBody + Unpin> MessageBody for Answer<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
