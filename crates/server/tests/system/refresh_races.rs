//! Refresh tokens used at the same moment, by tabs, clients with lost answers and thieves, on every store, where it can be
//! shared through two servers.

use std::{collections::HashSet, thread};

use serde_json::json;

use crate::support::{Database, Reply, Request, Server, Setup};

const ROOT: &str = "root@shop.test";
const ROOT_PASSWORD: &str = "a password for the root";
const USERS: &str = "/api/v1/users";
/// How many use a token at once.
const RACERS: usize = 12;

/// The same system, behind one door or several.
struct System(Vec<Server>);

impl System {
    fn start(setup: Setup, servers: usize) -> Self {
        let setup = setup.unlimited().with("VESTIBULE_ROOT_EMAIL", ROOT).with("VESTIBULE_ROOT_PASSWORD", ROOT_PASSWORD);
        Self((0..servers).map(|_| setup.start()).collect())
    }

    fn door(&self, number: usize) -> &Server {
        &self.0[number % self.0.len()]
    }

    /// The refresh token of a new session.
    fn sign_in(&self) -> String {
        let body = json!({ "email": ROOT, "password": ROOT_PASSWORD });
        successor(&self.door(0).post(&format!("{USERS}/login"), &body)).expect("a session")
    }

    /// Uses a token at one of the doors.
    fn refresh(&self, door: usize, token: &str, key: Option<&str>) -> Option<String> {
        let request = Request::post(format!("{USERS}/refresh-token"), &json!({ "refreshToken": token }));
        let request = match key {
            Some(key) => request.header("Idempotency-Key", key),
            None => request,
        };
        successor(&self.door(door).call(&request))
    }

    /// Uses a token many times at one moment, at all doors; the key is made of the number of the racer.
    fn race(&self, token: &str, key: impl Fn(usize) -> Option<String> + Sync) -> Vec<Option<String>> {
        let one = |racer: usize| self.refresh(racer, token, key(racer).as_deref());
        thread::scope(|scope| {
            let racers: Vec<_> = (0..RACERS).map(|racer| scope.spawn(move || one(racer))).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        })
    }

    fn stop(self) {
        for server in self.0 {
            server.stop();
        }
    }
}

/// The refresh token of an answer, none if the token was refused; nothing else may be answered.
fn successor(reply: &Reply) -> Option<String> {
    match reply.status {
        200 => Some(reply.json()["data"]["token"]["refreshToken"].as_str().unwrap().to_owned()),
        401 => None,
        _ => panic!("{reply:?}"),
    }
}

/// Tabs that refresh at once, with one key or with none, all go on with one successor, time after time.
fn tabs_go_on_together(system: &System) {
    for keyed in [true, false] {
        let mut token = system.sign_in();
        for round in 0..10 {
            let answers: HashSet<_> =
                system.race(&token, |_| keyed.then(|| format!("round {round}"))).into_iter().collect();
            assert_eq!(answers.len(), 1, "round {round}: {answers:?}");
            token = answers.into_iter().next().flatten().expect("nobody is signed out");
        }
    }
}

/// When uses have different keys, one succeeds, but not for long: the others show that there are copies.
fn copies_end_the_session(system: &System) {
    for round in 0..5 {
        let token = system.sign_in();
        let answers = system.race(&token, |racer| Some(format!("racer {racer}")));
        let successors: Vec<_> = answers.into_iter().flatten().collect();
        assert_eq!(successors.len(), 1, "round {round}");
        assert_eq!(system.refresh(round, &successors[0], Some("next")), None, "round {round}");
    }
}

/// Clients that lose answers, retry at another door and open tabs are never signed out as long as they send keys; a
/// copy that is used ends the session of its client, and no other.
fn clients_beside_each_other_are_in_nobodys_way(system: &System) {
    thread::scope(|scope| {
        for client in 0..8 {
            scope.spawn(move || {
                let first = system.sign_in();
                let mut token = first.clone();
                for step in 0..20 {
                    let key = format!("step {step}");
                    let next = match (step * 7 + client * 3) % 4 {
                        // The answer is lost.
                        0 => {
                            system.refresh(step, &token, Some(&key));
                            system.refresh(step + 1, &token, Some(&key))
                        }
                        // Two tabs.
                        1 => {
                            let other = scope.spawn({
                                let (token, key) = (token.clone(), key.clone());
                                move || system.refresh(step + 1, &token, Some(&key))
                            });
                            let next = system.refresh(step, &token, Some(&key));
                            assert_eq!(other.join().unwrap(), next);
                            next
                        }
                        _ => system.refresh(step, &token, Some(&key)),
                    };
                    token = next.expect("a client that sends keys is not signed out");
                }
                if client % 2 == 0 {
                    assert_eq!(system.refresh(0, &first, Some("a thief")), None);
                    assert_eq!(system.refresh(1, &token, Some("last")), None, "the copy was found out");
                } else {
                    assert!(system.refresh(1, &token, Some("last")).is_some());
                }
            });
        }
    });
}

fn play(system: System) {
    tabs_go_on_together(&system);
    copies_end_the_session(&system);
    clients_beside_each_other_are_in_nobodys_way(&system);
    system.stop();
}

#[test]
fn uses_at_one_moment_keep_the_rule_in_memory() {
    play(System::start(Setup::memory(), 1));
}

#[test]
fn uses_at_one_moment_keep_the_rule_on_one_file() {
    play(System::start(Setup::sqlite(), 1));
}

#[test]
fn uses_at_one_moment_keep_the_rule_through_two_servers_on_postgres() {
    let database = Database::empty();
    play(System::start(Setup::postgres(&database), 2));
}
