use std::collections::HashSet;

use super::*;

fn realm() -> Realm {
    Realm::new("im.example.com", Some("Example")).unwrap()
}

fn ha1(username: &str, password: &str) -> [u8; 16] {
    Md5::digest(format!("{username}:im.example.com:{password}")).into()
}

#[test]
fn nt_hash_is_the_published_one() {
    let kept = Verifiers::derive("User", "Password", &realm());
    assert_eq!(
        u128::from_be_bytes(*kept.nt_hash()),
        0xa4f4_9c40_6510_bdca_b682_4ee7_c30f_d852
    );
}

#[test]
fn each_spelling_has_the_ha1_the_client_computes() {
    let kept = Verifiers::derive("aliceB", "opensesame", &realm());
    for sent in [
        "aliceB",
        "aliceb",
        "Aliceb",
        "ALICEB",
        "EXAMPLE\\aliceB",
        "EXAMPLE\\ALICEB",
        "EXAMPLE/Aliceb",
        "example\\aliceb",
        "example/aliceB",
        "im.example.com\\aliceb",
        "im.example.com/aliceB",
        "aliceb@im.example.com",
    ] {
        assert_eq!(
            kept.ha1_for("aliceB", sent, &realm()),
            Some(ha1(sent, "opensesame")),
            "{sent}"
        );
    }
}

#[test]
fn clients_hash_in_utf_8_or_in_latin_1() {
    let latin_1 = |text: &str| -> [u8; 16] {
        let bytes: Vec<_> = text.chars().map(|it| u8::try_from(it).unwrap()).collect();
        Md5::digest(bytes).into()
    };
    let kept = Verifiers::derive("Müller", "straße", &realm());
    for sent in ["Müller", "müller", "EXAMPLE\\Müller"] {
        let hashed = format!("{sent}:im.example.com:straße");
        let utf_8 = Md5::digest(&hashed).into();
        assert_eq!(kept.ha1_for("Müller", sent, &realm()), Some(utf_8));
        let other = kept.latin_1_ha1_for("Müller", sent, &realm());
        assert_eq!(other, Some(latin_1(&hashed)), "{sent}");
    }
    assert_eq!(Verifiers::from_bytes(&kept.to_bytes()), Ok(kept));

    // A name in ASCII, and a password that is not.
    let kept = Verifiers::derive("alice", "straße", &realm());
    assert_eq!(
        kept.latin_1_ha1_for("alice", "alice", &realm()),
        Some(latin_1("alice:im.example.com:straße"))
    );
    // Letters that Latin-1 does not have, and none that differ: nothing more is kept.
    for password in ["пароль", "x"] {
        let kept = Verifiers::derive("alice", password, &realm());
        assert_eq!(kept.to_bytes().len(), STORED);
        assert_eq!(
            kept.latin_1_ha1_for("alice", "alice", &realm()),
            kept.ha1_for("alice", "alice", &realm())
        );
    }
}

#[test]
fn a_spelling_not_kept_or_another_user_has_no_ha1() {
    let kept = Verifiers::derive("alice", "opensesame", &realm());
    for sent in ["aLiCe", "OTHER\\alice", "bob", "", "EXAMPLE\\", "alice@"] {
        assert_eq!(kept.ha1_for("alice", sent, &realm()), None, "{sent}");
    }
}

#[test]
fn spellings_differ_where_the_letters_do() {
    let all: HashSet<_> = SPELLED
        .iter()
        .map(|&s| spell(s, "aliceB", ("EXAMPLE", "im.example.com")))
        .collect();
    assert_eq!(all.len(), SPELLINGS);
}

#[test]
fn the_account_is_what_follows_the_domain_or_precedes_the_at() {
    for (sent, account) in [
        ("alice", "alice"),
        ("DOM\\alice", "alice"),
        ("DOM/alice", "alice"),
        ("a/b\\alice", "alice"),
        ("alice@example.com", "alice"),
        ("DOM\\alice@example.com", "alice"),
        ("", ""),
        ("DOM\\", ""),
    ] {
        assert_eq!(login_alias(sent), account, "{sent}");
    }
}

#[test]
fn stored_form_reads_back_and_refuses_what_it_does_not_know() {
    let kept = Verifiers::derive("alice", "opensesame", &realm());
    let mut bytes = kept.to_bytes();
    assert_eq!(Verifiers::from_bytes(&bytes), Ok(kept));
    assert_eq!(
        Verifiers::from_bytes(&bytes[..100]),
        Err(BadVerifiers::Length { found: 100 })
    );
    assert_eq!(
        Verifiers::from_bytes(&[]),
        Err(BadVerifiers::Length { found: 0 })
    );
    bytes[0] = 9;
    assert_eq!(
        Verifiers::from_bytes(&bytes),
        Err(BadVerifiers::Version { found: 9 })
    );
}

#[test]
fn verifiers_tell_whether_the_domain_changed_since() {
    let kept = Verifiers::derive("alice", "opensesame", &realm());
    assert!(kept.fits(&realm()));
    assert!(!kept.fits(&Realm::new("im.example.org", Some("EXAMPLE")).unwrap()));
}

#[test]
fn debug_prints_no_secret() {
    let kept = Verifiers::derive("alice", "opensesame", &realm());
    assert_eq!(format!("{kept:?}"), "Verifiers(..)");
}

#[test]
fn a_realm_is_safe_inside_a_challenge() {
    assert_eq!(&*realm().nt_domain, "EXAMPLE");
    let short = Realm::new("Chat.Example.com", None).unwrap();
    assert_eq!(
        (&*short.nt_domain, &*short.domain),
        ("CHAT", "chat.example.com")
    );
    for bad in ["", "a,b", "a\"b", "a b", "a\\b", "a\r\nb"] {
        assert!(Realm::new(bad, None).is_err(), "{bad:?}");
        assert!(Realm::new("example.com", Some(bad)).is_err(), "{bad:?}");
    }
    assert!(matches!(
        Realm::new("example.com", Some("SIXTEENLETTERSXX")),
        Err(BadRealm::TooLong { .. })
    ));
}

#[test]
fn a_changed_domain_leaves_plain_and_former_names() {
    let old = realm();
    let kept = Verifiers::derive("aliceB", "opensesame", &old);
    let mut new = Realm::new("chat.example.net", Some("New")).unwrap();
    new.realm = old.realm.clone();
    new.former = [FormerNames {
        nt_domain: old.nt_domain,
        domain: old.domain,
    }]
    .into();
    assert!(!kept.fits(&new));
    for sent in [
        "aliceB",
        "aliceb",
        "EXAMPLE\\aliceb",
        "aliceb@im.example.com",
    ] {
        let found = kept.ha1_for("aliceB", sent, &new);
        assert_eq!(found, Some(ha1(sent, "opensesame")), "{sent}");
    }
    assert_eq!(kept.ha1_for("aliceB", "NEW\\aliceb", &new), None);
    let fresh = Verifiers::derive("aliceB", "opensesame", &new);
    assert!(fresh.fits(&new));
    for sent in ["aliceB", "NEW\\aliceB", "aliceb@chat.example.net"] {
        let found = fresh.ha1_for("aliceB", sent, &new);
        assert_eq!(found, Some(ha1(sent, "opensesame")), "{sent}");
    }
}
