//! The port, answered from memory.

use super::deployment::deployment;
use super::{Fake, PASSWORD, TOKEN, people, policy_files};
use async_trait::async_trait;
use std::cmp::Ordering;
use tokio::sync::watch;
use web::backend::{
    Account, Actor, Backend, BackendError, Download, LogoffOrder, LogoffOutcome, LogoffTargets,
    SignInError,
};
use web::model::{
    Access, AuditPage, AuditQuery, Dashboard, Deployment, LockoutRow, Millis, NewUser,
    NotifyFigures, OnlinePage, OnlineQuery, OnlineRow, OnlineSort, PAGE_SIZE, PolicyRevision,
    PolicySummary, PolicyView, PresenceState, Privacy, PrivacyChange, Role, UserDetail, UserEdit,
    UserFilter, UserPage, UserQuery, UserRow, Viewer, pages,
};
use web::model::{
    Assignment, CompliancePage, ComplianceQuery, EffectivePolicy, GroupPage, GroupQuery, GroupView,
    NewGroup, PolicyReach,
};
use web::model::{ContactsPage, ContactsTaken, ContactsView};

fn account(name: &str, role: Role, generation: i64) -> Account {
    Account {
        viewer: Viewer {
            name: name.to_owned(),
            role,
        },
        generation,
    }
}

pub(super) fn nobody(alias: &str) -> BackendError {
    BackendError::NotFound(format!("There is no user {alias}."))
}

/// The rows of a page, how many there are, and which page it is.
pub(super) fn cut<T>(all: Vec<T>, page: u32) -> (Vec<T>, u32, u32) {
    let matching = u32::try_from(all.len()).expect("few rows");
    let page = page.clamp(1, pages(matching));
    let skip = usize::try_from((page - 1) * PAGE_SIZE).expect("few rows");
    (
        all.into_iter()
            .skip(skip)
            .take(PAGE_SIZE as usize)
            .collect(),
        matching,
        page,
    )
}

pub(super) fn has(text: &str, search: &str) -> bool {
    text.to_lowercase().contains(&search.to_lowercase())
}

fn order(sort: OnlineSort, a: &OnlineRow, b: &OnlineRow) -> Ordering {
    match sort {
        OnlineSort::User => Ordering::Equal,
        OnlineSort::State => a.state.cmp(&b.state),
        OnlineSort::Since => a.since.cmp(&b.since),
        OnlineSort::Lease => a.lease_ends.cmp(&b.lease_ends),
        OnlineSort::Address => a.sessions[0].address.cmp(&b.sessions[0].address),
        OnlineSort::Client => a.sessions[0].client.cmp(&b.sessions[0].client),
        OnlineSort::Watchers => a.watchers.cmp(&b.watchers),
    }
    .then_with(|| a.alias.cmp(&b.alias))
}

#[async_trait]
impl Backend for Fake {
    async fn first_run(&self) -> Result<bool, BackendError> {
        Ok(self.inner().admins.is_empty())
    }

    async fn create_first_admin(
        &self,
        token: &str,
        name: &str,
        password: &str,
        _from: &str,
    ) -> Result<Account, BackendError> {
        if token != TOKEN {
            let message = "This is not the token of this start. Copy it anew.".to_owned();
            return Err(BackendError::Invalid {
                field: "token",
                message,
            });
        }
        if password.len() < 8 {
            let message = "The password is too short. Use at least 8 characters.".to_owned();
            return Err(BackendError::Invalid {
                field: "password",
                message,
            });
        }
        self.inner()
            .admins
            .insert(name.to_owned(), (Role::Administrator, 1));
        Ok(account(name, Role::Administrator, 1))
    }

    async fn sign_in(
        &self,
        name: &str,
        password: &str,
        _from: &str,
    ) -> Result<Account, SignInError> {
        let mut inner = self.inner();
        if inner.refused >= 5 {
            return Err(SignInError::LockedOut { seconds: 30 });
        }
        match inner.admins.get(name) {
            Some((role, generation)) if password == PASSWORD => {
                Ok(account(name, *role, *generation))
            }
            _ => {
                inner.refused += 1;
                Err(SignInError::Refused)
            }
        }
    }

