//! A way to a server on which connections break at any byte.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use super::Dice;

/// Passes bytes on in both directions and cuts each connection after a random number of them.
pub(crate) struct Cutter {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    target: SocketAddr,
    dice: Arc<Dice>,
    /// The bytes after which each connection is cut at the latest.
    most: usize,
    is_over: AtomicBool,
    cuts: AtomicUsize,
}

impl Cutter {
    pub(crate) fn before(target: SocketAddr, most: usize, dice: &Arc<Dice>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (is_over, cuts) = (AtomicBool::new(false), AtomicUsize::new(0));
        let shared = Arc::new(Shared { target, dice: Arc::clone(dice), most, is_over, cuts });
        let all = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().map(Result::unwrap) {
                if all.is_over.load(Ordering::SeqCst) {
                    return;
                }
                all.pass_on(client);
            }
        });
        Self { address, shared }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections were cut.
    pub(crate) fn cuts(&self) -> usize {
        self.shared.cuts.load(Ordering::SeqCst)
    }
}

impl Shared {
    /// One connection in four is cut soon, in the request or in the head of the answer.
    fn budget(&self) -> usize {
        let soon = self.dice.below(4) == 0;
        self.dice.below(if soon { 800.min(self.most) } else { self.most })
    }

    fn pass_on(self: &Arc<Self>, client: TcpStream) {
        // Without a server there is nothing to pass on, and the client is cut at once.
        let Ok(server) = TcpStream::connect(self.target) else { return };
        let left = Arc::new(Mutex::new(self.budget()));
        let copy = |stream: &TcpStream| stream.try_clone().unwrap();
        for (from, to) in [(copy(&client), copy(&server)), (server, client)] {
            let (shared, left) = (Arc::clone(self), Arc::clone(&left));
            thread::spawn(move || shared.carry(&from, &to, &left));
        }
    }

    fn carry(&self, mut from: &TcpStream, mut to: &TcpStream, left: &Mutex<usize>) {
        let mut buffer = [0; 4_096];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            let passed = {
                let mut left = left.lock().unwrap();
                let passed = read.min(*left);
                *left -= passed;
                passed
            };
            if to.write_all(&buffer[..passed]).is_err() {
                break;
            }
            if passed < read {
                self.cuts.fetch_add(1, Ordering::SeqCst);
                break;
            }
        }
        // The other direction ends too.
        for stream in [from, to] {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Cutter {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}
