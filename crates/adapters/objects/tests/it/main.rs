//! Blobs in a folder, and in a bucket of a real S3 server, keep every promise of the port.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that meets an error is to fail on the spot")]

mod folder;
mod s3;
mod support;
