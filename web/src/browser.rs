//! The few things that pages ask of the browser. On the server each does nothing, because
//! there it is never run.

#[cfg(feature = "hydrate")]
pub(crate) use with_browser::*;
#[cfg(not(feature = "hydrate"))]
pub(crate) use without_browser::*;

#[cfg(feature = "hydrate")]
mod with_browser {
    use crate::model::{Answer, Millis};
    use gloo_net::http::Request;
    use leptos::ev::SubmitEvent;
    use leptos::prelude::{document, window};
    use wasm_bindgen::JsCast as _;
    use web_sys::{
        FocusOptions, FormData, HtmlDialogElement, HtmlElement, HtmlFormElement, UrlSearchParams,
    };

    /// Opens or closes a dialog over the page.
    pub(crate) fn show_dialog(dialog: &HtmlDialogElement, open: bool) {
        if open && !dialog.open() {
            // It fails only on a dialog that is open already.
            drop(dialog.show_modal());
        } else if !open && dialog.open() {
            dialog.close();
        }
    }

    /// Sends a form where it would go by itself, and tells what came of it.
    pub(crate) async fn send_form(event: SubmitEvent) -> Answer {
        let failed = |message: String| Answer {
            done: false,
            message,
        };
        let Some(form) = event
            .target()
            .and_then(|form| form.dyn_into::<HtmlFormElement>().ok())
        else {
            return failed("The form is gone. Reload the page.".to_owned());
        };
        let fields = FormData::new_with_form(&form)
            .and_then(|fields| UrlSearchParams::new_with_str_sequence_sequence(&fields));
        let Ok(fields) = fields else {
            return failed("The form could not be read. Reload the page.".to_owned());
        };
        let request = Request::post(&form.action())
            .header("accept", "application/json")
            .body(fields);
        let response = match request {
            Ok(request) => request.send().await,
            Err(error) => Err(error),
        };
        match response {
            Ok(response) => match response.json::<Answer>().await {
                Ok(answer) => answer,
                Err(_) if response.status() == 401 => {
                    failed("Your session ended. Reload the page and sign in again.".to_owned())
                }
                Err(_) => failed(format!(
                    "The server answered {}, and not in a way this page knows. Reload the page.",
                    response.status()
                )),
            },
            Err(_) => failed(
                "The server did not answer. Check that it runs, then press the button again."
                    .to_owned(),
            ),
        }
    }

    /// Moves the focus to the element with an id, and leaves the page where it is.
    pub(crate) fn focus(id: &str) {
        let element = document()
            .get_element_by_id(id)
            .and_then(|element| element.dyn_into::<HtmlElement>().ok());
        if let Some(element) = element {
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            // It fails only where the element cannot take the focus.
            drop(element.focus_with_options(&options));
        }
    }

    /// The same, but only if the focus is nowhere: what had it may be gone.
    pub(crate) fn focus_if_lost(id: &str) {
        let focused = document()
            .active_element()
            .map(|element| element.tag_name());
        if focused.is_none_or(|tag| tag.eq_ignore_ascii_case("body")) {
            focus(id);
        }
    }

    /// Loads a page from the server.
    pub(crate) fn go(address: &str) {
        drop(window().location().set_href(address));
    }

    /// Path and query of the page.
    pub(crate) fn here() -> String {
        let location = window().location();
        location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
    }

    /// The browser's clock.
    pub(crate) fn clock() -> Millis {
        // Whole and far below 2^53, as every date is.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a date in milliseconds is whole"
        )]
        Millis(js_sys::Date::now() as i64)
    }

    /// A moment in the browser's zone and language.
    pub(crate) fn local(at: Millis) -> Option<String> {
        let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at.0 as f64));
        date.to_locale_string("default", &wasm_bindgen::JsValue::UNDEFINED)
            .as_string()
    }
}

#[cfg(not(feature = "hydrate"))]
mod without_browser {
    use crate::model::{Answer, Millis};
    use leptos::ev::SubmitEvent;

    pub(crate) fn show_dialog<D>(_dialog: &D, _open: bool) {}
    pub(crate) async fn send_form(_event: SubmitEvent) -> Answer {
        Answer {
            done: false,
            message: String::new(),
        }
    }
    pub(crate) fn focus(_id: &str) {}
    pub(crate) fn focus_if_lost(_id: &str) {}
    pub(crate) fn go(_address: &str) {}
    pub(crate) fn here() -> String {
        String::new()
    }
    pub(crate) fn clock() -> Millis {
        Millis(0)
    }
    pub(crate) fn local(_at: Millis) -> Option<String> {
        None
    }
}
