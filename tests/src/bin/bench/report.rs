//! What is printed: a line for each figure with its goal and the verdict.

use std::fmt;

use ::tests::Failure;

/// What a figure has to be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    AtMost(f64),
    AtLeast(f64),
}

impl Goal {
    fn met_by(self, value: f64) -> bool {
        match self {
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
        }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(most) => write!(f, "at most {most}"),
            Self::AtLeast(least) => write!(f, "at least {least}"),
        }
    }
}

/// The verdicts so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    missed: bool,
}

impl Report {
    /// A figure with a goal, in the goal's unit.
    pub(crate) fn figure(&mut self, name: &str, value: f64, unit: &str, goal: Goal, note: &str) {
        let met = goal.met_by(value);
        self.missed |= !met;
        let verdict = if met { "PASS" } else { "FAIL" };
        let space = if unit.is_empty() { "" } else { " " };
        // A value just below its goal must not be printed as the goal.
        let digits = if value < 1.0 { 3 } else { 2 };
        println!(
            "{verdict}  {name}: {value:.digits$}{space}{unit}, goal {goal}{space}{unit}; {note}"
        );
    }

    /// A figure that has no goal.
    pub(crate) fn information(&self, name: &str, text: &str) {
        println!("      {name}: {text}");
    }

    /// A figure that could not be taken.
    pub(crate) fn broken(&mut self, name: &str, failure: &Failure) {
        self.missed = true;
        println!("FAIL  {name}: could not be measured: {failure}");
    }

    /// Whether every goal was reached.
    pub(crate) fn all_met(&self) -> bool {
        !self.missed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_missed_goal_is_enough() {
        let mut report = Report::default();
        report.figure("a", 8.0, "KB", Goal::AtMost(8.0), "");
        report.figure("b", 0.3, "", Goal::AtLeast(0.3), "");
        assert!(report.all_met());
        report.figure("c", 0.29, "", Goal::AtLeast(0.3), "");
        report.figure("d", 1.0, "", Goal::AtLeast(0.3), "");
        assert!(!report.all_met());
    }

    #[test]
    fn what_cannot_be_measured_is_not_reached() {
        let mut report = Report::default();
        report.broken("e", &Failure::Unexpected("no server".to_owned()));
        assert!(!report.all_met());
    }
}
