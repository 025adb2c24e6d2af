//! Connections that break at any byte, and a server that is killed again and again.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread::{self, sleep},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::support::{
    Connection, Cutter, Database, Dice, EventStream, Person, Request, Server, Setup, Told,
    events::Event,
    rococoins::{Side, called, whole_chat},
    within,
};

const WRITERS_A_SIDE: usize = 2;
const MESSAGES: usize = 50;
const ALL: u64 = 200;
const UNKNOWN: u64 = u64::MAX;
const RESTARTS: usize = 3;
/// The most bytes before a reader's connection is cut, about a dozen messages.
const CUT_READER: usize = 4_500;
/// The same for a writer: an answer has up to 20 000 bytes.
const CUT_WRITER: usize = 40_000;
/// Longer than all of it takes.
const LONG: Duration = Duration::from_mins(2);
/// The pause before a client returns after a refusal or a broken connection.
const PAUSE: Duration = Duration::from_millis(10);

/// What is going on.
struct Storm {
    began: Instant,
    account: String,
    to_readers: SocketAddr,
    to_writers: SocketAddr,
    /// How many messages were acknowledged.
    acknowledged: AtomicUsize,
    /// How many requests were sent again.
    repeated: AtomicUsize,
    /// How many streams were refused.
    refused: AtomicUsize,
    /// How many messages there are in the end; `UNKNOWN` before.
    total: AtomicU64,
}

impl Storm {
    fn check_time(&self) {
        assert!(self.began.elapsed() < LONG, "it takes too long");
    }

    /// Sends a request until it is answered.
    fn insist(&self, request: &Request) {
        loop {
            self.check_time();
            match Connection::open(self.to_writers).and_then(|mut connection| connection.call(request)) {
                Ok(reply) if reply.status == 200 => return,
                // A busy machine, or a server that starts or ends.
                Ok(reply) => assert_eq!(reply.status, 503, "{reply:?}"),
                Err(_) => {}
            }
            self.repeated.fetch_add(1, Ordering::SeqCst);
            sleep(PAUSE);
        }
    }

