//! 5.7 ACL: whom an entry is about, and when it counts.

use tests::people::OnlineUser;
use tests::rvp_client::{NAMESPACES, Request};
use tests::server::Server;
use tests::{Failure, assert_client_can_read};

/// Credentials of every kind.
pub(crate) const ANY: &str = "<a:any/>";
/// Everybody, as the subject of an entry.
pub(crate) const ALL: &str = "<a:allprincipals/>";

/// A user as the subject of an entry.
pub(crate) fn named(url: &str) -> String {
    format!("<a:rvp-principal>{url}</a:rvp-principal>")
}

/// One entry; rights by their names, apart by blanks.
pub(crate) fn ace(who: &str, credentials: &str, grant: &str, deny: &str) -> String {
    let rights = |names: &str| -> String {
        names
            .split_whitespace()
            .map(|it| format!("<a:{it}/>"))
            .collect()
    };
    format!(
        "<a:ace><a:principal>{who}<a:credentials>{credentials}</a:credentials></a:principal>\
         <a:grant>{}</a:grant><a:deny>{}</a:deny></a:ace>",
        rights(grant),
        rights(deny)
    )
}

/// Sets entries on a user's own node; gives the status.
pub(crate) fn set(of: &OnlineUser, entries: &str) -> Result<u16, Failure> {
    let body = format!(
        "<?xml version=\"1.0\"?>\n<a:rvpacl {NAMESPACES}><a:acl><a:inheritance>none</a:inheritance>{entries}\
         </a:acl></a:rvpacl>\n"
    );
    let request = of.user.request("ACL", of.user.alias()).body(body);
    Ok(of.user.send(&request)?.status)
}

fn read(of: &OnlineUser) -> Result<String, Failure> {
    let request = of.user.request("ACL", of.user.alias());
    let answer = of.user.expect(200, &request)?;
    assert_client_can_read(&answer);
    Ok(answer.text())
}

#[test]
fn s5_7_2_who_is_named_goes_before_everybody() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let carol = server.online_user("carol")?;
    let bob = server.online_user("bob")?;
    let says = |who: &OnlineUser| Ok::<_, Failure>(who.user.say("bob", "may I?")?.status);

    let nobody_but_alice =
        ace(ALL, ANY, "", "send-to") + &ace(&named(&alice.url()), ANY, "send-to", "");
    assert_eq!(set(&bob, &nobody_but_alice)?, 200);
    assert_eq!((says(&alice)?, says(&carol)?), (200, 412));

    let all_but_alice =
        ace(ALL, ANY, "send-to", "") + &ace(&named(&alice.url()), ANY, "", "send-to");
    assert_eq!(set(&bob, &all_but_alice)?, 200);
    assert_eq!((says(&alice)?, says(&carol)?), (412, 200));
    Ok(())
}

#[test]
fn s5_7_2_a_server_s_name_is_not_its_users() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let host = ace(&named("127.0.0.1"), ANY, "", "send-to presence");
    assert_eq!(set(&bob, &host)?, 200);
    assert_eq!(alice.user.say("bob", "still there?")?.status, 200);
    Ok(())
}

#[test]
fn s5_7_2_white_space_is_taken_and_never_given() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let padded = named(&format!("\n      {}/\n   ", alice.url()));
    let deny = ace(&padded, ANY, "", "send-to").replace("><", ">\n  <");
    assert_eq!(set(&bob, &deny)?, 200);
    assert_eq!(alice.user.say("bob", "may I?")?.status, 412);
    let list = read(&bob)?;
    let start = list.find("instmsg/aliases/alice").expect("her entry");
    let name = list[..start].rfind("<a:rvp-principal>").expect("its start");
    let name = &list[name..start];
    assert!(!name.contains(char::is_whitespace), "{list}");
    Ok(())
}

