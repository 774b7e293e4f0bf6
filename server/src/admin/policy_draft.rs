//! A policy that is to be saved, checked as far as it can be without looking at others.

use super::{internal, invalid};
use api::{Error, PolicyDocument};
use policies::{Catalogue, Policy, Severity};
use web::off_thread;

/// The longest name of a policy, in characters.
const LONGEST_NAME: usize = 64;
/// The longest comment, in characters.
const LONGEST_COMMENT: usize = 300;
/// What follows `/policies/` in addresses of other pages and operations.
const RESERVED: [&str; 2] = ["new", "import"];

/// A policy that is to be saved.
pub(super) struct Draft {
    pub(super) policy: Policy,
    pub(super) json: String,
    /// Why; may be empty.
    pub(super) comment: String,
}

impl Draft {
    /// Reads and checks it; `name` says of which policy it is to be a revision.
    pub(super) async fn read(
        document: PolicyDocument,
        comment: String,
        name: Option<String>,
    ) -> Result<Self, Error> {
        off_thread(move || {
            let mut policy: Policy = document
                .read()
                .map_err(|e| invalid("policy", format!("The policy cannot be read: {e}.")))?;
            if let Some(name) = name {
                let own = policy.name.trim();
                if !own.is_empty() && !own.eq_ignore_ascii_case(name.trim()) {
                    return Err(invalid(
                        "policy",
                        format!(
                            "The policy calls itself {own:?}, and {name} is to be saved. A policy keeps its name: leave it out, or write {name}."
                        ),
                    ));
                }
                if own.is_empty() {
                    policy.name = name;
                }
            }
            Self::of(policy, &comment)
        })
        .await
    }

    /// Checks it. It may take a while.
    pub(super) fn of(mut policy: Policy, comment: &str) -> Result<Self, Error> {
        policy.name = policy.name.trim().to_owned();
        if policy.name.is_empty()
            || policy.name.chars().count() > LONGEST_NAME
            || policy
                .name
                .chars()
                .any(|c| c.is_control() || "/\\?#%".contains(c))
        {
            return Err(invalid(
                "name",
                "The name must have 1 to 64 characters and none of / \\ ? # %.",
            ));
        }
        if RESERVED.contains(&policy.name.to_lowercase().as_str()) {
            return Err(invalid(
                "name",
                format!(
                    "A page of the console has the name {}. Choose another.",
                    policy.name
                ),
            ));
        }
        let comment = comment.trim();
        if comment.chars().count() > LONGEST_COMMENT || comment.chars().any(char::is_control) {
            return Err(invalid(
                "comment",
                "The comment must be one line of 300 characters at most.",
            ));
        }
        if let Some(problem) = policy
            .check(Catalogue::get())
            .iter()
            .find(|p| p.severity == Severity::Error)
        {
            let option = problem.option.as_ref();
            let option = option.and_then(|id| Catalogue::get().option(id.as_str()));
            return Err(invalid(
                // Where the form has it.
                option.map_or("policy", |option| option.id),
                format!("{}: {}", policy.name, problem.message),
            ));
        }
        Ok(Self {
            json: serde_json::to_string(&policy).map_err(internal)?,
            policy,
            comment: comment.to_owned(),
        })
    }
}
