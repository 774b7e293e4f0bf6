//! 5.6 NOTIFY.

use tests::people::OnlineUser;
use tests::rvp_client::{Answer, CallBack, NAMESPACES, Request, message};
use tests::server::Server;
use tests::{Deadline, Failure};

use crate::{SOON, phrase};

fn with_ack(sender: &OnlineUser, ack: &str, text: &str) -> Request {
    sender
        .user
        .request("NOTIFY", "bob")
        .header("Content-Type", "text/xml")
        .header("RVP-Hop-Count", "1")
        .header("RVP-Ack-Type", ack)
        .body(message(&sender.url(), &sender.user.url("bob"), text))
}

#[test]
fn s5_6_no_subscription_is_needed_to_send() -> Result<(), Failure> {
    let server = Server::start("")?;
    let printer = server.user("printer")?;
    let mut bob = server.online_user("bob")?;
    assert_eq!(printer.say("bob", "out of paper")?.status, 200);
    bob.call_back
        .expect(SOON, "the message", |it| it.text().contains("out of paper"))
        .map(drop)
}

#[test]
fn s5_6_deep_or_is_content_with_one_deep_and_wants_all() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let second = CallBack::listen()?;
    bob.user.sign_on(&second.url(), 1200)?;
    for ack in ["DeepOr", "DeepAnd"] {
        let all = alice.user.send(&with_ack(&alice, ack, "to both"))?;
        assert_eq!(all.status, 200, "{ack}: {}", all.text());
    }
    for (answer, deep_and) in [(Answer::HangUp, 412), (Answer::status(500), 500)] {
        second.answer(answer.clone());
        let one = alice.user.send(&with_ack(&alice, "DeepOr", "to one"))?;
        assert_eq!(one.status, 200, "DeepOr, {answer:?}");
        let one = alice.user.send(&with_ack(&alice, "DeepAnd", "to all"))?;
        assert_eq!(one.status, deep_and, "DeepAnd, {answer:?}");
    }
    bob.call_back.answer(Answer::HangUp);
    second.answer(Answer::HangUp);
    let none = alice.user.send(&with_ack(&alice, "DeepOr", "to none"))?;
    assert_eq!(none.status, 412, "DeepOr, nobody");
    Ok(())
}

#[test]
fn s5_6_a_single_hop_is_acknowledged_by_the_server() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    bob.call_back.answer(Answer::status(500));
    let begun = Deadline::within(SOON);
    let taken = alice
        .user
        .send(&with_ack(&alice, "SingleHop", "no hurry"))?;
    assert_eq!(taken.status, 200, "{}", taken.text());
    assert!(begun.spent().as_secs() < 3, "{:?}", begun.spent());
    Ok(())
}

#[test]
fn s5_6_each_hop_is_counted() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let mut bob = server.online_user("bob")?;
    for (sent, told) in [(None, "2"), (Some("1"), "2"), (Some("2"), "3")] {
        let mut request = alice
            .user
            .request("NOTIFY", "bob")
            .header("Content-Type", "text/xml")
            .header("RVP-Ack-Type", "DeepOr")
            .body(message(&alice.url(), &bob.url(), "hop"));
        if let Some(sent) = sent {
            request = request.header("RVP-Hop-Count", sent);
        }
        alice.user.expect(200, &request)?;
        let notify = bob
            .call_back
            .expect(SOON, "the message", |it| it.text().contains("hop"))?;
        assert_eq!(notify.header("RVP-Hop-Count"), Some(told), "sent {sent:?}");
    }
    Ok(())
}

#[test]
fn s5_6_only_the_server_tells_of_changes() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let forged = format!(
        "<r:notification {NAMESPACES}><r:propnotification><r:notification-from><r:contact><d:href>{0}</d:href>\
         <r:description></r:description></r:contact></r:notification-from><r:notification-to><r:contact>\
         <d:href>{1}</d:href><r:description></r:description></r:contact></r:notification-to><d:propertyupdate>\
         <d:set><d:prop><r:state><r:offline/></r:state></d:prop></d:set></d:propertyupdate></r:propnotification>\
         </r:notification>",
        alice.url(),
        bob.url()
    );
    let refused = alice.user.send(&alice.user.say_request("bob", forged))?;
    assert_eq!(refused.status, 403, "{}", refused.text());
    Ok(())
}

