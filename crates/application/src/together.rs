//! Small calls of the store that come while others of their kind are on their way go there together: of many small statements
//! most of the work is the way there and back, beginning and committing.
//!
//! So many calls are under way at most. What comes while there are fewer goes at once, alone; nothing waits for company. When a
//! call has ended, what waits goes in one, in a task of its own, so that nothing that is cancelled takes others with it.

use std::{
    collections::HashSet,
    hash::Hash,
    mem, slice,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{runtime::Handle, sync::oneshot};
use vestibule_ports::StoreError;

/// A verb of the store that takes many.
pub(crate) trait Verb: Send + Sync + 'static {
    /// What one of them asks for.
    type Item: Send + 'static;
    /// What one of them is told.
    type Answer: Send + 'static;
    /// What no two of a call may have in common.
    type Apart: Eq + Hash;
    /// The most that go in one call.
    const MOST: usize;

    /// What an item has that no other of the same call may have; none if it does not matter.
    fn apart(item: &Self::Item) -> Option<Self::Apart>;

    /// Asks for all of them; an answer for each, in their order.
    fn call(&self, items: &[Self::Item]) -> impl Future<Output = Vec<Result<Self::Answer, StoreError>>> + Send;
}

/// How many calls may be under way of a store with so many connections; any number where it has none.
pub(crate) fn share(connections: u32, part: u32) -> usize {
    match connections {
        0 => usize::MAX,
        _ => usize::try_from(connections / part).unwrap_or(usize::MAX).max(1),
    }
}

/// The calls that are under way, and what waits.
pub(crate) struct Together<V: Verb>(Arc<Inner<V>>);

struct Inner<V: Verb> {
    verb: V,
    most_under_way: usize,
    queue: Mutex<Queue<V>>,
}

struct Queue<V: Verb> {
    under_way: usize,
    waiting: Vec<Waiting<V>>,
}

struct Waiting<V: Verb> {
    item: V::Item,
    told: oneshot::Sender<Told<V>>,
}

/// What one that has waited is told.
enum Told<V: Verb> {
    /// To go alone, now: no other waits.
    Turn(V::Item, Turn<V>),
    /// The answer.
    Answer(Result<V::Answer, StoreError>),
}

/// The right to make a call; when it is dropped, what waits has it.
struct Turn<V: Verb>(Arc<Inner<V>>);

impl<V: Verb> Together<V> {
    pub(crate) fn new(verb: V, most_under_way: usize) -> Self {
        let queue = Mutex::new(Queue { under_way: 0, waiting: Vec::new() });
        Self(Arc::new(Inner { verb, most_under_way, queue }))
    }

    /// Asks for an item, alone or with whatever else waits.
    pub(crate) async fn ask(&self, item: V::Item) -> Result<V::Answer, StoreError> {
        let told = match self.0.enter(item) {
            Ok(item) => Ok(Told::Turn(item, Turn(Arc::clone(&self.0)))),
            Err(waits) => waits.await,
        };
        match told {
            Ok(Told::Turn(item, turn)) => {
                let answer = turn.0.verb.call(slice::from_ref(&item)).await.pop();
                answer.unwrap_or(Err(StoreError::Unavailable(None)))
            }
            Ok(Told::Answer(answer)) => answer,
            // The call came to no end: the process is about to stop.
            Err(_) => Err(StoreError::Unavailable(None)),
        }
    }
}

impl<V: Verb> Inner<V> {
    /// The item back if it may go now; else where it waits.
    fn enter(&self, item: V::Item) -> Result<V::Item, oneshot::Receiver<Told<V>>> {
        let mut queue = self.queue();
        if queue.under_way < self.most_under_way {
            queue.under_way += 1;
            return Ok(item);
        }
        let (told, waits) = oneshot::channel();
        queue.waiting.push(Waiting { item, told });
        Err(waits)
    }

