//! Handing a profile in, by the public.

use vestibule_domain::{Origin, Profile};

use super::{ContentEdit, ProfileError, Profiles, edit::Making};
use crate::Fault;

/// The profile to hand in.
#[derive(Debug, Clone)]
pub struct SubmitProfile {
    /// What it is made of; without a name it is refused. Its order counts for nothing.
    pub content: ContentEdit,
}

/// The right to hand in one profile: it was counted against its source.
#[derive(Debug)]
#[must_use = "it was counted"]
pub struct CountedSubmission(());

impl Profiles {
    /// Counts a profile that a source is about to hand in, before anything of it is read; so many an hour are let in.
    pub fn count_submission(&self, origin: &Origin) -> Result<CountedSubmission, Fault> {
        self.submissions.check(&origin.source)?;
        Ok(CountedSubmission(()))
    }

    /// Hands a profile in, about which a decision is then due.
    pub async fn submit(&self, _: CountedSubmission, input: SubmitProfile) -> Result<Profile, ProfileError> {
        let content = ContentEdit { order: None, ..input.content };
        self.make(Making { author: None, is_submitted: true, is_approved: false }, content).await
    }
}
