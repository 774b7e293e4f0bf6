//! Files that administrators import: what becomes a policy is written and read as the same.

use policies::{
    Catalogue, ExportContext, Format, Hive, Policy, RegistryFile, export, import, read_pol,
    read_reg,
};

fn context() -> ExportContext {
    ExportContext {
        revision: 3,
        date: "2002-06-01".to_owned(),
        server: Some("im.example.com".to_owned()),
    }
}

/// The policy that a file makes, with its other values in one order and in small letters: a file
/// names a key once, in the spelling of its first value.
fn read_again(file: RegistryFile) -> Policy {
    policy_as_compared(import("Any", file, Catalogue::get()).keep_unknown())
}

fn policy_as_compared(mut policy: Policy) -> Policy {
    for value in &mut policy.other_values {
        value.key = value.key.to_lowercase();
        value.name = value.name.to_lowercase();
    }
    policy
        .other_values
        .sort_by_key(|value| format!("{} {}", value.path(), value.name));
    policy
}

fn written(policy: &Policy, format: Format) -> Option<Vec<u8>> {
    export(policy, format, &context())
        .ok()
        .map(|file| file.bytes)
}

fn reads_back(file: RegistryFile) {
    let policy = import("Any", file, Catalogue::get()).keep_unknown();
    // In a .reg file such a key ends where a comment seems to begin.
    let like_a_comment = |value: &policies::RegistryValue| {
        let ends = value.key.split(']').skip(1);
        ends.map(str::trim_start)
            .any(|after| after.starts_with([';', '#']))
    };
    if policy.other_values.iter().any(like_a_comment) {
        return;
    }
    let expected = policy_as_compared(policy.clone());
    if let Some(bytes) = written(&policy, Format::Reg) {
        let again = read_reg(&bytes).expect("our own .reg file");
        assert_eq!(read_again(again), expected);
    }
    let machine = written(&policy, Format::PolMachine);
    let user = written(&policy, Format::PolUser);
    if let (Some(machine), Some(user)) = (machine, user) {
        let mut again = read_pol(&machine, Hive::LocalMachine).expect("our own Registry.pol");
        let user = read_pol(&user, Hive::CurrentUser).expect("our own Registry.pol");
        again.values.extend(user.values);
        assert_eq!(read_again(again), expected);
    }
}

pub(crate) fn reg(input: &[u8]) {
    if let Ok(file) = read_reg(input) {
        reads_back(file);
    }
}

pub(crate) fn registry_pol(input: &[u8]) {
    for hive in [Hive::LocalMachine, Hive::CurrentUser] {
        if let Ok(file) = read_pol(input, hive) {
            reads_back(file);
        }
    }
}
