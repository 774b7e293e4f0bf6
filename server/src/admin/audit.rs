//! Reading the audit: lists, and exports of it.

use super::audit_text::{heading, line};
use super::registry::Handle;
use super::{Admin, internal, invalid};
use crate::clock::UnixMs;
use crate::store::{AuditEntry, AuditFilter};
use api::{
    Actor, AuditChange, AuditExport, AuditFormat, AuditPage, AuditQuery, AuditRow, Error,
    ExportAudit, ListAudit, MAX_ROWS, Millis, PAGE_SIZE, Part, pages,
};
use std::collections::HashMap;
use time::{Date, Month, PrimitiveDateTime, Time};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Handle<ListAudit> for Admin {
    async fn handle(&self, _: &Actor, asked: ListAudit) -> Result<AuditPage, Error> {
        let mut filter = filter(&asked.query)?;
        let matching = self.store.audit_matching(&filter).await.map_err(internal)?;
        let matching = u32::try_from(matching).unwrap_or(u32::MAX);
        let page = if asked.part == Part::default() {
            let page = asked.query.page.clamp(1, pages(matching));
            filter.limit = i64::from(PAGE_SIZE);
            filter.offset = i64::from(page - 1) * filter.limit;
            page
        } else {
            confine(&mut filter, &asked.part)?;
            1
        };
        let (rows, next) = self.audit_part(filter).await?;
        Ok(AuditPage {
            rows,
            matching,
            page,
            next,
        })
    }
}

impl Handle<ExportAudit> for Admin {
    async fn handle(&self, actor: &Actor, asked: ExportAudit) -> Result<AuditExport, Error> {
        let mut filter = filter(&asked.query)?;
        let limit = match asked.part.limit {
            0 => MAX_ROWS,
            limit => limit,
        };
        let part = Part {
            limit,
            after: asked.part.after,
        };
        confine(&mut filter, &part)?;
        let mut text = String::new();
        if part.after.is_empty() {
            let detail = described(&asked.query);
            self.act(actor, "audit.export", word(asked.format), detail)
                .await?;
            text.push_str(heading(asked.format));
        }
        let (rows, next) = self.audit_part(filter).await?;
        for row in &rows {
            text.push_str(&line(asked.format, row).map_err(internal)?);
        }
        Ok(AuditExport { text, next })
    }
}

fn word(format: AuditFormat) -> &'static str {
    match format {
        AuditFormat::Csv => "csv",
        AuditFormat::Jsonl => "jsonl",
    }
}

impl Admin {
    /// The entries that a filter lets through, and the number after which there are more.
    async fn audit_part(
        &self,
        mut filter: AuditFilter,
    ) -> Result<(Vec<AuditRow>, Option<String>), Error> {
        let wanted = filter.limit;
        // One more says whether this is the end.
        filter.limit += 1;
        let mut entries = self.store.audit_rows(&filter).await.map_err(internal)?;
        let more = entries.len() > usize::try_from(wanted).unwrap_or(usize::MAX);
        if more {
            entries.pop();
        }
        let numbers: Vec<_> = entries.iter().map(|it| it.id).collect();
        let past = self.store.changes_of(&numbers).await.map_err(internal)?;
        let mut changes: HashMap<i64, Vec<AuditChange>> = HashMap::new();
        for it in past {
            changes.entry(it.audit_id).or_default().push(AuditChange {
                field: it.field,
                before: it.before,
                after: it.after,
            });
        }
        let next = numbers.last().filter(|_| more).map(ToString::to_string);
        let row = |it: AuditEntry| AuditRow {
            changes: changes.remove(&it.id).unwrap_or_default(),
            id: it.id,
            at: Millis(it.at_ms),
            actor: it.actor,
            from: it.came_from,
            action: it.action,
            target: it.target,
            detail: it.detail,
        };
        Ok((entries.into_iter().map(row).collect(), next))
    }
}

/// What of the audit is meant.
fn filter(query: &AuditQuery) -> Result<AuditFilter, Error> {
    let text = |text: &str| text.trim().to_owned();
    Ok(AuditFilter {
        search: text(&query.search),
        actor: text(&query.actor),
        action: text(&query.action),
        target: text(&query.target),
        since_ms: moment("since", &query.since)?.map(|it| it.0),
        until_ms: moment("until", &query.until)?.map(|it| it.1),
        ..AuditFilter::default()
    })
}

