//! That everything can be done from the command line: the words of each operation.

use super::Cli;
use crate::admin::OPERATIONS;
use clap::CommandFactory as _;

/// Operation and words.
const WORDS: &[(&str, &[&str])] = &[
    ("accounts.change-own-password", &["admin", "own-passwd"]),
    ("accounts.create", &["admin", "add"]),
    ("accounts.delete", &["admin", "remove"]),
    ("accounts.disable", &["admin", "disable"]),
    ("accounts.enable", &["admin", "enable"]),
    ("accounts.get", &["admin", "show"]),
    ("accounts.list", &["admin", "list"]),
    ("accounts.reset-password", &["admin", "passwd"]),
    ("accounts.set-role", &["admin", "role"]),
    ("audit.export", &["audit"]),
    ("audit.list", &["audit"]),
    ("catalogue.list", &["policy", "catalogue"]),
    ("compliance.list", &["policy", "compliance"]),
    ("contacts.delete", &["contacts", "remove"]),
    ("contacts.export", &["contacts", "export"]),
    ("contacts.get", &["contacts", "show"]),
    ("contacts.import", &["contacts", "import"]),
    ("contacts.list", &["contacts", "list"]),
    ("contacts.scripts", &["contacts", "scripts"]),
    ("dashboard.get", &["status"]),
    ("deployment.diagnose", &["doctor"]),
    ("groups.add-members", &["group", "add-member"]),
    ("groups.create", &["group", "add"]),
    ("groups.delete", &["group", "remove"]),
    ("groups.edit", &["group", "describe"]),
    ("groups.get", &["group", "show"]),
    ("groups.list", &["group", "list"]),
    ("groups.remove-members", &["group", "remove-member"]),
    ("hooks.list", &["hooks", "list"]),
    ("hooks.list-deliveries", &["hooks", "deliveries"]),
    ("lockouts.list", &["unlock"]),
    ("lockouts.unlock", &["unlock"]),
    ("online.list", &["online"]),
    ("online.logoff", &["logoff"]),
    ("policies.assign", &["policy", "assign"]),
    ("policies.create", &["policy", "import"]),
    ("policies.delete", &["policy", "delete"]),
    ("policies.export", &["policy", "export"]),
    ("policies.get", &["policy", "show"]),
    ("policies.get-reach", &["policy", "assign"]),
    ("policies.get-revision", &["policy", "diff"]),
    ("policies.import", &["policy", "import"]),
    ("policies.kit", &["policy", "kit"]),
    ("policies.list", &["policy", "list"]),
    ("policies.list-revisions", &["policy", "history"]),
    ("policies.revert", &["policy", "revert"]),
    ("policies.save", &["policy", "import"]),
    ("policies.serve-proxy-script", &["policy", "proxy-script"]),
    ("sessions.end", &["admin", "end-session"]),
    ("sessions.list", &["admin", "sessions"]),
    ("tokens.create", &["token", "add"]),
    ("tokens.delete", &["token", "remove"]),
    ("tokens.list", &["token", "list"]),
    ("users.create", &["user", "add"]),
    ("users.delete", &["user", "remove"]),
    ("users.disable", &["user", "disable"]),
    ("users.edit", &["user", "edit"]),
    ("users.enable", &["user", "enable"]),
    ("users.get", &["user", "show"]),
    ("users.get-access", &["user", "access"]),
    ("users.get-effective", &["policy", "effective"]),
    ("users.get-privacy", &["user", "privacy"]),
    ("users.import", &["user", "import"]),
    ("users.list", &["user", "list"]),
    ("users.set-password", &["user", "passwd"]),
    ("users.set-privacy", &["user", "privacy"]),
    ("users.unblock", &["user", "unblock"]),
];

#[test]
fn every_operation_has_words_that_the_command_line_knows() {
    let program = Cli::command();
    for entry in OPERATIONS {
        let words = WORDS.iter().find(|(name, _)| *name == entry.name);
        let Some((_, words)) = words else {
            panic!("{} cannot be done from the command line", entry.name)
        };
        let mut command = &program;
        for word in *words {
            let below = command.find_subcommand(word);
            command = below.unwrap_or_else(|| panic!("there is no rollcall {}", words.join(" ")));
        }
    }
    for (name, _) in WORDS {
        assert!(OPERATIONS.iter().any(|it| it.name == *name), "{name}");
    }
}
