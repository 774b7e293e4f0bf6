//! Groups as nodes: what is sent to one reaches its members.

use tests::rvp_client::{CallBack, NAMESPACES, Request, Response, User, message};
use tests::server::Server;
use tests::{Failure, assert_client_can_read};

use crate::SOON;

const STAFF: &str = "/instmsg/groups/Staff";

fn group(server: &Server, name: &str, members: &[&str]) -> Result<(), Failure> {
    let add = ["group", "add", name, "--description", "Everybody here"];
    server.run(&add, "")?;
    if !members.is_empty() {
        server.run(&[&["group", "add-member", name], members].concat(), "")?;
    }
    Ok(())
}

fn say_to(user: &User, target: &str, ack: &str, text: &str) -> Result<Response, Failure> {
    let to = format!("http://{}{target}", user.server());
    let body = message(&user.url(user.alias()), &to, text);
    let request = user
        .request_to("NOTIFY", target)
        .header("Content-Type", "text/xml")
        .header("RVP-Ack-Type", ack)
        .body(body);
    user.send(&request)
}

fn join(user: &User, call_back: &str) -> Request {
    user.request_to("SUBSCRIBE", STAFF)
        .header("Notification-Type", "pragma/notify")
        .header("Subscription-Lifetime", "600")
        .header("Call-Back", call_back)
}

#[test]
fn a_message_reaches_every_member_and_nobody_else() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut alice = server.online_user("alice")?;
    let mut bob = server.online_user("bob")?;
    let mut carol = server.online_user("carol")?;
    let mut dave = server.online_user("dave")?;
    server.user("erin")?;
    group(&server, "Staff", &["alice", "bob", "carol", "erin"])?;

    assert_eq!(
        say_to(&alice.user, STAFF, "DeepOr", "fire drill")?.status,
        200
    );
    for member in [&mut bob, &mut carol] {
        let told = member
            .call_back
            .expect(SOON, "the message", |it| it.text().contains("fire drill"))?;
        assert_eq!(told.header("RVP-From-Principal"), Some(&*alice.url()));
    }
    // Clients can name aliases only; DeepAnd asks for all who are there.
    let by_alias = say_to(&bob.user, "/instmsg/aliases/staff", "DeepAnd", "all of you")?;
    assert_eq!(by_alias.status, 200, "{}", by_alias.text());
    carol
        .call_back
        .expect(SOON, "the message", |it| it.text().contains("all of you"))?;
    alice
        .call_back
        .expect(SOON, "the message", |it| it.text().contains("all of you"))?;
    assert_eq!(
        say_to(&dave.user, STAFF, "DeepOr", "let me in")?.status,
        412,
        "no member"
    );
    assert!(dave.call_back.drain().is_empty(), "nor is he told anything");

    // Who blocks the sender is left out, and who is no member any more.
    let blocked = format!(
        "<a:rvpacl {NAMESPACES}><a:acl><a:inheritance>none</a:inheritance><a:ace><a:principal>\
         <a:rvp-principal>{}</a:rvp-principal><a:credentials><a:digest/></a:credentials>\
         </a:principal><a:grant/><a:deny><a:send-to/></a:deny></a:ace></a:acl></a:rvpacl>",
        alice.url()
    );
    let carol_s = carol.user.request("ACL", "carol").body(blocked);
    carol.user.expect(200, &carol_s)?;
    server.run(&["group", "remove-member", "staff", "bob"], "")?;
    assert_eq!(
        say_to(&alice.user, STAFF, "DeepOr", "who is left")?.status,
        412,
        "nobody"
    );
    assert_eq!(
        say_to(&bob.user, STAFF, "DeepOr", "hello?")?.status,
        412,
        "out"
    );
    Ok(())
}

