//! Reading a JSON body: only when the handler asks, and never more than it asked for.

use actix_web::{
    HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap},
    rt::time::{Instant, timeout},
    web,
};
use futures_util::StreamExt;
use memchr::memchr2;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value};
use vestibule_domain::Source;

use super::{
    charset,
    gate::{self, Admission, Gate},
    kind::{Kind, Pace},
    middleware::TimeLimit,
    readers::Readers,
    source::origin_of,
};
use crate::{RequestLimits, Site};

/// Why a body was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    /// More bytes than the route takes.
    #[error("the body is too large")]
    TooLarge,
    /// Not whole in time.
    #[error("the body came too slowly")]
    TooSlow,
    /// The connection ended before the body did.
    #[error("the body is incomplete")]
    Incomplete,
    /// Compressed, or encoded in another way.
    #[error("the body has a content encoding")]
    Encoded,
    /// For one with pictures, there was no room in time.
    #[error("there is no room for the body")]
    Overloaded,
    /// In UTF-16 or UTF-32, as the headers or the first bytes tell; JSON travels in UTF-8 (RFC 8259, section 8.1).
    #[error("the body is in another encoding than UTF-8")]
    Charset,
    /// Invalid UTF-8, malformed JSON, not an object, or nested too deeply.
    #[error("the body is not a JSON object")]
    NotAnObject,
}

/// The body of a request, still unread: credentials are checked before it.
pub(crate) struct RawBody {
    payload: Payload,
    /// What `Content-Length` says.
    declared: Option<usize>,
    encoded: bool,
    /// Whether a content type says so.
    is_wide: bool,
    kind: Kind,
    limits: RequestLimits,
    gate: Gate,
    readers: Readers,
    source: Source,
    /// That of the request.
    time_limit: Option<TimeLimit>,
}

impl RawBody {
    /// For the extractors of the dialects' bodies.
    pub(crate) fn take(request: &HttpRequest, payload: &mut Payload) -> Self {
        let headers = request.headers();
        let site = request.app_data::<web::Data<Site>>();
        Self {
            payload: payload.take(),
            declared: declared_length(headers),
            encoded: is_encoded(headers),
            is_wide: charset::is_wide(headers),
            kind: request.app_data().copied().unwrap_or(Kind::JSON),
            limits: site.map(|site| site.options.requests).unwrap_or_default(),
            gate: request.app_data::<Gate>().cloned().unwrap_or_default(),
            readers: request.app_data::<Readers>().cloned().unwrap_or_default(),
            source: origin_of(request).source,
            time_limit: request.extensions().get::<TimeLimit>().cloned(),
        }
    }

    /// Reads a JSON object of at most as many bytes as the route takes, whatever its content type; nothing at all counts as
    /// `{}`.
    pub(crate) async fn json_object<T: DeserializeOwned>(self) -> Result<T, BodyError> {
        let depth = self.limits.body_depth;
        parse_object(&self.bytes().await?, depth)
    }

    /// Reads at most as many bytes as the route takes, and rejects deep nesting; does not parse.
    pub(crate) async fn json_bytes(self) -> Result<Vec<u8>, BodyError> {
        let depth = self.limits.body_depth;
        let bytes = self.bytes().await?;
        if is_deeper_than(depth, &bytes) { Err(BodyError::NotAnObject) } else { Ok(bytes) }
    }

    /// The same for a large body, which waits until there is room for it, and has the room until the admission is dropped. It is
    /// read on a thread that gives way to requests.
    pub(crate) async fn read_admitted<T, E>(
        self,
        read: impl FnOnce(Vec<u8>) -> Result<T, E> + Send + 'static,
    ) -> Result<(T, Admission), E>
    where
        T: Send + 'static,
        E: From<BodyError> + Send + 'static,
    {
        let (depth, readers) = (self.limits.body_depth, self.readers.clone());
        let (bytes, admission) = self.admitted_bytes().await?;
        let reading = readers.run(move || {
            let json = charset::utf8(bytes)?;
            if is_deeper_than(depth, &json) { Err(BodyError::NotAnObject.into()) } else { read(json) }
        });
        Ok((reading.await??, admission))
    }

    async fn admitted_bytes(self) -> Result<(Vec<u8>, Admission), BodyError> {
        self.check()?;
        let most = self.declared.unwrap_or(self.kind.body_bytes(&self.limits));
        let waiting = self.gate.admit(self.source, most);
        let mut admission = match &self.time_limit {
            Some(time_limit) => time_limit.except(gate::WAIT, waiting).await,
            None => waiting.await,
        }?;
        let bytes = self.received().await?;
        admission.body_is_whole();
        Ok((bytes, admission))
    }

