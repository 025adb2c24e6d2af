//! The tolerated clock skew.

use time::Duration;

/// How far the clocks of two nodes may differ. A stored time that lies further ahead than a rule reaches plus this was
/// written by a clock that was wrong.
pub const CLOCK_SKEW: Duration = Duration::MINUTE;
