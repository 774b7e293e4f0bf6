//! Medians and extremes of a few measurements.

/// The middle value; of an even number the upper of the two. 0 of nothing.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

/// The largest value. 0 of nothing.
pub(crate) fn worst(values: &[f64]) -> f64 {
    values
        .iter()
        .copied()
        .max_by(f64::total_cmp)
        .unwrap_or_default()
}

/// A count as a floating-point number.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of a run are far below 2^52"
)]
pub(crate) fn number(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::{median, worst};

    #[test]
    fn the_middle_does_not_depend_on_the_order() {
        assert_eq!(median(&[9.0, 1.0, 5.0]).to_bits(), 5.0_f64.to_bits());
        assert_eq!(median(&[9.0, 1.0]).to_bits(), 9.0_f64.to_bits());
        assert_eq!(worst(&[3.0, 9.0, 1.0]).to_bits(), 9.0_f64.to_bits());
    }
}
