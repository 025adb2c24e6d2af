//! Sign-ins wait for cores; everything else does not wait for them.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::support::{
    Connection, PASSWORD, Setup, assert_failed,
    contacts::{email, login, me},
};

/// How many hashes may wait, besides the one in progress.
const QUEUE: usize = 64;

#[test]
fn a_full_queue_is_told_as_such_and_others_are_served_meanwhile() {
    // Hashes so slow, on one thread, that the queue is not empty before all this is over.
    let setup = Setup::memory().unlimited().with("VESTIBULE_HASH_THREADS", "1").with("VESTIBULE_BCRYPT_COST", "12");
    let server = setup.start();
    let account = server.register(&email());
    let request = login(&account.email, PASSWORD);
    let mut connections: Vec<Connection> = (0..QUEUE + 20).map(|_| server.connect()).collect();
    for connection in &mut connections {
        connection.send(request.bytes()).unwrap();
    }
    // Long before the first of those that wait has waited for too long.
    let mut mine = server.connect();
    for _ in 0..50 {
        assert_eq!(mine.call(&me(&account.token)).unwrap().status, 200);
    }
    let statuses: Vec<u16> = thread::scope(|scope| {
        let answers: Vec<_> = connections
            .iter_mut()
            .map(|connection| {
                scope.spawn(|| {
                    let reply = connection.reply().unwrap();
                    if reply.status != 200 {
                        assert_failed(&reply, 503, "Service unavailable");
                    }
                    reply.status
                })
            })
            .collect();
        answers.into_iter().map(|answer| answer.join().unwrap()).collect()
    });
    let signed_in = statuses.iter().filter(|status| **status == 200).count();
    assert!(signed_in > 0, "nobody was signed in");
    assert!(statuses.len() - signed_in >= 19, "the queue has no end: {statuses:?}");
    assert_eq!(server.login(&account.email, PASSWORD), 200);
    server.stop();
}

#[test]
fn an_unknown_address_costs_a_hash_too() {
    // A floor under the time of a hash holds on any machine, however busy; without a hash it takes a millisecond.
    const LEAST: Duration = Duration::from_millis(25);
    let server = Setup::memory().unlimited().with("VESTIBULE_BCRYPT_COST", "12").start();
    let account = server.register(&email());
    for email in [account.email.as_str(), "nobody@shop.test", "no address at all"] {
        let began = Instant::now();
        assert_eq!(server.login(email, "wrong password"), 401);
        assert!(began.elapsed() > LEAST, "{email}: {:?}", began.elapsed());
    }
    server.stop();
}