    fn write(&self, person: &Person, writer: usize) {
        for number in 0..MESSAGES {
            self.insist(&person.says(&self.account, &text(writer, number), &number_of(writer, number)));
            self.acknowledged.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Moves the cursor of a side now and then; the last place that was asked for.
    fn mark(&self, person: &Person, dice: &Dice) -> u64 {
        let mut asked = 0;
        while self.total.load(Ordering::SeqCst) == UNKNOWN {
            asked = asked.max(self.acknowledged.load(Ordering::SeqCst) as u64);
            // Also backwards, which moves nothing.
            let seq = if dice.below(4) == 0 { asked / 2 } else { asked };
            self.insist(&person.has_read(&self.account, seq));
            sleep(Duration::from_millis(20 + dice.below(80) as u64));
        }
        asked
    }

    /// Follows the chat until it has all of it, returning after each cut; returns what it received.
    fn follow(&self, person: &Person, from: Option<u64>) -> Vec<Value> {
        let mut reader = Reader { last: from, messages: Vec::new(), read: (0, 0) };
        loop {
            self.check_time();
            match EventStream::open(self.to_readers, &person.follows(&self.account, reader.last)) {
                Ok(stream) if stream.status() == 200 => {
                    if self.listen(stream, &mut reader) {
                        return reader.messages;
                    }
                }
                // Many streams of one account that are cut and not noticed yet.
                Ok(stream) => {
                    assert!(matches!(stream.status(), 429 | 503), "{}", stream.status());
                    self.refused.fetch_add(1, Ordering::SeqCst);
                }
                Err(_) => {}
            }
            sleep(PAUSE);
        }
    }

    /// Reads until the stream ends; true if nothing is to come.
    fn listen(&self, mut stream: EventStream, reader: &mut Reader) -> bool {
        let mut complete_since = None;
        loop {
            self.check_time();
            match stream.next(PAUSE) {
                Some(Told::Event(event)) => reader.take(event),
                Some(Told::End { .. }) => return false,
                Some(Told::Retry(_) | Told::Comment) | None => {}
            }
            if reader.last == Some(self.total.load(Ordering::SeqCst)) {
                // Something that comes twice would come soon.
                let since = *complete_since.get_or_insert_with(Instant::now);
                if since.elapsed() > Duration::from_millis(500) {
                    return true;
                }
            }
        }
    }
}

/// What a reader knows.
struct Reader {
    last: Option<u64>,
    messages: Vec<Value>,
    read: (u64, u64),
}

impl Reader {
    fn take(&mut self, event: Event) {
        let number = |name: &str| event.data[name].as_u64().unwrap();
        if event.name == "read" {
            let read = (number("user"), number("admin"));
            assert!(read.0 >= self.read.0 && read.1 >= self.read.1, "{read:?} after {:?}", self.read);
            self.read = read;
            return;
        }
        assert_eq!((event.name.as_str(), event.id), ("message", Some(number("seq"))), "{event:?}");
        let expected = self.last.map_or(number("seq"), |last| last + 1);
        assert_eq!(number("seq"), expected, "after {:?}", self.last);
        self.last = Some(expected);
        self.messages.push(event.data);
    }
}

fn number_of(writer: usize, number: usize) -> String {
    format!("{writer}-{number}")
}

fn text(writer: usize, number: usize) -> String {
    format!("Message {number} of writer {writer}, in one\nor two lines")
}

/// Kills the server again and again while it is used.
fn kill_and_restart(setup: &Setup, mut server: Server, storm: &Storm) -> Server {
    for restart in 1..=RESTARTS {
        let enough = restart * usize::try_from(ALL).unwrap() / (RESTARTS + 1);
        within(LONG, "messages", || (storm.acknowledged.load(Ordering::SeqCst) >= enough).then_some(()));
        server = setup.restart_after_crash(server);
    }
    within(LONG, "the last messages", || (storm.acknowledged.load(Ordering::SeqCst) as u64 == ALL).then_some(()));
    server
}

fn assert_nothing_is_lost(setup: Setup) {
    let dice = Arc::new(Dice::new());
    let setup = setup.with_staff().on_one_port();
    let server = setup.start();
    let (user, admin) = (server.customer("alice"), server.staff());
    let readers = Cutter::before(server.address(), CUT_READER, &dice);
    let writers = Cutter::before(server.address(), CUT_WRITER, &dice);
    let storm = Storm {
        began: Instant::now(),
        account: user.id.clone(),
        to_readers: readers.address(),
        to_writers: writers.address(),
        acknowledged: AtomicUsize::new(0),
        repeated: AtomicUsize::new(0),
        refused: AtomicUsize::new(0),
        total: AtomicU64::new(UNKNOWN),
    };
    let (server, heard, asked) = thread::scope(|scope| {
        let storm = &storm;
        let sides = [&user, &admin];
        let mut following: Vec<_> = [(&user, Some(0)), (&admin, Some(0)), (&user, None), (&admin, None)]
            .map(|(person, from)| scope.spawn(move || storm.follow(person, from)))
            .into();
        for writer in 0..2 * WRITERS_A_SIDE {
            scope.spawn(move || storm.write(sides[writer % 2], writer));
        }
        let marking = sides.map(|person| {
            let dice = Arc::clone(&dice);
            scope.spawn(move || storm.mark(person, &dice))
        });
        let server = kill_and_restart(&setup, server, storm);
        // Some begin when all was said, and are cut like the others.
        following.extend(sides.map(|person| scope.spawn(move || storm.follow(person, Some(0)))));
        storm.total.store(ALL, Ordering::SeqCst);
        let asked = marking.map(|marking| marking.join().unwrap());
        let heard: Vec<Vec<Value>> = following.into_iter().map(|reader| reader.join().unwrap()).collect();
        (server, heard, asked)
    });
    eprintln!(
        "{} streams and {} requests were cut, {} requests sent again, {} streams refused, in {:?}",
        readers.cuts(),
        writers.cuts(),
        storm.repeated.load(Ordering::SeqCst),
        storm.refused.load(Ordering::SeqCst),
        storm.began.elapsed()
    );
    assert!(readers.cuts() >= 100 && writers.cuts() >= 20, "too few were cut");
    assert_complete(&server, [&user, &admin], &heard);
    assert_unread(&server, [&user, &admin], asked);
    server.stop();
}

/// Each message is there once, on its side, and every reader has heard what is stored.
fn assert_complete(server: &Server, [user, admin]: [&Person; 2], heard: &[Vec<Value>]) {
    let (entries, page) = whole_chat(server, user, &user.id);
    assert_eq!(whole_chat(server, admin, &user.id).0, entries);
    let numbers: Vec<u64> = entries.iter().map(|entry| entry["seq"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=ALL).collect::<Vec<_>>());
    assert_eq!(page["lastSeq"], ALL);
    for writer in 0..2 * WRITERS_A_SIDE {
        let side = [Side::User, Side::Staff][writer % 2];
        let texts: Vec<String> = (0..MESSAGES).map(|number| text(writer, number)).collect();
        let of_writer = |text: &&str| texts.iter().any(|own| own == text);
        let stored = entries.iter().filter_map(|entry| entry[side.text()].as_str()).filter(of_writer);
        assert!(stored.eq(texts.iter()), "messages of writer {writer} are missing, there twice, or in another order");
    }
    for heard in heard {
        let first = usize::try_from(ALL).unwrap() - heard.len();
        assert!(*heard == entries[first..], "a reader has heard other messages than those that are stored");
    }
    // Only those that asked for what comes from now on may lack the beginning.
    assert_eq!(heard.iter().filter(|heard| heard.len() as u64 != ALL).count().max(2), 2);
}

/// What is unread is what the other side wrote above the cursor, wherever that is.
fn assert_unread(server: &Server, sides: [&Person; 2], asked: [u64; 2]) {
    let mut connection = server.connect();
    let account = &sides[0].id;
    let (entries, _) = whole_chat(server, sides[0], account);
    for ((person, name, other), asked) in
        [(sides[0], "user", Side::Staff), (sides[1], "admin", Side::User)].into_iter().zip(asked)
    {
        let mut check = |least: u64| {
            let page = called(&mut connection, &person.lists(account, 0)).json();
            let cursor = page["readUpTo"][name].as_u64().unwrap();
            assert!(cursor >= least, "{cursor} is before {least}");
            let unread = entries[usize::try_from(cursor).unwrap()..].iter();
            let unread = unread.filter(|entry| entry.get(other.text()).is_some()).count();
            assert_eq!(page["unread"], unread, "above {cursor}: {page}");
            called(&mut connection, &person.has_read(account, (cursor + ALL).div_ceil(2)));
            cursor
        };
        let mut cursor = asked / 2;
        while cursor < ALL {
            cursor = check(cursor);
        }
        assert_eq!(check(ALL), ALL);
    }
}

#[test]
fn chat_survives_cuts_and_crashes_on_sqlite() {
    assert_nothing_is_lost(Setup::sqlite());
}

#[test]
fn chat_survives_cuts_and_crashes_on_postgres() {
    let database = Database::empty();
    assert_nothing_is_lost(Setup::postgres(&database));
}
