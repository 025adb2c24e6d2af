//! How far clocks are apart.

use time::Duration;

/// How far the clocks of two nodes may be apart. What is stored as further off than a rule reaches, by more than this, was
/// written by a clock that was wrong.
pub const CLOCK_SKEW: Duration = Duration::MINUTE;
