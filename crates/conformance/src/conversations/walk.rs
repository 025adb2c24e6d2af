//! A random walk, checked against a plain model.

use std::{collections::HashMap, sync::Arc};

use vestibule_domain::{
    AccountId, Conversation, Message,
    conversation::{Side, Tally},
};
use vestibule_ports::{Appended, MessageRange, RandomnessExt, Store};
use vestibule_testkit::SeededRandomness;

use super::{ALL, conversation, find, mark_read, message, named, read, unread};
use crate::support::some_accounts;

/// A conversation as a list of messages and two numbers.
#[derive(Default)]
struct Model {
    log: Vec<Message>,
    user: u64,
    staff: u64,
}

impl Model {
    fn conversation(&self) -> Option<Conversation> {
        (!self.log.is_empty()).then(|| conversation(&self.log, self.user, self.staff))
    }

    fn append(&mut self, sent: &vestibule_domain::NewMessage) -> Appended {
        let is_known = |message: &&Message| {
            message.sent.client_id.is_some()
                && (message.sent.side, &message.sent.client_id) == (sent.side, &sent.client_id)
        };
        if let Some(known) = self.log.iter().find(is_known) {
            return Appended::Known(known.clone());
        }
        let seq = u64::try_from(self.log.len()).unwrap() + 1;
        self.log.push(Message { seq, sent: sent.clone() });
        Appended::Stored(self.log[self.log.len() - 1].clone(), self.conversation().unwrap())
    }

    fn mark_read(&mut self, side: Side, seq: u64) -> Option<Conversation> {
        let last = self.log.last()?.seq;
        let cursor = match side {
            Side::User => &mut self.user,
            Side::Staff => &mut self.staff,
        };
        *cursor = seq.min(last).max(*cursor);
        self.conversation()
    }

    /// A page that goes on after a number.
    fn after(&self, after: u64, limit: u32) -> Vec<Message> {
        let rest = self.log.iter().filter(|message| message.seq > after);
        rest.take(usize::try_from(limit).unwrap()).cloned().collect()
    }
}

/// Hundreds of random verbs over a few conversations and client's ids answer as a plain model does, and end in its state.
pub(crate) async fn a_walk_at_random_does_what_a_plain_model_does(store: Arc<dyn Store>) {
    let accounts: Vec<AccountId> = some_accounts(&store, 3).await.iter().map(vestibule_domain::Account::id).collect();
    let mut models: HashMap<AccountId, Model> = accounts.iter().map(|id| (*id, Model::default())).collect();
    let chance = SeededRandomness::new(17);
    for step in 0..400 {
        let [which, verb, side, key] = chance.bytes();
        let account = accounts[usize::from(which) % accounts.len()];
        let model = models.get_mut(&account).unwrap();
        let side = if side % 2 == 0 { Side::User } else { Side::Staff };
        // Around the last message, and a little beyond it.
        let near = u64::from(key) % u64::try_from(model.log.len() + 3).unwrap();
        match verb % 8 {
            0 | 1 => {
                let sent = message(account, side, step);
                assert_eq!(store.conversations().append(&sent).await.unwrap(), model.append(&sent), "{step}");
            }
            2 | 3 => {
                let sent = named(account, side, step, &format!("id {}", key % 64));
                assert_eq!(store.conversations().append(&sent).await.unwrap(), model.append(&sent), "{step}");
            }
            4 | 5 => {
                assert_eq!(mark_read(&store, account, side, near).await, model.mark_read(side, near), "{step}");
            }
            6 => assert_eq!(find(&store, account).await, model.conversation(), "{step}"),
            _ => {
                let range = MessageRange { after: Some(near), before: None, limit: 10 };
                assert_eq!(read(&store, account, range).await, model.after(near, 10), "{step}");
            }
        }
    }
    for (account, model) in models {
        assert_eq!(read(&store, account, ALL).await, model.log);
        let found = find(&store, account).await;
        assert_eq!(found, model.conversation());
        let found = found.unwrap();
        assert_ne!(found.written, Tally::default());
        assert_eq!(found.unread(Side::User), unread(&model.log, Side::User, model.user));
        assert_eq!(found.unread(Side::Staff), unread(&model.log, Side::Staff, model.staff));
    }
}
