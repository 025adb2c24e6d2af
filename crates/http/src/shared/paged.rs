//! Lists that are read and written page by page, so that no more than one page is in memory.

use actix_web::{
    HttpResponse,
    body::BodyStream,
    http::header::{self, HeaderName, HeaderValue},
    web::Bytes,
};
use futures_util::{StreamExt, stream};
use serde::Serialize;

/// How many entries are read at once: of those that are short, at most.
pub(crate) const SHORT: u32 = 100;
/// How many entries are read at once: of those that may be long, at first.
pub(crate) const LONG: u32 = 10;
/// About how many bytes the later pages of long entries have, unless [`LONG`] of them have more.
const ROOM: usize = 1 << 20;
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

    /// How many entries the next page has, if they are as long as these.
    fn next_size(&self) -> u32 {
        let length = self.elements.len() / self.count.max(1);
        let fitting = u32::try_from(ROOM / length.max(1)).unwrap_or(SHORT);
        fitting.clamp(LONG, SHORT)
    }
}

/// Answers with an array of what a part of a list holds, of which the first page has so many entries. That page is read before
/// the answer begins: what fails later breaks it off.
pub(crate) async fn array<E: Into<actix_web::Error> + 'static>(
    part: Part,
    size: u32,
    read: impl AsyncFn(Part) -> Result<Page, E> + 'static,
) -> Result<HttpResponse, E> {
    let first = read(part.first(size)).await?;
    let rest = part.after(size, &first);
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CONTENT_TYPE, "application/json; charset=utf-8"));
    if let Some(total) = first.total {
        response.insert_header((TOTAL, HeaderValue::from(total)));
    }
    if rest.is_none() {
        return Ok(response.body([&b"["[..], &first.elements, b"]"].concat()));
    }
    let (size, is_empty) = (first.next_size(), first.count == 0);
    let begin = stream::once(async move { Ok::<_, E>(Bytes::from([&b"["[..], &first.elements].concat())) });
    let pages = stream::unfold((rest, size, is_empty, read), move |(rest, size, is_empty, read)| async move {
        let part = rest?;
        let page = match read(part.first(size)).await {
            Ok(page) => page,
            Err(error) => return Some((Err(error), (None, size, is_empty, read))),
        };
        let next = part.after(size, &page);
        let separator: &[u8] = if is_empty || page.count == 0 { b"" } else { b"," };
        let end: &[u8] = if next.is_none() { b"]" } else { b"" };
        let piece = Bytes::from([separator, &page.elements, end].concat());
        Some((Ok(piece), (next, page.next_size(), is_empty && page.count == 0, read)))
    });
    Ok(response.body(BodyStream::new(begin.chain(pages).map(|piece| piece.map_err(Into::into)).boxed_local())))
}

impl Part {
    /// The page that begins it.
    fn first(self, size: u32) -> Self {
        Self { limit: self.limit.min(size), ..self }
    }

    /// What is left of it after a page of so many, of which some may have been left out. Where the total is not known, a page
    /// that is not full is the last.
    fn after(self, size: u32, page: &Page) -> Option<Self> {
        let read = self.limit.min(size);
        let rest = Self { skip: self.skip.saturating_add(read.into()), limit: self.limit - read };
        let is_last = match page.total {
            Some(total) => rest.skip >= total,
            None => u32::try_from(page.count).is_ok_and(|count| count < read),
        };
        (!is_last && rest.limit > 0).then_some(rest)
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, rc::Rc};

    use actix_web::{Error, body::to_bytes, error::ErrorInternalServerError};

    use super::*;

    /// A list of so many numbers, the parts of it that were asked for, and the answer.
    async fn answer(total: u64, part: Part) -> (Vec<Part>, HttpResponse) {
        answer_of(total, (part, SHORT), Some).await
    }

    /// The same of entries that are made of the numbers, if there is one.
    async fn answer_of<T: Serialize + 'static>(
        total: u64,
        (part, size): (Part, u32),
        entry: impl Fn(u64) -> Option<T> + 'static,
    ) -> (Vec<Part>, HttpResponse) {
        let asked = Rc::new(RefCell::new(Vec::new()));
        let read = {
            let asked = Rc::clone(&asked);
            async move |part: Part| {
                asked.borrow_mut().push(part);
                let entries = (part.skip..total).take(usize::try_from(part.limit).unwrap());
                let page = Page::of(entries.filter_map(&entry)).with_total(total);
                if part.skip == 300 { Err(ErrorInternalServerError("gone")) } else { Ok(page) }
            }
        };
        let response = array::<Error>(part, size, read).await.unwrap();
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
    async fn entries_that_are_left_out_end_no_list() {
        let part = Part { skip: 0, limit: 1_000 };
        for (total, first, end) in [(250, 0, 1), (250, 0, 100), (250, 99, 201), (250, 240, 250), (100, 0, 100)] {
            let stays = move |number: &u64| !(first..end).contains(number);
            let (_, response) = answer_of(total, (part, SHORT), move |number| Some(number).filter(stays)).await;
            let told: Vec<u64> = serde_json::from_slice(&to_bytes(response.into_body()).await.unwrap()).unwrap();
            assert_eq!(told, (0..total).filter(stays).collect::<Vec<_>>(), "{first} to {end} of {total}");
        }
    }

    #[actix_web::test]
    async fn pages_of_long_entries_are_short() {
        let part = Part { skip: 0, limit: 1_000 };
        let sizes = async |entry: fn(u64) -> Option<String>| {
            let asked = Rc::new(RefCell::new(Vec::new()));
            let noted = Rc::clone(&asked);
            let read = async move |part: Part| {
                noted.borrow_mut().push(part.limit);
                let entries = (part.skip..260).take(usize::try_from(part.limit).unwrap());
                Ok(Page::of(entries.filter_map(entry)).with_total(260))
            };
            let response = array::<Error>(part, LONG, read).await.unwrap();
            let told: Vec<String> = serde_json::from_slice(&to_bytes(response.into_body()).await.unwrap()).unwrap();
            assert_eq!(told.len(), 260);
            asked.take()
        };
        assert_eq!(sizes(|number| Some(number.to_string())).await, [10, 100, 100, 100]);
        assert_eq!(sizes(|_| Some("x".repeat(50_000))).await, [&[10_u32][..], &[20; 13]].concat());
        assert_eq!(sizes(|_| Some("x".repeat(500_000))).await, [10; 26]);
    }

    #[actix_web::test]
    async fn what_fails_in_the_middle_breaks_the_answer_off() {
        let (_, response) = answer(1_000, Part { skip: 0, limit: 1_000 }).await;
        assert!(to_bytes(response.into_body()).await.is_err());
    }
}
