//! What only shows on a real connection: bodies that are not read, and connections that live on.

use std::{net::SocketAddr, time::Duration};

use actix_web::{HttpServer, dev::ServerHandle, rt::spawn};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::support::{Setup, TestApp};

/// A server on a free port of the loopback, which is stopped when it is dropped.
struct Server {
    address: SocketAddr,
    handle: ServerHandle,
}

impl Server {
    async fn start() -> Self {
        let service = TestApp::with(Setup::default()).await.service;
        let server = HttpServer::new(move || service.build()).workers(1).disable_signals();
        let server = server.bind(("127.0.0.1", 0)).unwrap();
        let address = server.addrs()[0];
        let server = server.run();
        let handle = server.handle();
        spawn(server);
        Self { address, handle }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

/// Reads what comes until a text is among it.
async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut read = Vec::new();
    let reading = async {
        while !String::from_utf8_lossy(&read).contains(end) {
            let mut buffer = [0; 4_096];
            let count = stream.read(&mut buffer).await.unwrap();
            assert!(count > 0, "the connection ended after {:?}", String::from_utf8_lossy(&read));
            read.extend_from_slice(&buffer[..count]);
        }
    };
    timeout(Duration::from_secs(10), reading).await.expect("an answer in time");
    String::from_utf8(read).unwrap()
}

#[actix_web::test]
async fn a_body_that_announces_too_much_is_refused_before_it_comes() {
    let server = Server::start().await;
    let mut stream = server.connect().await;
    let head = "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1073741824\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = read_until(&mut stream, r#""data":null}"#).await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("Request body too large"), "{answer}");
}

#[actix_web::test]
async fn a_chunked_body_is_refused_as_soon_as_it_is_too_large() {
    let server = Server::start().await;
    let mut stream = server.connect().await;
    let head = "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("8000\r\n{}\r\n", " ".repeat(0x8000));
    for _ in 0..4 {
        stream.write_all(chunk.as_bytes()).await.unwrap();
    }
    let answer = read_until(&mut stream, r#""data":null}"#).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[actix_web::test]
async fn a_refusal_that_leaves_a_body_unread_comes_whole_and_ends_the_connection() {
    let server = Server::start().await;
    let mut stream = server.connect().await;
    let head = "POST /api/auth/check-registered HTTP/1.1\r\nHost: x\r\nContent-Length: 18\r\n\r\n";
    stream.write_all(format!("{head}{{\"identifiers\":[]}}").as_bytes()).await.unwrap();
    let answer = read_until(&mut stream, r#""data":null}"#).await;
    assert!(answer.starts_with("HTTP/1.1 401 ") && answer.contains("connection: close"), "{answer}");
}

#[actix_web::test]
async fn a_refusal_of_a_body_that_was_read_leaves_the_connection_usable() {
    let server = Server::start().await;
    let mut stream = server.connect().await;
    for _ in 0..2 {
        let request = "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n{";
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = read_until(&mut stream, r#""data":null}"#).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
}

#[actix_web::test]
async fn the_answer_to_head_has_no_body() {
    let server = Server::start().await;
    let mut stream = server.connect().await;
    stream.write_all(b"HEAD /api/auth/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    timeout(Duration::from_secs(10), stream.read_to_string(&mut answer)).await.expect("an answer in time").unwrap();
    assert!(answer.starts_with("HTTP/1.1 401 ") && answer.ends_with("\r\n\r\n"), "{answer}");
}
