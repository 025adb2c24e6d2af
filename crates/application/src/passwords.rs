//! Which passwords an account may not have because of its rank.

use vestibule_domain::{NewPassword, PasswordRules, Role, password::is_common};

use crate::Application;

/// Whoever has power over others may not have a password that everybody guesses first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password is one of the most common ones, which an admin or root may not have")]
pub struct CommonPassword;

impl Application {
    /// What a password must look like that an operator sets, for an account of any rank.
    pub fn operator_password_rules(&self) -> PasswordRules {
        self.policy.password.refusing_common()
    }
}

/// Decides for every use case that sets a password, once it knows the account's rank.
pub(crate) fn check_for(role: Role, password: &NewPassword) -> Result<(), CommonPassword> {
    check_text_for(role, password.expose())
}

/// The same for a password as typed.
pub(crate) fn check_text_for(role: Role, password: &str) -> Result<(), CommonPassword> {
    let has_power = match role {
        Role::User => false,
        Role::Admin | Role::Root => true,
    };
    if has_power && is_common(password) { Err(CommonPassword) } else { Ok(()) }
}
