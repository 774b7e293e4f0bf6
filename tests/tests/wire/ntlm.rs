//! NTLM: what a client gets for its first message. What follows is for curl and librvp.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tests::Failure;
use tests::rvp_client::{Connection, Response, User, state_update};
use tests::server::Server;

/// OEM and Unicode, NTLM, target wanted; no domain, no workstation (librvp's flags).
const TYPE_1: &[u8; 32] = b"NTLMSSP\0\x01\0\0\0\x07\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
/// The server's message carries a list of target information.
const TARGET_INFO: u32 = 0x0080_0000;

fn type_1() -> String {
    format!("NTLM {}", STANDARD.encode(TYPE_1))
}

/// The type 2 message that must be the only challenge of a 401.
fn type_2(answer: &Response) -> Vec<u8> {
    assert_eq!(answer.status, 401, "{}", answer.head);
    let challenges = answer.all("WWW-Authenticate");
    assert_eq!(
        challenges.len(),
        1,
        "librvp decodes them joined: {challenges:?}"
    );
    let message = challenges[0]
        .strip_prefix("NTLM ")
        .expect("a message after NTLM");
    STANDARD.decode(message).expect("base64")
}

#[test]
fn a_first_message_gets_a_challenge_with_target_information() -> Result<(), Failure> {
    let server = Server::start("")?;
    let request = User::new(server.rvp(), "alice", "").request("SUBSCRIPTIONS", "alice");
    let answer =
        Connection::open(server.rvp())?.send(&request.header("Authorization", type_1()))?;
    let message = type_2(&answer);
    assert_eq!(&message[..12], b"NTLMSSP\0\x02\0\0\0");
    let flags = u32::from_le_bytes([message[20], message[21], message[22], message[23]]);
    assert_ne!(flags & TARGET_INFO, 0, "flags {flags:08x}");
    assert_ne!(&message[24..32], &[0; 8], "no challenge");

    let again = User::new(server.rvp(), "alice", "").request("SUBSCRIPTIONS", "alice");
    let again = Connection::open(server.rvp())?.send(&again.header("Authorization", type_1()))?;
    assert_ne!(
        &type_2(&again)[24..32],
        &message[24..32],
        "the same challenge twice"
    );
    Ok(())
}

#[test]
fn a_request_that_comes_with_a_first_message_is_not_carried_out() -> Result<(), Failure> {
    let server = Server::start("")?;
    let bob = server.online_user("bob")?;
    let update = bob
        .user
        .request("PROPPATCH", "bob")
        .header("Authorization", type_1())
        .header("Content-Type", "text/xml")
        .body(state_update("busy", 1200, Some(bob.view)));
    let mut connection = Connection::open(server.rvp())?;
    type_2(&connection.send(&update)?);
    assert_eq!(bob.user.state_of("bob")?, "online");
    // The body was read: the connection is in step.
    type_2(&connection.send(&update)?);
    Ok(())
}
