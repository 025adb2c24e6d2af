//! Blobs in a bucket of an S3-compatible store.

use std::{env, time::Duration};

use object_store::{BackoffConfig, ClientOptions, RetryConfig, aws::AmazonS3Builder};
use secrecy::{ExposeSecret, SecretString};

use crate::{ObjectBlobs, ObjectsError};

/// The least size of a part but the last, by the rules of S3.
const PART: usize = 5 * 1_024 * 1_024;
const CONNECT: Duration = Duration::from_secs(5);
/// For how long a request may run; a part takes that long below 200 KiB a second.
const REQUEST: Duration = Duration::from_secs(30);
/// Until when a request that failed is made again.
const RETRY: Duration = Duration::from_secs(10);
const RETRIES: usize = 3;

/// A bucket, and the right to use it.
#[derive(Debug, Clone)]
pub struct S3Options {
    /// The bucket.
    pub bucket: String,
    /// What comes before the names in it, without a slash at either end; may be empty.
    pub prefix: String,
    /// Where it is, if not at AWS; the bucket is the first part of the path.
    pub endpoint: Option<String>,
    /// The region that requests are signed for.
    pub region: String,
    /// The id of the key.
    pub access_key_id: String,
    /// The key.
    pub secret_access_key: SecretString,
    /// Whether the endpoint may be asked without TLS.
    pub allow_http: bool,
}

impl ObjectBlobs {
    /// Blobs in a bucket; connects to nothing. Uploads that are not finished wait in the directory for temporary files.
    pub fn s3(options: &S3Options) -> Result<Self, ObjectsError> {
        let client = ClientOptions::new()
            .with_connect_timeout(CONNECT)
            .with_timeout(REQUEST)
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
        Ok(Self::new(store, (&options.prefix, PART), env::temp_dir(), None))
    }
}
