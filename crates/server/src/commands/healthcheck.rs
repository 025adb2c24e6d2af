//! `healthcheck`: checks whether a running server is ready.

use std::{
    io::{self, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};

use crate::{
    config::Config,
    exit::Exit,
    serve::own,
    terminal::{complain, output},
};

const TIMEOUT: Duration = Duration::from_secs(5);

pub(super) fn run(config: &Config, url: Option<&str>, json: bool) -> Exit {
    let Some(authority) = url.map_or_else(|| Some(own(config.server.listen).to_string()), authority) else {
        complain("--url must be http://HOST or http://HOST:PORT and name the server itself, not the proxy before it");
        return Exit::Usage;
    };
    match ask(&authority) {
        Ok((200, body)) if json => output(&object("ready", body)),
        Ok((200, _)) => output("ready"),
        Ok((_, body)) if json => fail(&object("unready", body)),
        Ok((status, body)) => {
            complain(&format!("unready (status {status}): {body}"));
            Exit::Failure
        }
        Err(error) if json => {
            fail(&serde_json::json!({ "status": "no answer", "error": error.to_string() }).to_string())
        }
        Err(error) => {
            complain(&format!("no answer from {authority}: {error}"));
            Exit::Failure
        }
    }
}

/// The JSON object in the body; any other body, perhaps from a proxy, becomes an error object.
fn object(status: &str, body: String) -> String {
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&body) {
        Ok(_) => body,
        Err(_) => serde_json::json!({ "status": status, "error": format!("not a JSON object: {body}") }).to_string(),
    }
}

fn fail(outcome: &str) -> Exit {
    output(outcome);
    Exit::Failure
}

/// The host and port of a URL without other parts.
fn authority(url: &str) -> Option<String> {
    let authority = url.strip_prefix("http://")?.trim_end_matches('/');
    if authority.is_empty() || authority.contains(['/', '?', '#', '@']) {
        return None;
    }
    let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| !port.ends_with(']'));
    Some(if has_port { authority.to_owned() } else { format!("{authority}:80") })
}

/// One request without a client library: a fixed path, a short answer, and the server closes the connection.
fn ask(authority: &str) -> io::Result<(u16, String)> {
    let address = authority.to_socket_addrs()?.next().ok_or(io::ErrorKind::NotFound)?;
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    write!(stream, "GET /health/ready HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(64 * 1024).read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    status.map(|status| (status, body.to_owned())).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use super::{authority, object};

    #[test]
    fn a_body_that_is_no_json_object_is_told_in_one() {
        let report = r#"{"status":"ready"}"#;
        assert_eq!(object("ready", report.to_owned()), report);
        let wrapped = object("unready", "<h1>Bad Gateway</h1>".to_owned());
        let wrapped: serde_json::Value = serde_json::from_str(&wrapped).unwrap();
        assert_eq!(wrapped["status"], "unready");
        assert!(wrapped["error"].as_str().unwrap().contains("Bad Gateway"), "{wrapped}");
    }

    #[test]
    fn a_server_is_named_by_its_host_and_a_port_if_it_is_another_than_80() {
        for (url, expected) in [
            ("http://localhost", Some("localhost:80")),
            ("http://localhost:3000/", Some("localhost:3000")),
            ("http://[::1]", Some("[::1]:80")),
            ("http://[::1]:3000", Some("[::1]:3000")),
            ("http://localhost:3000/health", None),
            ("https://localhost", None),
            ("localhost:3000", None),
            ("http://", None),
        ] {
            assert_eq!(authority(url).as_deref(), expected, "{url}");
        }
    }
}
