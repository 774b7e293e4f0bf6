//! Which rows of a list are shown.

use api::{MAX_ROWS, PAGE_SIZE, Page, Part, pages};

pub(super) fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The rows of a page (from 1; past the end means the last), and which page that is.
pub(super) fn page_of<T>(rows: &[T], page: u32) -> (u32, &[T]) {
    let page = page.clamp(1, pages(small(rows.len())));
    let size = PAGE_SIZE as usize;
    let start = (page as usize - 1) * size;
    (
        page,
        &rows[start.min(rows.len())..(start + size).min(rows.len())],
    )
}

/// The rows that are asked for.
pub(super) struct Shown<'a, T> {
    pub(super) rows: &'a [T],
    /// Which page they begin on.
    pub(super) page: u32,
    /// What to go on after; none: these are the last.
    pub(super) next: Option<String>,
}

/// How many rows a part has at the most.
pub(super) fn limit_of(part: &Part) -> u32 {
    match part.limit {
        0 => PAGE_SIZE,
        limit => limit.min(MAX_ROWS),
    }
}

/// A part of rows that stand in the order of their keys, if one is asked for, else a page.
pub(super) fn shown<'a, T>(
    rows: &'a [T],
    page: u32,
    part: &Part,
    key: impl Fn(&T) -> String,
) -> Shown<'a, T> {
    if *part == Part::default() {
        let (page, shown) = page_of(rows, page);
        let past = (page as usize * PAGE_SIZE as usize) < rows.len();
        return Shown {
            rows: shown,
            page,
            next: shown.last().filter(|_| past).map(key),
        };
    }
    let limit = limit_of(part);
    let start = match part.after.as_str() {
        "" => 0,
        after => rows.partition_point(|row| key(row).as_str() <= after),
    };
    let end = (start + limit as usize).min(rows.len());
    let shown = &rows[start..end];
    Shown {
        rows: shown,
        page: small(start) / PAGE_SIZE + 1,
        next: shown.last().filter(|_| end < rows.len()).map(key),
    }
}

/// What is asked for of the rows that match, which stand in the order of their keys.
pub(super) fn listed<T: Clone>(
    matching: &[T],
    total: u32,
    page: u32,
    part: &Part,
    key: impl Fn(&T) -> String,
) -> Page<T> {
    let shown = shown(matching, page, part, key);
    Page {
        rows: shown.rows.to_vec(),
        matching: small(matching.len()),
        total,
        page: shown.page,
        next: shown.next,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_hold_each_row_once_while_others_come_and_go() {
        let mut rows: Vec<_> = (0..25).map(|n| format!("row{n:02}")).collect();
        let mut seen = Vec::new();
        let mut part = Part {
            limit: 7,
            after: String::new(),
        };
        loop {
            let shown = shown(&rows, 1, &part, String::clone);
            seen.extend(shown.rows.to_vec());
            let Some(next) = shown.next else { break };
            part.after = next;
            // The one that stands before is gone, and another is there.
            rows.remove(0);
            rows.insert(0, "a".to_owned());
        }
        let expected: Vec<_> = (0..25).map(|n| format!("row{n:02}")).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_page_says_where_the_next_one_begins() {
        let rows: Vec<_> = (0..120).map(|n| format!("{n:03}")).collect();
        let next = |page| shown(&rows, page, &Part::default(), String::clone).next;
        assert_eq!(next(1).as_deref(), Some("049"));
        assert_eq!(next(2).as_deref(), Some("099"));
        assert_eq!(next(3), None);
    }
}
