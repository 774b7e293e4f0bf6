//! The end of the server, in steps: each gives those who are under way less.

use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long requests that are under way have before they are answered as well as may be.
const ANSWERED_WITHIN: Duration = Duration::from_secs(3);

/// How long they then have to take their answers.
const TAKEN_WITHIN: Duration = Duration::from_secs(2);

/// Tells everybody how far the end has come. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    begun: CancellationToken,
    late: CancellationToken,
    over: CancellationToken,
    ended: CancellationToken,
}

impl Stop {
    /// Nothing new is begun; what is under way is finished.
    pub async fn begun(&self) {
        self.begun.cancelled().await;
    }

    /// What is still under way is given up, and said to be so.
    pub async fn late(&self) {
        self.late.cancelled().await;
    }

    /// Connections are cut.
    pub async fn over(&self) {
        self.over.cancelled().await;
    }

    /// All requests have ended: tasks in the background finish what they have, and end.
    #[must_use]
    pub fn ended(&self) -> CancellationToken {
        self.ended.clone()
    }

    /// Whether the end has begun.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.begun.is_cancelled()
    }

    /// Goes through the steps that concern connections, each in its time.
    pub async fn run(&self) {
        self.begun.cancel();
        tokio::time::sleep(ANSWERED_WITHIN).await;
        self.late.cancel();
        tokio::time::sleep(TAKEN_WITHIN).await;
        self.over.cancel();
    }

    /// Goes through them at once.
    pub fn hasten(&self) {
        self.begun.cancel();
        self.late.cancel();
        self.over.cancel();
    }

    /// The last step.
    pub fn end(&self) {
        self.hasten();
        self.ended.cancel();
    }
}