    async fn viewer(&self, name: &str, generation: i64) -> Result<Option<Viewer>, BackendError> {
        let admin = self.inner().admins.get(name).copied();
        let same = admin.filter(|(_, of)| *of == generation);
        Ok(same.map(|(role, _)| account(name, role, generation).viewer))
    }

    fn admins_version(&self) -> watch::Receiver<u64> {
        self.admins.subscribe()
    }

    async fn lockouts(&self) -> Result<Vec<LockoutRow>, BackendError> {
        Ok(self.inner().lockouts.clone())
    }

    async fn unlock(&self, actor: &Actor, what: &str) -> Result<u32, BackendError> {
        let mut inner = self.inner();
        let before = inner.lockouts.len();
        inner.lockouts.retain(|row| {
            row.name.as_deref() != Some(what) && row.address.as_deref() != Some(what)
        });
        let released = before - inner.lockouts.len();
        drop(inner);
        if released == 0 {
            return Err(BackendError::NotFound(format!(
                "{what:?} is not locked out."
            )));
        }
        self.note(actor, "unlock", what, "");
        Ok(u32::try_from(released).expect("few rows"))
    }

    fn presence_version(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    async fn dashboard(&self) -> Result<Dashboard, BackendError> {
        let now = (self.now)();
        let inner = self.inner();
        let count = |count: usize| u32::try_from(count).expect("few rows");
        let sessions = inner.online.values().flat_map(|row| &row.sessions);
        let online = count(inner.online.len());
        let silent = sessions
            .clone()
            .filter(|it| it.unreachable.is_some())
            .count();
        Ok(Dashboard {
            domain: "example.com".to_owned(),
            rvp_url: "http://im.example.com".to_owned(),
            version: "0.1.0".to_owned(),
            started: Millis(now.0 - 3 * 86_400_000),
            now,
            online_users: online,
            sessions: count(sessions.count()),
            unreachable: count(silent),
            unreachable_since: (silent > 0).then_some(Millis(now.0 - 30_000)),
            unreachable_ends: (silent > 0).then_some(Millis(now.0 + 30_000)),
            trouble: None,
            notified_today: NotifyFigures {
                delivered: 12_345,
                refused: 7,
                unreachable: 3,
                ..NotifyFigures::default()
            },
            signed_on_today: online + online / 3,
            failed_sign_ons_today: inner.refused,
            users: count(inner.users.len()),
            chart: people::chart(online, now),
        })
    }

    async fn online(&self, query: &OnlineQuery) -> Result<OnlinePage, BackendError> {
        let inner = self.inner();
        let mut rows = inner
            .online
            .values()
            .filter(|row| !query.silent || row.sessions.iter().any(|it| it.unreachable.is_some()))
            .filter(|row| {
                has(&row.alias, &query.search)
                    || has(&row.display_name, &query.search)
                    || row.sessions.iter().any(|session| {
                        has(&session.address, &query.search) || has(&session.client, &query.search)
                    })
            })
            .cloned()
            .collect::<Vec<_>>();
        rows.sort_by(|a, b| order(query.sort, a, b));
        if query.descending {
            rows.reverse();
        }
        let online = u32::try_from(inner.online.len()).expect("few rows");
        let sessions = inner.online.values().flat_map(|row| &row.sessions);
        let silent = sessions.filter(|it| it.unreachable.is_some()).count();
        let (rows, matching, page) = cut(rows, query.page);
        Ok(OnlinePage {
            rows,
            matching,
            online,
            silent: u32::try_from(silent).expect("few rows"),
            page,
            now: (self.now)(),
        })
    }

    async fn logoff(
        &self,
        actor: &Actor,
        order: &LogoffOrder,
    ) -> Result<LogoffOutcome, BackendError> {
        if actor.role < Role::Operator {
            return Err(BackendError::Forbidden);
        }
        let aliases = match &order.targets {
            LogoffTargets::All => self.aliases(),
            LogoffTargets::Aliases(aliases) => aliases.clone(),
        };
        let mut outcome = LogoffOutcome::default();
        for alias in aliases {
            let was_online = self.inner().online.remove(&alias).is_some();
            self.note(actor, "logoff", &alias, &order.reason);
            if was_online {
                outcome.logged_off.push(alias);
            } else {
                outcome.not_online.push(alias);
            }
        }
        self.version.send_modify(|version| *version += 1);
        Ok(outcome)
    }

    async fn users(&self, query: &UserQuery) -> Result<UserPage, BackendError> {
        let inner = self.inner();
        let rows = inner
            .users
            .values()
            .map(|user| &user.row)
            .filter(|row| match query.filter {
                UserFilter::All => true,
                UserFilter::Enabled => row.enabled,
                UserFilter::Disabled => !row.enabled,
            })
            .filter(|row| has(&row.alias, &query.search) || has(&row.display_name, &query.search))
            .cloned()
            .collect();
        let (rows, matching, page) = cut(rows, query.page);
        let total = u32::try_from(inner.users.len()).expect("few rows");
        Ok(UserPage {
            rows,
            matching,
            total,
            page,
        })
    }

    async fn user(&self, alias: &str) -> Result<UserDetail, BackendError> {
        self.inner()
            .users
            .get(alias)
            .cloned()
            .ok_or_else(|| nobody(alias))
    }

    async fn create_user(&self, actor: &Actor, user: &NewUser) -> Result<(), BackendError> {
        if user.alias.contains(' ') {
            let message = "An alias has no spaces. Use letters, digits, . - and _.".to_owned();
            return Err(BackendError::Invalid {
                field: "alias",
                message,
            });
        }
        if self.inner().users.contains_key(&user.alias) {
            return Err(BackendError::Conflict(format!(
                "There is a user {} already. Choose another alias.",
                user.alias
            )));
        }
        let detail = UserDetail {
            row: UserRow {
                alias: user.alias.clone(),
                display_name: user.display_name.clone(),
                email: user.email.clone(),
                enabled: true,
                state: PresenceState::Offline,
                last_sign_on: None,
            },
            url: format!("http://im.example.com/instmsg/aliases/{}", user.alias),
            created: (self.now)(),
            blocked_until: None,
            groups: Vec::new(),
            refused: None,
        };
        self.inner().users.insert(user.alias.clone(), detail);
        self.note(actor, "user.create", &user.alias, "");
        Ok(())
    }

    async fn edit_user(
        &self,
        actor: &Actor,
        alias: &str,
        edit: &UserEdit,
    ) -> Result<(), BackendError> {
        {
            let mut inner = self.inner();
            let row = &mut inner.users.get_mut(alias).ok_or_else(|| nobody(alias))?.row;
            if let Some(name) = &edit.display_name {
                row.display_name.clone_from(name);
            }
            if let Some(email) = &edit.email {
                row.email.clone_from(email);
            }
            row.enabled = edit.enabled.unwrap_or(row.enabled);
        }
        self.note(actor, "user.edit", alias, "");
        Ok(())
    }

    async fn set_password(
        &self,
        actor: &Actor,
        alias: &str,
        password: &str,
    ) -> Result<(), BackendError> {
        if password.len() < 6 {
            let message = "The password is too short. Use at least 6 characters.".to_owned();
            return Err(BackendError::Invalid {
                field: "password",
                message,
            });
        }
        self.user(alias).await?;
        self.note(actor, "user.password", alias, "");
        Ok(())
    }

    async fn unblock_user(&self, actor: &Actor, alias: &str) -> Result<(), BackendError> {
        self.inner()
            .users
            .get_mut(alias)
            .ok_or_else(|| nobody(alias))?
            .blocked_until = None;
        self.note(actor, "user.unblock", alias, "");
        Ok(())
    }

    async fn delete_user(&self, actor: &Actor, alias: &str) -> Result<(), BackendError> {
        self.inner()
            .users
            .remove(alias)
            .ok_or_else(|| nobody(alias))?;
        self.note(actor, "user.delete", alias, "");
        Ok(())
    }

    async fn privacy(&self, alias: &str) -> Result<Privacy, BackendError> {
        self.list(alias)
    }

    async fn set_privacy(
        &self,
        actor: &Actor,
        alias: &str,
        change: &PrivacyChange,
    ) -> Result<(), BackendError> {
        self.change_list(alias, change)?;
        self.note(actor, "user.privacy", alias, "");
        Ok(())
    }

    async fn access(&self, from: &str, to: &str) -> Result<Access, BackendError> {
        self.may(from, to)
    }

    async fn policy_reach(&self, name: &str) -> Result<PolicyReach, BackendError> {
        Ok(self.reach(name))
    }

    async fn create_policy(
        &self,
        actor: &Actor,
        policy_json: &str,
        comment: &str,
        assignment: &Assignment,
    ) -> Result<PolicySummary, BackendError> {
        let saved = self.save_policy(actor, policy_json, 0, comment).await?;
        self.assign(actor, &saved.name, assignment)?;
        Ok(saved)
    }

    async fn import_policy(
        &self,
        actor: &Actor,
        policy_json: &str,
        comment: &str,
        assignment: Option<&Assignment>,
        replace: bool,
    ) -> Result<PolicySummary, BackendError> {
        let policy: policies::Policy = serde_json::from_str(policy_json)
            .map_err(|error| BackendError::Internal(error.to_string()))?;
        match self.policy(&policy.name).await {
            Ok(_) if !replace => Err(BackendError::Conflict(format!(
                "There is a policy {} already.",
                policy.name
            ))),
            Ok(view) => {
                let base = view.summary.revision;
                let saved = self.save_policy(actor, policy_json, base, comment).await?;
                if let Some(assignment) = assignment {
                    self.assign(actor, &saved.name, assignment)?;
                }
                Ok(saved)
            }
            Err(_) => {
                let nobody = Assignment::default();
                let assignment = assignment.unwrap_or(&nobody);
                self.create_policy(actor, policy_json, comment, assignment)
                    .await
            }
        }
    }

    async fn assign_policy(
        &self,
        actor: &Actor,
        name: &str,
        assignment: &Assignment,
    ) -> Result<(), BackendError> {
        self.assign(actor, name, assignment)
    }

    async fn serve_proxy_script(
        &self,
        actor: &Actor,
        policy: Option<&str>,
    ) -> Result<(), BackendError> {
        self.serve_script(actor, policy);
        Ok(())
    }

    async fn effective_policy(&self, alias: &str) -> Result<EffectivePolicy, BackendError> {
        Ok(self.effective(alias))
    }

    async fn compliance(&self, query: &ComplianceQuery) -> Result<CompliancePage, BackendError> {
        Ok(self.refused(query))
    }

    async fn groups(&self, query: &GroupQuery) -> Result<GroupPage, BackendError> {
        Ok(self.groups_page(query))
    }

    async fn group(&self, name: &str, query: &GroupQuery) -> Result<GroupView, BackendError> {
        self.one_group(name, query)
    }

    async fn create_group(&self, actor: &Actor, group: &NewGroup) -> Result<(), BackendError> {
        self.make_group(actor, group)
    }

    async fn describe_group(
        &self,
        actor: &Actor,
        name: &str,
        description: &str,
    ) -> Result<(), BackendError> {
        self.describe(actor, name, description)
    }

    async fn add_members(
        &self,
        actor: &Actor,
        group: &str,
        aliases: &[String],
    ) -> Result<u32, BackendError> {
        self.join(actor, group, aliases)
    }

    async fn remove_members(
        &self,
        actor: &Actor,
        group: &str,
        aliases: &[String],
    ) -> Result<u32, BackendError> {
        self.leave(actor, group, aliases)
    }

    async fn delete_group(&self, actor: &Actor, name: &str) -> Result<(), BackendError> {
        self.drop_group(actor, name)
    }

    async fn contacts_page(&self) -> Result<ContactsPage, BackendError> {
        Ok(self.contact_lists())
    }

    async fn contacts(&self, alias: &str) -> Result<Option<ContactsView>, BackendError> {
        Ok(self.contact_list(alias))
    }

    async fn import_contacts(
        &self,
        actor: &Actor,
        alias: &str,
        file: &[u8],
    ) -> Result<ContactsTaken, BackendError> {
        let taken = self.take_contacts(alias, file, &actor.name)?;
        self.note(actor, "contacts.import", alias, "");
        Ok(taken)
    }

    async fn export_contacts(
        &self,
        actor: &Actor,
        alias: &str,
        format: &str,
    ) -> Result<Download, BackendError> {
        if actor.role < Role::Administrator {
            return Err(BackendError::Forbidden);
        }
        self.give_contacts(alias, format)
    }

    async fn remove_contacts(&self, actor: &Actor, alias: &str) -> Result<(), BackendError> {
        self.forget_contacts(alias)?;
        self.note(actor, "contacts.remove", alias, "");
        Ok(())
    }

    async fn contact_scripts(&self, share: Option<&str>) -> Result<Vec<Download>, BackendError> {
        self.scripts(share)
    }

    async fn policies(&self) -> Result<Vec<PolicySummary>, BackendError> {
        Ok(self
            .inner()
            .policies
            .values()
            .map(|policy| policy.summary.clone())
            .collect())
    }

    async fn policy(&self, name: &str) -> Result<PolicyView, BackendError> {
        let missing = || BackendError::NotFound(format!("There is no policy {name}."));
        self.inner().policies.get(name).cloned().ok_or_else(missing)
    }

    async fn save_policy(
        &self,
        actor: &Actor,
        policy_json: &str,
        base_revision: u32,
        comment: &str,
    ) -> Result<PolicySummary, BackendError> {
        let policy: policies::Policy = serde_json::from_str(policy_json)
            .map_err(|error| BackendError::Internal(error.to_string()))?;
        let summary = {
            let mut inner = self.inner();
            let stored = inner
                .policies
                .get(&policy.name)
                .map_or(0, |view| view.summary.revision);
            if stored != base_revision {
                return Err(BackendError::Conflict(format!(
                    "{} is at revision {stored}, not {base_revision}. Open it again.",
                    policy.name
                )));
            }
            let summary = PolicySummary {
                name: policy.name.clone(),
                description: policy.description.clone(),
                settings: u32::try_from(policy.settings.len()).expect("few options"),
                revision: stored + 1,
                saved: (self.now)(),
                saved_by: actor.name.clone(),
            };
            let view = PolicyView {
                summary: summary.clone(),
                policy: policy_json.to_owned(),
            };
            let kept = (comment.to_owned(), view.clone());
            let revisions = inner.revisions.entry(policy.name.clone());
            revisions.or_default().push(kept);
            inner.policies.insert(policy.name, view);
            summary
        };
        self.note(
            actor,
            "policy.save",
            &summary.name,
            &format!("revision {}", summary.revision),
        );
        Ok(summary)
    }

    async fn policy_revisions(&self, name: &str) -> Result<Vec<PolicyRevision>, BackendError> {
        self.opened(name)?;
        Ok(self.history(name))
    }

    async fn policy_revision(&self, name: &str, revision: u32) -> Result<PolicyView, BackendError> {
        self.at_revision(name, revision)
    }

    async fn revert_policy(
        &self,
        actor: &Actor,
        name: &str,
        revision: u32,
        base_revision: u32,
    ) -> Result<PolicySummary, BackendError> {
        let old = self.at_revision(name, revision)?;
        let comment = format!("Back to revision {revision}");
        self.save_policy(actor, &old.policy, base_revision, &comment)
            .await
    }

    async fn delete_policy(&self, actor: &Actor, name: &str) -> Result<(), BackendError> {
        self.inner().policies.remove(name);
        self.inner().revisions.remove(name);
        self.note(actor, "policy.delete", name, "");
        Ok(())
    }

    async fn export_policy(
        &self,
        actor: &Actor,
        name: &str,
        format: &str,
        undo: bool,
    ) -> Result<Download, BackendError> {
        let (policy, context) = self.opened(name)?;
        let file = policy_files::file(&policy, format, undo, &context)?;
        self.note(actor, "policy.export", name, format);
        Ok(file)
    }

    fn server_name(&self) -> String {
        "im.example.com".to_owned()
    }

    async fn policy_kit(
        &self,
        actor: &Actor,
        name: &str,
        windows: &str,
    ) -> Result<Download, BackendError> {
        let (policy, context) = self.opened(name)?;
        let file = policy_files::kit(&policy, windows, &context)?;
        self.note(actor, "policy.kit", name, windows);
        Ok(file)
    }

    async fn audit(&self, query: &AuditQuery) -> Result<AuditPage, BackendError> {
        let inner = self.inner();
        let rows = inner
            .audit
            .iter()
            .rev()
            .filter(|row| {
                [&row.actor, &row.from, &row.action, &row.target, &row.detail]
                    .iter()
                    .any(|text| has(text, &query.search))
            })
            .cloned()
            .collect();
        let (rows, matching, page) = cut(rows, query.page);
        Ok(AuditPage {
            rows,
            matching,
            page,
        })
    }

    async fn deployment(&self) -> Result<Deployment, BackendError> {
        Ok(deployment())
    }
}
