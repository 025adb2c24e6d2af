//! Concurrent requests that are counted, through two servers where a store can have them: each read its clock before it
//! reached the store, and they reach it in another order.

use std::{sync::Barrier, thread};

use crate::support::{
    Account, Database, PASSWORD, Reply, Request, Server, Setup,
    contacts::{code_in, email, forgot_password, login, verify_otp},
};

/// The limits of sources are out of the way; those of accounts and codes are on.
fn start(setup: Setup, servers: usize) -> Vec<Server> {
    let setup = [
        "VESTIBULE_LIMIT_SIGN_INS_PER_MINUTE",
        "VESTIBULE_LIMIT_MAILS_PER_HOUR",
        "VESTIBULE_LIMIT_REGISTRATIONS_PER_HOUR",
    ]
    .into_iter()
    .fold(setup, |setup, limit| setup.with(limit, "500"));
    (0..servers).map(|_| setup.start()).collect()
}

/// Sends concurrent requests, to the servers in turn; returns the answers in the order of the requests.
fn at_once(servers: &[Server], requests: &[Request]) -> Vec<Reply> {
    let begin = Barrier::new(requests.len());
    thread::scope(|scope| {
        let racers: Vec<_> = requests
            .iter()
            .zip(servers.iter().cycle())
            .map(|(request, server)| {
                let begin = &begin;
                scope.spawn(move || {
                    begin.wait();
                    server.call(request)
                })
            })
            .collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    })
}

fn statuses(replies: &[Reply]) -> Vec<u16> {
    replies.iter().map(|reply| reply.status).collect()
}

/// A new account with a mailed code, and wrong codes.
fn with_code(server: &Server) -> (Account, String, Vec<String>) {
    let account = server.register(&email());
    assert_eq!(server.call(&forgot_password(&account.email)).status, 200);
    let code = code_in(server.mail_to(&account.email)["text"].as_str().unwrap());
    let wrong = (0..5).map(|number| format!("{number:06}")).filter(|wrong| *wrong != code).collect();
    (account, code, wrong)
}

/// Right passwords are never too many at once.
fn right_passwords_at_once_all_sign_in(servers: &[Server]) {
    let account = servers[0].register(&email());
    for round in 0..10 {
        let replies = at_once(servers, &vec![login(&account.email, PASSWORD); 3]);
        assert_eq!(statuses(&replies), [200; 3], "round {round}");
    }
}

/// Each wrong code is counted, even concurrent ones.
fn wrong_codes_at_once_use_a_code_up(servers: &[Server]) {
    for round in 0..10 {
        let (account, code, mut wrong) = with_code(&servers[0]);
        wrong.resize(5, "000099".to_owned());
        let tries: Vec<_> = wrong.iter().map(|wrong| verify_otp(&account.email, wrong)).collect();
        assert_eq!(statuses(&at_once(servers, &tries)), [400; 5], "round {round}");
        assert_eq!(
            servers[servers.len() - 1].call(&verify_otp(&account.email, &code)).status,
            400,
            "round {round}: the code is alive"
        );
    }
}

/// The owner is not refused because others guess at the same time.
fn a_right_code_beside_wrong_ones_is_taken(servers: &[Server]) {
    for round in 0..10 {
        let (account, code, wrong) = with_code(&servers[0]);
        let codes = [&wrong[0], &code, &wrong[1], &wrong[2]];
        let replies = at_once(servers, &codes.map(|code| verify_otp(&account.email, code)));
        assert_eq!(statuses(&replies), [400, 200, 400, 400], "round {round}");
    }
}

fn races(setup: Setup, servers: usize) {
    let servers = start(setup, servers);
    right_passwords_at_once_all_sign_in(&servers);
    wrong_codes_at_once_use_a_code_up(&servers);
    a_right_code_beside_wrong_ones_is_taken(&servers);
    for server in servers {
        server.stop();
    }
}

#[test]
fn what_comes_at_once_is_counted_right_on_one_file() {
    races(Setup::sqlite(), 1);
}

#[test]
fn what_comes_at_once_is_counted_right_on_postgres() {
    races(Setup::postgres(&Database::empty()), 2);
}
