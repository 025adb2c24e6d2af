//! A crash at any moment loses nothing that was acknowledged.

use std::{
    fs,
    sync::mpsc::{Sender, channel},
    thread,
};

use crate::support::{
    Account, Database, PASSWORD, PATIENCE, Server, Setup,
    contacts::{email, forgot_password, registration},
};

const CLIENTS: usize = 8;
const ENOUGH: usize = 40;

/// What a client was told.
enum Acknowledged {
    Registered(Account),
    Mailed(String),
}

/// Registers accounts and asks for codes until the server has gone.
fn use_it(server: &Server, acknowledged: &Sender<Acknowledged>) {
    loop {
        let Ok(reply) = server.try_call(&registration(&email())) else { return };
        assert_eq!(reply.status, 201, "{reply:?}");
        let account = Account::from_reply(&reply);
        let address = account.email.clone();
        acknowledged.send(Acknowledged::Registered(account)).unwrap();
        let Ok(reply) = server.try_call(&forgot_password(&address)) else { return };
        assert_eq!(reply.status, 200, "{reply:?}");
        acknowledged.send(Acknowledged::Mailed(address)).unwrap();
    }
}

/// Kills the server while it is used, and gives all that it acknowledged.
fn storm(mut server: Server) -> Vec<Acknowledged> {
    let (sender, receiver) = channel();
    let mut acknowledged: Vec<Acknowledged> = Vec::new();
    thread::scope(|scope| {
        for sender in vec![sender; CLIENTS] {
            let server = &server;
            scope.spawn(move || use_it(server, &sender));
        }
        acknowledged.extend(receiver.iter().take(ENOUGH));
        server.kill();
    });
    server.wait(PATIENCE);
    acknowledged.extend(receiver.try_iter());
    acknowledged
}

fn assert_nothing_is_lost(setup: &Setup) {
    let acknowledged = storm(setup.start());
    let server = setup.start();
    let mut accounts = Vec::new();
    for acknowledged in acknowledged {
        match acknowledged {
            Acknowledged::Registered(account) => {
                assert_eq!(server.me(&account.token), 200, "{account:?}");
                accounts.push(account);
            }
            Acknowledged::Mailed(address) => assert_eq!(server.mail_to(&address)["to"], address.as_str()),
        }
    }
    for account in accounts.iter().rev().take(CLIENTS) {
        assert_eq!(server.login(&account.email, PASSWORD), 200, "{account:?}");
    }
    server.stop();
}

#[test]
fn a_crash_loses_nothing_acknowledged_on_sqlite() {
    let setup = Setup::sqlite().unlimited();
    let secret = |server: Server| {
        server.stop();
        fs::read_to_string(setup.data_dir().join("secret")).unwrap()
    };
    let before = secret(setup.start());
    assert_nothing_is_lost(&setup);
    assert_eq!(secret(setup.start()), before);
}

#[test]
fn a_crash_loses_nothing_acknowledged_on_postgres() {
    let database = Database::empty();
    assert_nothing_is_lost(&Setup::postgres(&database).unlimited());
}
