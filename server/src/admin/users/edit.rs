//! What can be changed of an account.

use super::{checked_email, checked_name, thing};
use crate::admin::change::field;
use crate::admin::registry::Handle;
use crate::admin::{Admin, Live, no_such_user};
use api::{Actor, Done, EditUser, Error};

impl Handle<EditUser> for Admin {
    async fn handle(&self, actor: &Actor, order: EditUser) -> Result<Done, Error> {
        let alias = Self::alias(&order.alias)?;
        let name = order
            .display_name
            .as_deref()
            .map(checked_name)
            .transpose()?;
        let email = order.email.as_deref().map(checked_email).transpose()?;
        let mut change = self.begin(actor).await?;
        let before = change.user(&alias).await?;
        let name = name.filter(|name| *name != before.display_name);
        let email = email.filter(|email| *email != before.email);
        let edits: Vec<_> = [
            ("display_name", &before.display_name, &name),
            ("email", &before.email, &email),
        ]
        .into_iter()
        .filter_map(|(it, before, after)| field(it, before, after.as_deref()?))
        .collect();
        if edits.is_empty() {
            return Ok(Done {});
        }
        let thing = thing(&alias);
        let fields: Vec<_> = edits.iter().map(|it| it.field.as_str()).collect();
        let revision = order.revision;
        change.check_revision(&thing, revision, &fields).await?;
        let edited = change
            .rows
            .edit_user(alias.as_str(), name.as_deref(), email.as_deref(), None);
        edited.await.map_err(no_such_user(alias.as_str()))?;
        change.audit_change("user.edit", alias.as_str(), thing, edits);
        let apply = move |live: &Live| {
            let renamed = name.is_some();
            live.nodes.edit_account(&alias, |account| {
                if let Some(name) = name {
                    account.display_name = name.into();
                }
                if let Some(email) = email {
                    account.email = email.into();
                }
            });
            if renamed {
                live.delivery.tell(live.nodes.display_name_changed(&alias));
            }
        };
        change.commit(apply).await?;
        Ok(Done {})
    }
}
