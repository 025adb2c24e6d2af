//! Renders whatever bytes come. A panic, also one that the crate would catch, ends the run, and so does too much memory.
//!
//! ```sh
//! cd crates/adapters/pictures
//! cargo +nightly fuzz run render fuzz/corpus fuzz/seeds -- -rss_limit_mb=768 -malloc_limit_mb=160 -timeout=20
//! ```
//!
//! Without `cargo fuzz` each file can be tried by the binary that it has built: `render <file>`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_domain::picture::PictureSize;

fuzz_target!(|bytes: &[u8]| {
    let sizes = [PictureSize::Detail, PictureSize::Thumb];
    if let Ok(pictures) = vestibule_pictures::render(bytes.to_vec(), &sizes) {
        assert_eq!(pictures.len(), sizes.len());
    }
});
