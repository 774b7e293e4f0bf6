//! When the browser's part breaks, the page goes on without it. Links and forms work by
//! themselves; only the listeners that took them over must not hold them back any more.

use leptos::prelude::document;
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use wasm_bindgen::{JsCast as _, prelude::Closure};
use web_sys::Event;

static BROKEN: AtomicBool = AtomicBool::new(false);

/// Has to run before any other listener is put on the page.
pub(crate) fn prepare() {
    panic::set_hook(Box::new(|panic| {
        BROKEN.store(true, Ordering::Relaxed);
        console_error_panic_hook::hook(panic);
    }));
    let let_through = Closure::<dyn FnMut(Event)>::new(|event: Event| {
        if BROKEN.load(Ordering::Relaxed) {
            event.stop_immediate_propagation();
        }
    });
    for event in ["click", "submit"] {
        // On the way down to the element, so before anything that listens at or above it.
        // It fails only for a listener that is no function.
        drop(document().add_event_listener_with_callback_and_bool(
            event,
            let_through.as_ref().unchecked_ref(),
            true,
        ));
    }
    // It listens as long as the page is open.
    let_through.forget();
}
