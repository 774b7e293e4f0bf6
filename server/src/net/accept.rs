//! The one way to accept connections, for every listener of the server.

use super::shortage::{BackOff, Sparse, is_shortage};
use std::io;
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

/// Something that connections come from.
pub(crate) trait Source: Send + Sync {
    /// A connection.
    type Stream: Send;
    /// Where it comes from.
    type Peer: Send;

    /// Waits for the next one. Dropping the future loses none.
    fn accept(&self) -> impl Future<Output = io::Result<(Self::Stream, Self::Peer)>> + Send;
}

impl Source for TcpListener {
    type Stream = TcpStream;
    type Peer = SocketAddr;

    fn accept(&self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> + Send {
        Self::accept(self)
    }
}

impl Source for UnixListener {
    type Stream = UnixStream;
    type Peer = ();

    async fn accept(&self) -> io::Result<(UnixStream, ())> {
        let (stream, _) = Self::accept(self).await?;
        Ok((stream, ()))
    }
}

/// Accepts, whatever happens: a connection that broke before it was accepted is passed over,
/// and a shortage of file handles is waited out.
#[derive(Debug)]
pub(crate) struct Acceptor<L> {
    listener: L,
    /// Which listener, for the log and the figures.
    name: &'static str,
    back_off: BackOff,
    trouble: Sparse,
}

impl<L: Source> Acceptor<L> {
    pub(crate) const fn new(listener: L, name: &'static str) -> Self {
        Self {
            listener,
            name,
            back_off: BackOff::new(),
            trouble: Sparse::new(),
        }
    }

    /// The next connection. Dropping the future loses none.
    pub(crate) async fn next(&mut self) -> (L::Stream, L::Peer) {
        loop {
            match self.listener.accept().await {
                Ok(accepted) => {
                    self.back_off.reset();
                    return accepted;
                }
                // Only that one connection has gone wrong (accept(2)).
                Err(error) if !is_shortage(&error) && is_of_the_connection(&error) => {
                    tokio::task::yield_now().await;
                }
                Err(error) => {
                    metrics::counter!("rollcall_accept_failed_total", "listener" => self.name)
                        .increment(1);
                    if let Some(unsaid) = self.trouble.due() {
                        tracing::warn!(
                            listener = self.name, %error, unsaid,
                            "connections cannot be accepted now, and are tried again; if the error is \"too many open files\", raise this user's bound on open files (ulimit -n, LimitNOFILE)"
                        );
                    }
                    self.back_off.pause().await;
                }
            }
        }
    }

    /// The next connection of those that came already.
    pub(crate) fn waiting(&mut self) -> Option<(L::Stream, L::Peer)> {
        futures::FutureExt::now_or_never(self.listener.accept())?.ok()
    }
}

fn is_of_the_connection(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::ConnectionAborted
            | Kind::ConnectionReset
            | Kind::ConnectionRefused
            | Kind::Interrupted
            | Kind::NetworkDown
            | Kind::NetworkUnreachable
            | Kind::HostUnreachable
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::io::Errno;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    /// Fails so often, then gives a connection.
    struct Failing {
        error: Errno,
        times: u32,
        asked: AtomicU32,
    }

    impl Source for Failing {
        type Stream = ();
        type Peer = ();

        async fn accept(&self) -> io::Result<((), ())> {
            if self.asked.fetch_add(1, Ordering::Relaxed) < self.times {
                return Err(self.error.into());
            }
            Ok(((), ()))
        }
    }

    fn acceptor(error: Errno, times: u32) -> Acceptor<Failing> {
        let asked = AtomicU32::new(0);
        Acceptor::new(
            Failing {
                error,
                times,
                asked,
            },
            "test",
        )
    }

    #[tokio::test]
    async fn without_file_handles_it_waits_longer_and_longer() {
        let mut acceptor = acceptor(Errno::MFILE, u32::MAX);
        let wait = Duration::from_millis(500);
        assert!(tokio::time::timeout(wait, acceptor.next()).await.is_err());
        // After 0, 10, 30, 70, 150, 310 ms.
        assert!(acceptor.listener.asked.into_inner() <= 6);
    }

    #[tokio::test]
    async fn it_goes_on_when_there_are_handles_again() {
        let mut acceptor = acceptor(Errno::NFILE, 3);
        acceptor.next().await;
        assert_eq!(acceptor.listener.asked.load(Ordering::Relaxed), 4);
    }

    #[tokio::test]
    async fn connections_that_broke_hold_nobody_up() {
        let mut acceptor = acceptor(Errno::CONNABORTED, 1000);
        let wait = Duration::from_secs(5);
        assert!(tokio::time::timeout(wait, acceptor.next()).await.is_ok());
    }
}
