//! Reads whatever texts come, as they are and behind the head of a data URI. The file is taken as it is, so that the rest of the
//! crate need not be built.
//!
//! ```sh
//! scripts/fuzz data_uri
//! ```

#![no_main]

#[path = "../../src/shared/data_uri.rs"]
mod data_uri;

use data_uri::decode_picture;
use libfuzzer_sys::fuzz_target;

const MOST: usize = 1_000;

fuzz_target!(|text: &str| {
    for text in [text.to_owned(), format!("data:image/png;base64,{text}"), format!("data:image/{text}")] {
        if let Ok(bytes) = decode_picture(&text, MOST) {
            assert!(bytes.len() <= MOST);
        }
    }
});
