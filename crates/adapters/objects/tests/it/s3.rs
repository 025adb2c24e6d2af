//! Blobs in a bucket of a real S3 server.

use std::env::temp_dir;

use vestibule_conformance::BlobsFixture;
use vestibule_objects::{ObjectBlobs, S3Options};
use vestibule_ports::{BlobError, Blobs};

use crate::support::bucket;

mod at_the_root {
    use super::*;

    async fn fresh() -> BlobsFixture {
        BlobsFixture::guarded(ObjectBlobs::s3(&bucket(), &temp_dir()).unwrap(), ())
    }

    vestibule_conformance::blobs_suite!(fresh);
}

mod below_a_prefix {
    use super::*;

    async fn fresh() -> BlobsFixture {
        let options = S3Options { prefix: "vestibule/blobs".to_owned(), ..bucket() };
        BlobsFixture::guarded(ObjectBlobs::s3(&options, &temp_dir()).unwrap(), ())
    }

    vestibule_conformance::blobs_suite!(fresh);
}

#[tokio::test]
async fn a_bucket_that_does_not_exist_is_told() {
    let options = S3Options { bucket: "there-is-none".to_owned(), ..bucket() };
    let failed = ObjectBlobs::s3(&options, &temp_dir()).unwrap().ping().await;
    assert!(format!("{failed:?}").contains("NoSuchBucket"), "{failed:?}");
}

#[tokio::test]
async fn a_server_that_is_away_is_unavailable() {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let options = S3Options { endpoint: Some(format!("http://127.0.0.1:{port}")), ..bucket() };
    let failed = ObjectBlobs::s3(&options, &temp_dir()).unwrap().ping().await;
    assert!(matches!(failed, Err(BlobError::Unavailable(_))), "{failed:?}");
}
