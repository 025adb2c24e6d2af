//! Beginning a family, and naming its tokens.

use time::OffsetDateTime;
use vestibule_domain::{Account, FamilyId, RefreshFamily, RefreshTokenId};
use vestibule_ports::{StoreError, UnitOfWork};

use crate::Application;

/// What a refresh token is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IssuedRefresh {
    /// What tells it from all others.
    pub id: RefreshTokenId,
    /// When it was issued: the same for every retry of the use that it is the answer to.
    pub at: OffsetDateTime,
    /// From when it is of no use.
    pub expires_at: OffsetDateTime,
}

impl Application {
    /// Begins a family for an account that has just signed in.
    pub(crate) async fn begin_family(
        &self,
        unit: &mut dyn UnitOfWork,
        account: &Account,
        now: OffsetDateTime,
    ) -> Result<IssuedRefresh, StoreError> {
        let family = RefreshFamily::begin(FamilyId::new(now, self.random()), account.id(), account.subject(), now);
        unit.families().insert(&family, self.policy.refresh.per_account).await?;
        Ok(self.current_token(&family))
    }

    /// The current token of a family, the same each time it is asked for.
    pub(super) fn current_token(&self, family: &RefreshFamily) -> IssuedRefresh {
        let id = family.id.uuid();
        let key = family.last_use.and_then(|last| last.key);
        let parts = [
            id.as_bytes().as_slice(),
            &family.counter.to_be_bytes(),
            key.as_ref().map_or(&[][..], |key| key.bytes().as_slice()),
        ];
        let tag = self.ports.keyring.digest("refresh-token", &parts);
        IssuedRefresh {
            id: RefreshTokenId::new(family.id, family.counter, &tag),
            at: family.issued_at(),
            expires_at: family.expires_at(&self.policy.refresh),
        }
    }
}
