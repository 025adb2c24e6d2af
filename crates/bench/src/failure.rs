//! The one error of the commands.

/// What the commands fail with; it is only ever shown.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
