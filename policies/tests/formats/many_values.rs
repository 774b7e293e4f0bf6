//! A policy of many values costs a multiple of its number and not of its square.

use std::time::{Duration, Instant};

use policies::{
    Assigned, Catalogue, Effect, Exporter, Format, Hive, Policy, RegistryData, RegistryFile,
    RegistryValue, Target, Windows, can_make_kit, client_kit, diff, effective, import, read_reg,
};

use crate::samples;

fn policy(count: u32) -> Policy {
    let value = |number: u32| RegistryValue {
        hive: Hive::CurrentUser,
        key: format!("Software\\Example\\Big\\Key{:06}", number / 20),
        name: format!("V{number:06}"),
        data: RegistryData::Sz(format!("some text {number}")),
        option: None,
    };
    let mut policy = samples::wan_branch();
    policy.other_values = (0..count).map(value).collect();
    policy
}

/// The same with other texts in every second value.
fn changed(mut policy: Policy) -> Policy {
    for value in policy.other_values.iter_mut().step_by(2) {
        value.data = RegistryData::Dword(1);
    }
    policy
}

/// Something that is done with a policy, under its name.
type Deed = (&'static str, Box<dyn Fn(&Policy)>);

/// Everything that is done with one.
fn deeds() -> Vec<Deed> {
    let mut deeds: Vec<Deed> = vec![
        ("values", Box::new(|it| drop(it.values(Catalogue::get())))),
        ("check", Box::new(|it| drop(it.check(Catalogue::get())))),
        ("diff", Box::new(|it| drop(diff(it, &changed(it.clone()))))),
        (
            "effective",
            Box::new(|it| {
                let targets = [Target::Everyone];
                let assigned = |policy| Assigned {
                    policy,
                    targets: &targets,
                    priority: 0,
                };
                let other = changed(it.clone());
                let both = [assigned(it), assigned(&other)];
                for effect in [Effect::Files, Effect::Wire] {
                    drop(effective(&both, "alice", &[], effect));
                }
            }),
        ),
        (
            "can export",
            Box::new(|it| {
                let exporter = Exporter::new(it);
                for format in Format::ALL {
                    drop((exporter.can_export(format), exporter.can_undo(format)));
                }
                for windows in Windows::ALL {
                    drop(can_make_kit(&exporter, windows));
                }
            }),
        ),
        (
            "kit",
            Box::new(|it| {
                drop(client_kit(it, Windows::Xp, &samples::context()).expect("sound"));
            }),
        ),
        (
            "reading back",
            Box::new(|it| {
                let exporter = Exporter::new(it);
                let file = exporter
                    .export(Format::Reg, &samples::context())
                    .expect("sound");
                let read = read_reg(&file.bytes).expect("our own file");
                drop(import("x", read, Catalogue::get()).keep_unknown());
            }),
        ),
        (
            "import",
            Box::new(|it| {
                let file = RegistryFile {
                    values: it.values(Catalogue::get()),
                    ..RegistryFile::default()
                };
                drop(import("x", file, Catalogue::get()).keep_unknown());
            }),
        ),
    ];
    for format in [
        Format::Reg,
        Format::Reg4,
        Format::PolUser,
        Format::Lgpo,
        Format::Bat,
        Format::Vbs,
        Format::Admx,
    ] {
        deeds.push((
            format.word(),
            Box::new(move |it| {
                let exporter = Exporter::new(it);
                exporter.export(format, &samples::context()).expect("sound");
                if format != Format::Admx {
                    exporter.undo(format, &samples::context()).expect("sound");
                }
            }),
        ));
    }
    deeds
}

#[expect(
    clippy::disallowed_methods,
    reason = "what is measured here is the time of the machine"
)]
fn took(times: u32, deed: &dyn Fn(&Policy), policy: &Policy) -> Duration {
    let start = Instant::now();
    for _ in 0..times {
        deed(policy);
    }
    start.elapsed()
}

#[test]
fn ten_times_the_values_take_not_much_more_than_ten_times_as_long() {
    let (few, many) = (policy(1_000), policy(10_000));
    for (what, deed) in deeds() {
        // The few ten times are as many as the many, so that both meet the same load of other
        // programs. What is quadratic takes ten times as long for the many, whatever the try.
        let (mut least_few, mut least_many) = (Duration::MAX, Duration::MAX);
        let mut close = false;
        for _ in 0..10 {
            least_few = least_few.min(took(10, &deed, &few));
            least_many = least_many.min(took(1, &deed, &many));
            close = least_many < least_few * 4;
            if close {
                break;
            }
        }
        assert!(
            close,
            "{what}: {least_few:?} for ten times 1,000 values, {least_many:?} for 10,000"
        );
    }
}

#[test]
fn options_and_kept_values_of_one_place_are_told_apart_among_many() {
    let mut policy = policy(500);
    let mut twin = policy.values(Catalogue::get());
    twin.retain(|value| value.name == "DisablePC2PCAudio");
    twin[0].option = None;
    twin[0].key = twin[0].key.to_uppercase();
    twin[0].data = RegistryData::Dword(9);
    policy.other_values.extend(twin);
    let written = policy.values(Catalogue::get());
    let voice = written.iter().filter(|it| it.name == "DisablePC2PCAudio");
    assert_eq!(
        voice.map(|it| it.data.clone()).collect::<Vec<_>>(),
        [RegistryData::Dword(1)]
    );
    let said = policy.check(Catalogue::get());
    assert!(
        said.iter()
            .any(|it| it.message.contains("kept from a file, is not written"))
    );
}
