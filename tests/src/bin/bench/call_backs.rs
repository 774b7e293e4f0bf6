//! Where all principals are notified: a few listeners that answer as librvp does and watch out
//! for one wave of notifications at a time.

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tests::Failure;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::wire::{content_length, end_of_head};

/// One would do, but for the pairs of ports that a closed connection keeps for a minute.
const LISTENERS: usize = 16;

/// What librvp says: no `Content-Length`, and then it closes.
const ANSWER: &[u8] = b"HTTP/1.1 200 Successful\r\nRVP-Notifications-Version: 0.2\r\n\r\n";

/// One change that many are told.
#[derive(Debug)]
struct Wave {
    /// What its notifications have in their body.
    mark: String,
    /// The subscriptions that have been told.
    told: HashSet<String>,
    awaited: usize,
    complete: Option<oneshot::Sender<Instant>>,
}

/// The listeners.
#[derive(Debug)]
pub(crate) struct CallBacks {
    addresses: Vec<SocketAddr>,
    wave: Arc<Mutex<Option<Wave>>>,
    taken: Arc<AtomicU64>,
}

impl CallBacks {
    /// Listens.
    pub(crate) async fn listen() -> Result<Self, Failure> {
        let wave = Arc::<Mutex<Option<Wave>>>::default();
        let taken = Arc::<AtomicU64>::default();
        let mut addresses = Vec::new();
        for _ in 0..LISTENERS {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
                .await
                .map_err(Failure::io("listening for notifications"))?;
            let address = listener
                .local_addr()
                .map_err(Failure::io("asking for the own address"))?;
            addresses.push(address);
            let (wave, taken) = (wave.clone(), taken.clone());
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(take(stream, wave.clone(), taken.clone()));
                }
            });
        }
        Ok(Self {
            addresses,
            wave,
            taken,
        })
    }

    /// Where the principal at a place is notified.
    pub(crate) fn address(&self, place: usize) -> SocketAddr {
        self.addresses[place % self.addresses.len()]
    }

    /// Awaits notifications with `mark` in their body for this many different subscriptions;
    /// gives the moment at which the last was read.
    pub(crate) fn expect(&self, mark: String, awaited: usize) -> oneshot::Receiver<Instant> {
        let (complete, receiver) = oneshot::channel();
        *lock(&self.wave) = Some(Wave {
            mark,
            told: HashSet::with_capacity(awaited),
            awaited,
            complete: Some(complete),
        });
        receiver
    }

    /// How many notifications have come so far.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// How many subscriptions of the wave have been told.
    pub(crate) fn told(&self) -> usize {
        lock(&self.wave).as_ref().map_or(0, |wave| wave.told.len())
    }
}

fn lock(wave: &Mutex<Option<Wave>>) -> MutexGuard<'_, Option<Wave>> {
    wave.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes one notification.
async fn take(mut stream: TcpStream, wave: Arc<Mutex<Option<Wave>>>, taken: Arc<AtomicU64>) {
    let mut bytes = Vec::with_capacity(2048);
    let head = loop {
        if let Some(head) = end_of_head(&bytes)
            && bytes.len() >= head + content_length(&bytes[..head])
        {
            break head;
        }
        match stream.read_buf(&mut bytes).await {
            Ok(1..) => {}
            _ => return,
        }
    };
    taken.fetch_add(1, Ordering::Relaxed);
    note(&bytes, head, &wave);
    // A server that has gone meanwhile needs no answer.
    let _sent = stream.write_all(ANSWER).await;
    let _closed = stream.shutdown().await;
}

fn note(bytes: &[u8], head: usize, wave: &Mutex<Option<Wave>>) {
    let mut wave = lock(wave);
    let Some(wave) = wave.as_mut() else { return };
    let (Ok(head), Ok(body)) = (
        std::str::from_utf8(&bytes[..head]),
        std::str::from_utf8(&bytes[head..]),
    ) else {
        return;
    };
    if !body.contains(&wave.mark) {
        return;
    }
    let subscription = head
        .split("\r\n")
        .find_map(|line| line.strip_prefix("Subscription-Id: "));
    wave.told
        .insert(subscription.unwrap_or_default().to_owned());
    if wave.told.len() == wave.awaited
        && let Some(complete) = wave.complete.take()
    {
        // Nobody waits any more once the time is over.
        let _unheard = complete.send(Instant::now());
    }
}
