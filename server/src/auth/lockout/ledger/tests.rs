use super::*;

const NOW: i64 = 1_000_000_000_000;

fn ledger() -> Ledger {
    Ledger::new(Rules::CONSOLE)
}

fn alice() -> Name {
    Name::account("alice")
}

fn at(last: u8) -> IpAddr {
    IpAddr::from([10, 0, 0, last])
}

fn far(n: u32) -> IpAddr {
    IpAddr::from((0x0a01_0000 + n).to_be_bytes())
}

/// One attempt after the other; says what each was told, and lets it be wrong.
fn guess(ledger: &mut Ledger, name: &Name, from: IpAddr, now: i64) -> Verdict {
    let verdict = ledger.ask(name, from, now, || false);
    if let Verdict::Go { known, .. } = verdict {
        ledger.done(name, from, known, Outcome::Wrong, now);
    }
    verdict
}

fn sign_in(ledger: &mut Ledger, name: &Name, from: IpAddr, now: i64) -> Verdict {
    let verdict = ledger.ask(name, from, now, || false);
    if let Verdict::Go { known, .. } = verdict {
        ledger.done(name, from, known, Outcome::Right, now);
    }
    verdict
}

fn goes(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Go { .. })
}

#[test]
fn five_wrong_passwords_close_the_pair_and_nobody_else() {
    let mut ledger = ledger();
    for _ in 0..5 {
        assert!(goes(guess(&mut ledger, &alice(), at(1), NOW)));
    }
    let closed = Verdict::Closed(LockedOut { seconds: 30 });
    assert_eq!(sign_in(&mut ledger, &alice(), at(1), NOW), closed);
    assert!(goes(sign_in(&mut ledger, &alice(), at(2), NOW)));
    assert!(goes(sign_in(
        &mut ledger,
        &Name::account("bob"),
        at(1),
        NOW
    )));
    assert!(goes(sign_in(&mut ledger, &alice(), at(1), NOW + 30_000)));
}

#[test]
fn a_right_password_forgets_the_wrong_ones_before_it() {
    let mut ledger = ledger();
    for _ in 0..3 {
        for _ in 0..4 {
            assert!(goes(guess(&mut ledger, &alice(), at(1), NOW)));
        }
        assert!(goes(sign_in(&mut ledger, &alice(), at(1), NOW)));
    }
}

#[test]
fn right_passwords_between_them_do_not_make_guesses_free() {
    let mut ledger = ledger();
    sign_in(&mut ledger, &alice(), at(1), NOW);
    let mut looked_at = 0;
    let hour = 3600;
    for second in 0..hour {
        let now = NOW + second * 1000;
        looked_at += u32::from(goes(guess(&mut ledger, &alice(), at(1), now)));
        sign_in(&mut ledger, &alice(), at(1), now);
    }
    assert!(looked_at < 20 + 60 * 10, "{looked_at} guesses in an hour");
}

#[test]
fn so_many_at_once_are_looked_at_as_one_after_the_other() {
    let mut ledger = ledger();
    let verdicts: Vec<_> = (0..150)
        .map(|_| ledger.ask(&alice(), at(1), NOW, || false))
        .collect();
    assert_eq!(verdicts.iter().filter(|it| goes(**it)).count(), 5);
    assert_eq!(verdicts[149], Verdict::Busy);
    for verdict in verdicts.into_iter().take(5) {
        let Verdict::Go { known, .. } = verdict else {
            panic!("{verdict:?}");
        };
        ledger.done(&alice(), at(1), known, Outcome::Wrong, NOW);
    }
    let after = ledger.ask(&alice(), at(1), NOW, || false);
    assert_eq!(after, Verdict::Closed(LockedOut { seconds: 30 }));
}

#[test]
fn guesses_from_everywhere_at_one_account_come_to_one_a_minute() {
    let mut ledger = ledger();
    let mut looked_at = 0;
    for n in 0..36_000 {
        // Ten addresses a second, each for the first time.
        let now = NOW + i64::from(n) * 100;
        looked_at += u32::from(goes(guess(&mut ledger, &alice(), far(n), now)));
    }
    assert!(looked_at < 250, "{looked_at} guesses in an hour");
}

