//! The reader for `Registry.pol` (MS-GPREG 2.2.1).

use std::sync::Arc;

use super::place::{Position, Spot};
use super::{LeftOut, NotTaken, Reading, data_of, text_of};
use crate::{Hive, RegistryData};

pub(super) const SIGNATURE: &[u8] = b"PReg";
const VERSION: [u8; 4] = [1, 0, 0, 0];

/// Why a file is none.
pub(super) enum Refusal {
    /// It does not begin with `PReg`.
    NoSignature,
    /// Its version is not 1.
    Version,
    /// A record of it cannot be read.
    Record { at: usize, why: &'static str },
}

/// Reads a file that is for this hive.
pub(super) fn read(
    bytes: &[u8],
    hive: Hive,
    file: Option<Arc<str>>,
    reading: &mut Reading,
) -> Result<(), Refusal> {
    let rest = bytes.strip_prefix(SIGNATURE).ok_or(Refusal::NoSignature)?;
    let rest = rest.strip_prefix(&VERSION).ok_or(Refusal::Version)?;
    let mut reader = Reader {
        reading,
        file,
        hive,
        in_front: 0,
    };
    let mut cursor = Cursor {
        rest,
        at: SIGNATURE.len() + VERSION.len(),
    };
    if rest.is_empty() {
        reader.notice("it has no records: it sets nothing");
    }
    let mut unended = 0;
    while !cursor.rest.is_empty() {
        if cursor
            .rest
            .iter()
            .all(|byte| matches!(byte, 0 | 0x1a | b'\n' | b'\r' | b' '))
        {
            let count = cursor.rest.len();
            reader.notice(&format!(
                "{count} bytes at its end hold nothing and were passed over"
            ));
            break;
        }
        let at = cursor.at;
        let record = match cursor.record() {
            Ok((record, ended)) => {
                unended += usize::from(!ended);
                record
            }
            // What follows has no beginning that could be found again.
            Err(why) if reader.reading.options.skip_bad_lines => {
                let place = reader.place(at);
                let why = format!("the rest of the file cannot be read: {why}");
                reader.reading.bad.push(place, why, "");
                break;
            }
            Err(why) => return Err(Refusal::Record { at, why }),
        };
        reader.take(at, record);
    }
    if unended > 0 {
        reader.notice(&format!(
            "{unended} of its records have names without the zero at their end"
        ));
    }
    if reader.in_front > 0 {
        let count = reader.in_front;
        reader.notice(&format!(
            "the keys of {count} records begin with a backslash or the name of the hive, which Windows would take for a key; both were passed over"
        ));
    }
    Ok(())
}

struct Record<'a> {
    key: String,
    name: String,
    kind: u32,
    data: &'a [u8],
}

struct Reader<'a> {
    reading: &'a mut Reading,
    file: Option<Arc<str>>,
    hive: Hive,
    /// Records with something in front of their key.
    in_front: usize,
}

impl Reader<'_> {
    /// Puts one record where it belongs; names with two stars are orders.
    fn take(&mut self, at: usize, record: Record<'_>) {
        let Record {
            key: written,
            name,
            kind,
            data,
        } = record;
        let key = self.key(&written);
        let hive = self.hive;
        let place = self.place(at);
        let gathered = &mut self.reading.gathered;
        let lower = name.to_ascii_lowercase();
        let list = || text_of(data).unwrap_or_default();
        let order = |word: &str| {
            let rest = lower.strip_prefix(word)?;
            Some(&name[name.len() - rest.len()..])
        };
        if let Some(value) = order("**del.") {
            gathered.put(hive, &key, value.to_owned(), RegistryData::Absent, place);
        } else if order("**deletevalues").is_some() {
            for value in list().split(';').filter(|value| !value.is_empty()) {
                let value = value.to_owned();
                gathered.put(hive, &key, value, RegistryData::Absent, place.clone());
            }
        } else if order("**delvals").is_some() {
            gathered.remove_values(hive, &key, &place);
            self.leave_out(at, &key, &name, NotTaken::RemovesValues);
        } else if order("**deletekeys").is_some() {
            let keys = list();
            for below in keys.split(';').filter(|below| !below.is_empty()) {
                let below = format!("{key}\\{}", below.trim_matches('\\'));
                gathered.remove_key(hive, &below, &place);
            }
            let name = format!("{name} {keys}");
            self.leave_out(at, &key, &name, NotTaken::RemovesKey);
        } else if order("**securekey").is_some() {
            self.leave_out(
                at,
                &key,
                &name,
                NotTaken::SecuresKey(data.first() != Some(&0)),
            );
        } else if order("**comment").is_some() {
            let name = format!("{name} {}", list());
            self.leave_out(at, &key, name.trim_end(), NotTaken::Comment);
        } else if let Some(value) = order("**soft.") {
            let name = format!("{value} = {}", data_of(kind, data));
            self.leave_out(at, &key, &name, NotTaken::Soft);
        } else if lower.starts_with("**") {
            self.leave_out(at, &key, &name, NotTaken::UnknownOrder);
        } else if name.is_empty() && kind == 0 && data.is_empty() {
            gathered.open(hive, &key);
            self.leave_out(at, &key, "", NotTaken::KeyOnly(hive, key.clone()));
        } else {
            gathered.open(hive, &key);
            gathered.put(hive, &key, name, data_of(kind, data), place);
        }
    }

    /// A key as Windows takes it. Some programs put a backslash or the hive in front.
    fn key(&mut self, written: &str) -> String {
        let mut key = written.trim_matches('\\');
        if let Some((root, rest)) = key.split_once('\\')
            && Hive::named(root) == Some(self.hive)
        {
            key = rest;
        }
        if !written.starts_with(key) {
            self.in_front += 1;
        }
        let parts: Vec<&str> = key.split('\\').filter(|part| !part.is_empty()).collect();
        parts.join("\\")
    }

    fn leave_out(&mut self, at: usize, key: &str, name: &str, why: NotTaken) {
        let what = format!("[{}\\{key}] {name}", self.hive.full());
        self.reading.gathered.left_out.push(LeftOut {
            place: self.place(at),
            what: what.trim_end().to_owned(),
            why,
        });
    }

    fn notice(&mut self, text: &str) {
        self.reading
            .notice(self.file.as_ref(), format_args!("{text}"));
    }

    fn place(&self, at: usize) -> Position {
        Position {
            file: self.file.clone(),
            spot: Spot::Byte(at),
        }
    }
}

