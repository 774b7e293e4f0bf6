//! Counting requests: the handles are kept, because looking one up costs more than counting.

use http::{Method, StatusCode};
use metrics::Counter;
use std::array;
use std::sync::OnceLock;

/// The methods that are told apart; strangers must not make up new ones.
const METHODS: [&str; 8] = [
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "SUBSCRIPTIONS",
    "PROPFIND",
    "PROPPATCH",
    "NOTIFY",
    "ACL",
    "other",
];

/// The statuses that are told apart; 0 is any other.
const STATUSES: [u16; 12] = [200, 207, 400, 401, 403, 404, 405, 408, 412, 413, 500, 0];

/// Counters of requests, by method and status.
pub struct RequestCounters([[OnceLock<Counter>; STATUSES.len()]; METHODS.len()]);

impl Default for RequestCounters {
    fn default() -> Self {
        Self(array::from_fn(|_| array::from_fn(|_| OnceLock::new())))
    }
}

impl RequestCounters {
    /// Counts a request.
    pub(super) fn count(&self, method: &Method, status: StatusCode) {
        let method = place(&METHODS, &method.as_str());
        let status = place(&STATUSES, &status.as_u16());
        let counter = self.0[method][status].get_or_init(|| {
            let status = match STATUSES[status] {
                0 => "other".to_owned(),
                status => status.to_string(),
            };
            metrics::counter!("rollcall_requests_total", "method" => METHODS[method], "status" => status)
        });
        counter.increment(1);
    }
}

/// Where it stands; the last place stands for all others.
fn place<T: PartialEq>(known: &[T], it: &T) -> usize {
    known
        .iter()
        .position(|k| k == it)
        .unwrap_or(known.len() - 1)
}
