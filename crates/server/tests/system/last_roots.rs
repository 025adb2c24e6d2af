//! The last two roots delete themselves, or each other, at the same moment, through two dialects and two servers.

use std::thread;

use serde_json::{Value, json};

use crate::support::{Database, PASSWORD, Request, Server, Setup, mern::put};

const ROOTS: [&str; 2] = ["root-one", "root-two"];

fn address(username: &str) -> String {
    format!("{username}@shop.test")
}

fn create(setup: &Setup, username: &str) -> String {
    let (who, email) = (["--username", username], address(username));
    let arguments =
        [&["--json", "user", "create", "--password-stdin", "--role", "root", "--email", &email], &who[..]].concat();
    setup.run_with_input(&arguments, PASSWORD).expect(0).json()["id"].as_str().unwrap().to_owned()
}

/// The deletion of oneself in the dialect `ego`.
fn by_ego(server: &Server, username: &str) -> Request {
    let session = server.post("/api/v1/users/ad-login", &json!({ "email": address(username), "password": PASSWORD }));
    let token = session.json()["data"]["token"]["accessToken"].as_str().unwrap().to_owned();
    Request::post("/api/v1/users/delete", &json!({})).bearer(&token)
}

/// The same in the dialect `mern`.
fn by_mern(server: &Server, username: &str, id: &str) -> Request {
    let token = server.token_of(username, PASSWORD);
    Request::get(format!("/api/users/{id}")).method("DELETE").bearer(&token)
}

/// The token of a root in the dialect `looking`.
fn looking_token(server: &Server, username: &str) -> String {
    let session = server.post("/auth/login", &json!({ "username": username, "password": PASSWORD }));
    session.json()["token"].as_str().unwrap_or_else(|| panic!("{session:?}")).to_owned()
}

/// One root removes another, or its rights.
#[derive(Debug, Clone, Copy)]
enum Blow {
    MernRemoves,
    MernDemotes,
    LookingRemoves,
    LookingStrips,
}

impl Blow {
    fn request(self, server: &Server, username: &str, other: &str) -> Request {
        match self {
            Self::MernRemoves => by_mern(server, username, other),
            Self::MernDemotes => put(&format!("/api/users/{other}"), &json!({ "role": "user" }))
                .bearer(&server.token_of(username, PASSWORD)),
            Self::LookingRemoves => {
                Request::get(format!("/users/{other}")).method("DELETE").bearer(&looking_token(server, username))
            }
            Self::LookingStrips => {
                put(&format!("/users/{other}"), &json!({ "can": [] })).bearer(&looking_token(server, username))
            }
        }
    }
}

/// Sends each request to its server at the same moment.
fn at_once(servers: &[Server], requests: &[Request; 2]) -> [u16; 2] {
    thread::scope(|scope| {
        let both = [0, 1].map(|number| {
            let (server, request) = (&servers[number % servers.len()], &requests[number]);
            scope.spawn(move || server.call(request).status)
        });
        both.map(|one| one.join().unwrap())
    })
}

fn roots(setup: &Setup) -> Vec<Value> {
    let roots = setup.run(&["--json", "user", "list", "--role", "root"]).expect(0).json();
    roots["users"].as_array().unwrap().clone()
}

fn assert_one_stays(setup: &Setup, servers: usize) {
    let servers: Vec<Server> = (0..servers).map(|_| setup.start()).collect();
    let mut ids = ROOTS.map(|username| create(setup, username));
    for round in 0..6 {
        let requests = [by_ego(&servers[0], ROOTS[0]), by_mern(&servers[servers.len() - 1], ROOTS[1], &ids[1])];
        let mut statuses = at_once(&servers, &requests);
        let gone = statuses.iter().position(|status| *status == 200).expect("one of them can go");
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 403], "round {round}");
        assert_eq!(roots(setup).len(), 1, "round {round}");
        ids[gone] = create(setup, ROOTS[gone]);
    }
    assert_one_strikes_first(setup, &servers, ids);
    for server in servers {
        server.stop();
    }
}

/// Each of the two removes the other: the second is no longer a root by then, or is told that the other is the last one.
fn assert_one_strikes_first(setup: &Setup, servers: &[Server], mut ids: [String; 2]) {
    use Blow::{LookingRemoves, LookingStrips, MernDemotes, MernRemoves};

    for blows in [
        [MernRemoves, LookingRemoves],
        [MernDemotes, LookingStrips],
        [LookingStrips, MernRemoves],
        [LookingRemoves, MernDemotes],
        [LookingStrips, LookingStrips],
        [MernDemotes, MernDemotes],
    ]
    .repeat(2)
    {
        let requests = [0, 1].map(|number| {
            let other = &ids[1 - number];
            blows[number].request(&servers[number % servers.len()], ROOTS[number], other)
        });
        let statuses = at_once(servers, &requests);
        let left = roots(setup);
        assert_eq!(left.len(), 1, "{blows:?}: {statuses:?}");
        let struck = usize::from(left[0]["username"] == ROOTS[0]);
        assert_eq!(statuses[1 - struck], 200, "{blows:?}: {statuses:?}");
        assert!([400, 401, 403, 404].contains(&statuses[struck]), "{blows:?}: {statuses:?}");
        match blows[1 - struck] {
            MernRemoves | LookingRemoves => ids[struck] = create(setup, ROOTS[struck]),
            MernDemotes | LookingStrips => {
                setup.run(&["user", "set-role", ROOTS[struck], "root"]).expect(0);
            }
        }
    }
}

#[test]
fn one_stays_on_one_file() {
    assert_one_stays(&Setup::sqlite().unlimited(), 1);
}

#[test]
fn one_stays_on_postgres() {
    let database = Database::empty();
    assert_one_stays(&Setup::postgres(&database).unlimited(), 2);
}
