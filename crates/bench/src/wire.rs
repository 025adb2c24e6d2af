//! A client of one blocking connection: as little as can ask and read the answer, so that it measures the server and
//! takes next to nothing of the cores that both share.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::TcpStream,
    time::Duration,
};

use crate::Failure;

/// The longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// No answer that is measured comes near this.
const MAX_BODY: usize = 1 << 20;

/// Where requests go: `http://HOST:PORT/PATH`.
#[derive(Debug, Clone)]
pub struct Target {
    /// `HOST:PORT`
    pub authority: String,
    /// `/PATH`
    pub path: String,
}

impl std::str::FromStr for Target {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        let rest = url.strip_prefix("http://").ok_or("a URL begins with http://")?;
        let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
        if !authority.contains(':') {
            return Err("a URL names its port".to_owned());
        }
        Ok(Self { authority: authority.to_owned(), path: path.to_owned() })
    }
}

impl Target {
    /// The bytes of a GET with an access token.
    pub fn get(&self, token: &str) -> Vec<u8> {
        let Self { authority, path } = self;
        format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\nAuthorization: Bearer {token}\r\n\r\n").into_bytes()
    }

    /// The bytes of a POST of JSON.
    pub fn post(&self, body: &serde_json::Value) -> Vec<u8> {
        self.with_body("POST", "", body)
    }

    /// The bytes of a PUT of JSON with an access token.
    pub fn put(&self, token: &str, body: &serde_json::Value) -> Vec<u8> {
        self.with_body("PUT", &format!("\r\nAuthorization: Bearer {token}"), body)
    }

    /// The bytes of a POST of a form with a file as its part `file`, with an access token.
    pub fn upload(&self, token: &str, file: &[u8]) -> Vec<u8> {
        let Self { authority, path } = self;
        let part = "--bench\r\nContent-Disposition: form-data; name=\"file\"; filename=\"bench.pdf\"\r\n\
             Content-Type: application/pdf\r\n\r\n";
        let end = "\r\n--bench--\r\n";
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {authority}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: multipart/form-data; boundary=bench\r\nContent-Length: {}\r\n\r\n{part}",
            part.len() + file.len() + end.len()
        );
        [head.as_bytes(), file, end.as_bytes()].concat()
    }

    fn with_body(&self, method: &str, headers: &str, body: &serde_json::Value) -> Vec<u8> {
        let (Self { authority, path }, body) = (self, body.to_string());
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {authority}{headers}\r\nContent-Type: application/json");
        format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// A connection that is kept open between requests.
pub struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Connects.
    pub fn open(target: &Target) -> io::Result<Self> {
        let stream = TcpStream::connect(&target.authority)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends the bytes of one request and reads the whole answer.
    pub fn ask(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.0.get_mut().write_all(request)?;
        read_answer(&mut self.0)
    }
}

fn read_answer(reader: &mut impl BufRead) -> io::Result<Answer> {
    let invalid = |what: &'static str| io::Error::new(io::ErrorKind::InvalidData, what);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(|| invalid("no status"))?;
    let mut length = None;
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let Some((name, value)) = line.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok().filter(|length| *length <= MAX_BODY);
        }
    }
    let mut body = vec![0; length.ok_or_else(|| invalid("no content length, or too large a one"))?];
    reader.read_exact(&mut body)?;
    Ok(Answer { status, body })
}

/// Asks once on a connection of its own.
pub fn ask_once(target: &Target, request: &[u8]) -> Result<Answer, Failure> {
    Ok(Connection::open(target)?.ask(request)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_up_to_its_length_and_no_further() {
        let mut bytes = &b"HTTP/1.1 200 OK\r\ncontent-type: a/b\r\nCONTENT-LENGTH: 2\r\n\r\nokHTTP/1.1 404"[..];
        let answer = read_answer(&mut bytes).unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (200, &b"ok"[..]));
        assert_eq!(bytes, b"HTTP/1.1 404");
    }

    #[test]
    fn an_answer_without_a_length_is_refused() {
        let mut bytes = &b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"[..];
        assert!(read_answer(&mut bytes).is_err());
    }

    #[test]
    fn a_url_is_split_into_authority_and_path() {
        let target: Target = "http://127.0.0.1:80/a/b".parse().unwrap();
        assert_eq!((target.authority.as_str(), target.path.as_str()), ("127.0.0.1:80", "/a/b"));
        assert!("https://127.0.0.1:80/".parse::<Target>().is_err());
        assert!("http://127.0.0.1/".parse::<Target>().is_err());
    }
}
