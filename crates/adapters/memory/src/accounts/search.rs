//! Searches for accounts: every account is examined, but only as many are sorted as are requested.

use std::sync::Arc;

use vestibule_domain::Account;
use vestibule_ports::{AccountSearch, Found, Window};

use super::{AccountTable, PAGE_LIMIT};
use crate::state::rows;

pub(super) fn search(table: &AccountTable, search: &AccountSearch, window: &Window) -> Found {
    let mut matching: Vec<&Arc<Account>> = table.by_id.values().filter(|account| search.fits(account)).collect();
    let total = rows(matching.len());
    let begin = usize::try_from(window.skip).unwrap_or(usize::MAX).min(matching.len());
    let limit = usize::try_from(window.limit.min(PAGE_LIMIT)).unwrap_or(usize::MAX);
    let end = begin.saturating_add(limit).min(matching.len());
    let order = |one: &&Arc<Account>, other: &&Arc<Account>| window.order(one, other);
    if end < matching.len() {
        matching.select_nth_unstable_by(end, order);
        matching.truncate(end);
    }
    matching.sort_unstable_by(order);
    Found { accounts: matching.drain(begin..).map(|account| Account::clone(account)).collect(), total }
}
