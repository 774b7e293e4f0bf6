//! One group: its members, and what can be changed of it.

use super::name_of_address;
use crate::format::counted;
use crate::frame::{Token, console};
use crate::model::{GroupQuery, GroupRow, GroupView, Member, Role};
use crate::parts::{Field, Pagination, ProblemView, Search, StateMark};
use crate::query::{InAddress, path};
use crate::read::read_group;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;

/// `/groups/{name}?search=&page=`
#[component]
pub(crate) fn GroupPage() -> impl IntoView {
    let name = name_of_address();
    let parameters = use_query_map();
    let query = Memo::new(move |_| {
        parameters.with(|parameters| GroupQuery::from_pairs(|key| parameters.get(key)))
    });
    let group = Resource::new_blocking(
        move || (name.get(), query.get()),
        |(name, query)| read_group(name, query),
    );
    view! {
        <Title text=move || name.get()/>
        <p class="path"><A href="/groups">"Groups"</A></p>
        <Transition fallback=move || view! { <h1>{name}</h1> }>
            {move || Suspend::new(async move {
                match group.await {
                    Ok(group) => view! { <Head row=group.row/> }.into_any(),
                    Err(problem) => view! { <h1>{name.get_untracked()}</h1><ProblemView problem/> }.into_any(),
                }
            })}
        </Transition>
        // Outside of what is read anew, so that it keeps its focus.
        <div class="toolbar">
            <Search
                label="Search members"
                path=path(&["groups", &name.get_untracked()])
                query
                search=|query: &GroupQuery| query.search.clone()
                with_search=|query: GroupQuery, search| GroupQuery { search, ..query }
            />
        </div>
        <Transition fallback=|| view! { <p class="waiting">"Loading…"</p> }>
            {move || Suspend::new(async move {
                group.await.ok().map(|group| view! { <Members group query/> })
            })}
        </Transition>
    }
}

#[component]
fn Head(row: GroupRow) -> impl IntoView {
    let administrator = console().may(Role::Administrator);
    view! {
        <div class="head">
            <h1>{row.name.clone()}</h1>
            <p class="count">{counted(row.members, "member", "members")}</p>
        </div>
        {(!row.description.is_empty()).then(|| view! { <p class="lead">{row.description.clone()}</p> })}
        {administrator.then(|| view! { <Add name=row.name.clone()/> })}
    }
    .into_any()
}

#[component]
fn Add(name: String) -> impl IntoView {
    view! {
        <form class="sheet adding" method="post" action=path(&["groups", &name, "add"]) aria-labelledby="add-heading">
            <h2 id="add-heading">"Add members"</h2>
            <Token/>
            <Field label="Users to add" name="members" required=true hint="Aliases, with spaces or commas between them."/>
            <button class="main">"Add"</button>
        </form>
    }
}

#[component]
fn Members(group: GroupView, query: Memo<GroupQuery>) -> impl IntoView {
    let name = group.row.name.clone();
    let address = path(&["groups", &name]);
    let administrator = console().may(Role::Administrator);
    if group.row.members == 0 {
        return view! {
            <section class="empty">
                <h2>"Nobody is in this group yet"</h2>
                <p>"Policies that count for it reach nobody until somebody is."</p>
            </section>
            {administrator.then(|| view! { <Change row=group.row revision=group.revision/> })}
        }
        .into_any();
    }
    let (this, matching) = (group.page, group.matching);
    let none = group.members.is_empty();
    view! {
        {none.then(|| view! { <p class="none">"No member matches."</p> })}
        {(!none).then(|| view! {
            <form method="post" action=path(&["groups", &name, "remove"])>
                <Token/>
                <div class="scroll">
                    <table class="members">
                        <caption class="unseen">"Members"</caption>
                        <thead>
                            <tr>
                                {administrator.then(|| view! { <th scope="col" class="tick"><span class="unseen">"Select"</span></th> })}
                                <th scope="col">"User"</th>
                                <th scope="col">"State"</th>
                            </tr>
                        </thead>
                        <tbody>
                            {group.members.into_iter().map(|member| row(member, administrator)).collect_view()}
                        </tbody>
                    </table>
                </div>
                {administrator.then(|| view! { <p><button class="danger">"Remove selected"</button></p> })}
            </form>
        })}
        <Pagination path=address query page=Signal::stored(this) matching=Signal::stored(matching)/>
        {administrator.then(|| view! { <Change row=group.row revision=group.revision/> })}
    }
    .into_any()
}

fn row(member: Member, administrator: bool) -> impl IntoView {
    let state = member.state;
    view! {
        <tr>
            {administrator.then(|| view! {
                <td class="tick">
                    <input type="checkbox" name="members" value=member.alias.clone() aria-label=format!("Select {}", member.alias)/>
                </td>
            })}
            <th scope="row" class="user">
                <A href=path(&["users", &member.alias])>{member.alias.clone()}</A>
                <small>{member.display_name}</small>
            </th>
            <td data-label="State"><StateMark state=Signal::stored(state)/></td>
        </tr>
    }
}

/// What can be changed of the group itself.
#[component]
fn Change(row: GroupRow, revision: u32) -> impl IntoView {
    view! {
        <div class="sheets">
            <form class="sheet" method="post" action=path(&["groups", &row.name]) aria-labelledby="describe-heading">
                <h2 id="describe-heading">"Description"</h2>
                <Token/>
                <input type="hidden" name="revision" value=revision/>
                <Field label="What the group is for" name="description" value=row.description/>
                <button>"Save"</button>
            </form>
            <section class="sheet">
                <h2>"Delete"</h2>
                <p>"Ends the group; its members stay users."</p>
                <p><A href=path(&["groups", &row.name, "delete"]) attr:class="button danger">"Delete group…"</A></p>
            </section>
        </div>
    }
}