fn confine(filter: &mut AuditFilter, part: &Part) -> Result<(), Error> {
    filter.limit = i64::from(match part.limit {
        0 => PAGE_SIZE,
        limit => limit.min(MAX_ROWS),
    });
    if !part.after.is_empty() {
        let number = part.after.parse().map_err(|_| {
            invalid(
                "after",
                format!(
                    "{:?} is no place in the audit. Take the `next` of the part before.",
                    part.after
                ),
            )
        })?;
        filter.before = Some(number);
    }
    Ok(())
}

/// The filters of an export, for the audit.
fn described(query: &AuditQuery) -> String {
    let all = [
        ("search", &query.search),
        ("actor", &query.actor),
        ("action", &query.action),
        ("target", &query.target),
        ("since", &query.since),
        ("until", &query.until),
    ];
    let named = all.iter().filter(|(_, value)| !value.trim().is_empty());
    let named: Vec<_> = named
        .map(|(name, value)| format!("{name} {value:?}"))
        .collect();
    if named.is_empty() {
        "all of it".to_owned()
    } else {
        named.join(", ")
    }
}

/// A moment as people write it: where it begins, and where it is over. None: nothing is written.
fn moment(field: &'static str, text: &str) -> Result<Option<(UnixMs, UnixMs)>, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if let Ok(ms) = text.parse::<i64>()
        && !text.starts_with(['+', '-'])
    {
        return Ok(Some((ms, ms.saturating_add(1))));
    }
    let found = date_and_time(text).map(Some);
    found.ok_or_else(|| {
        invalid(
            field,
            format!(
                "{text:?} is no moment. Write a day such as 2026-11-25, a time of it such as 2026-11-25T14:05:09Z (UTC), or milliseconds since 1970-01-01."
            ),
        )
    })
}

/// `2026-11-25`, with or without a time of day after a `T` or a blank, and a `Z` at its end.
fn date_and_time(text: &str) -> Option<(UnixMs, UnixMs)> {
    let (day, clock) = match text.split_once(['T', 't', ' ']) {
        Some((day, clock)) => (day, Some(clock.trim_end_matches(['Z', 'z']))),
        None => (text, None),
    };
    let mut day = day.split('-');
    let (year, month, number) = (
        digits(day.next()?, 4)?,
        digits(day.next()?, 2)?,
        digits(day.next()?, 2)?,
    );
    if day.next().is_some() {
        return None;
    }
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let number = u8::try_from(number).ok()?;
    let day = Date::from_calendar_date(i32::try_from(year).ok()?, month, number).ok()?;
    let begin = |time| {
        PrimitiveDateTime::new(day, time)
            .assume_utc()
            .unix_timestamp()
            * 1000
    };
    let Some(clock) = clock else {
        let start = begin(Time::MIDNIGHT);
        return Some((start, start + DAY_MS));
    };
    let mut parts = clock.split(':');
    let (hour, minute) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let (second, lasts) = match parts.next() {
        // Whoever is more exact than a second means the second.
        Some(second) => (digits(second.split('.').next()?, 2)?, 1000),
        None => (0, 60_000),
    };
    if parts.next().is_some() {
        return None;
    }
    let small = |number| u8::try_from(number).ok();
    let time = Time::from_hms(small(hour)?, small(minute)?, small(second)?).ok()?;
    Some((begin(time), begin(time) + lasts))
}

fn digits(text: &str, most: usize) -> Option<u32> {
    let plain = !text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_people_write_them() {
        let read = |text| moment("since", text).ok().flatten();
        let day = 1_022_889_600_000;
        assert_eq!(read("2002-06-01"), Some((day, day + DAY_MS)));
        let second = day + 14 * 3_600_000 + 5 * 60_000 + 9000;
        let whole = Some((second, second + 1000));
        for text in [
            "2002-06-01T14:05:09Z",
            "2002-06-01 14:05:09",
            "2002-06-01T14:05:09.5Z",
        ] {
            assert_eq!(read(text), whole, "{text}");
        }
        assert_eq!(
            read("2002-06-01T14:05Z"),
            Some((second - 9000, second + 51_000))
        );
        assert_eq!(read("1022889600000"), Some((day, day + 1)));
        assert_eq!(read(" "), None);
        for text in [
            "yesterday",
            "2002-13-01",
            "2002-02-30",
            "2002-06-01T25:00",
            "-5",
            "2002-06",
            "2002-06-01T",
            "2002-06-01-01",
        ] {
            assert!(moment("since", text).is_err(), "{text}");
        }
    }
}
