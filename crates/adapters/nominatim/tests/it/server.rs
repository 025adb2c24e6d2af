//! A server that answers what it is told to, and remembers what it was asked.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Deed {
    /// Answers with a status, more header lines and a body.
    Reply(u16, &'static str, String),
    /// Does so after a while.
    Late(Duration, String),
    /// Says nothing, and keeps the connection.
    Silence,
    /// Sends the beginning of an answer and closes the connection.
    BreakOff,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) at: Instant,
    /// The request line and the headers.
    pub(crate) head: String,
}

/// A Nominatim server on a port of this machine; it ends with the value.
pub(crate) struct LocalNominatim {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: JoinHandle<()>,
}

impl LocalNominatim {
    /// Starts one that does the same with every request.
    pub(crate) async fn start(deed: Deed) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::default();
        let seen = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, deed.clone(), Arc::clone(&seen)));
            }
        });
        Self { address, asked, task }
    }

    /// Starts one that knows one place.
    pub(crate) async fn with_munich() -> Self {
        Self::start(Deed::Reply(200, "", MUNICH.to_owned())).await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/nominatim/", self.address)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for LocalNominatim {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An answer as the real server gives it.
pub(crate) const MUNICH: &str = r#"[{"place_id":128100,"licence":"Data © OpenStreetMap contributors, ODbL 1.0. http://osm.org/copyright","osm_type":"relation","osm_id":62428,"lat":"48.1371079","lon":"11.5753822","category":"boundary","type":"administrative","place_rank":12,"importance":0.8,"addresstype":"city","name":"Munich","display_name":"Munich, Bavaria, Germany","boundingbox":["48.0616244","48.2481162","11.3607770","11.7229099"]}]"#;

async fn serve(mut stream: TcpStream, deed: Deed, asked: Arc<Mutex<Vec<Asked>>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    asked.lock().unwrap().push(Asked { at: Instant::now(), head: String::from_utf8(head).unwrap() });
    let reply = |status: u16, headers: &str, body: &str| {
        let length = body.len();
        format!("HTTP/1.1 {status} Status\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}")
    };
    let bytes = match deed {
        Deed::Reply(status, headers, body) => reply(status, headers, &body),
        Deed::Late(time, body) => {
            tokio::time::sleep(time).await;
            reply(200, "", &body)
        }
        Deed::Silence => std::future::pending().await,
        Deed::BreakOff => "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[{\"lat\":\"48.1\"".to_owned(),
    };
    // A client may hang up when it likes.
    let _ = stream.write_all(bytes.as_bytes()).await;
    let _ = stream.shutdown().await;
}
