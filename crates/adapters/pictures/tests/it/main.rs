//! Hostile, odd and everyday pictures, most of them made here.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that meets an error is to fail on the spot")]
#![expect(clippy::cast_possible_truncation, reason = "the pictures of the tests are small")]

mod bombs;
mod colours;
mod formats;
mod hostile;
mod metadata;
mod orientation;
mod queue;
mod sizes;
mod support;
