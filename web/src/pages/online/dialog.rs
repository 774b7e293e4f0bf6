//! The dialog that asks before users are logged off. It sends its form by script, so that the
//! table, the place in it, and what is ticked stay.

use super::Shown;
use super::choice::Whom;
use super::logoff::{Questions, question};
use crate::browser;
use crate::frame::console;
use leptos::ev::SubmitEvent;
use leptos::html::Dialog;
use leptos::prelude::*;
use leptos::task::spawn_local;

#[component]
pub(super) fn LogoffDialog(shown: Shown) -> impl IntoView {
    let choice = shown.choice;
    let asking = choice.asking;
    let toast = console().toast;
    let dialog = NodeRef::<Dialog>::new();
    let sending = RwSignal::new(false);
    let refusal = RwSignal::new(None::<String>);
    Effect::new(move || {
        let open = asking.with(Option::is_some);
        if let Some(dialog) = dialog.get() {
            browser::show_dialog(&dialog, open);
        }
        if open {
            refusal.set(None);
        }
    });
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if sending.get_untracked() {
            return;
        }
        sending.set(true);
        spawn_local(async move {
            let answer = browser::send_form(event).await;
            sending.set(false);
            if answer.done {
                toast.set(Some(answer.message));
                choice.close_done();
            } else {
                refusal.set(Some(answer.message));
            }
        });
    };
    view! {
        <dialog
            node_ref=dialog
            class="ask"
            aria-labelledby="logoff-question"
            on:close=move |_| {
                asking.set(None);
                browser::focus_if_lost("main");
            }
        >
            {move || asking.get().map(|whom| {
                let everybody = whom == Whom::All;
                view! {
                    <h2 id="logoff-question">{question(&whom)}</h2>
                    {everybody.then(|| view! {
                        <p>{move || format!(
                            "{} will be signed off, also those on other pages of the list.",
                            crate::format::counted(shown.page.with(|page| page.online), "user", "users"),
                        )}</p>
                    })}
                    <form method="post" action="/online/logoff" on:submit=send>
                        <Questions whom/>
                        <p class="refusal" role="alert">{refusal}</p>
                        <div class="buttons">
                            <button class="danger" disabled=sending>"Log off"</button>
                            <button class="quiet" type="button" on:click=move |_| asking.set(None)>"Cancel"</button>
                        </div>
                    </form>
                }
            })}
        </dialog>
    }
}
