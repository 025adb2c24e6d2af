//! Promises of the lists of submitted dossiers.

use std::sync::Arc;

use time::Duration;
use vestibule_domain::{Account, AccountId, Dossier, dossier::ReviewState};
use vestibule_ports::{QueueFilter, QueuePage, QueuePlace, Store};

use super::{
    replace_all,
    reviews::{accepted, edit, first_accepted, held, rejected, resubmitted, reviewer, submitted},
};
use crate::support::{MICROSECOND, NOW, PURGE_LIMIT, Rounds, an_account, some_accounts};

const ALL: QueuePage = QueuePage { after: None, limit: 100 };

/// The accounts of the dossiers that a filter finds, in order.
async fn listed(store: &Arc<dyn Store>, filter: QueueFilter) -> Vec<AccountId> {
    let page = store.read().dossiers().queue(filter, ALL).await.unwrap();
    assert!(!page.has_more);
    page.items.into_iter().map(|dossier| dossier.account).collect()
}

/// Each filter lists what it says, whole, the oldest submission first; a draft is in no list.
pub(crate) async fn the_queue_lists_what_its_filter_says(store: Arc<dyn Store>) {
    let ids: Vec<_> = some_accounts(&store, 9).await.iter().map(Account::id).collect();
    let (first, second) = (reviewer(1), reviewer(2));
    let dossiers = [
        submitted(ids[0], NOW + MICROSECOND),
        submitted(ids[1], NOW - MICROSECOND),
        super::full(ids[2]),
        held(ids[3], first),
        held(ids[4], second),
        first_accepted(ids[5], first),
        accepted(ids[6], first),
        rejected(ids[7], second),
        resubmitted(ids[8], first),
    ];
    replace_all(&store, &dossiers).await;
    for (filter, expected) in [
        (QueueFilter::Open, &[1, 3, 4, 5, 0, 8][..]),
        (QueueFilter::Waiting, &[1, 5, 0, 8]),
        (QueueFilter::HeldBy(first), &[3]),
        (QueueFilter::HeldBy(second), &[4]),
        (QueueFilter::HeldBy(reviewer(3)), &[]),
        (QueueFilter::In(ReviewState::Draft), &[]),
        (QueueFilter::In(ReviewState::Submitted), &[1, 5, 0]),
        (QueueFilter::In(ReviewState::InReview), &[3, 4]),
        (QueueFilter::In(ReviewState::Accepted), &[6]),
        (QueueFilter::In(ReviewState::Rejected), &[7]),
        (QueueFilter::In(ReviewState::Resubmitted), &[8]),
    ] {
        let expected: Vec<&Dossier> = expected.iter().map(|place: &usize| &dossiers[*place]).collect();
        let page = store.read().dossiers().queue(filter, ALL).await.unwrap();
        assert_eq!(page.items.iter().collect::<Vec<_>>(), expected, "{filter:?}");
        assert!(!page.has_more);
    }
}

/// A dossier leaves the lists that no longer apply to it, and all of them with its account.
pub(crate) async fn the_queue_follows_changes(store: Arc<dyn Store>) {
    let (id, by) = (an_account(&store).await, reviewer(1));
    let mut dossier = submitted(id, NOW);
    let open = QueueFilter::Open;
    replace_all(&store, std::slice::from_ref(&dossier)).await;
    assert_eq!(listed(&store, open).await, [id]);
    edit(&mut dossier, "Lyon");
    replace_all(&store, std::slice::from_ref(&dossier)).await;
    assert_eq!(listed(&store, open).await, []);
    replace_all(&store, &[held(id, by)]).await;
    assert_eq!((listed(&store, open).await, listed(&store, QueueFilter::Waiting).await), (vec![id], vec![]));
    replace_all(&store, &[accepted(id, by)]).await;
    assert_eq!((listed(&store, open).await, listed(&store, QueueFilter::HeldBy(by)).await), (vec![], vec![]));
    assert_eq!(listed(&store, QueueFilter::In(ReviewState::Accepted)).await, [id]);
    replace_all(&store, &[held(id, by)]).await;
    let mut unit = store.write().await.unwrap();
    assert!(unit.accounts().remove(id).await.unwrap());
    unit.commit().await.unwrap();
    assert_eq!((listed(&store, open).await, listed(&store, QueueFilter::HeldBy(by)).await), (vec![], vec![]));
}

/// Pages order submissions of the same moment by account, say exactly whether there is more, and continue after a place
/// whose dossier has left.
pub(crate) async fn pages_of_the_queue_run_over_submissions_of_the_same_moment(store: Arc<dyn Store>) {
    let by = reviewer(1);
    let ids: Vec<_> = some_accounts(&store, 12).await.iter().map(Account::id).collect();
    let at = |place: usize| NOW + if place < 4 { Duration::ZERO } else { MICROSECOND * i32::from(place >= 9) };
    let mut dossiers: Vec<_> = ids.iter().enumerate().map(|(place, id)| submitted(*id, at(place))).collect();
    for dossier in &mut dossiers {
        dossier.hold(by, NOW, NOW + Duration::HOUR).unwrap();
    }
    replace_all(&store, &dossiers).await;
    for filter in [QueueFilter::Open, QueueFilter::HeldBy(by), QueueFilter::In(ReviewState::InReview)] {
        for limit in [1, 5, 6, 12, 13] {
            let (mut found, mut after) = (Vec::new(), None);
            let mut pages = Rounds::at_most(ids.len(), "the pages of the queue do not come to their end");
            loop {
                pages.one_more();
                let page = store.read().dossiers().queue(filter, QueuePage { after, limit }).await.unwrap();
                assert!(page.items.len() <= limit as usize && !page.items.is_empty());
                after = page.items.last().and_then(QueuePlace::of);
                found.extend(page.items);
                assert_eq!(page.has_more, found.len() < ids.len(), "{filter:?}, {limit}, {}", found.len());
                if !page.has_more {
                    break;
                }
            }
            assert_eq!(found, dossiers, "{filter:?}, {limit}");
        }
    }
    let after = QueuePlace::of(&dossiers[5]);
    replace_all(&store, &[super::full(ids[5])]).await;
    let page = store.read().dossiers().queue(QueueFilter::Open, QueuePage { after, limit: 2 }).await.unwrap();
    assert_eq!((page.items.as_slice(), page.has_more), (&dossiers[6..8], true));
}

/// A page has at most 1000 dossiers, and none for a limit of 0.
pub(crate) async fn a_page_of_the_queue_has_at_most_a_thousand_dossiers(store: Arc<dyn Store>) {
    let accounts = some_accounts(&store, PURGE_LIMIT + 1).await;
    let dossiers: Vec<_> = accounts.iter().map(|account| submitted(account.id(), NOW)).collect();
    replace_all(&store, &dossiers).await;
    for (limit, expected) in [(u32::MAX, 1000), (1001, 1000), (1000, 1000), (0, 0)] {
        let page = QueuePage { after: None, limit };
        let page = store.read().dossiers().queue(QueueFilter::Waiting, page).await.unwrap();
        assert_eq!((page.items.len(), page.has_more), (expected, true), "{limit}");
    }
}
