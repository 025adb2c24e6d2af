//! Lists that are read and written page by page, so that no more than one page is in memory.

use actix_web::{
    HttpResponse,
    body::BodyStream,
    http::header::{self, HeaderName, HeaderValue},
    web::Bytes,
};
use futures_util::{StreamExt, stream};
use serde::Serialize;

/// How many entries are read at once.
const PAGE: u32 = 100;
/// How many there are of what is listed.
pub(crate) const TOTAL: HeaderName = HeaderName::from_static("x-total-count");

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) skip: u64,
    pub(crate) limit: u32,
}

/// A page of a list, written as the elements of an array.
#[derive(Debug, Default)]
pub(crate) struct Page {
    elements: Vec<u8>,
    count: usize,
    total: Option<u64>,
}

impl Page {
    /// Writes entries.
    pub(crate) fn of<T: Serialize>(entries: impl IntoIterator<Item = T>) -> Self {
        let mut page = Self::default();
        for entry in entries {
            if page.count > 0 {
                page.elements.push(b',');
            }
            // Structs of texts, numbers and lists can always be written.
            if let Err(error) = serde_json::to_writer(&mut page.elements, &entry) {
                tracing::error!(%error, "an entry of a list could not be written");
            }
            page.count += 1;
        }
        page
    }

    /// The same with how many entries the whole list has.
    pub(crate) fn with_total(self, total: u64) -> Self {
        Self { total: Some(total), ..self }
    }
}

/// Answers with an array of what a part of a list holds. The first page is read before the answer begins: what fails later
/// breaks it off.
pub(crate) async fn array<E: Into<actix_web::Error> + 'static>(
    part: Part,
    read: impl AsyncFn(Part) -> Result<Page, E> + 'static,
) -> Result<HttpResponse, E> {
    let page = |part: Part| Part { limit: part.limit.min(PAGE), ..part };
    let first = read(page(part)).await?;
    let rest = after(part, &first);
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CONTENT_TYPE, "application/json; charset=utf-8"));
    if let Some(total) = first.total {
        response.insert_header((TOTAL, HeaderValue::from(total)));
    }
    if rest.is_none() {
        return Ok(response.body([&b"["[..], &first.elements, b"]"].concat()));
    }
    let begin = stream::once(async move { Ok::<_, E>(Bytes::from([&b"["[..], &first.elements].concat())) });
    let pages = stream::unfold((rest, read), move |(rest, read)| async move {
        let read_page = match read(page(rest?)).await {
            Ok(read_page) => read_page,
            Err(error) => return Some((Err(error), (None, read))),
        };
        let next = rest.and_then(|rest| after(rest, &read_page));
        let separator: &[u8] = if read_page.count > 0 { b"," } else { b"" };
        let end: &[u8] = if next.is_none() { b"]" } else { b"" };
        Some((Ok(Bytes::from([separator, &read_page.elements, end].concat())), (next, read)))
    });
    Ok(response.body(BodyStream::new(begin.chain(pages).map(|piece| piece.map_err(Into::into)).boxed_local())))
}

/// What is left of a part after a page of it; a page that is not full is the last.
fn after(part: Part, page: &Page) -> Option<Part> {
    let read = u32::try_from(page.count).unwrap_or(u32::MAX);
    let left = part.limit.saturating_sub(read);
    let is_full = read >= part.limit.min(PAGE);
    (is_full && left > 0).then_some(Part { skip: part.skip.saturating_add(read.into()), limit: left })
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, rc::Rc};

    use actix_web::{Error, body::to_bytes, error::ErrorInternalServerError};

    use super::*;

    /// A list of so many numbers, the parts of it that were asked for, and the answer.
    async fn answer(total: u64, part: Part) -> (Vec<Part>, HttpResponse) {
        let asked = Rc::new(RefCell::new(Vec::new()));
        let read = {
            let asked = Rc::clone(&asked);
            async move |part: Part| {
                asked.borrow_mut().push(part);
                let entries = (part.skip..total).take(usize::try_from(part.limit).unwrap());
                let page = Page::of(entries).with_total(total);
                if part.skip == 300 { Err(ErrorInternalServerError("gone")) } else { Ok(page) }
            }
        };
        let response = array::<Error>(part, read).await.unwrap();
        let parts = asked.borrow().clone();
        (parts, response)
    }

    async fn numbers(total: u64, part: Part) -> Vec<u64> {
        let (_, response) = answer(total, part).await;
        assert_eq!(response.headers().get(TOTAL).unwrap().to_str().unwrap(), total.to_string());
        serde_json::from_slice(&to_bytes(response.into_body()).await.unwrap()).unwrap()
    }

    #[actix_web::test]
    async fn a_list_of_any_length_is_one_array() {
        for total in [0, 1, 99, 100, 101, 200, 250] {
            let part = Part { skip: 0, limit: 1_000 };
            assert_eq!(numbers(total, part).await, (0..total).collect::<Vec<_>>(), "{total}");
        }
        assert_eq!(numbers(250, Part { skip: 20, limit: 130 }).await, (20..150).collect::<Vec<_>>());
        assert_eq!(numbers(250, Part { skip: 1_000, limit: 130 }).await, [0; 0]);
        assert_eq!(numbers(250, Part { skip: 0, limit: 0 }).await, [0; 0]);
    }

    #[actix_web::test]
    async fn the_next_page_is_read_when_the_last_one_was_written() {
        let (asked, _) = answer(1_000, Part { skip: 0, limit: 1_000 }).await;
        assert_eq!(asked, [Part { skip: 0, limit: 100 }]);
    }

    #[actix_web::test]
    async fn what_fails_in_the_middle_breaks_the_answer_off() {
        let (_, response) = answer(1_000, Part { skip: 0, limit: 1_000 }).await;
        assert!(to_bytes(response.into_body()).await.is_err());
    }
}
