//! Pictures: what clients send is decoded and encoded anew, few pictures at a time.
//!
//! A picture from a stranger is the most dangerous thing that the process reads: a few bytes can ask for gigabytes. So each
//! format says from its headers alone how large it is, before anything is decoded; what does not come to its end is refused;
//! and nothing of the original reaches the output but pixels. This crate must never keep a picture, nor decide who may send
//! one. To add a format, add a file that reads it into `Decoded`, and its first bytes to `formats.rs`.

mod colour;
mod decoded;
mod encode;
mod exif;
mod formats;
mod jpeg;
mod limits;
mod png;
mod renderer;
mod rendering;
mod scale;
mod turn;
mod webp;

pub use renderer::{LocalRenderer, RendererOptions};
pub use rendering::render;
