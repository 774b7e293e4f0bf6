use super::*;

fn context() -> ExportContext {
    ExportContext {
        revision: 3,
        date: "2002-06-01".to_owned(),
        server: Some("im.example.com".to_owned()),
    }
}

fn kit(policy: &Policy, version: Windows) -> Kit {
    client_kit(policy, version, &context()).unwrap()
}

fn branch() -> Policy {
    Policy::new("WAN branch")
        .with("disable-file-transfer", Setting::On)
        .with("disable-ad-banner", Setting::On)
        .with("netmeeting-no-audio", Setting::On)
        .with("ie-proxy-enable", Setting::On)
        .with(
            "ie-proxy-server",
            Setting::Text("proxy.example.com:8080".to_owned()),
        )
        .with(
            "ie-proxy-override",
            Setting::Text("im.example.com".to_owned()),
        )
}

#[test]
fn each_windows_gets_the_files_it_can_use() {
    let mut lines = String::new();
    for version in Windows::ALL {
        lines.push_str(version.title());
        for file in kit(&branch(), version).files {
            lines.push_str("\n  ");
            lines.push_str(&file.file_name);
        }
        lines.push('\n');
    }
    insta::assert_snapshot!(lines);
}

#[test]
fn the_readme_says_how_to_bring_it_out() {
    for version in Windows::ALL {
        let readme = String::from_utf8(kit(&branch(), version).files[0].bytes.clone()).unwrap();
        assert!(!readme.replace("\r\n", "").contains('\n'));
        insta::assert_snapshot!(
            format!("readme-{}", version.word()),
            readme.replace("\r\n", "\n")
        );
    }
}

#[test]
fn what_a_format_cannot_carry_is_left_out_and_named() {
    let policy = Policy::new("x").with("conversation-warning", Setting::Text("Ω".to_owned()));
    let made = kit(&policy, Windows::Xp);
    assert_eq!(
        made.left_out
            .iter()
            .map(|(format, _)| *format)
            .collect::<Vec<_>>(),
        [Format::Bat]
    );
    assert!(
        !made
            .files
            .iter()
            .any(|file| file.file_name.ends_with(".bat"))
    );
    assert!(client_kit(&policy, Windows::Win98, &context()).is_err());
}

#[test]
fn a_kit_is_packed_the_same_each_time() {
    for version in Windows::ALL {
        let kit = kit(&branch(), version);
        let packed = kit.archive(&context()).unwrap();
        assert_eq!(
            packed.file_name,
            format!("wan-branch-{}.zip", version.word())
        );
        assert_eq!(packed, kit.archive(&context()).unwrap());
        assert!(packed.bytes.starts_with(b"PK"));
    }
}

#[test]
fn what_no_program_on_a_windows_reads_is_idle() {
    let idle = |version: Windows| {
        let options = version.idle(&branch());
        options.iter().map(|option| option.id).collect::<Vec<_>>()
    };
    assert_eq!(idle(Windows::Nt4), ["disable-file-transfer"]);
    assert_eq!(idle(Windows::Xp), Vec::<&str>::new());
    assert!(idle(Windows::Vista).contains(&"netmeeting-no-audio"));
}

#[test]
fn no_two_files_have_the_same_name() {
    for version in Windows::ALL {
        let mut names: Vec<String> = kit(&branch(), version)
            .files
            .into_iter()
            .map(|f| f.file_name)
            .collect();
        let before = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), before, "{}", version.title());
    }
}
