//! Figures of a day, by the names under which they are kept.

use super::{Admin, internal};
use crate::delivery::NotifyCounts;
use std::collections::HashMap;

/// Figures of a day, or of a part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DailyFigures {
    /// Refused sign-ons.
    pub(crate) failed_sign_ons: u32,
    /// What became of notifications.
    pub(crate) notify: NotifyCounts,
}

const FAILED_SIGN_ONS: &str = "failed_sign_ons";
const DELIVERED: &str = "notify_delivered";
const REFUSED: &str = "notify_refused";
const UNREACHABLE: &str = "notify_unreachable";
const TIMED_OUT: &str = "notify_timed_out";
const BROKEN: &str = "notify_broken";

impl DailyFigures {
    /// Adds what was counted since.
    pub(crate) fn add(&mut self, failed_sign_ons: u32, notify: &NotifyCounts) {
        let sum = |to: &mut u32, by: u32| *to = to.saturating_add(by);
        sum(&mut self.failed_sign_ons, failed_sign_ons);
        sum(&mut self.notify.delivered, notify.delivered);
        sum(&mut self.notify.refused, notify.refused);
        sum(&mut self.notify.unreachable, notify.unreachable);
        sum(&mut self.notify.timed_out, notify.timed_out);
        sum(&mut self.notify.broken, notify.broken);
    }

    /// Those that are not zero, with their names.
    pub(crate) fn by_name(&self) -> Vec<(&'static str, u32)> {
        let mut figures = vec![
            (FAILED_SIGN_ONS, self.failed_sign_ons),
            (DELIVERED, self.notify.delivered),
            (REFUSED, self.notify.refused),
            (UNREACHABLE, self.notify.unreachable),
            (TIMED_OUT, self.notify.timed_out),
            (BROKEN, self.notify.broken),
        ];
        figures.retain(|(_, count)| *count > 0);
        figures
    }

    /// Reads them back; what is not kept is zero.
    fn from_names(kept: &HashMap<String, u32>) -> Self {
        let figure = |name| kept.get(name).copied().unwrap_or(0);
        Self {
            failed_sign_ons: figure(FAILED_SIGN_ONS),
            notify: NotifyCounts {
                delivered: figure(DELIVERED),
                refused: figure(REFUSED),
                unreachable: figure(UNREACHABLE),
                timed_out: figure(TIMED_OUT),
                broken: figure(BROKEN),
            },
        }
    }
}

impl Admin {
    /// The figures of a day (days since 1970-01-01 UTC).
    pub(super) async fn daily(&self, day: i64) -> Result<DailyFigures, api::Error> {
        let kept = self.store.daily_counts(day).await.map_err(internal)?;
        Ok(DailyFigures::from_names(&kept))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_come_back_under_their_names() {
        let figures = DailyFigures {
            failed_sign_ons: 1,
            notify: NotifyCounts {
                delivered: 2,
                refused: 3,
                unreachable: 4,
                timed_out: 5,
                broken: 6,
            },
        };
        let named = figures.by_name().into_iter();
        let kept = named
            .map(|(name, count)| (name.to_owned(), count))
            .collect();
        assert_eq!(DailyFigures::from_names(&kept), figures);
        assert!(DailyFigures::default().by_name().is_empty());
    }
}