    /// The text in UTF-8 without a byte order mark, and with U+FFFD for every half of a surrogate pair.
    async fn bytes(self) -> Result<Vec<u8>, BodyError> {
        charset::utf8(self.received().await?)
    }

    async fn received(self) -> Result<Vec<u8>, BodyError> {
        self.check()?;
        let (limit, time) = (self.kind.body_bytes(&self.limits), self.kind.body_time(&self.limits));
        // Growing step by step would take twice as much.
        let room = self.declared.unwrap_or_default().min(limit);
        let pace = self.kind.pace(&self.limits);
        let reading = timeout(time, collect(self.payload, Vec::with_capacity(room), limit, pace));
        let read = match &self.time_limit {
            Some(time_limit) => time_limit.except(time, reading).await,
            None => reading.await,
        };
        read.map_err(|_| BodyError::TooSlow)?
    }

    /// Refuses what the headers tell to be refused.
    fn check(&self) -> Result<(), BodyError> {
        if self.encoded {
            return Err(BodyError::Encoded);
        }
        if self.is_wide {
            return Err(BodyError::Charset);
        }
        let limit = self.kind.body_bytes(&self.limits);
        if self.declared.is_some_and(|length| length > limit) { Err(BodyError::TooLarge) } else { Ok(()) }
    }
}

