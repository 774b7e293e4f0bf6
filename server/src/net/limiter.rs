//! How many connections are open: in all, and from one address.

use crate::network::one;
use ipnet::IpNet;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Counts connections.
#[derive(Debug)]
pub(crate) struct ConnectionLimiter {
    free: Arc<Semaphore>,
    per_address: usize,
    /// Who comes from there speaks for many.
    proxies: Arc<[IpNet]>,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// A connection that was let in; dropped when it ends.
#[derive(Debug)]
pub(crate) struct Admitted {
    limiter: Arc<ConnectionLimiter>,
    /// The address that it counts for.
    address: Option<IpAddr>,
    _place: OwnedSemaphorePermit,
}

impl ConnectionLimiter {
    /// Room for so many connections, and for so many of one address that is none of `proxies`.
    pub(crate) fn new(connections: usize, per_address: usize, proxies: Arc<[IpNet]>) -> Self {
        Self {
            free: Arc::new(Semaphore::new(connections)),
            per_address,
            proxies,
            open: Mutex::default(),
        }
    }

    /// Waits until there is room for one connection more. Meanwhile the system keeps those who
    /// connect waiting, which is better than an end they cannot explain.
    pub(crate) async fn room(&self) -> Option<OwnedSemaphorePermit> {
        self.free.clone().acquire_owned().await.ok()
    }

    /// As [`Self::room`], for who does not wait.
    pub(crate) fn room_now(&self) -> Option<OwnedSemaphorePermit> {
        self.free.clone().try_acquire_owned().ok()
    }

    /// Lets a connection in, unless its address has too many.
    pub(crate) fn admit(
        self: &Arc<Self>,
        address: IpAddr,
        place: OwnedSemaphorePermit,
    ) -> Option<Admitted> {
        let plain = address.to_canonical();
        let address = (!self.proxies.iter().any(|it| it.contains(&plain))).then(|| one(address));
        if let Some(address) = address {
            let mut open = self.open.lock();
            let here = open.entry(address).or_default();
            if *here >= self.per_address {
                return None;
            }
            *here += 1;
        }
        Some(Admitted {
            limiter: self.clone(),
            address,
            _place: place,
        })
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let Some(address) = self.address else { return };
        let mut open = self.limiter.open.lock();
        if let Some(here) = open.get_mut(&address) {
            *here -= 1;
            if *here == 0 {
                open.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn an_address_has_so_many_and_gets_them_back() {
        let limiter = Arc::new(ConnectionLimiter::new(10, 2, Arc::default()));
        let mut admitted = Vec::new();
        for _ in 0..2 {
            let place = limiter.room().await.unwrap();
            admitted.push(limiter.admit(ip("10.0.0.1"), place).unwrap());
        }
        let place = limiter.room().await.unwrap();
        assert!(limiter.admit(ip("::ffff:10.0.0.1"), place).is_none());
        let place = limiter.room().await.unwrap();
        let other = limiter.admit(ip("10.0.0.2"), place);
        assert!(other.is_some(), "others are not held to account");
        admitted.clear();
        drop(other);
        assert!(limiter.open.lock().is_empty(), "nobody is remembered");
        assert_eq!(limiter.free.available_permits(), 10);
    }

    #[tokio::test]
    async fn a_proxy_speaks_for_many() {
        let proxies: Arc<[IpNet]> = Arc::new(["10.0.0.0/24".parse().unwrap()]);
        let limiter = Arc::new(ConnectionLimiter::new(5, 1, proxies));
        let mut admitted = Vec::new();
        for address in ["10.0.0.1", "10.0.0.1", "::ffff:10.0.0.1", "10.0.1.1"] {
            let place = limiter.room_now().unwrap();
            admitted.push(limiter.admit(ip(address), place).unwrap());
        }
        let place = limiter.room_now().unwrap();
        assert!(limiter.admit(ip("10.0.1.1"), place).is_none());
        let place = limiter.room_now().unwrap();
        admitted.push(limiter.admit(ip("10.0.0.1"), place).unwrap());
        assert!(
            limiter.room_now().is_none(),
            "there is no more room for it than for all"
        );
        admitted.clear();
        assert!(limiter.open.lock().is_empty());
    }

    #[tokio::test]
    async fn whoever_comes_to_a_full_house_waits() {
        let limiter = Arc::new(ConnectionLimiter::new(1, 2, Arc::default()));
        let place = limiter.room().await.unwrap();
        let admitted = limiter.admit(ip("10.0.0.1"), place);
        let wait = std::time::Duration::from_millis(20);
        assert!(tokio::time::timeout(wait, limiter.room()).await.is_err());
        drop(admitted);
        assert!(tokio::time::timeout(wait, limiter.room()).await.is_ok());
    }
}
