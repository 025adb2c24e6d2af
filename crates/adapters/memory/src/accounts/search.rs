//! Searches for accounts: every account is examined, but only as many are sorted as are requested.

use std::{cmp::Ordering, sync::Arc};

use vestibule_domain::{Account, Role};
use vestibule_ports::{AccountSearch, Found, MayDo, SortBy, SortKey, Window};

use super::{AccountTable, PAGE_LIMIT};
use crate::state::rows;

pub(super) fn search(table: &AccountTable, search: &AccountSearch, window: &Window) -> Found {
    let mut matching: Vec<&Arc<Account>> = table.by_id.values().filter(|account| matches(search, account)).collect();
    let total = rows(matching.len());
    let begin = usize::try_from(window.skip).unwrap_or(usize::MAX).min(matching.len());
    let limit = usize::try_from(window.limit.min(PAGE_LIMIT)).unwrap_or(usize::MAX);
    let end = begin.saturating_add(limit).min(matching.len());
    let order = |one: &&Arc<Account>, other: &&Arc<Account>| compare(&window.sort, one, other);
    if end < matching.len() {
        matching.select_nth_unstable_by(end, order);
        matching.truncate(end);
    }
    matching.sort_unstable_by(order);
    Found { accounts: matching.drain(begin..).map(|account| Account::clone(account)).collect(), total }
}

fn matches(search: &AccountSearch, account: &Account) -> bool {
    search.email.as_ref().is_none_or(|email| email == account.email())
        && search.username.as_ref().is_none_or(|username| Some(username) == account.username())
        && search.first_name.as_deref().is_none_or(|first| Some(first) == account.name().first())
        && search.last_name.as_deref().is_none_or(|last| Some(last) == account.name().last())
        && search.status.is_none_or(|status| status == account.status())
        && search.standing.is_none_or(|standing| standing == account.standing())
        && search.role.is_none_or(|role| role == account.role())
        && match search.may {
            None => true,
            Some(MayDo::Everything) => account.role() != Role::User,
            Some(MayDo::Permitted(permission)) => {
                account.role() >= Role::Admin || account.permissions().contains(permission)
            }
        }
}

/// Missing values sort first, texts by bytes, and otherwise equal accounts by id, ascending.
fn compare(sort: &[SortBy], one: &Account, other: &Account) -> Ordering {
    let by_keys = sort.iter().map(|by| {
        let order = match by.key {
            SortKey::Id => one.id().cmp(&other.id()),
            SortKey::Username => one.username().cmp(&other.username()),
            SortKey::Email => one.email().cmp(other.email()),
            SortKey::FirstName => one.name().first().cmp(&other.name().first()),
            SortKey::LastName => one.name().last().cmp(&other.name().last()),
            SortKey::Status => one.status().as_str().cmp(other.status().as_str()),
            SortKey::Standing => one.standing().as_str().cmp(other.standing().as_str()),
            SortKey::Role => one.role().as_str().cmp(other.role().as_str()),
            SortKey::CreatedAt => one.created_at().cmp(&other.created_at()),
            SortKey::UpdatedAt => one.updated_at().cmp(&other.updated_at()),
        };
        if by.descending { order.reverse() } else { order }
    });
    by_keys.into_iter().find(|order| order.is_ne()).unwrap_or_else(|| one.id().cmp(&other.id()))
}
