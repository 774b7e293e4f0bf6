//! `rollcall doctor`: what it finds, that it never hangs.

use std::process::Output;
use std::time::{Duration, Instant};

use serde_json::Value;
use tests::Failure;
use tests::server::Server;

/// The DNS of the machine that runs the tests may be silent: 3 s for it, 3 s for the addresses.
const NEVER_LONGER: Duration = Duration::from_secs(12);

fn read(output: &Output) -> Result<Value, Failure> {
    serde_json::from_slice(&output.stdout).map_err(|error| {
        Failure::Unexpected(format!(
            "`doctor --json` gave no JSON: {error}\n{}",
            String::from_utf8_lossy(&output.stderr)
        ))
    })
}

fn finding<'a>(deployment: &'a Value, check: &str) -> &'a Value {
    deployment["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|finding| finding["check"] == check)
        .unwrap_or(&Value::Null)
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "how long a program takes is a matter of the wall clock"
)]
fn a_domain_that_is_an_address_is_a_problem_of_a_server_that_answers() -> Result<(), Failure> {
    let server = Server::start("")?;
    let before = Instant::now();
    let output = server.cli(&["doctor", "--json"], "")?;
    assert!(before.elapsed() < NEVER_LONGER, "{:?}", before.elapsed());
    assert_eq!(output.status.code(), Some(1), "{output:?}");

    let deployment = read(&output)?;
    let domain = finding(&deployment, "Domain name");
    assert_eq!(domain["level"], "problem", "{deployment}");
    assert!(domain["remedy"].to_string().contains("im.example.com"));
    assert_eq!(deployment["findings"][0], *domain, "the worst comes first");
    // The server itself said where it listens, and answered there.
    let listener = finding(&deployment, "Listener");
    assert_eq!(listener["level"], "warning", "{listener}");
    assert!(
        listener["found"]
            .to_string()
            .contains(&server.rvp().to_string())
    );
    for check in ["Clock", "Data directory", "Key file", "Sign-on schemes"] {
        assert_eq!(finding(&deployment, check)["level"], "ok", "{check}");
    }
    Ok(())
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "how long a program takes is a matter of the wall clock"
)]
fn without_a_server_and_without_its_names_it_says_so_in_time() -> Result<(), Failure> {
    let mut server = Server::start("")?;
    server.stop()?;
    let before = Instant::now();
    // A name that no DNS has (RFC 2606), or that a silent one does not speak of.
    let arguments = [
        "doctor",
        "--json",
        "--domain",
        "im.rollcall.invalid",
        "--mail-domain",
        "rollcall.invalid",
    ];
    let output = server.cli(&arguments, "")?;
    assert!(before.elapsed() < NEVER_LONGER, "{:?}", before.elapsed());

    let deployment = read(&output)?;
    assert_eq!(finding(&deployment, "Domain name")["level"], "ok");
    for check in ["SRV record", "A record"] {
        let found = finding(&deployment, check);
        assert_ne!(found["level"], "ok", "{found}");
        assert_ne!(found["remedy"], "", "{found}");
    }
    let bind = deployment["records"]["bind"].as_str().unwrap_or_default();
    assert!(bind.contains("_rvp._tcp.rollcall.invalid."), "{bind}");
    Ok(())
}

#[test]
fn a_single_label_is_told_from_a_name_in_words_for_people() -> Result<(), Failure> {
    let mut server = Server::start("")?;
    server.stop()?;
    let output = server.cli(&["doctor", "--domain", "imserver"], "")?;
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("single label"), "{text}");
    assert!(text.contains("KB 319758"), "{text}");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        error.contains("keep clients out") || error.contains("keeps clients out"),
        "{error}"
    );
    Ok(())
}
