//! Takes the pictures of `docs/screenshots`: every page of a server with people on it, in light
//! and dark, at the size of a desk and of a phone.
//!
//! `cargo run -p tests --bin screenshots -- DIRECTORY`

use std::path::{Path, PathBuf};

use tests::Failure;
use tests::browser::{Browser, Colours, Scripts, named};
use tests::console::{ADMIN, ADMIN_PASSWORD};
use tests::people::{OnlineUser, PASSWORD, user_at};
use tests::rvp_client::message;
use tests::server::Server;

/// Alias, name, state, whom they watch.
const PEOPLE: [(&str, &str, &str, &[&str]); 9] = [
    (
        "alice",
        "Alice Liddell",
        "online",
        &["bob", "carol", "grace"],
    ),
    ("bob", "Bob Builder", "busy", &["alice", "carol"]),
    ("carol", "Carol Danvers", "on-phone", &["alice"]),
    ("dmitri", "Dmitri Karamazov", "away", &["alice", "bob"]),
    ("erika", "Erika Mustermann", "at-lunch", &["alice"]),
    ("francis", "Francis Underhill", "", &[]),
    (
        "grace",
        "Grace Hopper",
        "online",
        &["alice", "bob", "dmitri"],
    ),
    ("heidi", "Heidi Lang", "back-soon", &["grace"]),
    ("ivan", "Ivan Denisov", "", &[]),
];

/// Name of the file, address, heading that the page is there with.
const PAGES: [(&str, &str); 26] = [
    ("dashboard", "/"),
    ("online", "/online"),
    ("logoff", "/online/logoff?alias=bob"),
    ("users", "/users"),
    ("user", "/users/alice"),
    ("user-new", "/users/new"),
    ("access", "/access?from=bob&to=alice"),
    ("contacts", "/contacts?share=%5C%5Csrv%5Cim%24"),
    ("user-delete", "/users/ivan/delete"),
    ("groups", "/groups"),
    ("group", "/groups/branch"),
    ("policies", "/policies"),
    ("policy-new", "/policies/new"),
    ("compliance", "/compliance"),
    ("policy", "/policies/WAN%20branch"),
    ("policy-history", "/policies/WAN%20branch/history"),
    ("policy-import", "/policies/import"),
    ("catalogue", "/catalogue?search=voice"),
    ("deployment", "/deployment"),
    ("audit", "/audit"),
    ("tokens", "/tokens"),
    ("accounts", "/accounts"),
    ("account", "/account"),
    ("hooks", "/hooks"),
    ("lockouts", "/lockouts"),
    ("nowhere", "/no-such-page"),
];

const POLICY: &str = "Windows Registry Editor Version 5.00\r\n\r\n\
    [HKEY_LOCAL_MACHINE\\Software\\Policies\\Microsoft\\Messenger\\Client]\r\n\
    \"DisableFileTransfer\"=dword:00000001\r\n\
    \"DisablePC2PCAudio\"=dword:00000001\r\n\
    \"DisableVideo\"=dword:00000001\r\n\r\n";

const CONTACTS: &str = "REGEDIT4\r\n\r\n\
    [HKEY_CURRENT_USER\\Software\\Microsoft\\Exchange\\Messenger\\Profiles\\http://im.example.com/instmsg/aliases/alice\\Contacts]\r\n\
    \"bob@example.com\"=hex:01,00\r\n\"carol@example.com\"=hex:01,00\r\n\"grace@example.com\"=hex:01,00\r\n";
