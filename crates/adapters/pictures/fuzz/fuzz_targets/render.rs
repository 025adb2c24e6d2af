//! Renders whatever bytes come. A panic, also one that the crate would catch, ends the run, and so does too much memory.
//!
//! ```sh
//! scripts/fuzz render
//! ```
//!
//! `scripts/fuzz render FILE` tries one file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_domain::picture::PictureSize;

fuzz_target!(|bytes: &[u8]| {
    let sizes = [PictureSize::Detail, PictureSize::Thumb];
    if let Ok(pictures) = vestibule_pictures::render(bytes.to_vec(), &sizes) {
        assert_eq!(pictures.len(), sizes.len());
    }
});
