//! The hooks of the configuration, and what they were told.

use super::list::{limit_of, small};
use super::registry::Handle;
use super::{Admin, internal, invalid};
use crate::store::DeliveryRow as Row;
use api::{
    Actor, DeliveryPage, DeliveryRow, DeliveryState, Error, HookRow, ListDeliveries, ListHooks,
    Millis,
};

impl Handle<ListHooks> for Admin {
    async fn handle(&self, _: &Actor, _: ListHooks) -> Result<Vec<HookRow>, Error> {
        let hooks = &self.running()?.hooks;
        let counts = self.store.delivery_counts().await.map_err(internal)?;
        let mut rows = Vec::new();
        for hook in hooks.iter() {
            let url = hook.url.text();
            let failure = self.store.last_failure(&url).await.map_err(internal)?;
            let count = |state: &str| {
                let mut found = counts.iter();
                let found = found.find(|it| it.hook == url && it.state == state);
                found.map_or(0, |it| u32::try_from(it.count).unwrap_or(u32::MAX))
            };
            rows.push(HookRow {
                events: hook.kinds.clone(),
                signed: hook.signed(),
                waiting: count("waiting"),
                delivered: count("delivered"),
                failed: count("failed"),
                last_error_at: failure.as_ref().and_then(|it| it.tried_ms).map(Millis),
                last_error: failure.map(|it| it.error),
                url,
            });
        }
        Ok(rows)
    }
}

impl Handle<ListDeliveries> for Admin {
    async fn handle(&self, _: &Actor, order: ListDeliveries) -> Result<DeliveryPage, Error> {
        let before = match order.part.after.as_str() {
            "" => i64::MAX,
            after => after.parse().map_err(|_| {
                invalid(
                    "after",
                    format!("{after:?} is no place in this list. Send the `next` of the part before, or nothing."),
                )
            })?,
        };
        let limit = limit_of(&order.part);
        // One more says whether there are more.
        let rows = self
            .store
            .deliveries(&order.hook, before, i64::from(limit) + 1);
        let mut rows = rows.await.map_err(internal)?;
        let more = small(rows.len()) > limit;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
        let offset = self.clock.offset();
        let rows = rows.into_iter().map(|row| shown(row, offset)).collect();
        Ok(DeliveryPage { rows, next })
    }
}

fn shown(row: Row, offset: i64) -> DeliveryRow {
    let state = match row.state.as_str() {
        "waiting" => DeliveryState::Waiting,
        "delivered" => DeliveryState::Delivered,
        _ => DeliveryState::Failed,
    };
    let again = (state == DeliveryState::Waiting).then_some(Millis(row.next_ms + offset));
    DeliveryRow {
        id: row.id,
        hook: row.hook,
        event: row.event,
        kind: row.kind,
        at: Millis(row.at_ms),
        state,
        attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
        tried: row.tried_ms.map(Millis),
        again,
        status: row.status.and_then(|it| u16::try_from(it).ok()),
        error: row.error,
    }
}
