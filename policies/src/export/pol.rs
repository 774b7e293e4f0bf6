//! `Registry.pol` (MS-GPREG 2.2.1), one file for each hive: the folder it lies
//! in says for which.

use super::{Draft, ExportError, Format};
use crate::{Hive, RegistryData, RegistryValue};

const WHY_CHARACTER: &str = "Group Policy files hold printable ASCII in the names of keys, and no zeros; \
    remove this value from the policy";
const WHY_ORDER: &str = "a name that begins with ** is an order in Group Policy files; remove this value from the policy";
const WHY_ROOT: &str = "Group Policy files set values of keys and not of the hive itself; remove this value from the policy";
const WHY_SIZE: &str =
    "Group Policy files hold 65,535 bytes in a value at most; remove this value from the policy";

pub(super) fn fits(file: &Draft<'_>) -> Result<(), ExportError> {
    values(file).try_for_each(|value| {
        file.carries(
            value,
            &value.key,
            |c| !matches!(c, ' '..='~'),
            WHY_CHARACTER,
        )?;
        file.carries(value, &value.name, |c| c == '\0', WHY_CHARACTER)?;
        if value.key.trim_matches('\\').is_empty() {
            return Err(file.refuse_value(value, WHY_ROOT));
        }
        if value.name.starts_with("**") {
            return Err(file.refuse_value(value, WHY_ORDER));
        }
        let size = match &value.data {
            RegistryData::Sz(string) => 2 * (string.encode_utf16().count() + 1),
            RegistryData::Other { bytes, .. } => bytes.len(),
            RegistryData::Absent | RegistryData::Dword(_) => 4,
        };
        if size > usize::from(u16::MAX) {
            return Err(file.refuse_value(value, WHY_SIZE));
        }
        Ok(())
    })
}

/// The values of the file's hive.
fn values<'a>(file: &'a Draft<'_>) -> impl Iterator<Item = &'a RegistryValue> {
    let hive = if file.format == Format::PolMachine {
        Hive::LocalMachine
    } else {
        Hive::CurrentUser
    };
    file.values.iter().filter(move |value| value.hive == hive)
}

pub(super) fn write(file: &Draft<'_>) -> Vec<u8> {
    let mut bytes = b"PReg\x01\0\0\0".to_vec();
    let mut values: Vec<&RegistryValue> = values(file).collect();
    // Orders to delete come before the values of the same key, as Windows'
    // own tools have them.
    values
        .sort_by_cached_key(|value| (value.key.to_lowercase(), value.data != RegistryData::Absent));
    for value in values {
        record(&mut bytes, value);
    }
    bytes
}

fn record(bytes: &mut Vec<u8>, value: &RegistryValue) {
    let (name, kind, data) = match &value.data {
        // One space is what Windows' own editor leaves there.
        RegistryData::Absent => (format!("**del.{}", value.name), 1, text(" ")),
        RegistryData::Sz(string) => (value.name.clone(), 1, text(string)),
        RegistryData::Dword(number) => (value.name.clone(), 4, number.to_le_bytes().to_vec()),
        RegistryData::Other { kind, bytes } => (value.name.clone(), *kind, bytes.clone()),
    };
    let size = u32::try_from(data.len()).unwrap_or_default();
    sign(bytes, b'[');
    bytes.extend(text(value.key.trim_matches('\\')));
    sign(bytes, b';');
    bytes.extend(text(&name));
    sign(bytes, b';');
    bytes.extend(u32::to_le_bytes(kind));
    sign(bytes, b';');
    bytes.extend(size.to_le_bytes());
    sign(bytes, b';');
    bytes.extend(data);
    sign(bytes, b']');
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
