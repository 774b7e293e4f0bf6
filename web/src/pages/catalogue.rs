//! Every option that policies can set, and those that are known and cannot be set.

use crate::format;
use crate::frame::console;
use crate::model::{
    CatalogueCategory, CatalogueEntry, CataloguePage as Page, CatalogueQuery, OptionMeaning, Role,
};
use crate::parts::{ProblemView, Search};
use crate::query::InAddress as _;
use crate::read::read_catalogue;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;

/// `/catalogue?search=&client=`
#[component]
pub(crate) fn CataloguePage() -> impl IntoView {
    let parameters = use_query_map();
    let query = Memo::new(move |_| {
        parameters.with(|parameters| CatalogueQuery::from_pairs(|key| parameters.get(key)))
    });
    let page = Resource::new_blocking(move || query.get(), read_catalogue);
    view! {
        <Title text="Catalogue of options"/>
        <p class="path"><A href="/policies">"Policies"</A></p>
        <div class="head">
            <h1>"Catalogue of options"</h1>
        </div>
        <div class="toolbar">
            <Search
                label="Search words, registry keys, value names"
                path="/catalogue"
                query
                search=|query: &CatalogueQuery| query.search.clone()
                with_search=|query: CatalogueQuery, search| CatalogueQuery { search, ..query }
            />
        </div>
        <Transition fallback=|| view! { <p class="waiting">"Loading…"</p> }>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(page) => view! { <Options page query/> }.into_any(),
                    Err(problem) => view! { <ProblemView problem/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Options(page: Page, query: Memo<CatalogueQuery>) -> impl IntoView {
    let said = if page.matching == page.total {
        format!("All {}", format::counted(page.total, "option", "options"))
    } else {
        format!("{} of {} options", page.matching, page.total)
    };
    let none = page.matching == 0;
    view! {
        <Clients clients=page.clients query/>
        <p class="count" role="status">{said}</p>
        {none.then(|| view! {
            <p class="none">"No option matches. Search fewer words, or "<A href="/catalogue">"show all options"</A>"."</p>
        })}
        {page.categories.into_iter().map(|category| view! { <Category category/> }).collect_view()}
    }
    .into_any()
}

/// Which client: links, of which one is the present.
#[component]
fn Clients(clients: Vec<(String, String, u32)>, query: Memo<CatalogueQuery>) -> impl IntoView {
    let present = query.get_untracked();
    let link = |word: String, title: String, count: Option<u32>| {
        let current = (present.client == word).then_some("true");
        let address = CatalogueQuery {
            client: word,
            ..present.clone()
        }
        .address("/catalogue");
        view! {
            <a href=address data-noscroll="" aria-current=current>
                {title}
                {count.map(|count| view! { " "<small>{count}</small> })}
            </a>
        }
    };
    view! {
        <nav class="filter clients" aria-label="Which client">
            {link(String::new(), "All clients".to_owned(), None)}
            {clients.into_iter().map(|(word, title, count)| link(word, title, Some(count))).collect_view()}
        </nav>
    }
}

#[component]
fn Category(category: CatalogueCategory) -> impl IntoView {
    let id = format!("category-{}", category.id);
    view! {
        <section class="category" aria-labelledby=id.clone()>
            <h2 id=id.clone()>{category.title}</h2>
            {category.options.into_iter().map(|option| view! { <Entry option/> }).collect_view()}
        </section>
    }
}

#[component]
fn Entry(option: CatalogueEntry) -> impl IntoView {
    let anchor = format!("#{}", option.id);
    let usable = option.not_exportable.is_empty() || !option.enforced.is_empty();
    let use_it = format!("/policies/new#option-{}", option.id);
    let place = (!option.key.is_empty()).then(|| {
        let hives = option.hives.join(" or ");
        let value = if option.value_name.is_empty() {
            "not known".to_owned()
        } else {
            option.value_name.clone()
        };
        view! {
            <dt>"Key"</dt><dd><code>{option.key.clone()}</code>{(!hives.is_empty()).then(|| format!(" in {hives}"))}</dd>
            <dt>"Value"</dt><dd><code>{value}</code>{format!(", {}", option.kind)}</dd>
        }
    });
    let fact = |name: &'static str, text: String| {
        (!text.is_empty()).then(|| view! { <dt>{name}</dt><dd>{text}</dd> })
    };
    let facts = |name: &'static str, texts: Vec<String>| {
        let lines = texts.into_iter().map(|text| fact(name, text));
        lines.collect_view()
    };
    view! {
        <article class="option entry" id=option.id.clone()>
            <h3><a class="anchor" href=anchor>{option.title}</a></h3>
            <p class="tags">
                <code>{option.id.clone()}</code>
                <span>{option.clients.join(", ")}</span>
                {(!option.enforced.is_empty()).then(|| view! { <span class="tag enforced">"also refused by the server"</span> })}
                {(!option.not_exportable.is_empty()).then(|| view! { <span class="tag off">"never written to files"</span> })}
            </p>
            <p>{option.description}</p>
            {(!option.not_exportable.is_empty()).then(|| view! { <p class="refusal">{format!("Not written to files: {}.", option.not_exportable)}</p> })}
            <Warnings warnings=option.warnings/>
            <Meanings meanings=option.meanings/>
            <dl class="facts">
                {place}
                {fact("Without it", option.default)}
                {fact("Certainty", option.confidence)}
                {facts("Source", option.source)}
                {facts("Note", option.notes)}
            </dl>
            {(usable && console().may(Role::Administrator)).then(|| view! {
                <p><a href=use_it rel="external">"Use it in a new policy"</a></p>
            })}
        </article>
    }
}

#[component]
fn Warnings(warnings: Vec<String>) -> impl IntoView {
    (!warnings.is_empty()).then(|| {
        let line = |text: String| view! { <li class="warning"><b>"Trap: "</b>{text}</li> };
        view! { <ul class="problems">{warnings.into_iter().map(line).collect_view()}</ul> }
    })
}

#[component]
fn Meanings(meanings: Vec<OptionMeaning>) -> impl IntoView {
    (!meanings.is_empty()).then(|| {
        let row = |meaning: OptionMeaning| {
            let written = if meaning.written.starts_with("the ") {
                meaning.written.into_any()
            } else {
                view! { <code>{meaning.written}</code> }.into_any()
            };
            view! {
                <tr>
                    <td data-label="Choice">{meaning.choice}</td>
                    <td data-label="Written">{written}</td>
                    <td data-label="Meaning">{meaning.meaning}</td>
                </tr>
            }
        };
        view! {
            <table class="meanings">
                <caption class="unseen">"What it writes"</caption>
                <thead><tr><th scope="col">"Choice"</th><th scope="col">"Written"</th><th scope="col">"Meaning"</th></tr></thead>
                <tbody>{meanings.into_iter().map(row).collect_view()}</tbody>
            </table>
        }
    })
}
