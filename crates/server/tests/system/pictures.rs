//! Pictures from strangers, many at once: they take little memory, and nothing waits for them.

use std::{
    thread,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use vestibule_domain::picture::PictureSize;

use crate::support::{PASSWORD, Request, Setup, contacts::email};

const MIB: usize = 1_024 * 1_024;
const SUBMISSIONS: usize = 16;

/// A PNG of noise, which no encoder makes small.
fn noise(side: u32) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()[0]
    };
    let width = usize::try_from(side).unwrap() * 3;
    let rows: Vec<u8> = (0..side).flat_map(|_| [vec![0], (0..width).map(|_| random()).collect()].concat()).collect();
    let header = [&side.to_be_bytes()[..], &side.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let chunks = [chunk(*b"IHDR", &header), chunk(*b"IDAT", &stored(&rows)), chunk(*b"IEND", &[])];
    [&b"\x89PNG\r\n\x1a\n"[..], &chunks.concat()].concat()
}

fn chunk(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    let body = [&kind[..], content].concat();
    let mut crc = u32::MAX;
    for byte in &body {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    [&u32::try_from(content.len()).unwrap().to_be_bytes()[..], &body, &(!crc).to_be_bytes()].concat()
}

/// Bytes in the format of zlib (RFC 1950), not compressed.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut blocks = bytes.chunks(0xFFFF).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap();
        out.push(u8::from(blocks.peek().is_none()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in bytes {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    out.extend((b << 16 | a).to_be_bytes());
    out
}

/// A JPEG of exactly 2 MiB: of noise, and with comments up to its size.
fn jpeg() -> Vec<u8> {
    let rendered = vestibule_pictures::render(noise(1_000), &[PictureSize::Detail]).unwrap();
    let (begin, rest) = rendered[0].bytes.split_at(2);
    let mut missing = (2 * MIB).checked_sub(rendered[0].bytes.len()).unwrap();
    let mut comments = Vec::new();
    while missing > 0 {
        let size = if missing < 0xFFFF + 2 + 4 && missing > 0xFFFF { missing / 2 } else { missing.min(0xFFFF) };
        let length = u16::try_from(size - 2).unwrap();
        comments.extend([0xFF, 0xFE]);
        comments.extend(length.to_be_bytes());
        comments.extend(vec![b' '; size - 4]);
        missing -= size;
    }
    [begin, &comments, rest].concat()
}

#[test]
fn sixteen_stories_with_large_pictures_at_once_take_less_than_200_mib_and_nobody_waits_for_them() {
    let server = Setup::sqlite().unlimited().with("VESTIBULE_BCRYPT_COST", "10").start();
    let account = server.register(&email());
    let picture = jpeg();
    assert_eq!(picture.len(), 2 * MIB);
    let uri = format!("data:image/jpeg;base64,{}", STANDARD.encode(&picture));
    let story = json!({ "details": { "name": "Alex", "pic": { "thumb": uri, "detail": uri } } });
    let request = Request::post("/profiles/submission", &story).bytes();
    let before = server.peak_memory_since_now();
    let slowest = thread::scope(|scope| {
        let stories: Vec<_> = (0..SUBMISSIONS)
            .map(|_| {
                scope.spawn(|| {
                    let mut connection = server.connect();
                    connection.send(&request).unwrap();
                    connection.reply().unwrap()
                })
            })
            .collect();
        let mut slowest = Duration::ZERO;
        while stories.iter().any(|story| !story.is_finished()) {
            let began = Instant::now();
            assert_eq!(server.login(&account.email, PASSWORD), 200);
            slowest = slowest.max(began.elapsed());
        }
        for story in stories {
            let reply = story.join().unwrap();
            assert_eq!(reply.status, 200, "{}", reply.text());
        }
        slowest
    });
    let grown = usize::try_from(server.peak_memory() - before).unwrap();
    assert!(grown < 200 * MIB, "{} MiB", grown / MIB);
    assert!(slowest < Duration::from_secs(5), "a sign-in took {slowest:?}");
    server.stop();
}

#[test]
fn a_source_that_sends_slowly_keeps_no_other_source_out() {
    let server = Setup::sqlite().unlimited().with("VESTIBULE_TRUSTED_PROXIES", "127.0.0.1").start();
    let head = "POST /profiles/submission HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.1\r\nContent-Length: 8388608\r\n\r\n{";
    // Together they announce all the room that there is.
    let mut slow: Vec<_> = (0..4)
        .map(|_| {
            let mut connection = server.connect();
            connection.send(head).unwrap();
            connection
        })
        .collect();
    // Until the first of them has its room.
    thread::sleep(Duration::from_millis(500));
    let large = "a".repeat(2 * MIB);
    let story = json!({ "details": { "name": "Alex" }, "ignored": large });
    let began = Instant::now();
    let reply = server.call(&Request::post("/profiles/submission", &story).header("X-Forwarded-For", "192.0.2.2"));
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let statuses: Vec<u16> = slow.iter_mut().map(|connection| connection.reply().unwrap().status).collect();
    // The first falls behind; the others wait for its share, for ten seconds too.
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
    assert!(statuses.contains(&400) && statuses.iter().all(|status| [400, 503].contains(status)), "{statuses:?}");
    server.stop();
}
