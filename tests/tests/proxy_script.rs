//! The proxy script that browsers fetch from the RVP listener, run by a program that is not ours.

use std::fs;
use std::process::Command;

use tests::Failure;
use tests::lockdown::{INTERNET_SETTINGS, registry};
use tests::rvp_client::{Connection, Request, Response};
use tests::server::Server;

/// Prints where requests for each address go: script, then addresses.
const PACPARSER: &str = "import sys, pacparser\n\
    pacparser.init()\n\
    pacparser.parse_pac_file(sys.argv[1])\n\
    for url in sys.argv[2:]:\n\
    \x20   print(pacparser.find_proxy(url))\n";

fn get(server: &Server, path: &str) -> Result<Response, Failure> {
    Connection::open(server.rvp())?.send(&Request::new("GET", path).header("Host", "im"))
}

fn run_script(server: &Server, script: &[u8], urls: &[&str]) -> Result<Vec<String>, Failure> {
    let file = server.scratch().join("proxy.pac");
    fs::write(&file, script).map_err(Failure::io("writing a script"))?;
    let output = Command::new("/usr/bin/python3")
        .args(["-c", PACPARSER])
        .arg(&file)
        .args(urls)
        .output()
        .map_err(Failure::io(
            "running /usr/bin/python3 (apt-get install python3-pacparser)",
        ))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    if complaint.contains("No module named 'pacparser'") {
        return Err(Failure::Missing {
            program: "pacparser".to_owned(),
            install: "apt-get install python3-pacparser",
        });
    }
    assert!(output.status.success(), "{complaint}");
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().map(str::to_owned).collect())
}

#[test]
fn the_server_is_reached_directly_and_others_through_the_proxy() -> Result<(), Failure> {
    let server = Server::start("domain = \"im.example.com\"\n")?;
    assert_eq!(get(&server, "/proxy.pac")?.status, 501, "switched off");

    let reg = registry(
        INTERNET_SETTINGS,
        &[
            "\"ProxyEnable\"=dword:00000001",
            "\"ProxyServer\"=\"proxy.example.com:8080\"",
            "\"ProxyOverride\"=\"im.example.com;intra.example.com;<local>\"",
        ],
    );
    server.import_policy("Proxy", &reg)?;
    server.run(&["policy", "proxy-script", "Proxy"], "")?;
    let script = get(&server, "/proxy.pac")?;
    assert_eq!(script.status, 200, "{}", script.text());
    assert_eq!(
        script.header("Content-Type"),
        Some("application/x-ns-proxy-autoconfig")
    );
    let ways = run_script(
        &server,
        &script.body,
        &[
            "http://im.example.com/instmsg/aliases/alice",
            "http://intra.example.com/",
            "http://server/",
            "http://www.example.org/",
        ],
    )?;
    let proxy = "PROXY proxy.example.com:8080";
    assert_eq!(ways, ["DIRECT", "DIRECT", "DIRECT", proxy]);

    assert_eq!(get(&server, "/")?.status, 501, "any other GET");
    assert_eq!(get(&server, "/proxy.pac/x")?.status, 501);

    // Without proxy settings there is nothing to hand out.
    server.forbid_files("Proxy")?;
    let gone = get(&server, "/proxy.pac")?;
    assert_eq!(gone.status, 404);
    assert_eq!(gone.text().trim_end().lines().count(), 1, "{}", gone.text());
    assert!(
        gone.text()
            .contains("The policy Proxy makes no proxy script")
    );
    server.run(&["policy", "proxy-script", "--off"], "")?;
    assert_eq!(get(&server, "/proxy.pac")?.status, 501);
    Ok(())
}
