//! Promises of read cursors.

use std::sync::Arc;

use vestibule_domain::conversation::Side;
use vestibule_ports::Store;

use super::{ALL, append, conversation, filled, find, mark_read, message, read, side, tally, unread};
use crate::support::{RACERS, an_account, race, some_accounts};

/// A cursor moves to the named message, or to the last one, and never backwards; the other side's cursor stays. Unread are
/// the other side's messages above it.
pub(crate) async fn a_cursor_moves_forwards_and_no_further_than_the_last_message(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let mut log = filled(&store, account, 10).await;
    for (to, at) in [(0, 0), (3, 3), (2, 3), (0, 3), (3, 3), (7, 7), (11, 10), (5, 10), (u64::MAX, 10)] {
        let moved = mark_read(&store, account, Side::Staff, to).await;
        assert_eq!(moved, Some(conversation(&log, 0, at)), "to {to}");
        assert_eq!(find(&store, account).await, moved);
    }
    for (to, at) in [(4, 4), (1, 4), (u64::MAX, 10), (i64::MAX.cast_unsigned() + 1, 10)] {
        let moved = mark_read(&store, account, Side::User, to).await.unwrap();
        assert_eq!(moved, conversation(&log, at, 10), "to {to}");
        assert_eq!(moved.unread(Side::User), unread(&log, Side::User, at));
    }
    // A cursor that was moved past the end does not follow new messages, and an append moves no cursor.
    for (number, side) in [(11, Side::User), (12, Side::Staff)] {
        let (new, after) = append(&store, &message(account, side, number)).await;
        log.push(new);
        assert_eq!(after, conversation(&log, 10, 10));
    }
    let found = find(&store, account).await.unwrap();
    assert_eq!((found.unread(Side::User), found.unread(Side::Staff)), (1, 1));
}

/// Cursors of different conversations are independent.
pub(crate) async fn a_cursor_is_of_one_conversation(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, 2).await;
    let [one, other] = [accounts[0].id(), accounts[1].id()];
    let logs = [filled(&store, one, 3).await, filled(&store, other, 5).await];
    mark_read(&store, one, Side::User, 9).await;
    mark_read(&store, other, Side::Staff, 2).await;
    assert_eq!(find(&store, one).await, Some(conversation(&logs[0], 3, 0)));
    assert_eq!(find(&store, other).await, Some(conversation(&logs[1], 0, 2)));
}

/// When one cursor is moved many times at once, the highest position stays, with its own unread count; each move returns a
/// cursor not below its own, with the count for it.
pub(crate) async fn of_many_moves_of_a_cursor_at_once_the_highest_stays(store: Arc<dyn Store>) {
    let account = an_account(&store).await;
    let racers = u32::try_from(RACERS).unwrap();
    let log = filled(&store, account, 4 * racers).await;
    for round in 0..4 {
        let moved = race(RACERS, async |racer| {
            // Each round in another order, and both sides at once.
            let to = u64::from(racers * round + (racer * 7 + round) % racers + 1);
            let side = if racer % 2 == 0 { Side::User } else { Side::Staff };
            (side, to, mark_read(&store, account, side, to).await.unwrap())
        });
        let highest = |of| moved.iter().filter(|(side, ..)| *side == of).map(|(_, to, _)| *to).max().unwrap();
        let expected = conversation(&log, highest(Side::User), highest(Side::Staff));
        assert_eq!(find(&store, account).await, Some(expected));
        for (side, to, told) in moved {
            assert!(told.read_by(side).seq >= to, "{told:?} after a move to {to}");
            for side in [Side::User, Side::Staff] {
                assert_eq!(told.read_by(side), tally(&log, told.read_by(side).seq));
            }
        }
    }
}

/// Concurrent cursor moves and appends are all kept: none undoes another, and each returns positions with matching counts.
pub(crate) async fn moves_of_cursors_and_appends_at_once_are_all_kept(store: Arc<dyn Store>) {
    const EACH: u32 = 20;
    let account = an_account(&store).await;
    filled(&store, account, 1).await;
    let told = race(RACERS, async |racer| {
        let mut told = Vec::new();
        for number in 0..EACH {
            told.push(match racer % 4 {
                0 | 1 => append(&store, &message(account, side(racer + number), 100 * racer + number)).await.1,
                // Reads up to what was seen, or to the end.
                2 => {
                    let seen = find(&store, account).await.unwrap().last_seq();
                    let after = mark_read(&store, account, Side::User, seen).await.unwrap();
                    assert!(after.read_by_user.seq >= seen);
                    after
                }
                _ => mark_read(&store, account, Side::Staff, u64::MAX).await.unwrap(),
            });
        }
        told
    });
    let log = read(&store, account, ALL).await;
    assert_eq!(log.len(), 1 + RACERS / 2 * usize::try_from(EACH).unwrap());
    for told in told.iter().flatten() {
        for place in [told.written, told.read_by_user, told.read_by_staff] {
            assert_eq!(place, tally(&log, place.seq));
        }
    }
    for told in &told {
        for side in [Side::User, Side::Staff] {
            assert!(told.is_sorted_by_key(|told| (told.read_by(side).seq, 0)), "a cursor went backwards: {told:?}");
        }
    }
    let last = log[log.len() - 1].seq;
    for side in [Side::User, Side::Staff] {
        mark_read(&store, account, side, last).await;
    }
    assert_eq!(find(&store, account).await, Some(conversation(&log, last, last)));
}
