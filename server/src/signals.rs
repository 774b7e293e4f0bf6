//! What tells the server to stop.

use anyhow::Context as _;
use rustix::process::Signal as Number;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Signals on which the server ends as it should. They are listened for from the first moment,
/// so that none ends the process as it is.
#[derive(Debug)]
pub(crate) struct Signals {
    listened: Vec<(&'static str, Signal)>,
    /// Not to be ended by a file that may not grow: that is an error of writing like a full disk.
    _too_large: Signal,
}

impl Signals {
    /// Listens.
    pub(crate) fn listen() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("signals are not to be had");
        let mut listened = vec![
            ("SIGTERM", listen(SignalKind::terminate())?),
            ("SIGINT", listen(SignalKind::interrupt())?),
            ("SIGQUIT", listen(SignalKind::quit())?),
        ];
        // Whoever starts a program with nohup means it to outlive the terminal.
        if !is_ignored(Number::HUP) {
            listened.push(("SIGHUP", listen(SignalKind::hangup())?));
        }
        Ok(Self {
            listened,
            _too_large: listen(SignalKind::from_raw(Number::XFSZ.as_raw()))?,
        })
    }

    /// Waits for the next, and names it.
    pub(crate) async fn next(&mut self) -> &'static str {
        std::future::poll_fn(|cx| {
            for (name, signal) in &mut self.listened {
                if signal.poll_recv(cx).is_ready() {
                    return std::task::Poll::Ready(*name);
                }
            }
            std::task::Poll::Pending
        })
        .await
    }
}

/// Whether whoever started this process has it ignore a signal (proc(5)).
fn is_ignored(signal: Number) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignored(&status).is_some_and(|mask| mask >> (signal.as_raw() - 1) & 1 == 1)
}

fn ignored(status: &str) -> Option<u64> {
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

#[cfg(test)]
mod tests {
    use super::ignored;

    #[test]
    fn the_mask_of_ignored_signals_is_read() {
        let status = "Name:\trollcall\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n";
        assert_eq!(ignored(status), Some(0x1001));
        assert_eq!(ignored("Name:\trollcall\n"), None);
    }
}
