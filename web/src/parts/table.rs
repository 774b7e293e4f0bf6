//! The frame of a table: scrolls by itself where the page is narrow, says aloud what it is.

use leptos::prelude::*;

/// A table of rows under heads of plain text. `class` names its columns' style.
#[component]
pub(crate) fn Table(
    class: &'static str,
    /// What a screen reader says of the table.
    caption: &'static str,
    heads: &'static [&'static str],
    /// The rows.
    children: Children,
) -> impl IntoView {
    let head = |text: &'static str| view! { <th scope="col">{text}</th> };
    view! {
        <div class="scroll">
            <table class=class>
                <caption class="unseen">{caption}</caption>
                <thead><tr>{heads.iter().copied().map(head).collect_view()}</tr></thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}
