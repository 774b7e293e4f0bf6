//! Users online over the last day: a step line, and the same in words.

use super::DAY;
use crate::format;
use crate::model::{ChartPoint, Millis};
use leptos::prelude::*;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 140.0;

/// The chart. Server and browser draw the same.
#[component]
pub(crate) fn Chart(
    #[prop(into)] points: Signal<Vec<ChartPoint>>,
    /// The right edge.
    #[prop(into)]
    now: Signal<Millis>,
) -> impl IntoView {
    let drawn = Memo::new(move |_| Drawn::of(&points.get(), now.get()));
    let scale = move || drawn.with(|drawn| format::grouped(drawn.top));
    view! {
        <figure class="chart">
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=move || drawn.with(|drawn| drawn.words.clone())>
                <path class="grid" d=format!("M0 .5H{WIDTH}M0 {}H{WIDTH}M0 {}H{WIDTH}", HEIGHT / 2.0, HEIGHT - 0.5)/>
                <path class="area" d=move || drawn.with(|drawn| drawn.area.clone())/>
                <path class="line" d=move || drawn.with(|drawn| drawn.line.clone())/>
            </svg>
            <span class="top" aria-hidden="true">{scale}</span>
            <div class="hours" aria-hidden="true">
                {move || {
                    let now = now.get();
                    (0..=4).map(|quarter| {
                        let at = Millis(now.0 - DAY.0 + DAY.0 * quarter / 4);
                        view! { <span>{if quarter == 4 { "now".to_owned() } else { format::hour_minute(at) }}</span> }
                    }).collect_view()
                }}
            </div>
            <figcaption>"Users online over the last 24 hours, UTC"</figcaption>
        </figure>
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Drawn {
    line: String,
    area: String,
    /// The figure at the upper edge.
    top: u32,
    words: String,
}

impl Drawn {
    fn of(points: &[ChartPoint], now: Millis) -> Self {
        let from = now.0 - DAY.0;
        let shown = points
            .iter()
            .filter(|point| point.at.0 >= from && point.at <= now)
            .collect::<Vec<_>>();
        let most = shown.iter().map(|point| point.online).max().unwrap_or(0);
        let top = round_up(most);
        let x = |at: Millis| (at.0 - from) as f64 / DAY.0 as f64 * WIDTH;
        // One unit of room for the line's width at both edges.
        let y = |online: u32| HEIGHT - 1.0 - f64::from(online) / f64::from(top) * (HEIGHT - 2.0);
        let mut line = String::new();
        for point in &shown {
            let (x, y) = (x(point.at), y(point.online));
            if line.is_empty() {
                line = format!("M{x:.1} {y:.1}");
            } else {
                line += &format!("H{x:.1}V{y:.1}");
            }
        }
        if !line.is_empty() {
            line += &format!("H{WIDTH}");
        }
        let area = shown
            .first()
            .map(|first| format!("{line}V{HEIGHT}H{:.1}z", x(first.at)))
            .unwrap_or_default();
        Self {
            line,
            area,
            top,
            words: words(&shown),
        }
    }
}

/// A round figure that is not below `most`.
fn round_up(most: u32) -> u32 {
    let mut step = 1_u32;
    loop {
        for round in [2, 4, 5, 10] {
            if let Some(top) = step.checked_mul(round).filter(|top| *top >= most) {
                return top;
            }
        }
        match step.checked_mul(10) {
            Some(larger) => step = larger,
            None => return u32::MAX,
        }
    }
}

fn words(shown: &[&ChartPoint]) -> String {
    let least = shown.iter().min_by_key(|point| point.online);
    let most = shown.iter().max_by_key(|point| point.online);
    match (least, most, shown.last()) {
        (Some(least), Some(most), Some(last)) => format!(
            "Users online over the last 24 hours: {} now, at most {} at {} UTC, at least {} at {} UTC.",
            last.online,
            most.online,
            format::hour_minute(most.at),
            least.online,
            format::hour_minute(least.at),
        ),
        _ => "Users online over the last 24 hours: nothing was counted yet.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_round_and_high_enough() {
        for (most, top) in [
            (0, 2),
            (2, 2),
            (3, 4),
            (6, 10),
            (11, 20),
            (120, 200),
            (9_999, 10_000),
        ] {
            assert_eq!(round_up(most), top);
        }
        assert_eq!(round_up(u32::MAX), u32::MAX);
    }

    #[test]
    fn an_empty_chart_says_so_and_draws_nothing() {
        let drawn = Drawn::of(&[], Millis(DAY.0));
        assert_eq!(drawn.line, "");
        assert!(drawn.words.ends_with("nothing was counted yet."));
    }

    #[test]
    fn points_of_another_day_are_left_out() {
        let point = |at, online| ChartPoint {
            at: Millis(at),
            online,
        };
        let drawn = Drawn::of(&[point(-1, 900), point(DAY.0 / 2, 4)], Millis(DAY.0));
        assert_eq!((drawn.top, drawn.line.as_str()), (4, "M360.0 1.0H720"));
    }
}