/// The document's tags that do not close each other are closed here; its lay-out is kept. Clients
/// crash over that (librvp), so the envelope goes out plain, around the same text.
#[test]
fn s5_6_1_example_message() -> Result<(), Failure> {
    let server = Server::start("")?;
    let stevem = server.online_user("stevem")?;
    let mut bruceb = server.online_user("bruceb")?;
    let (from, to) = (stevem.url(), bruceb.url());
    let body = format!(
        "<?xml version=\"1.0\"?>\n<D:notification xmlns:D=\"DAV:\"\nxmlns:Z=\"http://schemas.microsoft.com/rvp/\">\n\
         \x20    <Z:message>\n          <Z:notification-from>\n               <Z:contact>\n                    <D:href>\n\
         \x20                   {from}\n                    </D:href>\n                    <Z:description>\n\
         \x20                        Steve Morgan\n                    </Z:description>\n               </Z:contact>\n\
         \x20         </Z:notification-from>\n          <Z:notification-to>\n               <Z:contact>\n\
         \x20                   <D:href>\n                         {to}</D:href>\n                    <Z:description>\n\
         \x20                        bruce\n                    </Z:description>\n               </Z:contact>\n\
         \x20         </Z:notification-to>\n          <Z:msgbody>\n               <Z:mime-data>\n\
         \x20                   <![CDATA[MIME-Version: 1.0\r\nContent-Type: text/plain;\r\n charset=UTF-8\r\n\
         X-MMS-IM-Format:\r\n FN=Microsoft%20Sans%20Serif; EF=;\r\n CO=0; CS=0; PF=22\r\n\
         Session-Id: {{79FC61B5-1234-1234-8A10-941F33CA4C90}}\r\n\r\nLet's have lunch\r\n]]>\n\
         \x20              </Z:mime-data>\n          </Z:msgbody>\n     </Z:message>\n</D:notification>\n"
    );
    let request = Request::new("NOTIFY", "/instmsg/aliases/bruceb")
        .header("Host", "im.acmewidgets.com")
        .header("RVP-Notifications-Version", "1.0")
        .header("RVP-Ack-Type", "DeepOr")
        .header("RVP-Hop-Count", "1")
        .header("RVP-From-Principal", from)
        .header("Content-Type", "text/xml")
        .body(body.clone());
    let answer = stevem.user.expect(200, &request)?;
    assert_eq!(phrase(&answer), "Successful");
    assert_eq!(answer.header("RVP-Notifications-Version"), Some("1.0"));
    let notify = bruceb
        .call_back
        .expect(SOON, "the message", |it| it.text().contains("lunch"))?;
    let text = notify.text();
    let data = |text: &str| {
        let (_, rest) = text.split_once("mime-data>").unwrap_or_default();
        rest.split_once("</").map(|(data, _)| data.to_owned())
    };
    assert_eq!(
        data(&text),
        data(&body),
        "the bytes of the text were changed"
    );
    let contact = |side: &str, url: &str, name: &str| {
        format!(
            "<r:notification-{side}><r:contact><d:href>{url}</d:href><r:description>{name}\
             </r:description></r:contact></r:notification-{side}>"
        )
    };
    let sides =
        contact("from", &stevem.url(), "Steve Morgan") + &contact("to", &bruceb.url(), "bruce");
    assert!(
        text.contains(&format!("<r:message>{sides}<r:msgbody><r:mime-data>")),
        "{text}"
    );
    Ok(())
}

#[test]
fn s5_6_1_example_property_change() -> Result<(), Failure> {
    let server = Server::start("")?;
    let stevem = server.online_user("stevem")?;
    let mut bruceb = server.online_user("bruceb")?;
    bruceb.user.watch("stevem")?;
    stevem.set_state("away")?;
    let push = bruceb.call_back.expect_state(SOON, &stevem.url(), "away")?;
    let host = bruceb.call_back.url().replace("http://", "");
    for (name, value) in [
        ("RVP-Hop-Count", "2"),
        ("RVP-Notifications-Version", "1.0"),
        ("Host", host.as_str()),
        ("Content-Type", "text/xml"),
    ] {
        assert_eq!(push.header(name), Some(value), "{}", push.head);
    }
    assert!(
        push.head.starts_with("NOTIFY / HTTP/1.1\r\n"),
        "{}",
        push.head
    );
    Ok(())
}

/// Any other notification, in anybody's vocabulary, reaches who is signed on at the node.
#[test]
fn s5_6_1_example_package_tracking() -> Result<(), Failure> {
    let server = Server::start("")?;
    let shipper = server.user("shipper")?;
    let mut bruceb = server.online_user("bruceb")?;
    let mut second = CallBack::listen()?;
    bruceb.user.sign_on(&second.url(), 1200)?;
    let event = "     <mEvent>\n          <eventType>DELIVER</eventType>\n          <eventTime>13:45 PST</eventTime>\n\
        \x20         <eventDate>03/24/98</eventDate>\n          <eventComment>Signed for by J Cohen</eventComment>\n\
        \x20    </mEvent>\n";
    let manifest = format!(
        "     <manifest>\n<mTrackNo>12345</mTrackNo>\n<mShipper><pName>CDNOW</pName></mShipper>\n{event}     </manifest>\n"
    );
    for content in [event, &manifest] {
        let body = format!(
            "<?xml version=\"1.0\"?>\n<Z:notification xmlns:D=\"DAV:\"\n\
             xmlns:Z=\"http://schemas.microsoft.com/rvp/\">\n{content}</Z:notification>\n"
        );
        let request = shipper
            .request("NOTIFY", "bruceb")
            .header("RVP-Ack-Type", "DeepAnd")
            .header("Content-Type", "text/xml")
            .body(body.clone());
        shipper.expect(200, &request)?;
        for call_back in [&mut bruceb.call_back, &mut second] {
            let notify = call_back.expect(SOON, "the event", |it| it.text().contains("mEvent"))?;
            assert_eq!(notify.text(), body, "the bytes were changed");
            assert!(notify.header("Subscription-Id").is_some());
        }
    }
    Ok(())
}
