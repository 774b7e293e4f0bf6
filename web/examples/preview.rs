//! Shows the console without a server behind it: 120 made-up users who come, go and change
//! their state. `cargo run -p web --example preview [PORT] [SITE-DIRECTORY]`, then sign in as
//! `ada`, `olga` or `vera` with the password `correct horse`.

#[path = "../tests/fake/mod.rs"]
mod fake;

use fake::Fake;
use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Duration;
use tower_sessions::cookie::SameSite;
use tower_sessions::{MemoryStore, SessionManagerLayer};
use web::model::{Millis, PresenceState};
use web::{ConsoleState, router};

static SITE: OnceLock<String> = OnceLock::new();

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments
        .next()
        .and_then(|port| port.parse().ok())
        .unwrap_or(8085);
    if let Some(site) = arguments.next() {
        SITE.get_or_init(|| site);
    }
    let fake = Fake::peopled(now, 120);
    let console = ConsoleState {
        backend: fake.clone(),
        files,
        random,
        live_pages_per_session: 16,
        secure_cookies: false,
    };
    let sessions = SessionManagerLayer::new(MemoryStore::default())
        .with_name("rollcall")
        .with_secure(false)
        .with_same_site(SameSite::Strict);
    let service = router(console)
        .layer(sessions)
        .into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move {
        let states = [
            PresenceState::Online,
            PresenceState::Away,
            PresenceState::OnPhone,
        ];
        for step in 0_usize.. {
            tokio::time::sleep(Duration::from_millis(900)).await;
            match (step % 4, fake.aliases()) {
                (0, _) => fake.toggle(step * 31 % 120),
                (_, aliases) if !aliases.is_empty() => {
                    fake.set_state(&aliases[step * 17 % aliases.len()], states[step % 3]);
                }
                _ => {}
            }
        }
    });
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening console=http://{}", listener.local_addr()?);
    axum::serve(listener, service).await
}

fn files(name: &str) -> Option<Cow<'static, [u8]>> {
    let site = SITE.get().filter(|_| !name.contains(".."))?;
    std::fs::read(format!("{site}/{name}")).ok().map(Cow::Owned)
}

#[expect(clippy::disallowed_methods, reason = "a preview shows the present")]
fn now() -> Millis {
    let since_epoch = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

/// Good enough for a preview: unguessable it is not.
fn random(bytes: &mut [u8]) {
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::try_from((now().0 >> (place % 8)) & 0xff).unwrap_or(0);
    }
}