#[test]
fn a_member_subscribes_at_an_address_of_its_own() -> Result<(), Failure> {
    let mut server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let robot = server.user("robot")?;
    let stranger = server.user("stranger")?;
    group(&server, "Staff", &["alice", "robot"])?;
    let mut listener = CallBack::listen()?;

    assert_eq!(
        stranger.send(&join(&stranger, &listener.url()))?.status,
        403
    );
    let joined = robot.expect(200, &join(&robot, &listener.url()))?;
    assert_client_can_read(&joined);
    assert_eq!(joined.header("Subscription-Lifetime"), Some("600"));
    let id = joined
        .header("Subscription-Id")
        .unwrap_or_default()
        .to_owned();
    assert_eq!(
        say_to(&alice.user, STAFF, "DeepAnd", "for the robot")?.status,
        200
    );
    let told = listener.expect(SOON, "the message", |it| it.text().contains("robot"))?;
    assert_eq!(told.header("Subscription-Id"), Some(&*id));
    let list = alice.user.request_to("SUBSCRIPTIONS", STAFF);
    let list = alice
        .user
        .expect(200, &list.header("Notification-Type", "pragma/notify"))?;
    assert!(list.text().contains(&listener.url()), "{}", list.text());

    // It is kept, renewed and ended as any other.
    server.kill9()?;
    server.restart()?;
    assert_eq!(say_to(&alice.user, STAFF, "DeepAnd", "again")?.status, 200);
    listener.expect(SOON, "the message", |it| it.text().contains("again"))?;
    let renewal = robot.request_to("SUBSCRIBE", STAFF);
    let renewal = renewal.header("Subscription-Id", id.clone());
    robot.expect(200, &renewal.header("Subscription-Lifetime", "900"))?;
    let end = robot.request_to("UNSUBSCRIBE", STAFF);
    robot.expect(200, &end.header("Subscription-Id", id))?;
    assert_eq!(say_to(&alice.user, STAFF, "DeepOr", "gone")?.status, 412);
    Ok(())
}

#[test]
fn a_group_has_a_name_to_show_and_no_sign_on() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    group(&server, "Staff", &["alice"])?;
    let request = alice
        .user
        .request_to("SUBSCRIBE", STAFF)
        .header("Notification-Type", "update/propchange")
        .header("Call-Back", alice.url());
    let watched = alice.user.expect(207, &request)?;
    let body = watched.text();
    let href = format!("<d:href>http://{}{STAFF}</d:href>", server.rvp());
    assert!(body.contains(&href), "{body}");
    assert!(
        body.contains("<d:displayname>Everybody here</d:displayname>"),
        "{body}"
    );
    assert!(body.contains("<r:state><r:online/></r:state>"), "{body}");

    let unknown = alice.user.request_to("PROPFIND", "/instmsg/groups/nobody");
    assert_eq!(alice.user.send(&unknown.header("Depth", "0"))?.status, 404);
    let person = alice.user.request_to("PROPFIND", "/instmsg/groups/alice");
    assert_eq!(
        alice.user.send(&person.header("Depth", "0"))?.status,
        404,
        "a person is no group"
    );
    let change = alice.user.set_state_request("busy", 600, None);
    let change = alice
        .user
        .request_to("PROPPATCH", STAFF)
        .header("Content-Type", "text/xml")
        .body(change.to_bytes());
    assert_eq!(alice.user.send(&change)?.status, 403);
    let acl = alice.user.request_to("ACL", STAFF);
    assert_eq!(alice.user.send(&acl)?.status, 403);
    // Nobody signs on as one.
    let staff = tests::people::user_at(server.rvp(), "staff");
    assert_eq!(
        staff
            .send(&staff.sign_on_request("http://127.0.0.1:4711", 600))?
            .status,
        401
    );
    assert!(
        !server
            .online()?
            .to_string()
            .to_lowercase()
            .contains("staff")
    );
    let users = server.run(&["user", "list"], "")?;
    assert!(!users.to_lowercase().contains("staff"), "{users}");
    Ok(())
}