async fn collect(
    mut payload: Payload,
    mut bytes: Vec<u8>,
    limit: usize,
    pace: Option<Pace>,
) -> Result<Vec<u8>, BodyError> {
    let began = Instant::now();
    loop {
        let next = match pace {
            Some(pace) => {
                let left = pace.time_for(bytes.len()).saturating_sub(began.elapsed());
                timeout(left, payload.next()).await.map_err(|_| BodyError::TooSlow)?
            }
            None => payload.next().await,
        };
        let Some(chunk) = next else { return Ok(bytes) };
        let chunk = chunk.map_err(|_| BodyError::Incomplete)?;
        if bytes.len() + chunk.len() > limit {
            return Err(BodyError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
}

/// Reads an object first and the type from it, so that of two fields of one name the last one counts, and an array is
/// never taken for an object.
fn parse_object<T: DeserializeOwned>(bytes: &[u8], depth: usize) -> Result<T, BodyError> {
    let object = if bytes.is_empty() {
        Map::new()
    } else if is_deeper_than(depth, bytes) {
        return Err(BodyError::NotAnObject);
    } else {
        serde_json::from_slice(bytes).map_err(|_| BodyError::NotAnObject)?
    };
    serde_json::from_value(Value::Object(object)).map_err(|_| BodyError::NotAnObject)
}

/// Counts brackets outside of texts; whether they match is the parser's question.
fn is_deeper_than(limit: usize, json: &[u8]) -> bool {
    let (mut depth, mut rest) = (0_usize, json);
    while let Some((byte, others)) = rest.split_first() {
        rest = others;
        match byte {
            b'"' => rest = after_text(others),
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limit {
            return true;
        }
    }
    false
}

/// What follows the text that JSON is in: nothing if it does not end. A text may be megabytes long.
fn after_text(mut json: &[u8]) -> &[u8] {
    while let Some(at) = memchr2(b'"', b'\\', json) {
        let (_, end) = json.split_at(at);
        match end {
            [b'"', after @ ..] => return after,
            // The byte behind a backslash does not end the text.
            _ => json = end.get(2..).unwrap_or_default(),
        }
    }
    &[]
}

fn declared_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn is_encoded(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::CONTENT_ENCODING)
        .any(|encoding| !encoding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity"))
}

/// For fields of request structs: a text, or nothing for any other type.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    })
}

/// For fields of request structs: an array of texts only, or nothing for anything else.
pub(crate) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).ok())
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, rc::Rc};

    use actix_web::{error::PayloadError, test::TestRequest, web::Bytes};
    use futures_util::stream;
    use proptest::{prop_assert_eq, proptest};

    use super::*;

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    struct Form {
        #[serde(default, deserialize_with = "text")]
        name: Option<String>,
        #[serde(default, deserialize_with = "texts")]
        list: Option<Vec<String>>,
    }

    fn parse(json: impl AsRef<[u8]>) -> Result<Form, BodyError> {
        parse_object(json.as_ref(), 16)
    }

    fn named(name: Option<&str>) -> Form {
        Form { name: name.map(str::to_owned), list: None }
    }

    async fn read(request: TestRequest, limit: usize) -> Result<Form, BodyError> {
        let (request, mut payload) = request.app_data(Kind::Json { limit }).to_http_parts();
        RawBody::take(&request, &mut payload).json_object().await
    }

    #[test]
    fn nothing_at_all_is_an_empty_object() {
        assert_eq!(parse(""), Ok(named(None)));
    }

    #[test]
    fn another_type_than_a_text_is_no_text() {
        for other in ["null", "1", "true", "[\"a\"]", "{\"a\":1}"] {
            assert_eq!(parse(format!("{{\"name\":{other}}}")), Ok(named(None)), "{other}");
        }
    }

    #[test]
    fn a_list_with_anything_but_texts_is_no_list() {
        for other in ["null", "\"a\"", "[1]", "[\"a\",null]", "{\"0\":\"a\"}"] {
            assert_eq!(parse(format!("{{\"list\":{other}}}")).unwrap().list, None, "{other}");
        }
        assert_eq!(parse(r#"{"list":["a"]}"#).unwrap().list, Some(vec!["a".to_owned()]));
    }

    #[test]
    fn unknown_fields_are_ignored_and_the_last_of_two_counts() {
        assert_eq!(parse(r#"{"other":{"a":[1]},"name":"first","name":"last"}"#), Ok(named(Some("last"))));
    }

    #[test]
    fn what_is_not_an_object_is_refused() {
        for json in
            ["null", "1", "\"a\"", "[]", "[\"a\",[\"b\"]]", "{", "{\"name\":}", "{} {}", " ", "name=a", "{'a':1}"]
        {
            assert_eq!(parse(json), Err(BodyError::NotAnObject), "{json}");
        }
    }

    #[test]
    fn what_is_not_unicode_is_refused() {
        for json in [&b"{\"name\":\"\xff\"}"[..], b"\xff", b"{\"name\":\"\xed\xa0\xbd\"}"] {
            assert_eq!(parse(json), Err(BodyError::NotAnObject), "{json:?}");
        }
    }

    #[actix_web::test]
    async fn one_byte_order_mark_before_json_is_skipped() {
        let read = |json: &'static [u8]| read(TestRequest::post().set_payload(json), 100);
        assert_eq!(read(b"\xef\xbb\xbf{\"name\":\"a\"}").await, Ok(named(Some("a"))));
        assert_eq!(read(b"\xef\xbb\xbf").await, Ok(named(None)));
        assert_eq!(read(b"\xef\xbb\xbf\xef\xbb\xbf{}").await, Err(BodyError::NotAnObject));
    }

    #[actix_web::test]
    async fn half_an_emoji_is_the_replacement_character() {
        let read = |json: &'static str| read(TestRequest::post().set_payload(json), 200);
        assert_eq!(read(r#"{"name":"a\ud83d"}"#).await, Ok(named(Some("a\u{fffd}"))));
        assert_eq!(read(r#"{"\uDE00":[{"\ud83d":"\ude00"}],"name":"\ud83d\ude00"}"#).await, Ok(named(Some("😀"))));
    }

    #[actix_web::test]
    async fn utf_16_is_refused_as_such() {
        let typed = |content_type: &str, body: Vec<u8>| {
            let request = TestRequest::post().insert_header((header::CONTENT_TYPE, content_type.to_owned()));
            read(request.set_payload(body), 100)
        };
        let little: Vec<u8> = r#"{"name":"a"}"#.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(typed("application/json", little).await, Err(BodyError::Charset));
        assert_eq!(typed("application/json; charset=UTF-16LE", b"{}".to_vec()).await, Err(BodyError::Charset));
        assert_eq!(typed("application/json; charset=utf-8", b"{}".to_vec()).await, Ok(named(None)));
    }

    #[test]
    fn nesting_ends_at_sixteen() {
        let nested = |inner: usize| format!("{{\"a\":{}{}}}", "[".repeat(inner), "]".repeat(inner));
        assert_eq!(parse(nested(15)), Ok(named(None)));
        assert_eq!(parse(nested(16)), Err(BodyError::NotAnObject));
        assert_eq!(parse("[".repeat(100_000)), Err(BodyError::NotAnObject));
    }

    #[test]
    fn brackets_within_a_text_do_not_nest() {
        let brackets = format!("\\\"{}\\\\", "[{".repeat(40));
        assert_eq!(parse(format!("{{\"name\":\"{brackets}\"}}")).unwrap().name.unwrap().len(), 82);
    }

    #[actix_web::test]
    async fn a_body_of_exactly_the_limit_is_read() {
        let json = r#"{"name":"a"}"#;
        assert_eq!(read(TestRequest::post().set_payload(json), json.len()).await, Ok(named(Some("a"))));
        assert_eq!(read(TestRequest::post().set_payload(json), json.len() - 1).await, Err(BodyError::TooLarge));
    }

    #[actix_web::test]
    async fn a_body_that_announces_too_much_is_not_read() {
        let request = TestRequest::post().insert_header((header::CONTENT_LENGTH, "101"));
        assert_eq!(read(request, 100).await, Err(BodyError::TooLarge));
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_body_stays_unread_until_there_is_room_for_it() {
        let (gate, is_read) = (Gate::default(), Rc::new(Cell::new(false)));
        let elsewhere = Source::new(std::net::Ipv4Addr::LOCALHOST.into());
        let whole_room = gate.admit(elsewhere, usize::MAX).await.unwrap();
        let large = |length: &str| {
            let request = TestRequest::post().app_data(Kind::Pictures { limit: 8_000_000 }).app_data(gate.clone());
            let request = request.insert_header((header::CONTENT_LENGTH, length.to_owned())).to_http_request();
            let is_read = Rc::clone(&is_read);
            let chunk = async move {
                is_read.set(true);
                Ok::<_, PayloadError>(Bytes::from_static(b"{}"))
            };
            let mut payload = Payload::Stream { payload: stream::once(chunk).boxed_local() };
            RawBody::take(&request, &mut payload).admitted_bytes()
        };
        assert_eq!(large("8000001").await.unwrap_err(), BodyError::TooLarge);
        assert_eq!(large("8000000").await.unwrap_err(), BodyError::Overloaded);
        assert!(!is_read.get());
        assert_eq!(large("102400").await.unwrap().0, b"{}");
        drop(whole_room);
        assert_eq!(large("8000000").await.unwrap().0, b"{}");
    }

    /// Reads a body with pictures, of which a piece comes each second.
    async fn read_by_pieces(bytes: usize, seconds: usize) -> Result<(Vec<u8>, Admission), BodyError> {
        let request = TestRequest::post().app_data(Kind::Pictures { limit: 8 * 1_024 * 1_024 }).to_http_request();
        let pieces = stream::iter(0..seconds).then(move |_| async move {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            Ok::<_, PayloadError>(Bytes::from(vec![b' '; bytes]))
        });
        let mut payload = Payload::Stream { payload: pieces.boxed_local() };
        RawBody::take(&request, &mut payload).admitted_bytes().await
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_has_room_falls_behind_no_further_than_ten_seconds() {
        let began = tokio::time::Instant::now();
        assert_eq!(read_by_pieces(1, 1_000).await.unwrap_err(), BodyError::TooSlow);
        assert_eq!(began.elapsed().as_secs(), 10);
        // Half of the pace is behind by ten seconds after about twenty.
        assert_eq!(read_by_pieces(32 * 1_024, 100).await.unwrap_err(), BodyError::TooSlow);
        assert!((29..=31).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
        assert_eq!(read_by_pieces(64 * 1_024, 100).await.unwrap().0.len(), 6_400 * 1_024);
    }

    #[actix_web::test]
    async fn an_encoded_body_is_refused() {
        let request = |encoding: &str| {
            TestRequest::post().insert_header((header::CONTENT_ENCODING, encoding.to_owned())).set_payload("{}")
        };
        assert_eq!(read(request("gzip"), 100).await, Err(BodyError::Encoded));
        assert_eq!(read(request("identity, br"), 100).await, Err(BodyError::Encoded));
        assert_eq!(read(request("Identity"), 100).await, Ok(named(None)));
    }

    #[actix_web::test]
    async fn the_content_type_does_not_matter() {
        for content_type in ["application/json", "text/plain", "application/x-www-form-urlencoded", "nonsense"] {
            let request = TestRequest::post().insert_header((header::CONTENT_TYPE, content_type));
            assert_eq!(read(request.set_payload(r#"{"name":"a"}"#), 100).await, Ok(named(Some("a"))));
        }
    }

    proptest! {
        #[test]
        fn depth_is_that_of_counting_byte_by_byte(json in r#"([\[{}\]"\\x]|\\"){0,24}"#, limit in 0..6_usize) {
            prop_assert_eq!(is_deeper_than(limit, json.as_bytes()), deepest(&json) > limit);
        }
    }

    /// The same, byte by byte.
    fn deepest(json: &str) -> usize {
        let (mut depth, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
        for byte in json.bytes() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_text => escaped = true,
                b'"' => in_text = !in_text,
                b'[' | b'{' if !in_text => depth += 1,
                b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
                _ => {}
            }
            deepest = deepest.max(depth);
        }
        deepest
    }
}