/// Two groups, for one of which the policy counts, and what it refused.
fn groups(server: &Server, online: &[OnlineUser]) -> Result<(), Failure> {
    for (name, what, members) in [
        ("branch", "Behind the thin line to Oslo", "alice,bob,dmitri"),
        ("visitors", "", "ivan"),
    ] {
        let add = ["group", "add", name, members, "--description", what];
        server.run(&add, "")?;
    }
    let assign = ["policy", "assign", "WAN branch", "--group", "branch"];
    server.run(&assign, "")?;
    let invitation = "Application-Name: File Transfer\r\nInvitation-Command: INVITE\r\n\
                      Invitation-Cookie: 1\r\n";
    for sender in online.iter().filter(|it| it.user.alias() == "alice") {
        let body = message(&sender.url(), &sender.user.url("bob"), invitation);
        let body = body.replace("text/plain", "text/x-msmsgsinvite");
        sender.user.send(&sender.user.say_request("bob", body))?;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let directory = PathBuf::from(
        std::env::args()
            .nth(1)
            .unwrap_or_else(|| "docs/screenshots".into()),
    );
    std::fs::create_dir_all(&directory).map_err(Failure::io("making the directory"))?;

    let server = Server::start("")?;
    first_run(&server, &directory).await?;
    let online = people(&server)?;
    policy(&server)?;
    privacy_and_contacts(&server)?;
    groups(&server, &online)?;
    server.run(
        &[
            "logoff",
            "heidi",
            "--reason",
            "Maintenance of the branch office",
            "--block-for",
            "10m",
        ],
        "",
    )?;

    for (colours, suffix) in [(Colours::Light, "light"), (Colours::Dark, "dark")] {
        let browser = Browser::open_with(Scripts::On, colours).await?;
        browser.go(&server.page("/")).await?;
        browser.fill("Name", ADMIN).await?;
        shoot(
            &browser,
            &directory.join(format!("sign-in-{suffix}.png")),
            DESK,
        )
        .await?;
        browser.fill("Password", ADMIN_PASSWORD).await?;
        browser.press("Sign in").await?;
        browser
            .find(&named("a", "Online"), "the link Online")
            .await?;
        for (name, address) in PAGES {
            browser.go(&server.page(address)).await?;
            shoot(
                &browser,
                &directory.join(format!("{name}-{suffix}.png")),
                DESK,
            )
            .await?;
        }
        browser.go(&server.page("/online")).await?;
        shoot(
            &browser,
            &directory.join(format!("online-phone-{suffix}.png")),
            PHONE,
        )
        .await?;
        browser.close().await?;
    }
    drop(online);
    println!("pictures in {}", directory.display());
    Ok(())
}

/// The first administrator is made at the page of the first run.
async fn first_run(server: &Server, directory: &Path) -> Result<(), Failure> {
    for (colours, suffix) in [(Colours::Light, "light"), (Colours::Dark, "dark")] {
        let browser = Browser::open_with(Scripts::On, colours).await?;
        browser.go(&server.page("/first-run")).await?;
        shoot(
            &browser,
            &directory.join(format!("first-run-{suffix}.png")),
            DESK,
        )
        .await?;
        browser.close().await?;
    }
    server.add_root()
}

fn people(server: &Server) -> Result<Vec<OnlineUser>, Failure> {
    let mut online = Vec::new();
    for (alias, name, state, _) in PEOPLE {
        let mail = format!("{alias}@example.com");
        let arguments = [
            "user",
            "add",
            alias,
            "--display-name",
            name,
            "--email",
            &mail,
            "--password-stdin",
        ];
        server.run(&arguments, &format!("{PASSWORD}\n"))?;
        if !state.is_empty() {
            let user = OnlineUser::sign_on(user_at(server.rvp(), alias))?;
            user.set_state(state)?;
            online.push(user);
        }
    }
    for (alias, _, _, watched) in PEOPLE {
        for contact in watched {
            user_at(server.rvp(), alias).watch(contact)?;
        }
    }
    server.run(&["user", "disable", "ivan"], "")?;
    Ok(online)
}

/// Alice keeps somebody out, and her contacts are kept.
fn privacy_and_contacts(server: &Server) -> Result<(), Failure> {
    for words in [["block", "dmitri"], ["allow", "grace"]] {
        server.run(&["user", "privacy", "alice", words[0], words[1]], "")?;
    }
    let file = server.scratch().join("contacts.reg");
    std::fs::write(&file, CONTACTS).map_err(Failure::io("writing the .reg file"))?;
    let import = ["contacts", "import", "alice", &file.to_string_lossy()];
    server.run(&import, "").map(drop)
}

fn policy(server: &Server) -> Result<(), Failure> {
    let file = server.scratch().join("wan.reg");
    let utf16: Vec<u8> = std::iter::once(0xFEFF)
        .chain(POLICY.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    std::fs::write(&file, utf16).map_err(Failure::io("writing the .reg file"))?;
    server
        .run(
            &[
                "policy",
                "import",
                &file.to_string_lossy(),
                "--name",
                "WAN branch",
                "--for",
                "everyone",
            ],
            "",
        )
        .map(drop)
}

const DESK: (u32, u32) = (1280, 900);
const PHONE: (u32, u32) = (420, 900);

async fn shoot(browser: &Browser, file: &Path, (width, height): (u32, u32)) -> Result<(), Failure> {
    browser.client()?.set_window_size(width, height).await?;
    browser.screenshot(file).await
}
