//! The way to syslog: a socket that is made anew after each failure.

use crate::config::SyslogTarget;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;
use tokio::net::{UdpSocket, UnixDatagram, lookup_host};
use tokio::time::timeout;

/// How long finding the place, and handing a message over, may take.
const WITHIN: Duration = Duration::from_secs(3);

#[derive(Debug)]
pub(super) struct Link {
    target: SyslogTarget,
    socket: Option<Socket>,
}

#[derive(Debug)]
enum Socket {
    Udp(UdpSocket),
    Unix(UnixDatagram),
}

impl Link {
    pub(super) fn new(target: SyslogTarget) -> Self {
        Self {
            target,
            socket: None,
        }
    }

    /// Hands one message over.
    pub(super) async fn send(&mut self, message: &[u8]) -> io::Result<()> {
        let attempt = timeout(WITHIN, self.attempt(message)).await;
        let sent = attempt.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        if sent.is_err() {
            self.socket = None;
        }
        sent
    }

    async fn attempt(&mut self, message: &[u8]) -> io::Result<()> {
        let socket = match self.socket.take() {
            Some(socket) => socket,
            None => open(&self.target).await?,
        };
        match self.socket.insert(socket) {
            Socket::Udp(socket) => socket.send(message).await?,
            Socket::Unix(socket) => socket.send(message).await?,
        };
        Ok(())
    }
}

async fn open(target: &SyslogTarget) -> io::Result<Socket> {
    match target {
        SyslogTarget::Unix(path) => {
            let socket = UnixDatagram::unbound()?;
            socket.connect(path)?;
            Ok(Socket::Unix(socket))
        }
        SyslogTarget::Udp { host, port } => {
            let found = lookup_host((host.as_str(), *port)).await?.next();
            let server = found.ok_or(io::ErrorKind::NotFound)?;
            let any: IpAddr = if server.is_ipv4() {
                Ipv4Addr::UNSPECIFIED.into()
            } else {
                Ipv6Addr::UNSPECIFIED.into()
            };
            let socket = UdpSocket::bind((any, 0)).await?;
            socket.connect(server).await?;
            Ok(Socket::Udp(socket))
        }
    }
}
