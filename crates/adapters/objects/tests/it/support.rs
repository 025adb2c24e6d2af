//! The S3 server of the tests.

use std::{
    env,
    hash::{BuildHasher, Hasher, RandomState},
    io::{Read, Write},
    net::TcpStream,
};

use vestibule_objects::S3Options;

/// The server that all tests use.
fn endpoint() -> String {
    env::var("VESTIBULE_TEST_S3_URL").unwrap_or_else(|_| {
        panic!(
            "not run: VESTIBULE_TEST_S3_URL names no S3 server. `scripts/test` starts one for all tests; for a shell of \
             your own: `. scripts/lib/s3.sh; s3_up`"
        )
    })
}

/// A new bucket of the server.
pub(crate) fn bucket() -> S3Options {
    let endpoint = endpoint();
    let bucket = format!("test-{:016x}", RandomState::new().build_hasher().finish());
    let host = endpoint.strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(host).unwrap();
    write!(connection, "PUT /{bucket} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    S3Options {
        bucket,
        prefix: String::new(),
        endpoint: Some(endpoint),
        region: "us-east-1".to_owned(),
        access_key_id: "id".to_owned(),
        secret_access_key: "secret".into(),
        allow_http: true,
    }
}
