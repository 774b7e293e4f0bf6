//! For whom policies count, in memory, and what was refused.

use super::Fake;
use super::backend::cut;
use web::backend::{Actor, BackendError};
use web::model::{
    Assignment, ClientReach, CompliancePage, ComplianceQuery, EffectiveOption, EffectivePolicy,
    FeatureCount, Millis, PolicyReach, RefusalRow, Say, ScriptState,
};

impl Fake {
    pub(super) fn reach(&self, name: &str) -> PolicyReach {
        let inner = self.inner();
        PolicyReach {
            assignment: inner.assignments.get(name).cloned().unwrap_or_default(),
            groups: inner.groups.keys().cloned().collect(),
            script: ScriptState {
                url: "http://im.example.com/proxy.pac".to_owned(),
                policy: inner.script.clone(),
                problem: None,
            },
        }
    }

    pub(super) fn assign(
        &self,
        actor: &Actor,
        name: &str,
        assignment: &Assignment,
    ) -> Result<(), BackendError> {
        {
            let mut inner = self.inner();
            if let Some(alias) = assignment
                .users
                .iter()
                .find(|alias| !inner.users.contains_key(*alias))
            {
                return Err(BackendError::Invalid {
                    field: "users",
                    message: format!("There is no user {alias}. Nothing was changed."),
                });
            }
            inner
                .assignments
                .insert(name.to_owned(), assignment.clone());
        }
        self.note(actor, "policy.assign", name, &assignment.words());
        Ok(())
    }

    pub(super) fn serve_script(&self, actor: &Actor, policy: Option<&str>) {
        self.inner().script = policy.map(str::to_owned);
        self.note(actor, "policy.proxy-script", policy.unwrap_or_default(), "");
    }

    /// Every policy that counts for everyone or for the user sets one option.
    pub(super) fn effective(&self, alias: &str) -> EffectivePolicy {
        let inner = self.inner();
        let say = |name: &String| {
            let assignment = inner.assignments.get(name).cloned();
            let assignment = assignment.unwrap_or_default();
            let own = assignment.users.iter().any(|user| user == alias);
            (own || assignment.everyone).then(|| Say {
                policy: name.clone(),
                through: if own {
                    format!("user {alias}")
                } else {
                    "everyone".to_owned()
                },
                priority: assignment.priority,
                value: "on".to_owned(),
            })
        };
        let mut says: Vec<_> = inner.policies.keys().filter_map(say).collect();
        says.sort_by_key(|say| say.through == "everyone");
        let options = says
            .split_first()
            .map(|(decided, overruled)| EffectiveOption {
                id: "disable-file-transfer".to_owned(),
                title: "No file transfer".to_owned(),
                effect: "files and server".to_owned(),
                decided: decided.clone(),
                overruled: overruled.to_vec(),
            });
        EffectivePolicy {
            alias: alias.to_owned(),
            groups: Vec::new(),
            refused: options.iter().map(|_| "file transfer".to_owned()).collect(),
            options: options.into_iter().collect(),
        }
    }

    /// Something was refused for each policy that there is.
    pub(super) fn refused(&self, query: &ComplianceQuery) -> CompliancePage {
        let inner = self.inner();
        let row = |policy: &String| RefusalRow {
            at: Millis((self.now)().0 - 3_600_000),
            sender: "bob".to_owned(),
            recipient: "anna.berg20".to_owned(),
            feature: "file transfer".to_owned(),
            command: "INVITE".to_owned(),
            application: "File Transfer".to_owned(),
            policy: policy.clone(),
            decided_for: "bob".to_owned(),
        };
        let wanted = |row: &RefusalRow| {
            (row.sender.contains(&query.search) || row.recipient.contains(&query.search))
                && matches!(query.feature.as_str(), "" | "file-transfer")
        };
        let rows = inner.policies.keys().map(row).filter(wanted).collect();
        let (rows, matching, page) = cut(rows, query.page);
        let client = |agent: &str, program: Option<&str>, unknown: &[&str]| ClientReach {
            agent: agent.to_owned(),
            sessions: 7,
            program: program.map(str::to_owned),
            unknown: unknown.iter().map(|u| (*u).to_owned()).collect(),
        };
        CompliancePage {
            rows,
            counts: vec![FeatureCount {
                word: "file-transfer".to_owned(),
                title: "file transfer".to_owned(),
                count: matching,
            }],
            matching,
            page,
            clients: vec![
                client("", None, &[]),
                client("msmsgs/5.1.0.639", Some("Windows Messenger 5.x"), &[]),
                client("msmsgs/2.2.1053", Some("MSN Messenger 2.2"), &["No video"]),
            ],
            written: 2,
        }
    }
}
