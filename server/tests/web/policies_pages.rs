//! From a lockdown on the page to the file for Windows.

use crate::browser::Browser;
use crate::console::Console;
use axum::http::{StatusCode, header};
use policies::{Policy, Setting};
use rollcall::store::PolicyRow;

const LOCKDOWN: [(&str, &str); 4] = [
    ("name", "WAN branch"),
    ("description", "thin line"),
    ("set.disable-file-transfer", "on"),
    ("set.disable-voice", "on"),
];

async fn with_policy() -> Browser {
    let mut browser = Browser::signed_in(&Console::of(1).await, "ada").await;
    let answer = browser.order("/policies/new", &LOCKDOWN).await;
    answer.assert_leads_to("/policies/WAN%20branch");
    browser
}

#[tokio::test]
async fn a_lockdown_comes_out_as_both_registry_files() {
    let mut browser = with_policy().await;
    let page = browser.get("/policies/WAN%20branch").await;
    page.assert_has("WAN branch was saved as revision 1.");
    page.assert_has("2 registry values are written");
    page.assert_has("DisableFileTransfer");

    let reg = browser
        .get("/policies/WAN%20branch/export?format=reg")
        .await;
    assert_eq!(reg.status, StatusCode::OK);
    assert!(
        reg.bytes.starts_with(&[0xff, 0xfe]),
        "{:?}",
        &reg.bytes[..16]
    );
    let disposition = reg.header(header::CONTENT_DISPOSITION);
    assert!(
        disposition.starts_with("attachment; filename="),
        "{disposition}"
    );
    let reg4 = browser
        .get("/policies/WAN%20branch/export?format=reg4")
        .await;
    assert!(reg4.bytes.starts_with(b"REGEDIT4\r\n"));
}

