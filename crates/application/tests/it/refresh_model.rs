//! Refresh tokens under any course of events: a client whose answers get lost, its tabs, and a thief with copies.
//!
//! What must hold whatever happens, in any order and at any time:
//! - a family never has two tokens that both can be used;
//! - a client that is alone and sends keys is never signed out;
//! - a thief who uses a token, more than 10 s apart from the client, leaves no live token behind after the client's next
//!   refresh.

use proptest::prelude::*;
use time::Duration;
use vestibule_application::refresh::RefreshError;
use vestibule_domain::RefreshTokenId;

use crate::{refresh::ALICE, support::World};

/// What may happen next.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Time passes.
    Wait(u32),
    /// The client refreshes, and gets the answer or loses it.
    Refresh { lost: bool },
    /// Several tabs refresh with the same token, and each gets its answer.
    Tabs(u8),
    /// The thief copies the token that the client has.
    Steal,
    /// The thief uses one of the tokens that it has seen, with a key of its own or without.
    Abuse { which: u8, keyed: bool },
}

/// Whether the client names its uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keys {
    Sent,
    None,
}

/// A client: its token, and the key of the use that it has not heard of.
struct Client {
    keys: Keys,
    token: RefreshTokenId,
    unheard: Option<String>,
    uses: u32,
    signed_out: bool,
}

impl Client {
    /// The key of this use: that of the last one while its answer is unheard.
    fn key(&mut self) -> Option<String> {
        if self.keys == Keys::None {
            return None;
        }
        self.uses += 1;
        let fresh = format!("client-{}", self.uses);
        Some(self.unheard.get_or_insert(fresh).clone())
    }

    async fn refresh(&mut self, world: &World, lost: bool) {
        let key = self.key();
        match world.refresh(self.token, key.as_deref()).await {
            Ok(_) if lost => {}
            Ok(next) => {
                self.token = next;
                self.unheard = None;
            }
            Err(RefreshError::Fault(fault)) => panic!("{fault}"),
            Err(_) => self.signed_out = true,
        }
    }
}

/// A thief: every token that it has seen, and which of them it has used.
#[derive(Default)]
struct Thief {
    seen: Vec<RefreshTokenId>,
    uses: u32,
}

impl Thief {
    /// Uses a token; what it got is seen from then on.
    async fn abuse(&mut self, world: &World, which: u8, keyed: bool) -> bool {
        if self.seen.is_empty() {
            return false;
        }
        let token = self.seen[usize::from(which) % self.seen.len()];
        self.uses += 1;
        let key = keyed.then(|| format!("thief-{}", self.uses));
        match world.refresh(token, key.as_deref()).await {
            Ok(next) => {
                self.seen.push(next);
                true
            }
            Err(_) => false,
        }
    }
}

fn steps(thief: bool) -> impl Strategy<Value = Vec<Step>> {
    let honest = prop_oneof![
        (0u32..=40_000).prop_map(Step::Wait),
        any::<bool>().prop_map(|lost| Step::Refresh { lost }),
        (2u8..5).prop_map(Step::Tabs),
    ];
    let hostile = prop_oneof![
        Just(Step::Steal),
        (any::<u8>(), any::<bool>()).prop_map(|(which, keyed)| Step::Abuse { which, keyed })
    ];
    let weight = u32::from(thief) * 2;
    prop::collection::vec(prop_oneof![3 => honest, weight.max(1) => hostile], 1..40)
        .prop_map(move |steps| steps.into_iter().filter(|step| thief || !is_hostile(*step)).collect())
}

const fn is_hostile(step: Step) -> bool {
    matches!(step, Step::Steal | Step::Abuse { .. })
}

/// How many of all tokens that were ever given can still be used, each tried on the state as it is.
async fn live(world: &World, given: &[RefreshTokenId]) -> usize {
    let mut counters: Vec<u32> = Vec::new();
    for token in given {
        if let Some((family, _)) = world.store.read().families().find(token.family).await.unwrap()
            && family.counter == token.counter
        {
            counters.push(token.counter);
        }
    }
    counters.dedup();
    counters.len()
}

