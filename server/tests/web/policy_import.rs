//! From a registry file to a policy.

use crate::browser::Browser;
use crate::console::Console;
use axum::http::{StatusCode, header};

const REG: &[u8] = b"REGEDIT4\r\n\r\n\
    [HKEY_LOCAL_MACHINE\\Software\\Policies\\Microsoft\\Messenger\\Client]\r\n\
    \"DisableVideo\"=dword:00000001\r\n\
    \"PreventRun\"=dword:00000007\r\n\
    \"Unheard\"=\"of\"\r\n\
    [HKEY_CLASSES_ROOT\\.rvp]\r\n\
    \"x\"=\"y\"\r\n";

async fn ada() -> Browser {
    Browser::signed_in(&Console::of(1).await, "ada").await
}

/// Uploads a file, and gives the address of the page that shows what is in it.
async fn uploaded(browser: &mut Browser, name: &str, bytes: &[u8]) -> String {
    let answer = browser
        .upload("/policies/import", &[("hive", "")], (name, bytes))
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    answer.header(header::LOCATION).to_owned()
}

fn id_of(address: &str) -> &str {
    address.split_once("upload=").map_or("", |(_, id)| id)
}

#[tokio::test]
async fn a_file_is_looked_into_before_it_becomes_a_policy() {
    let mut browser = ada().await;
    let address = uploaded(&mut browser, "C:\\old\\Lock down.reg", REG).await;
    let page = browser.get(&address).await;
    page.assert_has("1 option, and 2 values that no option knows");
    page.assert_has("No video");
    page.assert_has("Unheard");
    page.assert_has("value=\"Lock down\"");
    page.assert_has("HKEY_CLASSES_ROOT");
    browser
        .get("/policies")
        .await
        .assert_has("There are no policies yet");

    let fields = [
        ("upload", id_of(&address)),
        ("name", "Old lockdown"),
        ("keep.1", "1"),
    ];
    browser
        .order("/policies/import/save", &fields)
        .await
        .assert_leads_to("/policies/Old%20lockdown");
    let page = browser.get("/policies/Old%20lockdown").await;
    page.assert_has("Other values");
    page.assert_has("Take out Unheard");
    page.assert_lacks("Take out PreventRun");
    browser
        .get("/policies/Old%20lockdown/history")
        .await
        .assert_has("Imported from Lock down.reg");
    // What was saved does not wait any more.
    let gone = browser.get(&address).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn other_values_are_taken_out_on_the_sheet() {
    let mut browser = ada().await;
    let address = uploaded(&mut browser, "a.reg", REG).await;
    let fields = [
        ("upload", id_of(&address)),
        ("name", "A"),
        ("keep.0", "1"),
        ("keep.1", "1"),
    ];
    browser
        .order("/policies/import/save", &fields)
        .await
        .assert_leads_to("/policies/A");
    browser
        .order("/policies/A", &[("base", "1"), ("drop.0", "1")])
        .await
        .assert_leads_to("/policies/A");
    let page = browser.get("/policies/A").await;
    page.assert_has("Take out Unheard");
    page.assert_lacks("Take out PreventRun");
}

#[tokio::test]
async fn a_refused_file_says_where_and_nothing_else_is_lost() {
    let mut browser = ada().await;
    let bad = b"REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\x]\r\n\"a\"=dword:zzz\r\n";
    let answer = browser
        .upload("/policies/import", &[("hive", "HKCU")], ("bad.reg", bad))
        .await;
    answer.assert_leads_to("/policies/import");
    let page = browser.get("/policies/import").await;
    page.assert_has("bad.reg was not taken: line 4");
    page.assert_has("value=\"HKCU\" selected");

    let cut = b"PReg\x01\0\0\0[\0";
    let answer = browser
        .upload(
            "/policies/import",
            &[("hive", "HKLM")],
            ("Registry.pol", cut),
        )
        .await;
    answer.assert_leads_to("/policies/import");
    browser
        .get("/policies/import")
        .await
        .assert_has("damaged at byte 8");
    let whose = browser
        .upload("/policies/import", &[("hive", "")], ("Registry.pol", cut))
        .await;
    whose.assert_leads_to("/policies/import");
    browser
        .get("/policies/import")
        .await
        .assert_has("whether it is of the computer or of the user");
}

#[tokio::test]
async fn a_name_that_is_taken_leads_back_to_what_was_found() {
    let mut browser = ada().await;
    let fields = [("name", "Taken"), ("set.disable-voice", "on")];
    browser
        .order("/policies/new", &fields)
        .await
        .assert_leads_to("/policies/Taken");
    let address = uploaded(&mut browser, "a.reg", REG).await;
    let fields = [
        ("upload", id_of(&address)),
        ("name", "Taken"),
        ("description", "mine"),
        ("keep.0", "1"),
    ];
    browser
        .order("/policies/import/save", &fields)
        .await
        .assert_leads_to(&address);
    let page = browser.get(&address).await;
    page.assert_has("value=\"mine\"");
    page.assert_has("name=\"keep.0\" value=\"1\" checked");
    page.assert_lacks("name=\"keep.1\" value=\"1\" checked");
}

#[tokio::test]
async fn what_was_imported_counts_for_nobody_unless_the_form_says_for_whom() {
    let mut browser = ada().await;
    for (name, counts, words) in [
        ("A", None, "nobody"),
        ("B", Some(("everyone", "true")), "everyone"),
        ("C", Some(("users", "bob")), "the user bob"),
    ] {
        let address = uploaded(&mut browser, "a.reg", REG).await;
        browser
            .get(&address)
            .await
            .assert_has("For nobody, until you say for whom");
        let mut fields = vec![
            ("upload", id_of(&address)),
            ("name", name),
            ("counts", "shown"),
        ];
        fields.extend(counts);
        let policy = format!("/policies/{name}");
        browser
            .order("/policies/import/save", &fields)
            .await
            .assert_leads_to(&policy);
        let page = browser.get(&policy).await;
        page.assert_has(&format!("This policy counts for <strong>{words}</strong>"));
    }
}

#[tokio::test]
async fn a_policy_is_replaced_where_the_form_says_so_and_counts_as_before() {
    let mut browser = ada().await;
    let fields = [("name", "Lab"), ("counts", "shown"), ("everyone", "true")];
    browser
        .order("/policies/new", &fields)
        .await
        .assert_leads_to("/policies/Lab");
    let address = uploaded(&mut browser, "a.reg", REG).await;
    let fields = [
        ("upload", id_of(&address)),
        ("name", "Lab"),
        ("counts", "shown"),
    ];
    browser
        .order("/policies/import/save", &fields)
        .await
        .assert_leads_to(&address);
    browser
        .get(&address)
        .await
        .assert_has("There is a policy Lab already, and nothing was changed.");
    let replace = [fields.as_slice(), &[("replace", "yes")]].concat();
    browser
        .order("/policies/import/save", &replace)
        .await
        .assert_leads_to("/policies/Lab");
    let page = browser.get("/policies/Lab").await;
    page.assert_has("Revision 2,");
    page.assert_has("This policy counts for <strong>everyone</strong>");
}

#[tokio::test]
async fn a_file_that_is_too_large_or_none_leads_back() {
    let mut browser = ada().await;
    let large = vec![b' '; 1024 * 1024 + 1];
    let answer = browser
        .upload("/policies/import", &[], ("large.reg", &large))
        .await;
    answer.assert_leads_to("/policies/import");
    browser
        .get("/policies/import")
        .await
        .assert_has("larger than 1024 KB");
    let answer = browser.upload("/policies/import", &[], ("", b"")).await;
    answer.assert_leads_to("/policies/import");
    browser
        .get("/policies/import")
        .await
        .assert_has("Choose a file first.");
}

#[tokio::test]
async fn only_administrators_import_and_only_with_the_token() {
    let console = Console::of(1).await;
    let mut vera = Browser::signed_in(&console, "vera").await;
    let answer = vera.upload("/policies/import", &[], ("a.reg", REG)).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let mut ada = Browser::signed_in(&console, "ada").await;
    let answer = ada
        .upload("/policies/import", &[("csrf", "wrong")], ("a.reg", REG))
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn all_bad_lines_stand_beside_the_file_and_can_be_skipped() {
    let mut browser = ada().await;
    let mut bad = b"REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\x]\r\n\"kept\"=dword:1\r\n".to_vec();
    for number in 0..30 {
        bad.extend(format!("<b>stray{number}\r\n").into_bytes());
    }
    let answer = browser
        .upload("/policies/import", &[], ("bad.reg", &bad))
        .await;
    answer.assert_leads_to("/policies/import");
    let page = browser.get("/policies/import").await;
    page.assert_has("30 lines cannot be read");
    page.assert_has("line 5: ");
    page.assert_has("&lt;b&gt;stray19");
    page.assert_lacks("stray20");
    page.assert_has("and 10 more");
    let answer = browser
        .upload("/policies/import", &[("skip", "yes")], ("bad.reg", &bad))
        .await;
    let page = browser.get(answer.header(header::LOCATION)).await;
    page.assert_has("Skipped");
    page.assert_has("&lt;b&gt;stray0");
    page.assert_has("Keep kept");
}

#[tokio::test]
async fn the_reasons_that_are_known_are_said_as_on_the_command_line() {
    let mut browser = ada().await;
    let reg = b"REGEDIT4\r\n\r\n\
        [HKEY_LOCAL_MACHINE\\Software\\Policies\\Microsoft\\Messenger\\Client]\r\n\
        \"DisableVideo\"=\"1\"\r\n\"note\"=\"B\xfcro\"\r\n\
        [HKEY_LOCAL_MACHINE\\Software\\Microsoft\\MessengerService\\Policies]\r\n\
        \"DisableUpdates\"=dword:5\r\n\
        [-HKEY_LOCAL_MACHINE\\Software\\Policies\\Microsoft\\Messenger\\Client\\x]\r\n";
    let address = uploaded(&mut browser, "a.reg", reg).await;
    let page = browser.get(&address).await;
    page.assert_has("known option disable-video (No video), other type");
    page.assert_has("any value but 0 is on; the policy writes 1");
    page.assert_has("code page 1252");
    page.assert_has("removes a key with all below it");

    let fields = [("hive", ""), ("code_page", "klingon")];
    browser
        .upload("/policies/import", &fields, ("a.reg", reg))
        .await
        .assert_leads_to("/policies/import");
    let page = browser.get("/policies/import").await;
    page.assert_has("is no code page of Windows");
    let greek = browser
        .upload("/policies/import", &[("code_page", "1253")], ("a.reg", reg))
        .await;
    let page = browser.get(greek.header(header::LOCATION)).await;
    page.assert_has("Bόro");
}

#[tokio::test]
async fn a_list_that_is_too_long_for_the_page_is_kept_by_one_box() {
    use std::fmt::Write as _;
    let mut browser = ada().await;
    let mut reg = "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\RcTest]\r\n".to_owned();
    for number in 0..2_180 {
        let _ = write!(reg, "\"V{number:06}\"=\"x\"\r\n");
    }
    let address = uploaded(&mut browser, "big.reg", reg.as_bytes()).await;
    let page = browser.get(&address).await;
    page.assert_has("2,180 values that no option knows");
    page.assert_has("Keep V000199");
    page.assert_lacks("Keep V000200");
    page.assert_has("Keep the other 1,980 values, too");
    for (name, rest, count) in [
        ("All", Some(("keep.rest", "1")), "1,981"),
        ("One", None, "1"),
    ] {
        let address = uploaded(&mut browser, "big.reg", reg.as_bytes()).await;
        let mut fields = vec![("upload", id_of(&address)), ("name", name), ("keep.3", "1")];
        fields.extend(rest);
        let policy = format!("/policies/{name}");
        browser
            .order("/policies/import/save", &fields)
            .await
            .assert_leads_to(&policy);
        let said = if count == "1" {
            "1 registry value is written".to_owned()
        } else {
            format!("{count} registry values are written")
        };
        browser.get(&policy).await.assert_has(&said);
    }
}
