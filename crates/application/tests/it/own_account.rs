//! What a signed-in account does to itself.

use vestibule_application::{
    Caller, Language,
    accounts::{AccountError, AuthenticateError, Authority, Presented},
    own_account::{ChangeOwnPassword, ChangePasswordError, RenameSelf},
};
use vestibule_domain::{AccountId, NamePart, Role};

use crate::support::{COMMON, PASSWORD, World, origin, password};

const ALICE: &str = "alice@example.com";

impl World {
    pub(crate) async fn caller(&self, account: &vestibule_domain::Account) -> Result<Caller, AuthenticateError> {
        self.app.authenticate(Presented { account: account.id(), epoch: account.epoch().into() }, origin(1)).await
    }

    /// The right of a caller to change the account of an id, as a dialect asks for it.
    pub(crate) async fn authority<'caller>(
        &self,
        caller: &'caller Caller,
        id: AccountId,
    ) -> Result<Authority<'caller>, AccountError> {
        let account = self.app.show_account(id).await?.ok_or(AccountError::NotFound)?;
        Ok(caller.authority_over(&account)?)
    }
}

#[tokio::test]
async fn a_new_password_needs_the_present_one_and_ends_earlier_tokens() {
    let world = World::unlimited();
    let account = world.register(ALICE).await.unwrap().account;
    let caller = world.caller(&account).await.unwrap();
    let change = |current: &str| ChangeOwnPassword {
        current: current.to_owned(),
        new: password("battery staple"),
        language: Language::English,
    };
    let refused = world.app.change_own_password(&caller, change("a wrong one")).await;
    assert!(matches!(refused, Err(ChangePasswordError::WrongPassword)));
    let changed = world.app.change_own_password(&caller, change(PASSWORD)).await.unwrap();
    assert!(matches!(world.caller(&account).await, Err(AuthenticateError::Revoked)));
    assert!(world.caller(&changed.account).await.is_ok());
    let late = world.app.change_own_password(&caller, change(PASSWORD)).await;
    assert!(matches!(late, Err(ChangePasswordError::SignedOut)), "a change that was begun before is refused");
}

#[tokio::test]
async fn a_part_of_a_name_leaves_the_other() {
    let world = World::unlimited();
    let account = world.register(ALICE).await.unwrap().account;
    let caller = world.caller(&account).await.unwrap();
    let first = Some(NamePart::parse("Bea").unwrap());
    let renamed = world.app.rename_self(&caller, RenameSelf { first, last: None }).await.unwrap();
    assert_eq!((renamed.name().first(), renamed.name().last()), (Some("Bea"), Some("Martin")));
}

#[tokio::test]
async fn ending_one_s_tokens_ends_the_present_one_too() {
    let world = World::unlimited();
    let account = world.register(ALICE).await.unwrap().account;
    let caller = world.caller(&account).await.unwrap();
    world.app.end_own_tokens(&caller).await.unwrap();
    assert!(matches!(world.caller(&account).await, Err(AuthenticateError::Revoked)));
}

#[tokio::test]
async fn whoever_has_power_over_others_takes_no_common_password() {
    let world = World::new();
    for (number, role) in [(1, Role::User), (2, Role::Admin), (3, Role::Root)] {
        let address = format!("{number}@example.com");
        let caller = world.caller(&world.with_account(&address, role).await).await.unwrap();
        for _ in 0..5 {
            let input =
                ChangeOwnPassword { current: PASSWORD.to_owned(), new: password(COMMON), language: Language::English };
            match (role, world.app.change_own_password(&caller, input).await) {
                (Role::User, outcome) => {
                    outcome.unwrap();
                    break;
                }
                (_, outcome) => assert!(matches!(outcome, Err(ChangePasswordError::CommonPassword(_))), "{outcome:?}"),
            }
        }
        let kept = if role == Role::User { COMMON } else { PASSWORD };
        assert!(world.sign_in(&address, kept, 2).await.is_ok(), "no guess was counted");
    }
}
