//! Blobs in a folder of this machine or in a bucket of an S3-compatible store, over the crate `object_store`.
//!
//! A blob is first written to a nameless temporary file, at the pace of its client, and transferred in one go once it is
//! finished: a slow or broken upload holds no connection, leaves nothing, and costs no memory. The number of concurrent
//! transfers is bounded. This crate must never seal, open or inspect a content, and never invent a name. To add another
//! kind of storage, add a constructor in its own file.

mod blobs;
mod errors;
mod folder;
mod s3;
mod scan;
mod upload;

pub use blobs::ObjectBlobs;
pub use errors::ObjectsError;
pub use s3::S3Options;
