//! How the server is, at one glance.

mod chart;
mod figures;

use crate::format;
use crate::model::{Dashboard, Millis};
use crate::parts::{Link, LinkState, Moment, ProblemView, follow};
use crate::read::read_dashboard;
use chart::Chart;
use figures::Figures;
use leptos::prelude::*;
use leptos_meta::Title;

/// `/`
#[component]
pub(crate) fn DashboardPage() -> impl IntoView {
    let first = Resource::new_blocking(|| (), |()| read_dashboard());
    view! {
        <Title text="Dashboard"/>
        <Suspense fallback=|| view! { <h1>"Dashboard"</h1><p class="waiting">"Loading…"</p> }>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(dashboard) => view! { <Board dashboard/> }.into_any(),
                    Err(problem) => view! { <h1>"Dashboard"</h1><ProblemView problem/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Board(dashboard: Dashboard) -> impl IntoView {
    let board = RwSignal::new(dashboard);
    let link: RwSignal<LinkState> = follow(
        Signal::stored("/live/dashboard".to_owned()),
        move |dashboard| board.set(dashboard),
        read_dashboard,
    );
    let now = Signal::derive(move || board.with(|board| board.now));
    let started = Signal::derive(move || board.with(|board| board.started));
    view! {
        <div class="head">
            <h1>"Dashboard"</h1>
            <Link state=link/>
        </div>
        <Trouble board/>
        <div class="board">
            <section class="now" aria-label="Online now">
                <p class="count">
                    <strong>{move || format::grouped(board.with(|board| board.online_users))}</strong>
                    <span>{move || if board.with(|board| board.online_users) == 1 { "user online" } else { "users online" }}</span>
                </p>
                <p class="aside">
                    {move || board.with(|board| format!(
                        "{}, {} in all",
                        format::counted(board.sessions, "live sign-on", "live sign-ons"),
                        format::counted(board.users, "account", "accounts"),
                    ))}
                </p>
                <Chart points=Signal::derive(move || board.with(|board| board.chart.clone())) now=now/>
            </section>
            <Figures board=board/>
        </div>
        <section class="server" aria-labelledby="server-heading">
            <h2 id="server-heading">"Where clients sign on"</h2>
            <dl class="facts">
                <dt>"Server"</dt>
                <dd><code>{move || board.with(|board| board.rvp_url.clone())}</code></dd>
                <dt>"Addresses"</dt>
                <dd><code>{move || board.with(|board| format!("alias@{}", board.domain))}</code></dd>
                <dt>"Running since"</dt>
                <dd><Moment at=started/>{move || format!(" – {}", format::lasting(started.get(), now.get()))}</dd>
                <dt>"Version"</dt>
                <dd>{move || board.with(|board| board.version.clone())}</dd>
            </dl>
        </section>
    }
    .into_any()
}

/// Why changes cannot be saved, and what to do.
#[component]
fn Trouble(board: RwSignal<Dashboard>) -> impl IntoView {
    let trouble = Memo::new(move |_| board.with(|board| board.trouble.clone()));
    let since = move |since| board.with(|board| format::near(since, board.now));
    move || {
        trouble.get().map(|trouble| {
            let what = if trouble.refusing {
                "The database refuses all changes: nobody can sign on or change their state. Messages arrive."
            } else {
                "The database refuses some changes; everything else goes on."
            };
            let remedy = if trouble.refusing {
                format!("To do: {}. The server goes on by itself.", trouble.remedy)
            } else {
                format!("To do: {}.", trouble.remedy)
            };
            view! {
                <section class="problem" role="alert" aria-label="Database">
                    <p><strong>{what}</strong></p>
                    <p>{format!("Since {}: {} ({}).", since(trouble.since), trouble.reason, trouble.message)}</p>
                    <p>{remedy}</p>
                </section>
            }
        })
    }
}

/// How old a moment is allowed to be before the chart leaves it out.
const DAY: Millis = Millis(24 * 60 * 60 * 1000);
