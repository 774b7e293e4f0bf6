//! Who speaks: NTLM on the connection, Digest on the request.

use super::answer::Answer;
use super::sender::Identity;
use crate::auth::authorization::ntlm_challenge_header;
use crate::auth::ntlm::message_type;
use crate::auth::{
    Authorization, Challenge, DigestCredentials, DigestRefusal, DigestServer, LockedOut, Name,
    NtlmRefusal, NtlmServer, Realm, Scheme, SealKey, Throttle, Verifiers, exact_account,
    meant_account,
};
use crate::clock::{Clock, Random};
use crate::events::Happening;
use crate::presence::Nodes;
use parking_lot::Mutex;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// How much of a name that somebody made up is told, in characters.
const MAX_NAME: usize = 256;

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
    throttle: Arc<Throttle>,
    failures: Arc<SignOnFailures>,
    clock: Clock,
    random: Random,
}

/// Why somebody is refused, for the log; the client only learns that it was, and for how long.
struct Refusal {
    why: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It proves nothing, and says nothing about the password either.
    NoGuess,
    /// A password, or a name, that is not right.
    Guess,
    /// The password is right, the nonce is used up.
    Stale,
    /// It was not looked at.
    Closed(LockedOut),
}

impl Authenticator {
    /// An authenticator of the accounts in `nodes`, whose verifiers are sealed under `key`;
    /// `throttle` slows guesses down.
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
        throttle: Arc<Throttle>,
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
            throttle,
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
    pub(super) async fn identify(
        &self,
        connection: &NtlmConnection,
        peer: IpAddr,
        method: &str,
        target: &str,
        authorization: Option<&[u8]>,
    ) -> Result<Identity, Answer> {
        let Some(authorization) = authorization else {
            // NTLM proves a connection: one handshake serves all requests on it.
            let known = connection.0.lock().identity.clone();
            return match known {
                Some(it) if self.nodes.is_current(&it.alias, it.generation) => Ok(it),
                _ => Err(self.challenge("sign in to use this server", false)),
            };
        };
        let result = match Authorization::read(authorization) {
            Authorization::Digest(parameters) if self.schemes.contains(&Scheme::Digest) => {
                self.digest(peer, method, target, parameters).await
            }
            Authorization::Ntlm(message) if self.schemes.contains(&Scheme::Ntlm) => {
                match message_type(&message) {
                    Some(1) => return Err(self.ntlm_challenge(connection, &message)),
                    _ => self.ntlm(connection, peer, &message).await,
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
            match refusal.kind {
                Kind::Stale => self.challenge("the nonce is used up: answer the new one", true),
                Kind::Closed(locked) => self.challenge(&locked.to_string(), false),
                Kind::Guess | Kind::NoGuess => {
                    self.challenge("the name or the password is not right", false)
                }
            }
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

    async fn ntlm(
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
            .map_err(ntlm_refusal)?;
        let prove = |verifiers: &Verifiers, _: &str| {
            let level = self.ntlm.verify(challenge, &answer, verifiers.nt_hash());
            level.map(|_| ()).map_err(ntlm_refusal)
        };
        let identity = self.check(peer, &answer.user, Scheme::Ntlm, prove).await?;
        connection.0.lock().identity = Some(identity.clone());
        Ok(identity)
    }

    async fn digest(
        &self,
        peer: IpAddr,
        method: &str,
        target: &str,
        parameters: &[u8],
    ) -> Result<Identity, Refusal> {
        let credentials = DigestCredentials::parse(parameters).map_err(digest_refusal)?;
        let name = &credentials.username;
        let prove = |verifiers: &Verifiers, spelled: &str| {
            // An unknown spelling is compared, too: with what no password fits.
            let ha1s = [
                verifiers.ha1_for(spelled, name, &self.realm),
                verifiers.latin_1_ha1_for(spelled, name, &self.realm),
            ];
            let mut verdict = Err(DigestRefusal::WrongResponse);
            for ha1 in ha1s {
                let now = self.clock.now_ms();
                let known = ha1.is_some();
                let ha1 = ha1.unwrap_or_default();
                verdict = self.digest.verify(&credentials, method, target, &ha1, now);
                match verdict {
                    Ok(()) if !known => {
                        return Err(Refusal {
                            why: "digest: this spelling of the name is not kept".to_owned(),
                            kind: Kind::Guess,
                        });
                    }
                    Err(DigestRefusal::WrongResponse) => {}
                    _ => break,
                }
            }
            verdict.map_err(digest_refusal)
        };
        self.check(peer, name, Scheme::Digest, prove).await
    }

    /// Runs a proof against the account's verifiers. Unknown and disabled users take as long,
    /// and get the same answer, as those with a wrong password.
    ///
    /// Whose name it is is found out first, so that each account has one count of failures,
    /// however it is spelled; then the attempt is counted; then it is looked at.
    async fn check(
        &self,
        peer: IpAddr,
        sent: &str,
        scheme: Scheme,
        prove: impl FnOnce(&Verifiers, &str) -> Result<(), Refusal>,
    ) -> Result<Identity, Refusal> {
        let exact = exact_account(sent).filter(|alias| self.nodes.has_account(alias));
        let name = exact.clone().or_else(|| {
            let meant = meant_account(sent)?;
            self.nodes.has_account(&meant).then_some(meant)
        });
        let name = name.map_or_else(
            || Name::unknown(sent),
            |alias| Name::account(alias.shared()),
        );
        let at_home = || {
            let signed_on = |alias| self.nodes.is_signed_on_from(alias, peer);
            exact.as_ref().is_some_and(signed_on)
        };
        let attempt = self.throttle.enter(name, peer, at_home).await;
        let attempt = attempt.map_err(|locked| {
            self.count(scheme);
            Refusal {
                why: format!("{sent}: {locked}"),
                kind: Kind::Closed(locked),
            }
        })?;
        // Only now: the account may have changed while this waited for its turn.
        let known = exact.and_then(|alias| self.nodes.verifiers(&alias));
        let opened = known.as_ref().map(|known| self.open(known));
        let (verifiers, spelled) = match (&opened, &known) {
            (Some(Ok(verifiers)), Some(known)) => (verifiers, &*known.spelled),
            _ => (&self.nobody, sent),
        };
        let proof = prove(verifiers, spelled);
        let guess = |why: String| Refusal {
            why,
            kind: Kind::Guess,
        };
        let result = match (known, opened, proof) {
            (Some(known), Some(Err(why)), _) => {
                tracing::error!(
                    principal = %known.alias,
                    why,
                    "the verifiers of an account cannot be read: set its password again"
                );
                Err(refusal(format!("{}: {why}", known.alias)))
            }
            (
                Some(known),
                _,
                Err(Refusal {
                    kind: Kind::Stale, ..
                })
                | Ok(()),
            ) if !known.enabled => Err(guess(format!("{} is disabled", known.alias))),
            (None, _, Ok(())) => Err(guess(format!("there is no user {sent}"))),
            (None, _, Err(Refusal { kind, .. })) => Err(Refusal {
                why: format!("there is no user {sent}"),
                kind,
            }),
            (Some(_), _, Err(Refusal { why, kind })) => Err(Refusal {
                why: format!("{sent}: {why}"),
                kind,
            }),
            (Some(known), _, Ok(())) => Ok(Identity {
                alias: known.alias,
                scheme,
                generation: known.generation,
            }),
        };
        match &result {
            Ok(_) => attempt.right(),
            Err(refusal) => {
                match refusal.kind {
                    Kind::Guess => {
                        attempt.wrong();
                        self.nodes.events().record(Happening::SignOnFailed {
                            name: sent.chars().take(MAX_NAME).collect(),
                            address: peer,
                        });
                    }
                    Kind::NoGuess | Kind::Stale | Kind::Closed(_) => drop(attempt),
                }
                if refusal.kind != Kind::Stale {
                    self.count(scheme);
                }
            }
        }
        result
    }

    /// Counts a refused sign-in, for the figures.
    fn count(&self, scheme: Scheme) {
        self.failures.0.fetch_add(1, Ordering::Relaxed);
        metrics::counter!("rollcall_sign_in_refused_total", "scheme" => scheme.to_string())
            .increment(1);
    }

    fn open(&self, known: &crate::presence::Login) -> Result<Verifiers, &'static str> {
        let plain = self
            .key
            .open(known.alias.as_str(), &known.verifiers)
            .map_err(|_| "the verifiers do not fit the key file")?;
        Verifiers::from_bytes(&plain).map_err(|_| "the verifiers are of another version")
    }
}

fn refusal(why: impl Into<String>) -> Refusal {
    Refusal {
        why: why.into(),
        kind: Kind::NoGuess,
    }
}

fn ntlm_refusal(error: NtlmRefusal) -> Refusal {
    Refusal {
        why: error.to_string(),
        kind: if error.is_guess() {
            Kind::Guess
        } else {
            Kind::NoGuess
        },
    }
}

fn digest_refusal(error: DigestRefusal) -> Refusal {
    Refusal {
        why: error.to_string(),
        kind: if error.is_stale() {
            Kind::Stale
        } else if error.is_guess() {
            Kind::Guess
        } else {
            Kind::NoGuess
        },
    }
}