#[test]
fn nobody_keeps_the_holder_out_of_where_they_are_known() {
    let mut ledger = ledger();
    sign_in(&mut ledger, &alice(), at(1), NOW);
    for n in 0..10_000 {
        guess(&mut ledger, &alice(), far(n), NOW);
    }
    assert!(!goes(ledger.ask(&alice(), at(2), NOW, || false)));
    let here = sign_in(&mut ledger, &alice(), at(1), NOW);
    assert_eq!(
        here,
        Verdict::Go {
            after_ms: 0,
            known: true
        }
    );
    // A sign-on that lives there is as good.
    let there = ledger.ask(&alice(), at(3), NOW, || true);
    assert!(goes(there), "{there:?}");
}

#[test]
fn made_up_names_close_nobody_out() {
    let mut ledger = ledger();
    for n in 0..1000 {
        guess(&mut ledger, &Name::unknown(&n.to_string()), at(1), NOW);
    }
    // Behind the same proxy, and never seen before.
    let Verdict::Go { after_ms, .. } = sign_in(&mut ledger, &alice(), at(1), NOW + 4000) else {
        panic!("the holder of an account is closed out");
    };
    assert!(after_ms <= LONGEST_WAIT_MS);
}

#[test]
fn names_tried_from_one_address_are_spaced_out() {
    let mut ledger = ledger();
    let mut looked_at = 0;
    for n in 0..36_000 {
        let now = NOW + i64::from(n) * 100;
        let name = Name::account(format!("user{n}"));
        looked_at += u32::from(goes(guess(&mut ledger, &name, at(1), now)));
    }
    assert!(looked_at < 1000, "{looked_at} names in an hour");
}

#[test]
fn what_is_no_guess_leaves_nothing() {
    let mut ledger = ledger();
    for _ in 0..1000 {
        let Verdict::Go { known, .. } = ledger.ask(&alice(), at(1), NOW, || false) else {
            panic!("no guess was counted as one");
        };
        ledger.done(&alice(), at(1), known, Outcome::NoGuess, NOW);
    }
    assert_eq!(ledger.len(), 0);
}

#[test]
fn a_flood_of_names_is_bounded_and_frees_no_account() {
    let mut ledger = ledger();
    for _ in 0..5 {
        guess(&mut ledger, &alice(), at(1), NOW);
    }
    let many = 3 * u32::try_from(STRANGERS).unwrap();
    for n in 0..many {
        guess(&mut ledger, &Name::unknown(&n.to_string()), far(n), NOW);
    }
    assert!(
        ledger.len() <= 2 * STRANGERS + PAIRS + 2,
        "{}",
        ledger.len()
    );
    assert!(!goes(sign_in(&mut ledger, &alice(), at(1), NOW)));
    for n in 0..3 * u32::try_from(PAIRS).unwrap() {
        let name = Name::account(format!("user{n}"));
        guess(&mut ledger, &name, far(n), NOW);
    }
    assert!(ledger.len() <= 3 * PAIRS + 2 * STRANGERS);
}

#[test]
fn what_is_held_is_listed_and_let_go_by_name_or_address() {
    let mut ledger = ledger();
    assert_eq!(ledger.held(NOW), []);
    for _ in 0..5 {
        guess(&mut ledger, &alice(), at(1), NOW);
        guess(&mut ledger, &Name::unknown("ghost"), at(1), NOW);
    }
    let held = ledger.held(NOW);
    let names: Vec<_> = held.iter().map(|it| it.name.as_deref()).collect();
    assert_eq!(names, [Some("alice"), Some("ghost")]);
    assert_eq!((held[0].account, held[1].account), (true, false));
    assert_eq!((held[0].failures, held[0].left_ms), (5, 30_000));

    let alice_only = ["alice".to_owned()];
    assert!(ledger.visit(&alice_only, None, NOW, false) > 0);
    assert!(!goes(sign_in(&mut ledger, &alice(), at(1), NOW)));
    assert!(ledger.visit(&alice_only, None, NOW, true) > 0);
    assert!(goes(sign_in(&mut ledger, &alice(), at(1), NOW)));
    assert!(!goes(guess(
        &mut ledger,
        &Name::unknown("ghost"),
        at(1),
        NOW
    )));
    assert!(ledger.visit(&[], Some(at(1)), NOW, true) > 0);
    assert!(goes(guess(
        &mut ledger,
        &Name::unknown("ghost"),
        at(1),
        NOW
    )));
    assert_eq!(ledger.visit(&["bob".to_owned()], None, NOW, true), 0);
}
