//! The renderer.

use std::{fmt, io, time::Duration};

use async_trait::async_trait;
use vestibule_background::{NotDone, Pool, Turns};
use vestibule_domain::picture::PictureSize;
use vestibule_ports::{PictureError, PictureRenderer, RenderedPicture};

use crate::rendering::{check, render};

/// How many pictures to render at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RendererOptions {
    /// How many are rendered at once. Each takes a core and up to 200 MiB.
    pub threads: usize,
    /// How many may wait, with up to 5 MiB each; further ones are refused at once.
    pub queue: usize,
    /// How long a picture may wait before it is refused.
    pub max_wait: Duration,
}

impl Default for RendererOptions {
    /// Two at once, 32 waiting for at most ten seconds.
    fn default() -> Self {
        Self { threads: 2, queue: 32, max_wait: Duration::from_secs(10) }
    }
}

/// Renders pictures in this process, on its own low-priority threads, which end when it is dropped.
///
/// Needs a tokio runtime with time.
pub struct LocalRenderer {
    pool: Pool,
}

impl LocalRenderer {
    /// Starts the threads; an error for no thread, or if the system gives no more of them.
    pub fn new(options: RendererOptions) -> io::Result<Self> {
        let RendererOptions { threads, queue, max_wait } = options;
        if threads == 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("cannot render with {options:?}")));
        }
        Ok(Self { pool: Pool::start("pictures", Turns::new(threads, queue, max_wait))? })
    }
}

#[async_trait]
impl PictureRenderer for LocalRenderer {
    async fn render(&self, encoded: Vec<u8>, sizes: &[PictureSize]) -> Result<Vec<RenderedPicture>, PictureError> {
        // Pictures that will be refused do not wait for a turn.
        check(&encoded)?;
        let sizes = sizes.to_vec();
        self.pool.run(move || render(encoded, &sizes)).await.map_err(|why| match why {
            NotDone::Overloaded => PictureError::Overloaded,
            NotDone::Lost => PictureError::Failed("the rendering job was lost".into()),
        })?
    }
}

impl fmt::Debug for LocalRenderer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalRenderer").finish_non_exhaustive()
    }
}
