//! Work that takes a processor for many milliseconds: the page, the files and the import of a
//! policy of many thousand values. It is kept off the threads that answer clients.

use std::num::NonZero;
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;

/// How much of it runs at a time: half of the processors stay free for clients, and the threads
/// that the runtime has for files and look-ups are not used up.
static TURNS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    Arc::new(Semaphore::new((processors / 2).max(1)))
});

/// Does `work` on a thread for such work, when it is its turn.
pub async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    // The semaphore is never closed.
    let turn = Arc::clone(&TURNS).acquire_owned().await;
    let done = tokio::task::spawn_blocking(move || {
        // Whoever asked may be gone; the turn lasts as long as the work.
        let _turn = turn;
        work()
    });
    match done.await {
        Ok(result) => result,
        // A panic goes on where the work was asked for. A runtime that ends cancels what has not
        // begun, and with it whoever waits here.
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_ended) => std::future::pending().await,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn only_so_much_runs_at_a_time_and_all_of_it_gets_done() {
        static NOW: AtomicUsize = AtomicUsize::new(0);
        static MOST: AtomicUsize = AtomicUsize::new(0);
        let work = |number: usize| {
            move || {
                let now = NOW.fetch_add(1, Ordering::SeqCst) + 1;
                MOST.fetch_max(now, Ordering::SeqCst);
                std::thread::yield_now();
                NOW.fetch_sub(1, Ordering::SeqCst);
                number
            }
        };
        let tasks: Vec<_> = (0..100)
            .map(|n| tokio::spawn(off_thread(work(n))))
            .collect();
        for (number, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await.unwrap(), number);
        }
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        assert!(MOST.load(Ordering::SeqCst) <= (processors / 2).max(1));
    }

    #[tokio::test]
    async fn a_panic_comes_back_and_leaves_the_turn() {
        let work = || -> () { panic!("on purpose") };
        assert!(tokio::spawn(off_thread(work)).await.is_err());
        assert_eq!(off_thread(|| 7).await, 7);
    }
}
