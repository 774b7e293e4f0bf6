//! `Registry.pol` (MS-GPREG 2.2.1), one file for each hive: the folder it lies
//! in says for which.

use super::{Draft, ExportError, Format};
use crate::{Hive, RegistryData, RegistryValue};

const WHY_CHARACTER: &str = "Group Policy files hold printable ASCII in the names of keys, and no zeros; \
    remove this value from the policy";
const WHY_ORDER: &str = "a name that begins with ** is an order in Group Policy files; remove this value from the policy";
const WHY_SIZE: &str =
    "Group Policy files hold 65,535 bytes in a value at most; remove this value from the policy";

pub(super) fn write(file: &Draft<'_>) -> Result<Vec<u8>, ExportError> {
    let hive = if file.format == Format::PolMachine {
        Hive::LocalMachine
    } else {
        Hive::CurrentUser
    };
    let mut bytes = b"PReg\x01\0\0\0".to_vec();
    let mut values: Vec<&RegistryValue> = file
        .values
        .iter()
        .filter(|value| value.hive == hive)
        .collect();
    // Orders to delete come before the values of the same key, as Windows'
    // own tools have them.
    values.sort_by_key(|value| (value.key.to_lowercase(), value.data != RegistryData::Absent));
    for value in values {
        record(&mut bytes, file, value)?;
    }
    Ok(bytes)
}

fn record(bytes: &mut Vec<u8>, file: &Draft<'_>, value: &RegistryValue) -> Result<(), ExportError> {
    let bad = value
        .key
        .chars()
        .find(|c| !matches!(c, ' '..='~'))
        .or_else(|| value.name.chars().find(|c| *c == '\0'));
    if let Some(character) = bad {
        return Err(file.refuse_character(value, character, WHY_CHARACTER));
    }
    if value.name.starts_with("**") {
        return Err(file.refuse_value(value, WHY_ORDER));
    }
    let (name, kind, data) = match &value.data {
        // One space is what Windows' own editor leaves there.
        RegistryData::Absent => (format!("**del.{}", value.name), 1, text(" ")),
        RegistryData::Sz(string) => (value.name.clone(), 1, text(string)),
        RegistryData::Dword(number) => (value.name.clone(), 4, number.to_le_bytes().to_vec()),
        RegistryData::Other { kind, bytes } => (value.name.clone(), *kind, bytes.clone()),
    };
    let Ok(size) = u16::try_from(data.len()) else {
        return Err(file.refuse_value(value, WHY_SIZE));
    };
    sign(bytes, b'[');
    bytes.extend(text(&value.key));
    sign(bytes, b';');
    bytes.extend(text(&name));
    sign(bytes, b';');
    bytes.extend(u32::to_le_bytes(kind));
    sign(bytes, b';');
    bytes.extend(u32::from(size).to_le_bytes());
    sign(bytes, b';');
    bytes.extend(data);
    sign(bytes, b']');
    Ok(())
}

/// An ASCII character in UTF-16LE.
fn sign(bytes: &mut Vec<u8>, sign: u8) {
    bytes.extend([sign, 0]);
}

/// UTF-16LE with a zero at the end.
fn text(text: &str) -> Vec<u8> {
    text.encode_utf16()
        .chain([0])
        .flat_map(u16::to_le_bytes)
        .collect()
}
