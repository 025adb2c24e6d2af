//! How many at a time.

use std::{sync::Arc, time::Duration};

use futures_util::{FutureExt, future::join_all};
use vestibule_domain::picture::PictureSize::{Detail, Thumb};
use vestibule_pictures::{LocalRenderer, RendererOptions};
use vestibule_ports::{PictureError, PictureRenderer};

use crate::support::{Pixels, deflated_zeros, fixture, png_chunk, png_head};

/// A picture that takes a while: 25 million pixels.
fn slow() -> Vec<u8> {
    let pixels = deflated_zeros(5_000 * (1 + 4 * 5_000));
    [png_head(5_000, 5_000, 8, 6), png_chunk(*b"IDAT", &pixels), png_chunk(*b"IEND", &[])].concat()
}

fn renderer(threads: usize, queue: usize, max_wait: Duration) -> LocalRenderer {
    LocalRenderer::new(RendererOptions { threads, queue, max_wait }).unwrap()
}

const LONG: Duration = Duration::from_mins(1);

#[tokio::test]
async fn pictures_are_rendered_off_the_calling_thread() {
    let renderer: Arc<dyn PictureRenderer> = Arc::new(LocalRenderer::new(RendererOptions::default()).unwrap());
    let file = Pixels::quadrants().jpeg();
    let results = join_all((0..20).map(|_| renderer.render(file.clone(), &[Detail, Thumb]))).await;
    for pictures in results {
        let sizes: Vec<_> = pictures.unwrap().into_iter().map(|picture| picture.size).collect();
        assert_eq!(sizes, [Detail, Thumb]);
    }
}

#[tokio::test]
async fn a_full_queue_is_overloaded_at_once() {
    let renderer = renderer(1, 1, LONG);
    let mut first = renderer.render(slow(), &[Thumb]);
    assert!((&mut first).now_or_never().is_none());
    let mut second = renderer.render(fixture!("progressive.jpg").to_vec(), &[Thumb]);
    assert!((&mut second).now_or_never().is_none());
    let third = renderer.render(fixture!("progressive.jpg").to_vec(), &[Thumb]).now_or_never();
    assert!(matches!(third, Some(Err(PictureError::Overloaded))), "{third:?}");
    // What would be refused anyway needs no place.
    let fourth = renderer.render(b"GIF89a".to_vec(), &[Thumb]).now_or_never();
    assert!(matches!(fourth, Some(Err(PictureError::Unsupported))), "{fourth:?}");
    assert!(first.await.is_ok() && second.await.is_ok());
}

#[tokio::test]
async fn a_long_wait_is_overloaded_too() {
    let renderer = renderer(1, 1, Duration::from_millis(1));
    let mut first = renderer.render(slow(), &[Thumb]);
    assert!((&mut first).now_or_never().is_none());
    let second = renderer.render(fixture!("progressive.jpg").to_vec(), &[Thumb]).await;
    assert!(matches!(second, Err(PictureError::Overloaded)), "{second:?}");
    assert!(first.await.is_ok());
}

#[tokio::test]
async fn a_cancelled_request_gives_its_place_back() {
    let renderer = renderer(1, 1, LONG);
    let mut first = renderer.render(slow(), &[Thumb]);
    assert!((&mut first).now_or_never().is_none());
    for _ in 0..5 {
        let mut gone = renderer.render(fixture!("progressive.jpg").to_vec(), &[Thumb]);
        assert!((&mut gone).now_or_never().is_none());
    }
    assert!(renderer.render(fixture!("progressive.jpg").to_vec(), &[Thumb]).await.is_ok());
}

#[test]
fn a_renderer_without_threads_is_refused() {
    assert!(LocalRenderer::new(RendererOptions { threads: 0, ..RendererOptions::default() }).is_err());
}
