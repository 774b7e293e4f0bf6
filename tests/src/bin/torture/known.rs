//! What is known of a thing that the server keeps: the value that was acknowledged, and those that
//! may have been taken since, because their answers never came.

/// How a change ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was acknowledged: it is so from now on.
    Done,
    /// It was refused: nothing has changed.
    Refused,
    /// No answer came: either.
    Unknown,
}

/// A value that may be several.
#[derive(Clone, Debug)]
pub(crate) struct Known<T> {
    sure: T,
    perhaps: Vec<T>,
}

impl<T: Clone + PartialEq> Known<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            sure: value,
            perhaps: Vec::new(),
        }
    }

    /// A change to `value` ended so.
    pub(crate) fn changed(&mut self, value: T, outcome: Outcome) {
        match outcome {
            Outcome::Done => *self = Self::new(value),
            Outcome::Refused => {}
            Outcome::Unknown => self.perhaps.push(value),
        }
    }

    /// The value, if there is only one that it can be.
    pub(crate) fn certain(&self) -> Option<&T> {
        self.perhaps.is_empty().then_some(&self.sure)
    }

    /// All that it can be.
    pub(crate) fn candidates(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.sure).chain(&self.perhaps)
    }

    /// It was found to be this. False: it cannot be.
    pub(crate) fn found(&mut self, value: &T) -> bool {
        let can_be = self.candidates().any(|it| it == value);
        *self = Self::new(value.clone());
        can_be
    }
}

#[cfg(test)]
mod tests {
    use super::{Known, Outcome};

    #[test]
    fn only_what_had_no_answer_is_uncertain() {
        let mut known = Known::new(1);
        known.changed(2, Outcome::Refused);
        assert_eq!(known.certain(), Some(&1));
        known.changed(3, Outcome::Unknown);
        assert_eq!(known.certain(), None);
        assert!(known.clone().found(&1) && known.clone().found(&3));
        assert!(!known.clone().found(&2));
        known.changed(4, Outcome::Done);
        assert_eq!(known.certain(), Some(&4));
    }
}
