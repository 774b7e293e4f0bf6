//! Printing: tables for people, JSON for programs.

use serde::Serialize;

/// Prints a value as JSON.
pub(super) fn json<T: Serialize>(value: &T) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Prints a table with a heading; columns are as wide as their longest cell.
pub(super) fn table<const N: usize>(heading: [&str; N], rows: &[[String; N]]) {
    let mut widths = heading.map(|h| h.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: [&str; N]| {
        let cells: Vec<_> = cells
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        println!("{}", cells.join("  ").trim_end());
    };
    line(heading);
    for row in rows {
        line(row.each_ref().map(String::as_str));
    }
}

/// A moment as `2002-06-01 12:34:56Z`.
pub(super) fn moment(at: web::model::Millis) -> String {
    let Ok(at) = time::OffsetDateTime::from_unix_timestamp(at.0 / 1000) else {
        return "?".to_owned();
    };
    format!(
        "{} {:02}:{:02}:{:02}Z",
        at.date(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// The name that serialisation gives a value without fields.
pub(super) fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => "?".to_owned(),
    }
}
