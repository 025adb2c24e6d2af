//! Blobs in a folder of this machine or in a bucket of an S3-compatible store, over the crate `object_store`.
//!
//! A blob is first written to a nameless temporary file, at the pace of its client, and goes to its place in one go once it
//! is finished: a slow or broken upload holds no connection, leaves nothing, and costs no memory. How many go to their place
//! at once is bounded. This crate must never seal, open or look into a content, and never make up a name. To add a place, add
//! a constructor in a file of its own.

mod blobs;
mod errors;
mod folder;
mod s3;
mod scan;
mod upload;

pub use blobs::ObjectBlobs;
pub use errors::ObjectsError;
pub use s3::S3Options;