async fn with_client(keys: Keys) -> (World, Client) {
    let world = World::unlimited();
    world.register(ALICE).await.unwrap();
    let token = world.begin().await.1;
    (world, Client { keys, token, unheard: None, uses: 0, signed_out: false })
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(test);
}

/// Plays the steps for a client without a thief.
async fn play_alone(world: &World, client: &mut Client, steps: &[Step]) {
    for step in steps {
        match *step {
            Step::Wait(seconds) => world.advance(Duration::seconds(seconds.into())),
            Step::Refresh { lost } => client.refresh(world, lost).await,
            Step::Tabs(tabs) => {
                let (token, key) = (client.token, client.key());
                let mut answers = Vec::new();
                for _ in 0..tabs {
                    answers.push(world.refresh(token, key.as_deref()).await);
                }
                let Ok(first) = answers[0] else {
                    client.signed_out = true;
                    continue;
                };
                assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|next| *next == first)));
                (client.token, client.unheard) = (first, None);
            }
            Step::Steal | Step::Abuse { .. } => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Waits add up to less than the 7 days of an idle family between two refreshes, and to less than 30 days in all, or
    /// the family would end of old age.
    #[test]
    fn a_client_alone_that_sends_keys_is_never_signed_out(steps in steps(false)) {
        run(async {
            let (world, mut client) = with_client(Keys::Sent).await;
            let waited: u32 = steps.iter().map(|step| if let Step::Wait(seconds) = step { *seconds } else { 0 }).sum();
            if waited < 600_000 {
                play_alone(&world, &mut client, &steps).await;
                assert!(!client.signed_out);
                client.refresh(&world, false).await;
                assert!(!client.signed_out);
            }
        });
    }

    #[test]
    fn a_client_alone_without_keys_is_signed_out_only_after_a_lost_answer(steps in steps(false)) {
        run(async {
            let (world, mut client) = with_client(Keys::None).await;
            let waited: u32 = steps.iter().map(|step| if let Step::Wait(seconds) = step { *seconds } else { 0 }).sum();
            let loses = steps.iter().any(|step| matches!(step, Step::Refresh { lost: true }));
            if waited < 600_000 && !loses {
                play_alone(&world, &mut client, &steps).await;
                assert!(!client.signed_out);
            }
        });
    }

    #[test]
    fn a_family_never_has_two_live_tokens(steps in steps(true), keyed in any::<bool>()) {
        run(async {
            let (world, mut client) = with_client(if keyed { Keys::Sent } else { Keys::None }).await;
            let mut thief = Thief::default();
            let mut given = vec![client.token];
            for step in &steps {
                match *step {
                    Step::Steal => thief.seen.push(client.token),
                    Step::Abuse { which, keyed } => {
                        thief.abuse(&world, which, keyed).await;
                    }
                    honest => play_alone(&world, &mut client, &[honest]).await,
                }
                given.push(client.token);
                given.extend(thief.seen.last());
                assert!(live(&world, &given).await <= 1);
            }
        });
    }

    #[test]
    fn after_a_theft_the_client_s_next_refresh_leaves_no_live_token(
        before in steps(false),
        keyed in any::<bool>(),
        thief_keyed in any::<bool>(),
        stolen_before_use in any::<bool>(),
        uses in 1u8..4,
    ) {
        run(async {
            let (world, mut client) = with_client(if keyed { Keys::Sent } else { Keys::None }).await;
            play_alone(&world, &mut client, &before).await;
            let mut thief = Thief { seen: vec![client.token], uses: 0 };
            if !stolen_before_use {
                client.refresh(&world, false).await;
            }
            world.advance(Duration::seconds(11));
            for _ in 0..uses {
                let newest = u8::try_from(thief.seen.len() - 1).unwrap();
                thief.abuse(&world, newest, thief_keyed).await;
                world.advance(Duration::seconds(11));
            }
            client.refresh(&world, false).await;
            assert!(world.store.read().families().find(client.token.family).await.unwrap().is_none());
            for token in thief.seen.iter().chain([&client.token]) {
                assert!(world.refresh(*token, None).await.is_err());
            }
        });
    }
}
