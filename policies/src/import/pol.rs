//! The reader for `Registry.pol` (MS-GPREG 2.2.1).

use super::{Gathered, ImportError, LeftOut, RegistryFile, data_of, utf16_text};
use crate::{Hive, RegistryData};

const SIGNATURE: [u8; 8] = [b'P', b'R', b'e', b'g', 1, 0, 0, 0];

/// Reads a `Registry.pol` file. The file does not say for which hive it is:
/// the one in the folder `Machine` is for HKLM, the one in `User` for HKCU.
///
/// # Errors
///
/// The file is not a `Registry.pol` of version 1, or a record in it is damaged.
pub fn read_pol(bytes: &[u8], hive: Hive) -> Result<RegistryFile, ImportError> {
    let Some(rest) = bytes.strip_prefix(&SIGNATURE) else {
        return Err(ImportError::NotSuchAFile {
            kind: "Registry.pol file",
            why: "it does not begin with PReg and version 1",
        });
    };
    let mut file = Gathered::default();
    let mut cursor = Cursor {
        rest,
        at: SIGNATURE.len(),
    };
    while !cursor.rest.is_empty() {
        let at = cursor.at;
        let record = cursor
            .record()
            .map_err(|why| ImportError::Record { at, why })?;
        take(&mut file, hive, record);
    }
    Ok(file.finish())
}

struct Record<'a> {
    key: String,
    name: String,
    kind: u32,
    data: &'a [u8],
}

/// Puts one record where it belongs; names with two stars are orders.
fn take(file: &mut Gathered, hive: Hive, record: Record<'_>) {
    let lower = record.name.to_ascii_lowercase();
    let names = || utf16_text(record.data).unwrap_or_default();
    if let Some(name) = lower.strip_prefix("**del.") {
        let name = record.name[record.name.len() - name.len()..].to_owned();
        file.put(hive, &record.key, name, RegistryData::Absent);
    } else if lower == "**deletevalues" {
        for name in names().split(';').filter(|name| !name.is_empty()) {
            file.put(hive, &record.key, name.to_owned(), RegistryData::Absent);
        }
    } else if lower.starts_with("**") {
        // **DelVals, **DeleteKeys, **SecureKey, **Comment and what else there may be.
        let path = format!("{}\\{}", hive.full(), record.key);
        file.left_out.push(LeftOut {
            line: format!("[{path}] {}", record.name),
            removed: true,
        });
    } else if record.name.is_empty() && record.kind == 0 && record.data.is_empty() {
        // Only makes the key; a value below it does that as well.
    } else {
        let data = data_of(record.kind, record.data);
        file.put(hive, &record.key, record.name, data);
    }
}

struct Cursor<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn record(&mut self) -> Result<Record<'a>, &'static str> {
        self.sign(b'[', "a record does not begin with [")?;
        let key = self.text("the key does not end")?;
        self.sign(b';', "there is no ; after the key")?;
        let name = self.text("the value's name does not end")?;
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

    fn text(&mut self, why: &'static str) -> Result<String, &'static str> {
        let mut pairs = self.rest.chunks_exact(2);
        let length = pairs.position(|pair| pair == [0, 0]).ok_or(why)? * 2;
        let text = utf16_text(self.bytes(length, why)?).ok_or("a name is not sound UTF-16")?;
        self.bytes(2, why)?;
        Ok(text)
    }
}