    /// What goes next, without what was cancelled; the turn ends if there is nothing.
    fn next(&self) -> Vec<Waiting<V>> {
        let mut queue = self.queue();
        let (mut together, mut apart) = (Vec::new(), HashSet::new());
        for waiting in mem::take(&mut queue.waiting) {
            if waiting.told.is_closed() {
                continue;
            }
            if together.len() < V::MOST && V::apart(&waiting.item).is_none_or(|key| apart.insert(key)) {
                together.push(waiting);
            } else {
                queue.waiting.push(waiting);
            }
        }
        if together.is_empty() {
            queue.under_way -= 1;
        }
        together
    }

    fn queue(&self) -> MutexGuard<'_, Queue<V>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V: Verb> Drop for Turn<V> {
    fn drop(&mut self) {
        let mut together = self.0.next();
        if together.len() > 1 {
            let turn = Self(Arc::clone(&self.0));
            // Without a runtime nothing can be asked: those that wait are told so when this ends.
            if let Ok(runtime) = Handle::try_current() {
                runtime.spawn(call(turn, together));
            }
        } else if let Some(Waiting { item, told }) = together.pop() {
            // One that was cancelled at this moment drops the turn, which passes it on.
            drop(told.send(Told::Turn(item, Self(Arc::clone(&self.0)))));
        }
    }
}

