//! What stands between clients and the server: findings, and what to put into the DNS.

use crate::operation::operation;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How bad a finding is, worst last.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// It works for some, or could not be tried.
    Warning,
    /// Clients cannot sign on, or soon will not.
    Problem,
}

/// What one check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// What was looked at, in a few words.
    pub check: String,
    /// What was found.
    pub found: String,
    /// Why it matters.
    pub why: String,
    /// What to do; empty where there is nothing to do.
    pub remedy: String,
}

impl Finding {
    /// A finding without anything to do.
    #[must_use]
    pub fn new(level: Level, check: &str, found: impl Into<String>, why: &str) -> Self {
        Self {
            level,
            check: check.to_owned(),
            found: found.into(),
            why: why.to_owned(),
            remedy: String::new(),
        }
    }

    /// With what to do.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }
}

/// The DNS records that clients look for, ready to paste.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DnsRecords {
    /// Lines of a zone file.
    pub bind: String,
    /// Commands for a Windows DNS server.
    pub windows: String,
}

/// All that a diagnosis says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Deployment {
    /// The IM domain that is served.
    pub domain: String,
    /// The domain of the users' addresses, `example.com` of `alice@example.com`.
    pub mail_domain: String,
    /// Where clients sign on, as a URL.
    pub rvp_url: String,
    /// Findings, worst first.
    pub findings: Vec<Finding>,
    /// Records for the DNS.
    pub records: DnsRecords,
    /// What to add to the exceptions of the clients' proxy settings.
    pub proxy_exception: String,
}

impl Deployment {
    /// How many findings are of this level.
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.level == level)
            .count()
    }
}

/// Look at what stands between clients and the server. Asks the DNS and the network, within 10 s.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Diagnose {
    /// The domain of the mail addresses, if it is another.
    #[serde(default)]
    pub mail_domain: Option<String>,
}
operation!(Diagnose = "deployment.diagnose", Query, Administrator, Get "/deployment", Deployment);
