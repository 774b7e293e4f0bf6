//! Groups from the command line, with and without a server that runs.

use tests::Failure;
use tests::people::PASSWORD;
use tests::server::Server;

fn members(server: &Server, group: &str) -> Result<Vec<String>, Failure> {
    let shown = server.run(&["group", "show", group, "--json"], "")?;
    let shown: serde_json::Value = serde_json::from_str(&shown)
        .map_err(|error| Failure::Unexpected(format!("{error} in {shown}")))?;
    let members = shown["members"].as_array().cloned().unwrap_or_default();
    Ok(members
        .iter()
        .filter_map(|member| member["alias"].as_str().map(str::to_owned))
        .collect())
}

/// The whole life of a group.
fn live_and_end(server: &Server) -> Result<(), Failure> {
    for alias in ["alice", "bob", "carol"] {
        server.add_user(alias, PASSWORD)?;
    }
    server.run(
        &[
            "group",
            "add",
            "Branch",
            "alice",
            "--description",
            "thin line",
        ],
        "",
    )?;
    server.run(&["group", "add-member", "branch", "bob,carol@here"], "")?;
    assert_eq!(members(server, "BRANCH")?, ["alice", "bob", "carol"]);
    server.run(&["group", "remove-member", "branch", "bob"], "")?;
    let refused = server.refused(&["group", "add-member", "branch", "bob", "nobody"])?;
    assert!(refused.contains("There is no user nobody"), "{refused}");
    assert_eq!(members(server, "branch")?, ["alice", "carol"]);

    // One name for one thing, whatever its case.
    let refused = server.refused(&["group", "add", "ALICE"])?;
    assert!(refused.contains("There is a user alice"), "{refused}");
    let refused = server.refused(&["group", "add", "branch"])?;
    assert!(refused.contains("There is a group branch"), "{refused}");
    let refused = server.add_user("branch", PASSWORD);
    assert!(refused.is_err(), "a user took the name of a group");

    // Who is deleted leaves.
    server.run(&["user", "remove", "carol"], "")?;
    assert_eq!(members(server, "branch")?, ["alice"]);
    let list = server.run(&["group", "list"], "")?;
    assert!(list.contains("Branch  1        thin line"), "{list}");
    server.run(&["group", "remove", "branch"], "")?;
    let refused = server.refused(&["group", "show", "branch"])?;
    assert!(refused.contains("There is no group branch"), "{refused}");
    server.add_user("branch", PASSWORD)
}

#[test]
fn a_group_lives_and_ends_while_the_server_runs() -> Result<(), Failure> {
    live_and_end(&Server::start("")?)
}

#[test]
fn a_group_lives_and_ends_without_a_server() -> Result<(), Failure> {
    let mut server = Server::start("")?;
    server.stop()?;
    live_and_end(&server)
}
