//! The pages of a list.

use crate::format::grouped;
use crate::model::{PAGE_SIZE, pages};
use crate::query::InAddress;
use leptos::prelude::*;

/// Which rows of how many, and links to the other pages.
#[component]
pub(crate) fn Pagination<Q>(
    /// Where the list is.
    #[prop(into)]
    path: Oco<'static, str>,
    /// What part of it is shown.
    query: Memo<Q>,
    /// This page, from 1.
    #[prop(into)]
    page: Signal<u32>,
    /// Rows that match.
    #[prop(into)]
    matching: Signal<u32>,
) -> impl IntoView
where
    Q: InAddress + Clone + PartialEq + Send + Sync + 'static,
{
    let path = StoredValue::new(path);
    let link = move |to: u32, text: &'static str, rel: &'static str, there: bool| {
        if there {
            let address = path.with_value(|path| query.get().at_page(to).address(path));
            view! { <a href=address rel=rel>{text}</a> }.into_any()
        } else {
            view! { <span class="off" aria-hidden="true">{text}</span> }.into_any()
        }
    };
    view! {
        <nav class="pagination" aria-label="Pages">
            <span>{move || range(page.get(), matching.get())}</span>
            {move || {
                let (page, last) = (page.get(), pages(matching.get()));
                (last > 1).then(|| view! {
                    {link(page.saturating_sub(1), "Previous", "prev", page > 1)}
                    <span>{format!("Page {page} of {last}")}</span>
                    {link(page + 1, "Next", "next", page < last)}
                })
            }}
        </nav>
    }
}

fn range(page: u32, matching: u32) -> String {
    if matching == 0 {
        return "None".to_owned();
    }
    let first = page.saturating_sub(1) * PAGE_SIZE + 1;
    let last = (first + PAGE_SIZE - 1).min(matching);
    if first == 1 && last == matching {
        return format!("All {}", grouped(matching));
    }
    format!(
        "{}–{} of {}",
        grouped(first),
        grouped(last),
        grouped(matching)
    )
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn the_range_ends_where_the_list_ends() {
        assert_eq!(range(1, 0), "None");
        assert_eq!(range(1, 7), "All 7");
        assert_eq!(range(1, 51), "1–50 of 51");
        assert_eq!(range(2, 51), "51–51 of 51");
        assert_eq!(range(200, 10_000), "9,951–10,000 of 10,000");
    }
}
