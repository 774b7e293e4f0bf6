//! Nobody is online: what to do about it.

use crate::frame::console;
use crate::model::Role;
use crate::read::read_dashboard;
use leptos::prelude::*;
use leptos_router::components::A;

#[component]
pub(super) fn NobodyOnline() -> impl IntoView {
    let server = Resource::new_blocking(|| (), |()| read_dashboard());
    view! {
        <section class="empty">
            <h2>"Nobody is online"</h2>
            <p>"A user appears here once a client has signed on."</p>
            <Suspense>
                {move || Suspend::new(async move {
                    server.await.ok().map(|server| view! {
                        <dl class="facts">
                            <dt>"Server for clients"</dt>
                            <dd><code>{server.rvp_url}</code></dd>
                            <dt>"Sign-in name"</dt>
                            <dd><code>{format!("alias@{}", server.domain)}</code></dd>
                        </dl>
                    })
                })}
            </Suspense>
            {console().may(Role::Administrator).then(|| view! {
                <p><A href="/users/new" attr:class="button">"Create a user"</A></p>
            })}
        </section>
    }
}
