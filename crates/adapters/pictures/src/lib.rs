//! Pictures: what clients send is decoded and re-encoded, few pictures at a time.
//!
//! A stranger's picture is the most dangerous input of this process: a few bytes can demand gigabytes. So the size of each
//! format is read from its headers before anything is decoded, incomplete files are refused, and nothing of the original
//! but its pixels reaches the output. This crate must never store a picture, nor decide who may send one. To add a format,
//! add a file that reads it into `Decoded`, and its first bytes to `formats.rs`.

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
