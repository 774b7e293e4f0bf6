//! Made-up people.

use web::model::{ChartPoint, Millis, OnlineRow, PresenceState, SessionCell, UserDetail, UserRow};

const FIRST: [&str; 20] = [
    "Anna", "Bruno", "Carla", "Dmitri", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kaja",
    "Liam", "Mara", "Nils", "Olivia", "Pavel", "Rosa", "Sven", "Tariq", "Ulla",
];
const LAST: [&str; 12] = [
    "Berg",
    "Costa",
    "Dvorak",
    "Eriksen",
    "Fischer",
    "Galli",
    "Haddad",
    "Ivanov",
    "Jensen",
    "Kowalski",
    "Lindqvist",
    "Moreau",
];
const STATES: [PresenceState; 8] = [
    PresenceState::Online,
    PresenceState::Online,
    PresenceState::Away,
    PresenceState::Busy,
    PresenceState::OnPhone,
    PresenceState::AtLunch,
    PresenceState::BackSoon,
    PresenceState::Idle,
];
const CLIENTS: [&str; 4] = [
    "MSN Messenger 3.6",
    "Windows Messenger 4.7",
    "MSN Messenger 2.2",
    "",
];

/// Person `number`, and how they are online at `now`.
pub(crate) fn person(number: usize, now: Millis) -> (UserDetail, OnlineRow) {
    let (first, last) = (FIRST[number % FIRST.len()], LAST[number / 3 % LAST.len()]);
    let alias = match number / (FIRST.len() * LAST.len()) {
        _ if number == 0 => "bob".to_owned(),
        _ => format!("{}.{}{}", first.to_lowercase(), last.to_lowercase(), number),
    };
    let display_name = format!("{first} {last}");
    let ago = |minutes: usize| Millis(now.0 - i64::try_from(minutes).unwrap_or(0) * 60_000);
    let since = ago(number * 37 % 700 + 1);
    let state = STATES[number * 5 % STATES.len()];
    let session = |shift: usize| SessionCell {
        address: format!("10.{}.{}.{}", shift, number / 200, number % 200 + 11),
        port: u16::try_from(1030 + number * 13 % 3000 + shift).unwrap_or(1030),
        client: CLIENTS[(number + shift) % CLIENTS.len()].to_owned(),
        auth: if number.is_multiple_of(3) {
            "ntlm"
        } else {
            "digest"
        }
        .to_owned(),
        since,
        unreachable: (number % 29 == 7).then_some(Millis(now.0 - 30_000)),
        lease_ends: Millis(now.0 + 30_000),
    };
    let sessions = if number % 11 == 4 {
        vec![session(1), session(2)]
    } else {
        vec![session(1)]
    };
    let row = OnlineRow {
        alias: alias.clone(),
        display_name: display_name.clone(),
        state,
        since,
        lease_ends: Millis(now.0 + i64::try_from(number * 53 % 1190 + 10).unwrap_or(0) * 1000),
        watchers: u32::try_from(number * 7 % 41).unwrap_or(0),
        sessions,
        refused: None,
    };
    let user = UserDetail {
        row: UserRow {
            alias: alias.clone(),
            display_name,
            email: format!("{alias}@example.com"),
            enabled: true,
            state,
            last_sign_on: Some(since),
        },
        url: format!("http://im.example.com/instmsg/aliases/{alias}"),
        created: ago(60 * 24 * 90),
        blocked_until: (number == 5).then(|| (Millis(now.0 + 600_000), "flooding".to_owned())),
        groups: Vec::new(),
        refused: None,
    };
    (user, row)
}

/// A working day that ends at `online`.
pub(crate) fn chart(online: u32, now: Millis) -> Vec<ChartPoint> {
    (0..288_i64)
        .map(|step| {
            let at = Millis(now.0 - (287 - step) * 300_000);
            let from_peak = (step - 215).abs();
            let share = (100 - from_peak * 2 / 3).clamp(4, 100) + step * 7 % 5;
            ChartPoint {
                at,
                online: online * u32::try_from(share).unwrap_or(0) / 100,
            }
        })
        .chain([ChartPoint { at: now, online }])
        .collect()
}
