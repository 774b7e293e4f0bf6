//! Who speaks: NTLM on the connection, Digest on the request.

use super::answer::Answer;
use super::sender::Identity;
use crate::auth::authorization::ntlm_challenge_header;
use crate::auth::ntlm::message_type;
use crate::auth::{
    Authorization, Challenge, DigestCredentials, DigestServer, Lockout, NtlmServer, Realm, SealKey,
    Verifiers, login_alias,
};
use crate::clock::{Clock, Random};
use crate::presence::{AuthScheme, Nodes};
use parking_lot::Mutex;
use rvp::Alias;
use serde::Deserialize;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A way to sign on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// HTTP Digest.
    Digest,
    /// NTLM.
    Ntlm,
}

/// Counts refused sign-ons.
#[derive(Debug, Default)]
pub struct SignOnFailures(AtomicU32);

impl SignOnFailures {
    /// Takes the number counted since the last time.
    pub fn take(&self) -> u32 {
        self.0.swap(0, Ordering::Relaxed)
    }
}

/// NTLM's memory of one connection.
#[derive(Debug, Default)]
pub(super) struct NtlmConnection(Mutex<NtlmState>);

#[derive(Debug, Default)]
struct NtlmState {
    challenge: Option<Challenge>,
    identity: Option<Identity>,
}

/// Decides who speaks.
pub struct Authenticator {
    nodes: Arc<Nodes>,
    key: SealKey,
    realm: Realm,
    digest: DigestServer,
    ntlm: NtlmServer,
    schemes: Vec<Scheme>,
    nobody: Verifiers,
    lockout: Lockout,
    failures: Arc<SignOnFailures>,
    clock: Clock,
    random: Random,
}

/// Why somebody is refused, for the log; the client only learns that it was.
struct Refusal {
    why: String,
    stale: bool,
}

