//! A search field over a list: a plain GET form, which filters as you type where it can.

use crate::query::InAddress;
use leptos::ev;
use leptos::leptos_dom::helpers::debounce;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use std::time::Duration;

const TYPING_PAUSE: Duration = Duration::from_millis(180);

/// The field. `children` are the other controls of the form.
#[component]
pub(crate) fn Search<Q>(
    /// Its accessible name.
    label: &'static str,
    /// Where the list is.
    #[prop(into)]
    path: Oco<'static, str>,
    /// What part of it is shown; its first page is opened with another search.
    query: Memo<Q>,
    /// Reads what is searched for.
    search: fn(&Q) -> String,
    /// The same query with another search.
    with_search: fn(Q, String) -> Q,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView
where
    Q: InAddress + Clone + PartialEq + Send + Sync + 'static,
{
    let navigate = use_navigate();
    let list = path.clone();
    let open = move |text: String| {
        let wanted = with_search(query.get_untracked(), text.trim().to_owned()).at_page(1);
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate(&wanted.address(&list), options);
    };
    let typed = RwSignal::new(None::<String>);
    Effect::new(move || {
        if let Some(text) = typed.get() {
            open(text);
        }
    });
    let on_input = debounce(TYPING_PAUSE, move |event: ev::Event| {
        typed.set(Some(event_target_value(&event)));
    });
    let kept = query
        .get_untracked()
        .pairs()
        .into_iter()
        .filter(|(key, _)| !matches!(*key, "search" | "page"))
        .map(|(key, value)| view! { <input type="hidden" name=key value=value/> })
        .collect_view();
    view! {
        <form class="search" role="search" method="get" action=path on:submit=move |event| event.prevent_default()>
            <input
                type="search"
                name="search"
                aria-label=label
                placeholder=label
                value=search(&query.get_untracked())
                autocomplete="off"
                spellcheck="false"
                on:input=on_input
            />
            {kept}
            {children.map(|children| children())}
            <noscript><button class="quiet">"Search"</button></noscript>
        </form>
    }
}
