//! The one way to connect to somebody: within a time, and a shortage on this machine is waited
//! out, because it says nothing about the other side.

use super::shortage::{BackOff, is_shortage};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;

/// Connects within a time.
pub(crate) async fn connect(address: SocketAddr, within: Duration) -> io::Result<TcpStream> {
    let attempt = patiently(|| TcpStream::connect(address));
    tokio::time::timeout(within, attempt)
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

async fn patiently<T, F: Future<Output = io::Result<T>>>(
    mut attempt: impl FnMut() -> F,
) -> io::Result<T> {
    let mut back_off = BackOff::new();
    loop {
        match attempt().await {
            Err(error) if is_shortage(&error) => {
                metrics::counter!("rollcall_connect_shortage_total").increment(1);
                tracing::debug!(%error, "a connection waits for file handles");
                back_off.pause().await;
            }
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::io::Errno;

    #[tokio::test]
    async fn a_shortage_here_is_not_the_end_of_who_is_called() {
        let mut tries = 0;
        let result = patiently(|| {
            tries += 1;
            let result = if tries < 4 {
                Err(Errno::MFILE.into())
            } else {
                Ok(tries)
            };
            std::future::ready(result)
        });
        assert_eq!(result.await.ok(), Some(4));
        let refused =
            patiently(|| std::future::ready(Err::<(), _>(Errno::CONNREFUSED.into()))).await;
        assert_eq!(
            refused.unwrap_err().kind(),
            io::ErrorKind::ConnectionRefused
        );
    }
}
