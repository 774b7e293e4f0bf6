//! Where passwords of administrators are hashed: on threads that may block, two at a time,
//! because each hash takes 19 MB and some 20 ms of a processor. So many may wait, and no more.

use super::admin::{HashError, hash_password, verify_password};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Hashes that are computed at the same time.
const AT_ONCE: usize = 2;
/// Hashes that may wait for their turn, some seconds' worth.
const WAITING: usize = 64;

/// Hashes passwords. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Hasher {
    slots: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

/// Why nothing was hashed.
#[derive(Debug, thiserror::Error)]
pub enum HasherError {
    /// Too many wait already.
    #[error("the server is checking as many passwords as it can: try again in a moment")]
    Busy,
    /// The hash could not be computed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The thread ended.
    #[error("the thread that hashes passwords ended: {0}")]
    Stopped(#[from] tokio::task::JoinError),
}

impl Default for Hasher {
    fn default() -> Self {
        Self {
            slots: Arc::new(Semaphore::new(AT_ONCE)),
            waiting: Arc::new(Semaphore::new(WAITING)),
        }
    }
}

impl Hasher {
    /// Whether a password fits a hash.
    ///
    /// # Errors
    /// [`HasherError::Busy`], or that the thread ended.
    pub async fn verify(&self, password: String, hash: String) -> Result<bool, HasherError> {
        let slot = self.slot().await?;
        let right = tokio::task::spawn_blocking(move || {
            let right = verify_password(&password, &hash);
            drop(slot);
            right
        });
        Ok(right.await?)
    }

    /// The hash of a password.
    ///
    /// # Errors
    /// [`HasherError`].
    pub async fn hash(&self, password: String, salt: [u8; 16]) -> Result<String, HasherError> {
        let slot = self.slot().await?;
        let hash = tokio::task::spawn_blocking(move || {
            let hash = hash_password(&password, salt);
            drop(slot);
            hash
        });
        Ok(hash.await??)
    }

    /// A place that is held until the hash is done, even if nobody waits for it any more.
    async fn slot(&self) -> Result<OwnedSemaphorePermit, HasherError> {
        if let Ok(slot) = self.slots.clone().try_acquire_owned() {
            return Ok(slot);
        }
        let _place = self.waiting.try_acquire().map_err(|_| HasherError::Busy)?;
        let slot = self.slots.clone().acquire_owned().await;
        slot.map_err(|_| HasherError::Busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::admin::DUMMY_HASH;
    use futures::future::join_all;

    #[tokio::test]
    async fn two_are_hashed_at_once_and_so_many_wait() {
        let hasher = Hasher::default();
        let held = hasher.clone().slots.acquire_many_owned(2).await.unwrap();
        let tasks: Vec<_> = (0..WAITING + 10)
            .map(|_| {
                let hasher = hasher.clone();
                // Too long to be looked at: what is tried here is the line before it.
                let password = "x".repeat(2000);
                tokio::spawn(async move { hasher.verify(password, DUMMY_HASH.into()).await })
            })
            .collect();
        while tasks.iter().filter(|it| it.is_finished()).count() < 10 {
            tokio::task::yield_now().await;
        }
        drop(held);
        let answers = join_all(tasks).await;
        let busy = answers
            .iter()
            .filter(|it| matches!(it, Ok(Err(HasherError::Busy))))
            .count();
        assert_eq!(busy, 10);
        assert_eq!(hasher.slots.available_permits(), AT_ONCE);
        assert_eq!(hasher.waiting.available_permits(), WAITING);
    }

    #[tokio::test]
    async fn a_hash_that_nobody_waits_for_keeps_its_place() {
        let hasher = Hasher::default();
        let hash = hasher.hash("correct horse".into(), [1; 16]).await.unwrap();
        let hashing = hasher.verify("correct horse".into(), hash.clone());
        drop(tokio::time::timeout(std::time::Duration::from_nanos(1), hashing).await);
        assert!(hasher.verify("correct horse".into(), hash).await.unwrap());
        while hasher.slots.available_permits() < AT_ONCE {
            tokio::task::yield_now().await;
        }
    }
}
