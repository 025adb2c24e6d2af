//! The last two roots, who delete themselves at the same moment, through two dialects and two servers.

use std::thread;

use serde_json::json;

use crate::support::{Database, PASSWORD, Request, Server, Setup};

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

fn assert_one_stays(setup: &Setup) {
    let servers = [setup.start(), setup.start()];
    let mut ids = ROOTS.map(|username| create(setup, username));
    for round in 0..6 {
        let requests = [by_ego(&servers[0], ROOTS[0]), by_mern(&servers[1], ROOTS[1], &ids[1])];
        let mut statuses = thread::scope(|scope| {
            let both = [0, 1].map(|number| {
                let (server, request) = (&servers[number], &requests[number]);
                scope.spawn(move || server.call(request).status)
            });
            both.map(|one| one.join().unwrap())
        });
        let gone = statuses.iter().position(|status| *status == 200).expect("one of them can go");
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 403], "round {round}");
        let roots = setup.run(&["--json", "user", "list", "--role", "root"]).expect(0).json();
        assert_eq!(roots["users"].as_array().unwrap().len(), 1, "round {round}: {roots}");
        ids[gone] = create(setup, ROOTS[gone]);
    }
    for server in servers {
        server.stop();
    }
}

#[test]
fn one_stays_on_one_file() {
    assert_one_stays(&Setup::sqlite().unlimited());
}

#[test]
fn one_stays_on_postgres() {
    let database = Database::empty();
    assert_one_stays(&Setup::postgres(&database).unlimited());
}