async fn call<V: Verb>(turn: Turn<V>, together: Vec<Waiting<V>>) {
    let (items, all): (Vec<_>, Vec<_>) = together.into_iter().map(|waiting| (waiting.item, waiting.told)).unzip();
    let answers = turn.0.verb.call(&items).await;
    drop(turn);
    for (told, answer) in all.into_iter().zip(answers) {
        // For one that was cancelled meanwhile it is done all the same.
        let _ = told.send(Told::Answer(answer));
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use futures_util::{FutureExt, future::join_all};
    use tokio::{
        sync::Semaphore,
        task::{JoinHandle, yield_now},
    };

    use super::*;

    /// Answers each number with itself, a call with each permit, and notes what came together.
    #[derive(Clone)]
    struct Door(Arc<State>);

    struct State {
        permits: Semaphore,
        came: Mutex<Vec<Vec<u32>>>,
        under_way: AtomicUsize,
        most_seen: AtomicUsize,
    }

    impl Door {
        fn with_permits(permits: usize) -> Self {
            let [under_way, most_seen] = [0, 0].map(AtomicUsize::new);
            Self(Arc::new(State { permits: Semaphore::new(permits), came: Mutex::default(), under_way, most_seen }))
        }

        fn open(&self, permits: usize) {
            self.0.permits.add_permits(permits);
        }

        /// How many came together each time.
        fn sizes(&self) -> Vec<usize> {
            self.0.came.lock().unwrap().iter().map(Vec::len).collect()
        }
    }

    impl Verb for Door {
        type Item = u32;
        type Answer = u32;
        type Apart = u32;
        const MOST: usize = 32;

        /// Numbers above 1000 may be alike.
        fn apart(item: &u32) -> Option<u32> {
            (*item <= 1000).then_some(*item)
        }

        async fn call(&self, items: &[u32]) -> Vec<Result<u32, StoreError>> {
            let state = &self.0;
            state.came.lock().unwrap().push(items.to_vec());
            state.most_seen.fetch_max(state.under_way.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            yield_now().await;
            state.permits.acquire().await.unwrap().forget();
            state.under_way.fetch_sub(1, Ordering::Relaxed);
            items.iter().map(|item| if *item == 13 { Err(StoreError::Busy(None)) } else { Ok(*item) }).collect()
        }
    }

    #[tokio::test]
    async fn what_comes_while_a_call_is_under_way_goes_together() {
        let door = Door::with_permits(0);
        let together = Together::new(door.clone(), 1);
        let mut all = pin!(join_all((0..10).map(|item| together.ask(item))));
        assert!((&mut all).now_or_never().is_none());
        assert_eq!(door.sizes(), [1], "the first waits for no company");
        door.open(2);
        let answers: Vec<_> = all.await.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, (0..10).collect::<Vec<_>>(), "each has its own answer");
        assert_eq!(door.sizes(), [1, 9]);
    }

    #[tokio::test]
    async fn so_many_calls_are_under_way_and_no_more() {
        let door = Door::with_permits(1000);
        let together = Together::new(door.clone(), 3);
        join_all((0..200).map(|item| together.ask(item))).await;
        assert_eq!(door.0.most_seen.load(Ordering::Relaxed), 3);
        assert_eq!(door.sizes().iter().sum::<usize>(), 200);
        assert_eq!(door.sizes()[..6], [1, 1, 1, 32, 32, 32]);
    }

    #[tokio::test]
    async fn what_must_be_apart_does_not_go_together() {
        let door = Door::with_permits(1000);
        let together = Together::new(door.clone(), 1);
        join_all([1, 2, 2, 2, 3, 2000, 2000, 2000].map(|item| together.ask(item))).await;
        assert_eq!(*door.0.came.lock().unwrap(), [vec![1], vec![2, 3, 2000, 2000, 2000], vec![2], vec![2]]);
    }

    #[tokio::test]
    async fn what_was_cancelled_while_it_waited_is_not_asked_for() {
        let door = Door::with_permits(0);
        let together = Together::new(door.clone(), 1);
        let mut first = Box::pin(together.ask(1));
        assert!((&mut first).now_or_never().is_none());
        assert!(together.ask(2).now_or_never().is_none());
        door.open(2);
        first.await.unwrap();
        together.ask(3).await.unwrap();
        assert_eq!(*door.0.came.lock().unwrap(), [[1], [3]]);
    }

    #[tokio::test]
    async fn one_that_is_cancelled_takes_no_other_with_it() {
        let door = Door::with_permits(0);
        let together = Arc::new(Together::new(door.clone(), 1));
        let spawn = |item| -> JoinHandle<_> {
            let together = Arc::clone(&together);
            tokio::spawn(async move { together.ask(item).await })
        };
        let [first, second, third, fourth] = [1, 2, 3, 4].map(spawn);
        yield_now().await;
        // The first is under way: its turn goes on to the others.
        first.abort();
        while door.sizes() != [1, 3] {
            yield_now().await;
        }
        second.abort();
        door.open(1);
        assert_eq!([third.await.unwrap().unwrap(), fourth.await.unwrap().unwrap()], [3, 4]);
        // One that has the turn alone passes it on too.
        let [fifth, sixth] = [5, 6].map(spawn);
        yield_now().await;
        fifth.abort();
        door.open(1);
        assert_eq!(sixth.await.unwrap().unwrap(), 6);
        assert_eq!(together.0.queue().under_way, 0);
    }

    #[tokio::test]
    async fn each_is_told_its_own_failure() {
        let together = Together::new(Door::with_permits(100), 1);
        for (item, answer) in (11..20).zip(join_all((11..20).map(|item| together.ask(item))).await) {
            assert_eq!(answer.is_err(), item == 13);
        }
    }

    #[tokio::test]
    async fn a_call_that_comes_to_no_end_is_told_as_a_failure_and_ends_its_turn() {
        struct Breaks;
        impl Verb for Breaks {
            type Item = u32;
            type Answer = ();
            type Apart = ();
            const MOST: usize = 32;

            fn apart(_: &u32) -> Option<()> {
                None
            }

            async fn call(&self, items: &[u32]) -> Vec<Result<(), StoreError>> {
                yield_now().await;
                assert!(items.len() == 1, "a bug");
                vec![Ok(())]
            }
        }
        let together = Together::new(Breaks, 1);
        let answers = join_all((0..3).map(|item| together.ask(item))).await;
        assert!(answers[0].is_ok() && answers[1..].iter().all(Result::is_err), "{answers:?}");
        together.ask(4).await.unwrap();
    }
}
