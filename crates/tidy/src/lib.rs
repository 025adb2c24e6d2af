//! The rules of the house as tests: what a reviewer would have to remember, a test remembers.
//!
//! This crate must never contain code that ships, or that another crate uses. To add a rule, add a module to
//! `tests/it`: a function from what it looks at to a list of violations, one test that runs it over the repository, and
//! tests that show that it can fail. A rule that is in the way is changed here, with a reason, never worked around.
//!
//! The example `new_store` reads the sources of the ports as the rules read the repository; `scripts/new-store` runs it.
