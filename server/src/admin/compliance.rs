//! Who tried what a policy forbids, and which clients no policy reaches.

use super::list::{limit_of, small};
use super::policies::capitalised;
use super::registry::Handle;
use super::{Admin, internal, invalid};
use crate::enforcement::Mark;
use crate::store::{RefusalFilter, RefusalRow as StoredRefusal};
use api::{
    Actor, ClientReach, CompliancePage, Error, FeatureCount, ListRefusals, Millis, PAGE_SIZE, Part,
    RefusalRow, RefusedLately, pages,
};
use policies::{Catalogue, CatalogueOption, Feature, Setting, client_of_agent};
use std::collections::{BTreeMap, BTreeSet};

impl Handle<ListRefusals> for Admin {
    async fn handle(&self, _: &Actor, asked: ListRefusals) -> Result<CompliancePage, Error> {
        let ListRefusals { query, part } = asked;
        let mut filter = RefusalFilter {
            who: query.search.trim().to_lowercase(),
            feature: query.feature,
            ..RefusalFilter::default()
        };
        let (_, counts) = self.store.refusals(&filter).await.map_err(internal)?;
        let counted = |(word, count): &(String, i64)| FeatureCount {
            word: word.clone(),
            title: capitalised(&title(word)),
            count: u32::try_from(*count).unwrap_or(u32::MAX),
        };
        let counts: Vec<_> = counts.iter().map(counted).collect();
        let asked = |c: &&FeatureCount| filter.feature.is_empty() || c.word == filter.feature;
        let matching = counts.iter().filter(asked).map(|c| c.count).sum();
        let page = query.page.clamp(1, pages(matching));
        let limit = limit_of(&part);
        filter.before = before(&part)?;
        filter.offset = match part == Part::default() {
            true => i64::from(page - 1) * i64::from(PAGE_SIZE),
            false => 0,
        };
        // One more says whether there are more.
        filter.limit = i64::from(limit) + 1;
        let (mut rows, _) = self.store.refusals(&filter).await.map_err(internal)?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
        let written = self.written_options().await?;
        Ok(CompliancePage {
            rows: rows.into_iter().map(refusal).collect(),
            counts,
            matching,
            page,
            clients: self.clients(&written),
            written: small(written.len()),
            next,
        })
    }
}

/// The number that rows of a part stand before.
fn before(part: &Part) -> Result<Option<i64>, Error> {
    if part.after.is_empty() {
        return Ok(None);
    }
    let number = part.after.parse().map_err(|_| {
        invalid(
            "after",
            "There is no such place in the list. Send the `next` of the part before, or leave it out.",
        )
    });
    number.map(Some)
}

fn refusal(row: StoredRefusal) -> RefusalRow {
    RefusalRow {
        at: Millis(row.at_ms),
        sender: row.sender,
        recipient: row.recipient,
        feature: title(&row.feature),
        command: row.command,
        application: if row.application_name.is_empty() {
            row.application_guid
        } else {
            row.application_name
        },
        policy: row.policy,
        decided_for: row.decided_for,
    }
}

impl Admin {
    /// The options that policies write to files.
    async fn written_options(&self) -> Result<Vec<&'static CatalogueOption>, Error> {
        let (_, policies) = self.assigned_policies().await?;
        let counting = policies
            .iter()
            .filter(|p| p.policy.mode.exports() && !p.targets.is_empty());
        let ids: BTreeSet<_> = counting
            .flat_map(|p| &p.policy.settings)
            .filter(|(_, choice)| choice.setting != Setting::NotSet)
            .map(|(id, _)| id)
            .collect();
        let catalogue = Catalogue::get();
        let options = ids
            .into_iter()
            .filter_map(|id| catalogue.option(id.as_str()));
        Ok(options.filter(|o| !o.is_server_only()).collect())
    }

    /// Who is signed on with what.
    fn clients(&self, written: &[&'static CatalogueOption]) -> Vec<ClientReach> {
        let Some(live) = &self.live else {
            return Vec::new();
        };
        let mut agents: BTreeMap<String, u32> = BTreeMap::new();
        for user in live.nodes.online(|_| true) {
            for session in &user.sessions {
                *agents.entry(session.client.to_string()).or_default() += 1;
            }
        }
        let reach = |(agent, sessions): (String, u32)| {
            let program = client_of_agent(&agent);
            let unknown = written
                .iter()
                .filter(|option| program.is_some_and(|p| !option.clients.contains(&p)))
                .map(|option| option.title.to_owned())
                .collect();
            ClientReach {
                agent,
                sessions,
                program: program.map(|p| p.title().to_owned()),
                unknown,
            }
        };
        let mut clients: Vec<_> = agents.into_iter().map(reach).collect();
        clients.sort_by(|a, b| {
            b.sessions
                .cmp(&a.sessions)
                .then_with(|| a.agent.cmp(&b.agent))
        });
        clients
    }
}

/// What was refused to a user lately, in a sentence.
pub(super) fn lately(mark: &Mark) -> RefusedLately {
    let Mark { feature, with, .. } = mark;
    RefusedLately {
        at: Millis(mark.at),
        what: if mark.sent {
            format!("An invitation to {with} was refused: {feature}.")
        } else {
            format!("An invitation from {with} was refused: {feature}.")
        },
    }
}

fn title(word: &str) -> String {
    Feature::named(word).map_or_else(|| word.to_owned(), |feature| feature.title().to_owned())
}
