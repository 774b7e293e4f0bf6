//! What the access log wants to know of a request, gathered while it is answered.

use super::answer::Answer;
use super::sender::Sender;
use crate::access_log::{Access, AccessLog};
use crate::clock::Clock;
use bytes::Bytes;
use http::header::USER_AGENT;
use http::request::Parts;
use std::net::IpAddr;

/// A request on its way; nothing is gathered while the log is off.
#[derive(Debug)]
pub(super) struct RequestRecord(Option<Access>);

impl RequestRecord {
    /// A request whose head has been read.
    pub(super) fn begin(log: &AccessLog, clock: &Clock, parts: &Parts, client: IpAddr) -> Self {
        Self(log.is_on().then(|| {
            let agent = parts
                .headers
                .get(USER_AGENT)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
            Access {
                at_ms: clock.now_ms(),
                client,
                user: String::new(),
                method: parts.method.to_string(),
                target: parts.uri.path().to_owned(),
                status: 0,
                sent: 0,
                received: 0,
                took_ms: 0,
                agent: agent.unwrap_or_default(),
            }
        }))
    }

    /// Its body has been read.
    pub(super) fn read(&mut self, body: &Bytes) {
        if let Some(access) = &mut self.0 {
            access.received = body.len() as u64;
        }
    }

    /// It is known who sent it.
    pub(super) fn by(&mut self, sender: &Sender) {
        if let Some(access) = &mut self.0 {
            access.user = sender.to_string();
        }
    }

    /// It has been answered.
    pub(super) fn end(self, log: &AccessLog, clock: &Clock, answer: &Answer) {
        if let Some(mut access) = self.0 {
            let now = clock.now_ms();
            access.took_ms = now - access.at_ms;
            access.at_ms = clock.wall_ms();
            access.status = answer.status.as_u16();
            access.sent = answer.body.len() as u64;
            log.note(access);
        }
    }
}