#[derive(Clone, Copy)]
struct Cursor<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// The next record, and whether its names end with a zero each.
    fn record(&mut self) -> Result<(Record<'a>, bool), &'static str> {
        let before = *self;
        match self.record_with(Self::ended) {
            Ok(record) => Ok((record, true)),
            Err(why) => {
                *self = before;
                let record = self.record_with(Self::unended).map_err(|_| why)?;
                Ok((record, false))
            }
        }
    }

    fn record_with(
        &mut self,
        text: fn(&mut Self, &'static str) -> Result<String, &'static str>,
    ) -> Result<Record<'a>, &'static str> {
        self.sign(b'[', "a record does not begin with [")?;
        let key = text(self, "the key does not end")?;
        self.sign(b';', "there is no ; after the key")?;
        let name = text(self, "the value's name does not end")?;
        self.sign(b';', "there is no ; after the value's name")?;
        let kind = self.number("the type is cut off")?;
        self.sign(b';', "there is no ; after the type")?;
        let size = self.number("the size is cut off")?;
        self.sign(b';', "there is no ; after the size")?;
        let size = usize::try_from(size).map_err(|_| "the size is too large")?;
        let data = self.bytes(size, "the data is shorter than its size says")?;
        self.sign(b']', "the record does not end with ]")?;
        Ok(Record {
            key,
            name,
            kind,
            data,
        })
    }

    fn bytes(&mut self, count: usize, why: &'static str) -> Result<&'a [u8], &'static str> {
        let (bytes, rest) = self.rest.split_at_checked(count).ok_or(why)?;
        self.rest = rest;
        self.at += count;
        Ok(bytes)
    }

    /// An ASCII character in UTF-16LE.
    fn sign(&mut self, sign: u8, why: &'static str) -> Result<(), &'static str> {
        if self.bytes(2, why)? == [sign, 0] {
            Ok(())
        } else {
            Err(why)
        }
    }

    fn number(&mut self, why: &'static str) -> Result<u32, &'static str> {
        let bytes = self.bytes(4, why)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// A name and the zero at its end; some programs write two.
    fn ended(&mut self, why: &'static str) -> Result<String, &'static str> {
        let text = self.up_to([0, 0], why)?;
        while self.rest.starts_with(&[0, 0]) {
            self.bytes(2, why)?;
        }
        Ok(text)
    }

    /// A name up to the semicolon after it.
    fn unended(&mut self, why: &'static str) -> Result<String, &'static str> {
        let text = self.up_to([b';', 0], why)?;
        Ok(text.trim_end_matches('\0').to_owned())
    }

    fn up_to(&mut self, end: [u8; 2], why: &'static str) -> Result<String, &'static str> {
        let mut pairs = self.rest.chunks_exact(2);
        let length = pairs.position(|pair| pair == end).ok_or(why)? * 2;
        let bytes = self.bytes(length, why)?;
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        String::from_utf16(&units).map_err(|_| "a name is not sound UTF-16")
    }
}