#[tokio::test]
async fn a_format_that_is_not_known_is_said_on_the_policys_page() {
    let mut browser = with_policy().await;
    let answer = browser
        .get("/policies/WAN%20branch/export?format=exe")
        .await;
    answer.assert_leads_to("/policies/WAN%20branch");
    browser
        .get("/policies/WAN%20branch")
        .await
        .assert_has("There is no format exe.");
    let missing = browser.get("/policies/none/export?format=reg").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_format_is_offered_with_its_undo_or_says_why_not() {
    let mut browser = with_policy().await;
    let page = browser.get("/policies/WAN%20branch").await;
    for group in policies::FormatGroup::ALL {
        page.assert_has(group.title);
        let address = format!("/policies/WAN%20branch/export?format={}", group.word);
        let undo = format!("{address}&undo=1");
        // A template has no undo, and this policy has no proxy for an ins file or a script.
        match group.word {
            "ins" | "pac" => page.assert_lacks(&format!("{address}\"")),
            "adm" | "adm-nt4" | "admx" => page.assert_lacks(&undo.replace('&', "&amp;")),
            _ => {
                page.assert_has(&undo.replace('&', "&amp;"));
                assert_eq!(browser.get(&undo).await.status, StatusCode::OK, "{undo}");
            }
        }
        if !matches!(group.word, "ins" | "pac") {
            assert_eq!(browser.get(&address).await.status, StatusCode::OK);
        }
    }
    page.assert_has("nothing for this format");
    page.assert_has("Not Configured");
    let pol = browser
        .get("/policies/WAN%20branch/export?format=pol")
        .await;
    let names = names_in(&pol.bytes);
    assert_eq!(names, ["Machine/Registry.pol", "User/Registry.pol"]);
}

#[tokio::test]
async fn traps_are_shown_before_export_with_the_way_to_their_options() {
    let mut browser = with_policy().await;
    let address = "/policies/WAN%20branch";
    let fields = [
        ("base", "1"),
        ("set.prevent-run", "on"),
        ("set.no-usage-reporting", "off"),
        ("set.disable-ad-banner", "on"),
        ("set.ie-proxy-override", "other.example.com"),
    ];
    browser
        .order(address, &fields)
        .await
        .assert_leads_to(address);
    let page = browser.get(address).await;
    page.assert_has("things to know before export");
    page.assert_has("href=\"#option-prevent-run\"");
    page.assert_has("does not run at all, so these have no effect on it");
    page.assert_has("On is written as 2, off as 1.");
    page.assert_has("off under HKLM also lifts the restriction");
    page.assert_has("stays in the registry when a Group Policy object is withdrawn");
    page.assert_has("add im.example.com");
    page.assert_has("export?format=reg\"");
}

#[tokio::test]
async fn the_servers_own_name_is_proposed_for_the_proxy_exceptions() {
    let mut browser = Browser::signed_in(&Console::of(1).await, "ada").await;
    let page = browser.get("/policies/new").await;
    page.assert_has("Not set (proposed: im.example.com)");
    page.assert_has(
        "<datalist id=\"set.ie-proxy-override-proposals\"><option value=\"im.example.com\"",
    );
}

#[tokio::test]
async fn a_kit_comes_for_every_windows_and_says_what_has_no_effect_there() {
    let mut browser = with_policy().await;
    let page = browser.get("/policies/WAN%20branch").await;
    page.assert_has("2 options have no effect here");
    for windows in policies::Windows::ALL {
        let address = format!("/policies/WAN%20branch/kit?windows={}", windows.word());
        page.assert_has(&address);
        let kit = browser.get(&address).await;
        assert_eq!(kit.header(header::CONTENT_TYPE), "application/zip");
        assert_eq!(names_in(&kit.bytes)[0], "readme.txt");
    }
    let none = browser.get("/policies/WAN%20branch/kit?windows=3.11").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

fn names_in(zip: &[u8]) -> Vec<String> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
    (0..zip.len())
        .map(|at| zip.by_index(at).unwrap().name().unwrap().into_owned())
        .collect()
}

#[tokio::test]
async fn a_character_that_a_format_lacks_is_named_instead_of_a_link() {
    let mut browser = with_policy().await;
    let address = "/policies/WAN%20branch";
    let fields = [("base", "1"), ("set.conversation-warning", "Ω")];
    browser
        .order(address, &fields)
        .await
        .assert_leads_to(address);
    let page = browser.get(address).await;
    page.assert_has("U+03A9");
    page.assert_has("export?format=reg\"");
    page.assert_lacks("export?format=reg4\"");
    page.assert_lacks("kit?windows=98");
}

#[tokio::test]
async fn the_catalogue_is_searched_by_word_client_and_registry_value() {
    let mut browser = Browser::signed_in(&Console::of(1).await, "vera").await;
    let page = browser.get("/catalogue").await;
    for option in policies::Catalogue::get().options() {
        page.assert_has(&format!("id=\"{}\"", option.id));
    }
    page.assert_has("never written to files");
    page.assert_lacks("Use it in a new policy");
    let found = browser
        .get("/catalogue?search=HKLM%5CSoftware%5CPolicies%5CMicrosoft%5CMessenger%5CClient%5CDisablePC2PCAudio")
        .await;
    found.assert_has("1 of 75 options");
    found.assert_has("id=\"disable-voice\"");
    let narrowed = browser.get("/catalogue?client=outlook-2002").await;
    narrowed.assert_has("id=\"outlook-im-enabled\"");
    narrowed.assert_lacks("id=\"disable-voice\"");
    let none = browser.get("/catalogue?search=no+such+thing").await;
    none.assert_has("No option matches.");
    none.assert_has("value=\"no such thing\"");
}

#[tokio::test]
async fn the_sheet_leads_to_the_catalogue_and_back() {
    let mut browser = Browser::signed_in(&Console::of(1).await, "ada").await;
    let sheet = browser.get("/policies/new").await;
    sheet.assert_has("href=\"/catalogue#disable-voice\"");
    let catalogue = browser.get("/catalogue").await;
    catalogue.assert_has("href=\"/policies/new#option-disable-voice\"");
    sheet.assert_has("id=\"option-disable-voice\"");
}

#[tokio::test]
async fn revisions_are_compared_and_gone_back_to() {
    let mut browser = with_policy().await;
    let address = "/policies/WAN%20branch";
    let history = "/policies/WAN%20branch/history";
    browser
        .get(history)
        .await
        .assert_has("There is one revision so far.");
    let fields = [
        ("base", "1"),
        ("set.disable-voice", ""),
        ("comment", "voice is fine at night"),
    ];
    browser
        .order(address, &fields)
        .await
        .assert_leads_to(address);
    let page = browser.get(history).await;
    page.assert_has("From revision 1 to revision 2");
    page.assert_has("from on to not set");
    page.assert_has("voice is fine at night");
    page.assert_has("Go back to revision 1");
    page.assert_lacks("Go back to revision 2");

    let old = [("revision", "1"), ("base", "1")];
    let revert = "/policies/WAN%20branch/revert";
    browser.order(revert, &old).await.assert_leads_to(history);
    browser
        .get(history)
        .await
        .assert_has("ada saved revision 2 of this policy");
    let back = [("revision", "1"), ("base", "2")];
    browser.order(revert, &back).await.assert_leads_to(address);
    browser
        .get(address)
        .await
        .assert_has("name=\"set.disable-voice\" value=\"on\" checked");
    let page = browser.get(&format!("{history}?from=3&to=1")).await;
    page.assert_has("From revision 1 to revision 3");
    page.assert_has("Nothing is different.");
    page.assert_has("Back to revision 1");
    let missing = browser.get(&format!("{history}?from=1&to=9")).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_viewer_reads_the_history_and_cannot_go_back() {
    let console = Console::of(1).await;
    let mut ada = Browser::signed_in(&console, "ada").await;
    ada.order("/policies/new", &LOCKDOWN).await;
    let mut vera = Browser::signed_in(&console, "vera").await;
    vera.get("/policies/WAN%20branch/history")
        .await
        .assert_lacks("Go back to this");
    let answer = vera
        .order(
            "/policies/WAN%20branch/revert",
            &[("revision", "1"), ("base", "1")],
        )
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_old_revision_is_not_saved_over_a_newer_one_and_nothing_typed_is_lost() {
    let mut browser = with_policy().await;
    let fields = [("base", "1"), ("set.disable-video", "on")];
    let address = "/policies/WAN%20branch";
    browser
        .order(address, &fields)
        .await
        .assert_leads_to(address);
    let fields = [
        ("base", "1"),
        ("description", "mine"),
        ("set.disable-phone", "on"),
    ];
    browser
        .order(address, &fields)
        .await
        .assert_leads_to(address);
    let page = browser.get(address).await;
    page.assert_has("ada saved revision 2 of this policy");
    page.assert_has("description: “thin line” became “” (ada)");
    page.assert_has("value=\"mine\"");
    page.assert_has("name=\"set.disable-phone\" value=\"on\" checked");
}

#[tokio::test]
async fn what_two_change_of_one_policy_is_both_there_and_only_a_clash_is_asked_about() {
    let mut browser = with_policy().await;
    let address = "/policies/WAN%20branch";
    // Both opened revision 1, and a form sends every field.
    let form = |voice: &'static str, video: &'static str, phone: &'static str| {
        [
            ("base", "1"),
            ("description", "thin line"),
            ("set.disable-file-transfer", "on"),
            ("set.disable-voice", voice),
            ("set.disable-video", video),
            ("set.disable-phone", phone),
        ]
    };
    let mut save = async |fields: &[(&str, &str)]| {
        browser
            .order(address, fields)
            .await
            .assert_leads_to(address);
        browser.get(address).await
    };
    save(&form("off", "on", "")).await;
    let page = save(&form("on", "", "on")).await;
    page.assert_has("WAN branch was saved as revision 3.");
    page.assert_has("disable-voice: “on” became “off” (ada)");
    for shown in [
        "name=\"set.disable-voice\" value=\"off\" checked",
        "name=\"set.disable-video\" value=\"on\" checked",
        "name=\"set.disable-phone\" value=\"on\" checked",
    ] {
        page.assert_has(shown);
    }
    // The third touches what the first did, and the phone as the second did.
    let page = save(&form("", "", "off")).await;
    page.assert_has("disable-voice was \"on\" and is now \"off\"");
    // What it did not touch is what the others made of it; what it did is as it was typed.
    for shown in [
        "name=\"base\" value=\"3\"",
        "name=\"set.disable-voice\" value=\"\" checked",
        "name=\"set.disable-video\" value=\"on\" checked",
        "name=\"set.disable-phone\" value=\"off\" checked",
    ] {
        page.assert_has(shown);
    }
    let page = browser.get("/policies/WAN%20branch/history").await;
    page.assert_has("Merged with revision 2 by ada");
}

#[tokio::test]
async fn a_policy_that_was_changed_since_is_not_deleted_from_an_old_page() {
    let mut browser = with_policy().await;
    let address = "/policies/WAN%20branch";
    browser
        .get(address)
        .await
        .assert_has("/policies/WAN%20branch/delete?revision=1");
    let page = browser
        .get("/policies/WAN%20branch/delete?revision=1")
        .await;
    page.assert_has("name=\"revision\" value=\"1\"");
    let fields = [("base", "1"), ("set.disable-video", "on")];
    browser
        .order(address, &fields)
        .await
        .assert_leads_to(address);
    let delete = "/policies/WAN%20branch/delete";
    browser
        .order(delete, &[("revision", "1")])
        .await
        .assert_leads_to(address);
    browser
        .get(address)
        .await
        .assert_has("ada saved revision 2 of this policy since you opened it");
    browser
        .order(delete, &[("revision", "2")])
        .await
        .assert_leads_to("/policies");
}

#[tokio::test]
async fn what_is_wrong_stands_at_its_option_and_stops_the_export() {
    let console = Console::of(1).await;
    let mut browser = Browser::signed_in(&console, "ada").await;
    let answer = browser.order("/policies/new", &LOCKDOWN).await;
    answer.assert_leads_to("/policies/WAN%20branch");
    let address = "/policies/WAN%20branch";
    let fields = [("base", "1"), ("set.ie-proxy-override", ".example.com")];
    browser
        .order(address, &fields)
        .await
        .assert_leads_to(address);
    let page = browser.get(address).await;
    page.assert_has("<p class=\"refusal\">WAN branch: Windows ignores the proxy exception");
    page.assert_has("value=\".example.com\"");
    page.assert_has("export?format=reg");

    // One that is kept, from a version that let it pass.
    let wrong = Setting::Text(".example.com".to_owned());
    let policy = Policy::new("WAN branch").with("ie-proxy-override", wrong);
    let row = PolicyRow {
        name: policy.name.clone(),
        revision: 2,
        policy: serde_json::to_string(&policy).unwrap(),
        saved_ms: console.clock.wall_ms(),
        saved_by: "ada".to_owned(),
        comment: String::new(),
    };
    let mut change = console.store.begin().await.unwrap();
    change.add_policy_revision(&row).await.unwrap();
    change.commit().await.unwrap();
    let page = browser.get(address).await;
    page.assert_has("<b>Error: </b>");
    page.assert_lacks("export?format=reg");
    page.assert_has("the errors below stand against an export");
    page.assert_has("href=\"#option-ie-proxy-override\"");
}

#[tokio::test]
async fn a_number_that_is_none_leads_back_with_what_was_typed() {
    let mut browser = Browser::signed_in(&Console::of(1).await, "ada").await;
    let fields = [("name", "Lab"), ("set.netmeeting-max-send-kb", "much")];
    browser
        .order("/policies/new", &fields)
        .await
        .assert_leads_to("/policies/new");
    let page = browser.get("/policies/new").await;
    page.assert_has("value=\"Lab\"");
    page.assert_has("value=\"much\"");
    page.assert_has("“much” is not a number.");
}

#[tokio::test]
async fn a_viewer_looks_at_a_policy_and_cannot_change_it() {
    let console = Console::of(1).await;
    let mut ada = Browser::signed_in(&console, "ada").await;
    ada.order("/policies/new", &LOCKDOWN)
        .await
        .assert_leads_to("/policies/WAN%20branch");
    let mut vera = Browser::signed_in(&console, "vera").await;
    let page = vera.get("/policies/WAN%20branch").await;
    page.assert_has("DisableFileTransfer");
    page.assert_lacks("Save policy");
    page.assert_lacks("Delete policy");
}

#[tokio::test]
async fn a_policy_is_deleted_after_a_second_button() {
    let mut browser = with_policy().await;
    browser
        .get("/policies/WAN%20branch/delete")
        .await
        .assert_has("Delete policy</button>");
    browser
        .order("/policies/WAN%20branch/delete", &[])
        .await
        .assert_leads_to("/policies");
    browser
        .get("/policies")
        .await
        .assert_has("There are no policies yet");
}
