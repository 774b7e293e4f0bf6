//! Where the server may connect for a client: never where a stranger points.

use ipnet::IpNet;
use rvp::CallBack;
use std::net::{IpAddr, SocketAddr, UdpSocket};

/// Why a call-back is refused. The text goes to the client.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallBackRefused {
    /// A host name: what it means can change after it was checked.
    #[error("the call-back must name an IP address, not the host name {0}")]
    Name(String),
    /// Another host than the one that authenticated.
    #[error(
        "the call-back must name your own address {peer}, not {named}; an administrator can add your network to rvp.call_back_networks"
    )]
    Foreign {
        /// Address that authenticated.
        peer: IpAddr,
        /// Address in the call-back.
        named: IpAddr,
    },
    /// A port that services listen on.
    #[error("the call-back port {0} is below 1024")]
    Port(u16),
    /// This server itself.
    #[error("the call-back {0} is a listener of this server itself")]
    Server(SocketAddr),
    /// Not the address of one host.
    #[error("the call-back address {0} is not the address of a host")]
    NoHost(IpAddr),
}

/// Where call-backs may point.
#[derive(Clone, Debug)]
pub struct CallBackRules {
    networks: Vec<IpNet>,
    /// Where this server listens.
    listeners: Vec<SocketAddr>,
    is_local: fn(IpAddr) -> bool,
}

impl CallBackRules {
    /// Rules with networks in which clients may have their call-backs elsewhere than where they
    /// connect from. The server's own listeners are no call-backs of anybody: not of a client on
    /// the same machine, either.
    #[must_use]
    pub fn new(networks: Vec<IpNet>, listeners: &[SocketAddr]) -> Self {
        Self {
            networks,
            listeners: listeners.to_vec(),
            is_local,
        }
    }

    /// The address of a call-back that names a host; `None` if it names a principal, who is
    /// told wherever they are signed on.
    pub fn check(
        &self,
        call_back: &CallBack,
        peer: IpAddr,
    ) -> Result<Option<SocketAddr>, CallBackRefused> {
        let CallBack::Address { host, port, .. } = call_back else {
            return Ok(None);
        };
        let named = call_back
            .ip()
            .ok_or_else(|| CallBackRefused::Name(host.to_string()))?
            .to_canonical();
        let peer = peer.to_canonical();
        if *port < 1024 {
            return Err(CallBackRefused::Port(*port));
        }
        if named.is_unspecified() || named.is_multicast() || is_broadcast(named) {
            return Err(CallBackRefused::NoHost(named));
        }
        let known = |network: &IpNet| {
            network.contains(&named) && !named.is_loopback() && !is_link_local(named)
        };
        // A client on the server's own machine connects over loopback and names the machine's
        // address (observed: librvp): that is the same host.
        let same_machine = || peer.is_loopback() && (self.is_local)(named);
        let own = |listener: &SocketAddr| {
            listener.port() == *port
                && (listener.ip().to_canonical() == named
                    || listener.ip().is_unspecified() && (self.is_local)(named))
        };
        if self.listeners.iter().any(own) {
            return Err(CallBackRefused::Server(SocketAddr::new(named, *port)));
        }
        if named == peer || self.networks.iter().any(known) || same_machine() {
            Ok(Some(SocketAddr::new(named, *port)))
        } else {
            Err(CallBackRefused::Foreign { peer, named })
        }
    }
}

/// Whether this is an address of this machine: only those can be bound.
fn is_local(ip: IpAddr) -> bool {
    UdpSocket::bind((ip, 0)).is_ok()
}

fn is_broadcast(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V4(v4) if v4.is_broadcast())
}

fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(call_back: &str, peer: &str, networks: &[&str]) -> Result<Option<SocketAddr>, String> {
        let networks = networks.iter().map(|n| n.parse().unwrap()).collect();
        let is_local = |ip: IpAddr| ip.is_loopback() || ip.to_string() == "10.0.0.1";
        let listeners = ["0.0.0.0:8080", "127.0.0.1:8081", "[::]:8082"];
        let rules = CallBackRules {
            networks,
            listeners: listeners.map(|it| it.parse().unwrap()).to_vec(),
            is_local,
        };
        let call_back = CallBack::parse(call_back).map_err(|e| e.to_string())?;
        rules
            .check(&call_back, peer.parse().unwrap())
            .map_err(|e| e.to_string())
    }

    #[test]
    fn the_peer_itself_is_fine_whatever_it_is() {
        for (call_back, peer) in [
            ("http://10.1.2.3:4711", "10.1.2.3"),
            ("http://127.0.0.1:4711", "127.0.0.1"),
            ("http://10.1.2.3:4711", "::ffff:10.1.2.3"),
            ("http://[::ffff:10.1.2.3]:4711", "10.1.2.3"),
            ("http://[2001:db8::1]:4711/", "2001:db8::1"),
        ] {
            assert!(
                matches!(check(call_back, peer, &[]), Ok(Some(_))),
                "{call_back}"
            );
        }
    }

    #[test]
    fn a_principal_is_told_where_they_are_signed_on() {
        assert_eq!(
            check("http://im.example.com/instmsg/aliases/bob", "10.0.0.1", &[]),
            Ok(None)
        );
    }

    #[test]
    fn nothing_else_is_connected_to() {
        for call_back in [
            "http://10.1.2.4:4711",
            "http://127.0.0.1:4711",
            "http://localhost:4711",
            "http://169.254.169.254:8090",
            "http://[::1]:4711",
            "http://[::ffff:127.0.0.1]:4711",
            "http://0.0.0.0:4711",
            "http://255.255.255.255:4711",
            "http://224.0.0.1:4711",
            "http://2130706433:4711",
            "http://0177.0.0.1:4711",
            "http://0x7f.1:4711",
            "http://rebind.example.com:4711",
            "http://10.1.2.3@10.9.9.9:4711",
            "http://10.1.2.3:80",
            "http://10.1.2.3:22",
            "https://10.1.2.3:4711",
            "file:///etc/passwd",
        ] {
            assert!(check(call_back, "10.1.2.3", &[]).is_err(), "{call_back}");
        }
    }

    #[test]
    fn a_client_on_the_servers_own_machine_may_name_its_address() {
        assert!(check("http://10.0.0.1:4711", "127.0.0.1", &[]).is_ok());
        assert!(check("http://10.0.0.2:4711", "127.0.0.1", &[]).is_err());
        assert!(check("http://10.0.0.1:4711", "10.0.0.2", &[]).is_err());
        assert!(check("http://127.0.0.1:4711", "10.0.0.1", &[]).is_err());
    }

    #[test]
    fn the_server_does_not_call_itself() {
        for call_back in [
            "http://127.0.0.1:8080",
            "http://10.0.0.1:8080",
            "http://127.0.0.1:8081",
            "http://[::1]:8082",
        ] {
            let why = check(call_back, "127.0.0.1", &["10.0.0.0/8"]).unwrap_err();
            assert!(why.contains("this server itself"), "{call_back}: {why}");
        }
        // The same port elsewhere is a client's.
        assert!(check("http://10.1.2.3:8080", "10.1.2.3", &[]).is_ok());
        assert!(check("http://10.0.0.1:8081", "127.0.0.1", &[]).is_ok());
    }

    #[test]
    fn client_networks_add_hosts_but_never_the_server_itself() {
        let networks = ["10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16"];
        assert!(check("http://10.7.7.7:4711", "10.1.2.3", &networks).is_ok());
        assert!(check("http://127.0.0.1:4711", "10.1.2.3", &networks).is_err());
        assert!(check("http://169.254.169.254:4711", "10.1.2.3", &networks).is_err());
    }
}
