//! Blobs in a bucket of an S3-compatible store.

use std::{path::Path, time::Duration};

use object_store::{BackoffConfig, ClientOptions, RetryConfig, aws::AmazonS3Builder};
use secrecy::{ExposeSecret, SecretString};

use crate::{ObjectBlobs, ObjectsError};

/// The smallest part size, except for the last part, by the rules of S3.
const PART: usize = 5 * 1_024 * 1_024;
const CONNECT: Duration = Duration::from_secs(5);
/// The longest silence: while waiting for an answer to a request, counted from its start, or for more of the answer.
/// Sending a part at less than 200 KiB a second takes longer. A download may take any time, because it goes at the client's
/// pace.
const SILENCE: Duration = Duration::from_secs(30);
/// How long a failed request is retried.
const RETRY: Duration = Duration::from_secs(10);
const RETRIES: usize = 3;

/// A bucket, with credentials.
#[derive(Debug, Clone)]
pub struct S3Options {
    pub bucket: String,
    /// The prefix of the names in it, without a slash at either end; may be empty.
    pub prefix: String,
    /// The endpoint, if not AWS; the bucket is the first part of the path.
    pub endpoint: Option<String>,
    /// The region that requests are signed for.
    pub region: String,
    /// The id of the key.
    pub access_key_id: String,
    pub secret_access_key: SecretString,
    /// Whether the endpoint may be used without TLS.
    pub allow_http: bool,
}

impl ObjectBlobs {
    /// Blobs in a bucket; does not connect. Unfinished uploads wait in a directory.
    pub fn s3(options: &S3Options, spool: &Path) -> Result<Self, ObjectsError> {
        Self::s3_with(options, spool, SILENCE)
    }

    fn s3_with(options: &S3Options, spool: &Path, silence: Duration) -> Result<Self, ObjectsError> {
        let client = ClientOptions::new()
            .with_connect_timeout(CONNECT)
            .with_timeout_disabled()
            .with_read_timeout(silence)
            .with_allow_http(options.allow_http);
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&options.bucket)
            .with_region(&options.region)
            .with_access_key_id(&options.access_key_id)
            .with_secret_access_key(options.secret_access_key.expose_secret())
            .with_client_options(client)
            .with_allow_http(options.allow_http)
            .with_virtual_hosted_style_request(false)
            .with_disable_bulk_delete(true)
            .with_retry(RetryConfig { backoff: BackoffConfig::default(), max_retries: RETRIES, retry_timeout: RETRY });
        if let Some(endpoint) = &options.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        let store = builder.build().map_err(ObjectsError::Options)?;
        Ok(Self::new(store, (&options.prefix, PART), spool.to_owned(), None))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, Write},
        net::TcpListener,
        thread,
    };

    use vestibule_domain::{AccountId, BlobId, BlobName};
    use vestibule_ports::Blobs;

    use super::*;

    const CONTENT: &[u8] = b"a slow content";

    /// A server that answers one request at a time, a byte every so often, and goes silent after a number of bytes.
    fn slow_server(pause: Duration, until: usize) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                thread::spawn(move || {
                    let mut lines = BufReader::new(connection.try_clone().unwrap()).lines();
                    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
                    let head = format!(
                        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nETag: \"1\"\r\n\
                         Last-Modified: Sun, 01 Mar 2026 12:00:00 GMT\r\n\r\n",
                        CONTENT.len()
                    );
                    connection.write_all(head.as_bytes()).unwrap();
                    for byte in &CONTENT[..until] {
                        thread::sleep(pause);
                        // The client may have given up.
                        if connection.write_all(&[*byte]).is_err() {
                            return;
                        }
                    }
                    // Until the client ends the connection.
                    lines.for_each(drop);
                });
            }
        });
        format!("http://{address}")
    }

    async fn read(endpoint: String, silence: Duration) -> Option<Vec<u8>> {
        let options = S3Options {
            bucket: "bucket".to_owned(),
            prefix: String::new(),
            endpoint: Some(endpoint),
            region: "us-east-1".to_owned(),
            access_key_id: "id".to_owned(),
            secret_access_key: "secret".into(),
            allow_http: true,
        };
        let blobs = ObjectBlobs::s3_with(&options, Path::new("/"), silence).unwrap();
        let account = AccountId::from_hex(&format!("{:024x}", 1)).unwrap();
        let mut reader = blobs.open(BlobName::of_document(account, BlobId::new([1; 16]))).await.unwrap().unwrap();
        let mut content = Vec::new();
        while let Some(piece) = reader.next().await.ok()? {
            content.extend(piece);
        }
        Some(content)
    }

    #[tokio::test]
    async fn a_download_may_take_any_time_as_long_as_something_comes() {
        let silence = Duration::from_secs(1);
        let endpoint = slow_server(Duration::from_millis(150), CONTENT.len());
        assert_eq!(read(endpoint, silence).await.unwrap(), CONTENT);
    }

    #[tokio::test]
    async fn a_download_from_which_nothing_comes_any_more_breaks_off() {
        let endpoint = slow_server(Duration::ZERO, 3);
        assert_eq!(read(endpoint, Duration::from_millis(300)).await, None);
    }
}
