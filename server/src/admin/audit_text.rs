//! The audit as text that leaves the server: CSV, and JSON lines. Much of it was written by others, and
//! whoever opens it may have a program that acts on what it reads.

use api::{AuditFormat, AuditRow, Millis};
use std::fmt::Write as _;
use time::OffsetDateTime;

/// What stands above the entries.
pub(super) fn heading(format: AuditFormat) -> &'static str {
    match format {
        AuditFormat::Csv => "id,time,actor,from,action,target,detail,changes\r\n",
        AuditFormat::Jsonl => "",
    }
}

/// One entry with the end of its line.
pub(super) fn line(format: AuditFormat, row: &AuditRow) -> serde_json::Result<String> {
    Ok(match format {
        AuditFormat::Jsonl => {
            let mut text = serde_json::to_string(row)?;
            text.push('\n');
            text
        }
        AuditFormat::Csv => {
            let changes: Vec<_> = row
                .changes
                .iter()
                .map(|it| format!("{}: {:?} to {:?}", it.field, it.before, it.after))
                .collect();
            let changes = changes.join("; ");
            let mut text = format!("{},{}", row.id, time(row.at));
            for cell in [
                &row.actor,
                &row.from,
                &row.action,
                &row.target,
                &row.detail,
                &changes,
            ] {
                text.push(',');
                push_cell(&mut text, cell);
            }
            text.push_str("\r\n");
            text
        }
    })
}

/// A cell that says what it holds and does nothing: spreadsheets take what begins with one of these
/// characters for a formula, and terminals act on control characters.
fn push_cell(text: &mut String, cell: &str) {
    text.push('"');
    if cell.trim_start().starts_with([
        '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ]) || cell.starts_with(char::is_whitespace)
    {
        text.push('\'');
    }
    for c in cell.chars() {
        match c {
            '"' => text.push_str("\"\""),
            c if c.is_control() => text.extend(c.escape_default()),
            c => text.push(c),
        }
    }
    text.push('"');
}

/// `2002-06-01T14:05:09.000Z`.
fn time(at: Millis) -> String {
    let seconds = at.0.div_euclid(1000);
    let when = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (date, clock) = (when.date(), when.time());
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "{date}T{:02}:{:02}:{:02}.{:03}Z",
        clock.hour(),
        clock.minute(),
        clock.second(),
        at.0.rem_euclid(1000)
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::AuditChange;

    fn row(detail: &str) -> AuditRow {
        AuditRow {
            id: 7,
            at: Millis(1_022_940_309_500),
            actor: "ada".into(),
            from: "192.0.2.1".into(),
            action: "user.edit".into(),
            target: "bob".into(),
            detail: detail.into(),
            changes: vec![AuditChange {
                field: "email".into(),
                before: String::new(),
                after: "b@c".into(),
            }],
        }
    }

    #[test]
    fn a_cell_neither_calculates_nor_breaks_out() {
        for (detail, cell) in [
            ("plain", r#""plain""#),
            ("=1+1", r#""'=1+1""#),
            ("  @SUM(A1)", r#""'  @SUM(A1)""#),
            ("\t=1", r#""'\t=1""#),
            ("-2+3", r#""'-2+3""#),
            ("a \"b\", c\r\nd", r#""a ""b"", c\r\nd""#),
            ("\u{1b}[31m", r#""\u{1b}[31m""#),
        ] {
            let text = line(AuditFormat::Csv, &row(detail)).unwrap();
            let expected = format!(
                "7,2002-06-01T14:05:09.500Z,\"ada\",\"192.0.2.1\",\"user.edit\",\"bob\",{cell},\"email: \"\"\"\" to \"\"b@c\"\"\"\r\n"
            );
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn a_line_of_json_is_one_line_and_means_the_same() {
        let row = row("a\nb \u{1b} \u{2028}");
        let text = line(AuditFormat::Jsonl, &row).unwrap();
        assert_eq!(text.matches('\n').count(), 1);
        assert_eq!(serde_json::from_str::<AuditRow>(&text).unwrap(), row);
    }
}