#[test]
fn s5_7_2_an_entry_is_about_exactly_one() -> Result<(), Failure> {
    let server = Server::start("")?;
    let bob = server.online_user("bob")?;
    let alice = bob.user.url("alice");
    let before = read(&bob)?;
    for who in [
        String::new(),
        format!("{}{ALL}", named(&alice)),
        named(&alice) + &named(&bob.url()),
        named(""),
        format!("{}<a:credentials><a:ntlm/></a:credentials>", named(&alice)),
    ] {
        assert_eq!(set(&bob, &ace(&who, ANY, "send-to", ""))?, 400, "{who}");
    }
    assert_eq!(read(&bob)?, before);
    Ok(())
}

#[test]
fn s5_7_2_1_an_entry_counts_for_the_credentials_it_names() -> Result<(), Failure> {
    let server = Server::start("")?;
    // She proves who she is with Digest.
    let alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let says = || Ok::<_, Failure>(alice.user.say("bob", "may I?")?.status);
    let her = named(&alice.url());
    for (credentials, counts) in [
        ("<a:ntlm/>", false),
        ("<a:internal/>", false),
        ("<a:digest/>", true),
        ("<a:digest/><a:ntlm/>", true),
        ("<a:any/>", true),
        ("<a:assertion/>", true),
    ] {
        let deny = ace(ALL, ANY, "send-to", "") + &ace(&her, credentials, "", "send-to");
        assert_eq!(set(&bob, &deny)?, 200);
        let expected = if counts { 412 } else { 200 };
        assert_eq!(says()?, expected, "denied with {credentials}");

        let grant = ace(ALL, ANY, "", "send-to") + &ace(&her, credentials, "send-to", "");
        assert_eq!(set(&bob, &grant)?, 200);
        let expected = if counts { 200 } else { 412 };
        assert_eq!(says()?, expected, "granted with {credentials}");
    }
    Ok(())
}

#[test]
fn s5_7_2_1_credentials_must_be_known_ones() -> Result<(), Failure> {
    let server = Server::start("")?;
    let bob = server.online_user("bob")?;
    let her = named(&bob.user.url("alice"));
    for credentials in ["", "<a:basic/>"] {
        let status = set(&bob, &ace(&her, credentials, "send-to", ""))?;
        assert_eq!(status, 400, "{credentials:?}");
    }
    Ok(())
}

/// The owner's own entry names `assertion` alone, and someone else is shut out.
#[test]
fn s5_7_3_example() -> Result<(), Failure> {
    let server = Server::start("")?;
    let bruceb = server.online_user("bruceb")?;
    let steveb = server.online_user("steveb")?;
    let stevem = server.online_user("stevem")?;
    let proof = "<a:assertion/><a:digest/><a:ntlm/>";
    let own = "list read write send-to receive-from readacl writeacl presence subscriptions subscribe-others";
    let list = ace(
        &named(&format!("{}/", steveb.url())),
        proof,
        "",
        "send-to presence",
    ) + &ace(ALL, proof, "list read send-to presence", "")
        + &ace(&named(&bruceb.url()), "<a:assertion/>", own, "");
    assert_eq!(set(&bruceb, &list)?, 200);

    let request = Request::new("ACL", "/instmsg/aliases/bruceb")
        .header("RVP-Notifications-Version", "1.0")
        .header("Host", "im.acme.com")
        .header("RVP-From-Principal", bruceb.url());
    let answer = bruceb.user.expect(200, &request)?;
    assert_client_can_read(&answer);
    let text = answer.text();
    assert!(
        text.contains("<a:grant/><a:deny><a:send-to/><a:presence/></a:deny>")
            || text.contains("<a:grant></a:grant><a:deny><a:send-to/><a:presence/></a:deny>"),
        "{text}"
    );
    assert!(
        text.contains("<a:grant><a:list/><a:read/><a:send-to/><a:presence/></a:grant>"),
        "{text}"
    );
    assert_eq!(text.matches("<a:ace>").count(), 3, "{text}");

    assert_eq!(stevem.user.say("bruceb", "hello")?.status, 200);
    assert_eq!(stevem.user.state_of("bruceb")?, "online");
    assert_eq!(steveb.user.say("bruceb", "hello")?.status, 412);
    assert_eq!(steveb.user.state_of("bruceb")?, "offline");
    steveb
        .user
        .expect(403, &steveb.user.watch_request("bruceb"))?;
    Ok(())
}
