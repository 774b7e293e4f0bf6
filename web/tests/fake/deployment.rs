//! A diagnosis of each level.

use web::model::{Deployment, DnsRecords, Finding, Level};

pub(super) fn deployment() -> Deployment {
    let srv = "Clients look this record up to find the server of an address (RVP document \
        4.1.1). Without it they try port 80 of the mail domain itself.";
    let files = "The verifiers of all passwords are sealed under this key.";
    Deployment {
        domain: "im.example.com".to_owned(),
        mail_domain: "example.com".to_owned(),
        rvp_url: "http://im.example.com:8080".to_owned(),
        findings: vec![
            Finding::new(
                Level::Problem,
                "SRV record",
                "_rvp._tcp.example.com points to im.example.com, port 80, but the server listens on port 8080.",
                srv,
            )
            .remedy("Change the record's port to 8080."),
            Finding::new(
                Level::Warning,
                "Host name",
                "No domain is set, so the machine's name im.example.com is used.",
                "A machine that is renamed would lock everybody out.",
            )
            .remedy("Write domain = \"im.example.com\" into the configuration."),
            Finding::new(
                Level::Ok,
                "Key file",
                "/var/lib/rollcall/verifiers.key is open to its owner only.",
                files,
            ),
            Finding::new(
                Level::Ok,
                "Proxy exceptions",
                "The server cannot see the clients' proxy settings.",
                "Through a proxy NTLM fails (Q242882).",
            )
            .remedy("Where clients have a proxy: add im.example.com."),
        ],
        records: DnsRecords {
            bind: "_rvp._tcp.example.com.  3600  IN  SRV  0 0 8080 im.example.com.\n\
                   im.example.com.         3600  IN  A    192.0.2.10\n"
                .to_owned(),
            windows: "dnscmd . /RecordAdd example.com _rvp._tcp 3600 SRV 0 0 8080 im.example.com.\n\
                      dnscmd . /RecordAdd example.com im 3600 A 192.0.2.10\n"
                .to_owned(),
        },
        proxy_exception: "im.example.com".to_owned(),
    }
}
