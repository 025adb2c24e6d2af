//! Reading a file out of a form (RFC 7578), piece by piece: only when the handler asks, and never more than it takes.

use std::{cell::Cell, rc::Rc};

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{
    HttpMessage, HttpRequest,
    dev::Payload,
    error::PayloadError,
    http::header::{self, HeaderMap},
    rt::time::timeout,
    web::{self, Bytes},
};
use futures_util::{Stream, StreamExt};
use vestibule_application::documents::{Chunks, Truncated};

use super::{body::BodyError, kind::Kind, middleware::TimeLimit};
use crate::{RequestLimits, Site};

/// A form with a file, still unread: credentials are checked before it.
pub(crate) struct Upload {
    payload: Payload,
    headers: HeaderMap,
    kind: Kind,
    limits: RequestLimits,
    /// That of the request.
    time_limit: Option<TimeLimit>,
}

impl Upload {
    /// For the extractors of the dialects' bodies.
    pub(crate) fn take(request: &HttpRequest, payload: &mut Payload) -> Self {
        let site = request.app_data::<web::Data<Site>>();
        Self {
            payload: payload.take(),
            headers: request.headers().clone(),
            kind: request.app_data().copied().unwrap_or(Kind::Upload { limit: 0 }),
            limits: site.map(|site| site.options.requests).unwrap_or_default(),
            time_limit: request.extensions().get::<TimeLimit>().cloned(),
        }
    }

    /// Gives the part of a name to what works with it, which has the time of the body. The error tells what is wrong with the
    /// form; what the work made of a form that broke off is then of no matter.
    pub(crate) async fn file<T>(self, name: &str, work: impl AsyncFnOnce(File) -> T) -> Result<T, BodyError> {
        let limit = self.kind.body_bytes(&self.limits);
        let declared = self.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if self.headers.contains_key(header::CONTENT_ENCODING) {
            return Err(BodyError::Encoded);
        }
        if declared.is_some_and(|length: usize| length > limit) {
            return Err(BodyError::TooLarge);
        }
        let fault = Fault::default();
        let form = Multipart::new(&self.headers, bounded(self.payload, limit, fault.clone()));
        let reading = async {
            let field = find(form, name, &fault).await?;
            let done = work(File { field: Some(field), fault: fault.clone() }).await;
            fault.0.take().map_or(Ok(done), Err)
        };
        let time = self.kind.body_time(&self.limits);
        let reading = timeout(time, reading);
        let read = match &self.time_limit {
            Some(time_limit) => time_limit.except(time, reading).await,
            None => reading.await,
        };
        read.map_err(|_| BodyError::TooSlow)?
    }
}

/// What was found wrong with a form while it was read.
#[derive(Clone, Default)]
struct Fault(Rc<Cell<Option<BodyError>>>);

impl Fault {
    /// The first one counts.
    fn note(&self, error: BodyError) -> BodyError {
        let first = self.0.take().unwrap_or(error);
        self.0.set(Some(first));
        first
    }
}

/// The file of a form.
pub(crate) struct File {
    /// With the form that it belongs to; none after its end.
    field: Option<(Field, Multipart)>,
    fault: Fault,
}

impl Chunks for File {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Truncated> {
        // A part must not be asked again after its end.
        let Some((field, _)) = &mut self.field else { return Ok(None) };
        match field.next().await.transpose() {
            Ok(Some(piece)) => Ok(Some(piece.into())),
            Ok(None) => {
                self.field = None;
                Ok(None)
            }
            Err(error) => {
                self.fault.note(told(&error));
                Err(Truncated)
            }
        }
    }
}

/// The first part of a name; those before it are read and dropped.
async fn find(mut form: Multipart, name: &str, fault: &Fault) -> Result<(Field, Multipart), BodyError> {
    while let Some(part) = form.next().await {
        let mut field = part.map_err(|error| fault.note(told(&error)))?;
        if field.name() == Some(name) {
            return Ok((field, form));
        }
        while let Some(piece) = field.next().await {
            piece.map_err(|error| fault.note(told(&error)))?;
        }
    }
    Err(BodyError::NotAnObject)
}

fn told(error: &MultipartError) -> BodyError {
    match error {
        MultipartError::Incomplete | MultipartError::Payload(_) => BodyError::Incomplete,
        _ => BodyError::NotAnObject,
    }
}

/// A body of at most so many bytes.
fn bounded(payload: Payload, limit: usize, fault: Fault) -> impl Stream<Item = Result<Bytes, PayloadError>> {
    let mut left = limit;
    payload.map(move |piece| {
        let piece = piece?;
        left = left.checked_sub(piece.len()).ok_or_else(|| {
            fault.note(BodyError::TooLarge);
            PayloadError::Overflow
        })?;
        Ok(piece)
    })
}
