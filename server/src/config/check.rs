//! What a configuration must not say, although its form is right.

use super::{Config, ConfigError};
use crate::dns::is_fqdn;
use crate::names::{host_of, is_below};

/// Refuses a value.
fn wrong(key: &'static str, reason: impl Into<String>) -> Result<(), ConfigError> {
    Err(ConfigError::Value {
        key,
        reason: reason.into(),
    })
}

/// Refuses values that make no sense, by their key.
pub(super) fn check(config: &Config) -> Result<(), ConfigError> {
    if config.auth.schemes.is_empty() {
        return wrong(
            "auth.schemes",
            "name at least one of \"digest\" and \"ntlm\", or nobody can sign on",
        );
    }
    if config.presence.max_lease_s == 0 || config.presence.max_lease_s > 86_400 {
        return wrong(
            "presence.max_lease_s",
            "a lease lasts from 1 second to a day (86400)",
        );
    }
    if config.delivery.connect_timeout_ms + config.delivery.answer_timeout_ms > 20_000 {
        return wrong(
            "delivery.answer_timeout_ms",
            "both time-outs together must stay below 20000 ms: senders give up after 30 s",
        );
    }
    let useless = config.limits.useless();
    let useless = useless.or_else(|| config.console.limits.useless());
    if let Some(key) = useless {
        return wrong(
            key,
            "with 0 nobody could be served; leave it out for the default",
        );
    }
    if config.control.timeout_s == 0 || config.control.timeout_s > 86_400 {
        return wrong(
            "control.timeout_s",
            "the command line waits from 1 second to a day (86400) for the server",
        );
    }
    let own = host_of(&config.domain());
    hooks(config)?;
    names(config)?;
    router(config, &own)?;
    peers(config, &own)
}

/// Each has a connection of its own, so that none waits for another.
const MOST_HOOKS: usize = 16;

fn hooks(config: &Config) -> Result<(), ConfigError> {
    const KEY: &str = "hooks";
    if config.hooks.len() > MOST_HOOKS {
        return wrong(KEY, format!("there are more than {MOST_HOOKS}"));
    }
    for (place, hook) in config.hooks.iter().enumerate() {
        let url = hook.url.text();
        if config.hooks[..place].iter().any(|it| it.url.text() == url) {
            return wrong(
                KEY,
                format!("{url} is there twice; name each address once, with all its events"),
            );
        }
        let known = api::Happening::KINDS;
        if let Some(kind) = hook.events.iter().find(|it| !known.contains(&it.as_str())) {
            let known = known.join(", ");
            return wrong(
                KEY,
                format!("{kind:?} of {url} is no kind of event; there are {known}"),
            );
        }
        if hook.secret.is_some() && hook.secret_file.is_some() {
            return wrong(
                KEY,
                format!("{url} has secret and secret_file; write one of them, not both"),
            );
        }
        if hook
            .secret
            .as_ref()
            .is_some_and(|it| it.expose().is_empty())
        {
            return wrong(
                KEY,
                format!("the secret of {url} is empty; write one, or leave it out"),
            );
        }
    }
    Ok(())
}

fn names(config: &Config) -> Result<(), ConfigError> {
    for name in &config.names {
        let name = name.trim();
        if rvp::LogicalUrl::compose(name, "x").authority() != name {
            return wrong(
                "names",
                format!(
                    "{name:?} is no name of a server; write it as clients do, such as \"chat.example.com\" or \"im.example.com:8080\""
                ),
            );
        }
        let host = host_of(name);
        let is_peers = |domain: &str| is_below(&host_of(domain), &host);
        if config
            .federation
            .peers
            .iter()
            .any(|peer| is_peers(&peer.domain))
        {
            return wrong(
                "names",
                format!("{name} is a name of a peer; name this server only, or take out the peer"),
            );
        }
    }
    Ok(())
}

fn router(config: &Config, own: &str) -> Result<(), ConfigError> {
    let Some(home) = &config.rvp.home else {
        return Ok(());
    };
    let port = home
        .rsplit_once(':')
        .map_or(Ok(80), |(_, port)| port.parse::<u16>());
    if rvp::LogicalUrl::compose(home, "x").authority() != home || port.is_err() {
        return wrong(
            "rvp.home",
            format!(
                "{home:?} is no server; write its name, such as \"imhome1.example.com\", and :port if that is not 80"
            ),
        );
    }
    if host_of(home) == own {
        return wrong(
            "rvp.home",
            "a router and its home server need different names: clients stay on a connection to the same name",
        );
    }
    Ok(())
}

fn peers(config: &Config, own: &str) -> Result<(), ConfigError> {
    const KEY: &str = "federation.peers";
    let peers = &config.federation.peers;
    for (place, peer) in peers.iter().enumerate() {
        let domain = host_of(&peer.domain);
        if !is_fqdn(&domain) {
            return wrong(
                KEY,
                format!(
                    "{:?} is no domain; write the mail domain of the peer, such as \"example.net\"",
                    peer.domain
                ),
            );
        }
        if domain == own {
            return wrong(
                KEY,
                format!("{domain} is this server's own domain; name others only"),
            );
        }
        let before = &peers[..place];
        if before.iter().any(|other| host_of(&other.domain) == domain) {
            return wrong(
                KEY,
                format!("{domain} is there twice; name each domain once, with all its networks"),
            );
        }
    }
    Ok(())
}
