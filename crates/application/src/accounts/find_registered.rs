//! Telling which of a caller's contacts have an account.

use std::collections::{HashMap, HashSet};

use vestibule_domain::{Account, AccountId, EmailAddress};

use crate::{Caller, Fault, Identity};

/// The contacts to look for.
#[derive(Debug)]
pub struct FindRegistered {
    /// Texts as the client has them; what is not an address matches nobody.
    pub identifiers: Vec<String>,
}

/// A contact that has an active account.
#[derive(Debug, PartialEq, Eq)]
pub struct RegisteredAccount {
    /// The text as the client sent it.
    pub identifier: String,
    pub id: AccountId,
    /// The owner's full name.
    pub full_name: String,
}

impl Identity {
    /// Finds the active accounts of exactly these addresses, in the order of the request, each text once.
    pub async fn find_registered(
        &self,
        caller: &Caller,
        input: FindRegistered,
    ) -> Result<Vec<RegisteredAccount>, Fault> {
        self.limits.look_up(caller.id(), input.identifiers.len())?;
        let mut seen = HashSet::new();
        let contacts: Vec<(String, EmailAddress)> = input
            .identifiers
            .into_iter()
            .filter(|text| seen.insert(text.clone()))
            .filter_map(|text| EmailAddress::parse(&text).ok().map(|email| (text, email)))
            .collect();
        let emails: HashSet<EmailAddress> = contacts.iter().map(|(_, email)| email.clone()).collect();
        let emails: Vec<EmailAddress> = emails.into_iter().collect();
        let found = match emails.as_slice() {
            [] => Vec::new(),
            emails => self.core.read().accounts().find_by_emails(emails).await?,
        };
        let found: HashMap<&EmailAddress, &Account> =
            found.iter().filter(|account| account.is_active()).map(|account| (account.email(), account)).collect();
        let registered = contacts.into_iter().filter_map(|(identifier, email)| {
            let account = found.get(&email)?;
            Some(RegisteredAccount { identifier, id: account.id(), full_name: account.name().full() })
        });
        Ok(registered.collect())
    }
}
