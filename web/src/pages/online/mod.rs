//! Who is online: a table that follows what happens, and the forced logoff.

mod choice;
mod dialog;
mod empty;
mod logoff;
mod row;
mod table;
mod toolbar;

pub(crate) use logoff::LogoffPage;

use crate::browser;
use crate::model::{Millis, OnlinePage as Page, OnlineQuery, OnlineRow};
use crate::parts::{Link, Pagination, ProblemView, follow};
use crate::query::InAddress as _;
use crate::read::read_online;
use choice::Choice;
use dialog::LogoffDialog;
use empty::NobodyOnline;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use std::time::Duration;
use table::Table;
use toolbar::Toolbar;

/// `/online?search=&sort=&descending=&page=`
#[component]
pub(crate) fn OnlinePage() -> impl IntoView {
    let parameters = use_query_map();
    let query = Memo::new(move |_| {
        parameters.with(|parameters| OnlineQuery::from_pairs(|key| parameters.get(key)))
    });
    // Read once: from then on the stream brings the page, of this query and of later ones.
    let first = Resource::new_blocking(|| (), move |()| read_online(query.get_untracked()));
    view! {
        <Title text="Online"/>
        <Suspense fallback=|| view! { <h1>"Online"</h1><p class="waiting">"Loading…"</p> }>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(page) => view! { <Live page query/> }.into_any(),
                    Err(problem) => view! { <h1>"Online"</h1><ProblemView problem/> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// What the parts of the page share.
#[derive(Clone, Copy)]
struct Shown {
    page: RwSignal<Page>,
    query: Memo<OnlineQuery>,
    /// The server's clock, running on between its messages.
    clock: RwSignal<Millis>,
    choice: Choice,
}

impl Shown {
    fn row(self, alias: &str) -> Option<OnlineRow> {
        self.page
            .with(|page| page.rows.iter().find(|row| row.alias == alias).cloned())
    }
}

#[component]
fn Live(page: Page, query: Memo<OnlineQuery>) -> impl IntoView {
    let clock = RwSignal::new(page.now);
    let page = RwSignal::new(page);
    let shown = Shown {
        page,
        query,
        clock,
        choice: Choice::new(page),
    };
    // How far the server's clock is ahead of the browser's.
    let ahead = StoredValue::new(0_i64);
    let link = follow(
        Signal::derive(move || query.with(|query| query.address("/live/online"))),
        move |new: Page| {
            ahead.set_value(new.now.0 - browser::clock().0);
            clock.set(new.now);
            page.set(new);
        },
        move || read_online(query.get_untracked()),
    );
    Effect::new(move || {
        ahead.set_value(page.with_untracked(|page| page.now.0) - browser::clock().0);
        let tick = move || clock.set(Millis(browser::clock().0 + ahead.get_value()));
        if let Ok(ticking) = set_interval_with_handle(tick, Duration::from_secs(1)) {
            on_cleanup(move || ticking.clear());
        }
    });
    let nobody = Memo::new(move |_| page.with(|page| page.online == 0));
    let no_match = Memo::new(move |_| page.with(|page| page.online > 0 && page.matching == 0));
    view! {
        <div class="head">
            <h1>"Online"</h1>
            <p class="count">{move || page.with(headline)}</p>
            <Link state=link/>
        </div>
        <Show when=move || !nobody.get() fallback=|| view! { <NobodyOnline/> }>
            <Toolbar shown/>
            <Table shown/>
            <Show when=move || no_match.get()>
                <p class="none">
                    {move || if query.with(|query| query.silent && query.search.is_empty()) {
                        "Every client answers."
                    } else {
                        "Nobody who is online matches the search."
                    }}
                </p>
            </Show>
            <Pagination
                path="/online"
                query
                page=Signal::derive(move || page.with(|page| page.page))
                matching=Signal::derive(move || page.with(|page| page.matching))
            />
        </Show>
        <LogoffDialog shown/>
    }
    .into_any()
}

fn headline(page: &Page) -> String {
    let online = crate::format::counted(page.online, "user", "users");
    if page.matching == page.online {
        online
    } else {
        format!("{} of {online}", crate::format::grouped(page.matching))
    }
}