impl Authenticator {
    /// An authenticator of the accounts in `nodes`, whose verifiers are sealed under `key`.
    #[expect(
        clippy::too_many_arguments,
        reason = "built in one place, from parts that belong nowhere else"
    )]
    #[must_use]
    pub fn new(
        nodes: Arc<Nodes>,
        key: SealKey,
        realm: Realm,
        digest: DigestServer,
        ntlm: NtlmServer,
        schemes: Vec<Scheme>,
        clock: Clock,
        random: Random,
    ) -> Self {
        let nobody = Verifiers::nobody(&random.bytes());
        Self {
            nodes,
            key,
            realm,
            digest,
            ntlm,
            schemes,
            nobody,
            lockout: Lockout::new(),
            failures: Arc::default(),
            clock,
            random,
        }
    }

    /// The count of refused sign-ons.
    #[must_use]
    pub fn failures(&self) -> Arc<SignOnFailures> {
        self.failures.clone()
    }

    /// Who sent this request, or the 401 to answer with.
    #[expect(clippy::result_large_err, reason = "the answer is made once and sent")]
    pub(super) fn identify(
        &self,
        connection: &NtlmConnection,
        peer: IpAddr,
        method: &str,
        target: &str,
        authorization: Option<&str>,
    ) -> Result<Identity, Answer> {
        let Some(authorization) = authorization else {
            // NTLM proves a connection: one handshake serves all requests on it.
            let known = connection.0.lock().identity.clone();
            return match known {
                Some(identity) if self.nodes.is_enabled(&identity.alias) => Ok(identity),
                _ => Err(self.challenge("sign in to use this server", false)),
            };
        };
        let result = match Authorization::read(authorization) {
            Authorization::Digest(parameters) if self.schemes.contains(&Scheme::Digest) => {
                self.digest(peer, method, target, parameters)
            }
            Authorization::Ntlm(message) if self.schemes.contains(&Scheme::Ntlm) => {
                match message_type(&message) {
                    Some(1) => return Err(self.ntlm_challenge(connection, &message)),
                    _ => self.ntlm(connection, peer, &message),
                }
            }
            Authorization::Broken => Err(refusal("the Authorization header is not base64")),
            Authorization::Digest(_) | Authorization::Ntlm(_) => {
                Err(refusal("this way to sign in is switched off"))
            }
            Authorization::Unoffered(scheme) => Err(refusal(format!("{scheme} was not offered"))),
        };
        result.map_err(|refusal| {
            tracing::info!(%peer, method, target, reason = refusal.why, "sign-in refused");
            let text = if refusal.stale {
                "the nonce is used up: answer the new one"
            } else {
                "the name or the password is not right"
            };
            self.challenge(text, refusal.stale)
        })
    }

    /// 401 with the challenges in the only order that all clients understand: Digest first,
    /// ending in a harmless parameter, then `NTLM` alone (observed: librvp).
    fn challenge(&self, reason: &str, stale: bool) -> Answer {
        let mut challenges = Vec::with_capacity(2);
        if self.schemes.contains(&Scheme::Digest) {
            challenges.push(
                self.digest
                    .challenge(self.random.bytes(), self.clock.now_ms(), stale),
            );
        }
        if self.schemes.contains(&Scheme::Ntlm) {
            challenges.push("NTLM".to_owned());
        }
        Answer::challenge(reason, &challenges)
    }

    fn ntlm_challenge(&self, connection: &NtlmConnection, type1: &[u8]) -> Answer {
        let challenged = self
            .ntlm
            .challenge(type1, self.random.bytes(), self.clock.now_ms());
        let mut state = connection.0.lock();
        state.identity = None;
        match challenged {
            Ok((challenge, type2)) => {
                state.challenge = Some(challenge);
                Answer::challenge("go on with NTLM", &[ntlm_challenge_header(&type2)])
            }
            Err(error) => {
                state.challenge = None;
                drop(state);
                self.challenge(&error.to_string(), false)
            }
        }
    }

    fn ntlm(
        &self,
        connection: &NtlmConnection,
        peer: IpAddr,
        type3: &[u8],
    ) -> Result<Identity, Refusal> {
        // A challenge serves once, whatever comes of it.
        let challenge = {
            let mut state = connection.0.lock();
            state.identity = None;
            state.challenge.take()
        };
        let challenge = challenge.ok_or_else(|| refusal("NTLM: an answer without a challenge"))?;
        let answer = self
            .ntlm
            .read_type3(&challenge, type3)
            .map_err(|e| refusal(e.to_string()))?;
        let identity = self.check(peer, answer.alias(), AuthScheme::Ntlm, |verifiers, _| {
            let level = self.ntlm.verify(challenge, &answer, verifiers.nt_hash());
            level.map(|_| ()).map_err(|e| refusal(e.to_string()))
        })?;
        connection.0.lock().identity = Some(identity.clone());
        Ok(identity)
    }

    fn digest(
        &self,
        peer: IpAddr,
        method: &str,
        target: &str,
        parameters: &str,
    ) -> Result<Identity, Refusal> {
        let credentials =
            DigestCredentials::parse(parameters).map_err(|e| refusal(e.to_string()))?;
        let alias = login_alias(&credentials.username).to_owned();
        self.check(peer, &alias, AuthScheme::Digest, |verifiers, spelled| {
            // An unknown spelling is compared, too: with what no password fits.
            let ha1 = verifiers.ha1_for(spelled, &credentials.username, &self.realm);
            let known = ha1.is_some();
            let ha1 = ha1.unwrap_or_default();
            let verdict =
                self.digest
                    .verify(&credentials, method, target, &ha1, self.clock.now_ms());
            match verdict {
                Ok(()) if known => Ok(()),
                Ok(()) => Err(refusal("digest: this spelling of the name is not kept")),
                Err(e) => Err(Refusal {
                    stale: e.is_stale(),
                    why: e.to_string(),
                }),
            }
        })
    }

    /// Runs a proof against the account's verifiers. Unknown and disabled users take as long,
    /// and get the same answer, as those with a wrong password.
    fn check(
        &self,
        peer: IpAddr,
        name: &str,
        scheme: AuthScheme,
        prove: impl FnOnce(&Verifiers, &str) -> Result<(), Refusal>,
    ) -> Result<Identity, Refusal> {
        let now = self.clock.now_ms();
        // Nobody has failed lately: the usual case, and the quick one.
        let lock_key = (!self.lockout.is_empty()).then(|| lock_key(name, peer));
        if let Some(key) = &lock_key
            && let Err(locked) = self.lockout.check(key, now)
        {
            return Err(refusal(format!(
                "{name}: too many failures, locked out for {} s",
                locked.seconds
            )));
        }
        let known = Alias::new(name)
            .ok()
            .and_then(|alias| self.nodes.verifiers(&alias));
        let opened = known.as_ref().map(|known| self.open(known));
        let (verifiers, spelled) = match (&opened, &known) {
            (Some(Ok(verifiers)), Some(known)) => (verifiers, &*known.spelled),
            _ => (&self.nobody, name),
        };
        let proof = prove(verifiers, spelled);
        let result = match (known, opened, proof) {
            (_, _, Err(refusal)) if refusal.stale => return Err(refusal),
            (None, _, _) => Err(refusal(format!("there is no user {name}"))),
            (_, Some(Err(why)), _) => {
                tracing::error!(
                    principal = name,
                    why,
                    "the verifiers of an account cannot be read: set its password again"
                );
                Err(refusal(format!("{name}: {why}")))
            }
            (_, _, Err(Refusal { why, .. })) => Err(refusal(format!("{name}: {why}"))),
            (Some(known), _, Ok(())) if !known.enabled => {
                Err(refusal(format!("{} is disabled", known.alias)))
            }
            (Some(known), _, Ok(())) => Ok(Identity {
                alias: known.alias,
                scheme,
            }),
        };
        match &result {
            Ok(_) => lock_key.iter().for_each(|key| self.lockout.succeeded(key)),
            Err(_) => {
                self.lockout.failed(&self::lock_key(name, peer), now);
                self.failures.0.fetch_add(1, Ordering::Relaxed);
                metrics::counter!("rollcall_sign_in_refused_total", "scheme" => scheme.to_string())
                    .increment(1);
            }
        }
        result
    }

    fn open(&self, known: &crate::presence::Login) -> Result<Verifiers, &'static str> {
        let plain = self
            .key
            .open(known.alias.as_str(), &known.verifiers)
            .map_err(|_| "the verifiers do not fit the key file")?;
        Verifiers::from_bytes(&plain).map_err(|_| "the verifiers are of another version")
    }
}

/// Failures are counted by name and address, so that a stranger cannot lock others out.
fn lock_key(name: &str, peer: IpAddr) -> String {
    format!("{name}@{peer}")
}

fn refusal(why: impl Into<String>) -> Refusal {
    Refusal {
        why: why.into(),
        stale: false,
    }
}
