//! Everybody comes: signs on and sets a state first, then watches contacts, so that the load
//! is what is measured and not a storm of notifications.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tests::Failure;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::call_backs::CallBacks;
use crate::client::Client;
use crate::population::{self, Principal};

/// Principals that come at the same time.
const AT_ONCE: usize = 64;

/// How long the two parts took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Took {
    /// A connection, a 401, SUBSCRIBE and PROPPATCH each.
    pub(crate) sign_ons: Duration,
    /// A connection, a 401, and a SUBSCRIBE for each contact.
    pub(crate) watches: Duration,
}

/// Signs everybody on and has them watch their contacts; all connections are closed at the end.
pub(crate) async fn run(
    principals: &mut Arc<Vec<Principal>>,
    server: std::net::SocketAddr,
    call_backs: &Arc<CallBacks>,
) -> Result<Took, Failure> {
    let began = Instant::now();
    let listening = call_backs.clone();
    let signed_on = everybody(principals, move |all, place| {
        let call_back = listening.address(place);
        async move {
            let who = &all[place];
            let mut client = Client::connect(server).await?;
            client.meet_challenge(who).await?;
            let login = client.sign_on(who, call_back).await?;
            let view = client.set_state(who, "online", None).await?;
            Ok((place, (login, view)))
        }
    })
    .await?;
    let sign_ons = began.elapsed();
    let all = Arc::make_mut(principals);
    for (place, (login, view)) in signed_on {
        (all[place].login, all[place].view) = (login, view);
    }

    let began = Instant::now();
    let watching = everybody(principals, move |all, place| async move {
        let who = &all[place];
        let mut client = Client::connect(server).await?;
        client.meet_challenge(who).await?;
        let mut watches = Vec::with_capacity(population::CONTACTS);
        for contact in population::contacts(place, all.len()) {
            watches.push((contact, client.watch(who, &all[contact]).await?));
        }
        Ok((place, watches))
    })
    .await?;
    let watches = began.elapsed();
    let all = Arc::make_mut(principals);
    for (place, watches) in watching {
        all[place].watches = watches;
    }
    Ok(Took { sign_ons, watches })
}

/// Has everybody do something, [`AT_ONCE`] at a time; gives what each did.
pub(crate) async fn everybody<T, F>(
    principals: &Arc<Vec<Principal>>,
    act: impl Fn(Arc<Vec<Principal>>, usize) -> F + Clone + Send + 'static,
) -> Result<Vec<T>, Failure>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Failure>> + Send,
{
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (principals, next, act) = (principals.clone(), next.clone(), act.clone());
        workers.spawn(async move {
            let mut done = Vec::new();
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                if place >= principals.len() {
                    return Ok::<_, Failure>(done);
                }
                done.push(act(principals.clone(), place).await?);
            }
        });
    }
    let mut done = Vec::with_capacity(principals.len());
    while let Some(worker) = workers.join_next().await {
        let worker = worker.map_err(|error| Failure::Unexpected(error.to_string()))?;
        done.extend(worker?);
    }
    Ok(done)
}
