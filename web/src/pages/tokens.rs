//! Words with which programs come to the REST API.

use crate::Problem;
use crate::frame::{Token as FormToken, console};
use crate::model::{Role, TokenRow};
use crate::pages::ProblemPage;
use crate::parts::{Field, Moment, ProblemView, Table, field_id};
use crate::read::read_tokens;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

/// `/tokens`
#[component]
pub(crate) fn TokensPage() -> impl IntoView {
    if !console().may(Role::Operator) {
        return view! { <ProblemPage problem=Problem::Forbidden/> }.into_any();
    }
    let rows = Resource::new_blocking(|| (), |()| read_tokens());
    view! {
        <Title text="API tokens"/>
        <h1>"API tokens"</h1>
        <p class="lead">
            "A program that uses the "<a href="/api/openapi.json" download="openapi.json">"REST API"</a>
            " sends a token with each request, and so does the command line from another machine. The word of a token is shown once, when it is made."
        </p>
        {console().may(Role::Administrator).then(|| view! {
            <p><A href="/hooks" attr:class="button">"Hooks"</A></p>
        })}
        <Suspense fallback=|| view! { <p class="waiting">"Loading…"</p> }>
            {move || Suspend::new(async move {
                match rows.await {
                    Ok(rows) => view! { <List rows/> }.into_any(),
                    Err(problem) => view! { <ProblemView problem/> }.into_any(),
                }
            })}
        </Suspense>
        <New/>
    }
    .into_any()
}

const HEADS: [&str; 7] = [
    "Name",
    "Role",
    "May do",
    "Made by",
    "Good until",
    "Last use",
    "Actions",
];

#[component]
fn List(rows: Vec<TokenRow>) -> impl IntoView {
    if rows.is_empty() {
        return view! { <p class="none">"There is no token yet."</p> }.into_any();
    }
    view! {
        <Table class="tokens" caption="Tokens" heads=&HEADS>
            {rows.into_iter().map(row).collect_view()}
        </Table>
    }
    .into_any()
}

fn row(row: TokenRow) -> impl IntoView {
    let used = row.used.map(|at| {
        let from = row.used_from.map(|from| format!(" from {from}"));
        view! { <Moment at/>{from} }
    });
    let used = used.map_or_else(|| "never".into_any(), IntoAny::into_any);
    let expires = row.expires.map(|at| view! { <Moment at/> });
    let expires = expires.map_or_else(|| "without end".into_any(), IntoAny::into_any);
    let may = row
        .operations
        .map_or_else(|| "all of its role".to_owned(), |it| it.join(" "));
    view! {
        <tr>
            <th scope="row" class="user">{row.name.clone()}</th>
            <td data-label="Role">{word(row.role)}</td>
            <td data-label="May do">{may}</td>
            <td data-label="Made by">{row.created_by}</td>
            <td data-label="Good until">{expires}</td>
            <td data-label="Last use">{used}</td>
            <td data-label="Actions">
                <form method="post" action="/tokens/revoke">
                    <FormToken/>
                    <input type="hidden" name="name" value=row.name.clone()/>
                    <button class="quiet danger" aria-label=format!("Revoke {}", row.name)>"Revoke"</button>
                </form>
            </td>
        </tr>
    }
}

fn word(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Operator => "operator",
        Role::Administrator => "administrator",
    }
}

#[component]
fn New() -> impl IntoView {
    let roles = [Role::Viewer, Role::Operator, Role::Administrator];
    let chosen = console()
        .typed("role")
        .unwrap_or_else(|| "viewer".to_owned());
    let roles = roles.into_iter().filter(|role| console().may(*role));
    let roles = roles.map(|role| {
        let word = word(role);
        view! { <option value=word selected=chosen == word>{word}</option> }
    });
    let roles = roles.collect_view();
    view! {
        <form class="sheet" method="post" action="/tokens" aria-labelledby="new-heading">
            <h2 id="new-heading">"Make a token"</h2>
            <FormToken/>
            <Field label="Name" name="name" required=true hint="To know it by, such as the program's."/>
            <p class="field">
                <label for=field_id("role")>"Role"</label>
                <select id=field_id("role") name="role">{roles}</select>
            </p>
            <Field label="Days" name="days" hint="For how many days it is good; empty: until it is revoked."/>
            <Field label="Only these operations" name="operations" hint="Their names with spaces between them, such as online.list; empty: all of the role."/>
            <button class="main">"Make token"</button>
        </form>
    }
    .into_any()
}
