//! The state of the providers.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{
    FacebookGrant, Members, Misbehaviour, SigningKey, apple, facebook, google,
    keys::ClientKey,
    server::{Asked, Reply},
};

/// The state of the providers, and how they should behave.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) signing: SigningKey,
    rotations: usize,
    pub(crate) max_age: u32,
    pub(crate) misbehaviours: HashMap<String, Misbehaviour>,
    pub(crate) requests: HashMap<String, usize>,
    pub(crate) client_key: ClientKey,
    /// The grant of each token.
    pub(crate) grants: HashMap<String, FacebookGrant>,
    /// For each code ever issued, the claims of the ID token that it is exchanged for, if any.
    pub(crate) codes: HashMap<String, Option<Members>>,
    pub(crate) used_codes: HashSet<String>,
    /// The claims of the last valid client secret.
    pub(crate) last_secret: Option<Value>,
}

impl State {
    pub(crate) fn new() -> Self {
        Self {
            signing: SigningKey::numbered(0),
            rotations: 0,
            max_age: 3600,
            misbehaviours: HashMap::new(),
            requests: HashMap::new(),
            client_key: ClientKey::generate(),
            grants: HashMap::new(),
            codes: HashMap::new(),
            used_codes: HashSet::new(),
            last_secret: None,
        }
    }

    pub(crate) fn rotate(&mut self) {
        self.rotations += 1;
        self.signing = SigningKey::numbered(self.rotations);
    }

    /// Answers a request to a path.
    pub(crate) fn answer(&mut self, asked: &Asked) -> Reply {
        match (asked.method.as_str(), asked.path.as_str()) {
            ("GET", "/google/certs" | "/apple/auth/keys") => google::keys(self),
            ("GET", "/graph/debug_token") => facebook::debug_token(self, asked),
            ("GET", "/graph/me") => facebook::me(self, asked),
            ("POST", "/apple/auth/token") => apple::token(self, asked),
            _ => Reply::json(404, &serde_json::json!({ "error": "not_found" })),
        }
    }
}
