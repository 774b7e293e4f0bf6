//! The wire from the server to an open page: it opens, breaks, and opens again by itself.

use crate::Problem;
use leptos::prelude::*;

/// How the wire is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "hydrate"),
    expect(dead_code, reason = "only a browser follows a stream")
)]
pub(crate) enum LinkState {
    /// The page stands as the server made it.
    #[default]
    Still,
    /// Changes arrive.
    Live,
    /// It broke and is being opened again.
    Broken,
}

/// Quietly says how the wire is. Its place is there from the start, so nothing jumps.
#[component]
pub(crate) fn Link(#[prop(into)] state: Signal<LinkState>) -> impl IntoView {
    let class = move || match state.get() {
        LinkState::Still => "link",
        LinkState::Live => "link live",
        LinkState::Broken => "link broken",
    };
    view! {
        <span class=class role="status">
            {move || match state.get() {
                LinkState::Still => "",
                LinkState::Live => "Live",
                LinkState::Broken => "Reconnecting…",
            }}
        </span>
    }
}

/// Follows the stream at `address`: every page it sends goes to `arrived`. When it breaks,
/// `read` gets the page once over plain HTTP, which also finds out if the session ended.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn follow<T, F>(
    _address: Signal<String>,
    _arrived: impl Fn(T) + Clone + 'static,
    _read: impl Fn() -> F + Clone + 'static,
) -> RwSignal<LinkState>
where
    T: 'static,
    F: Future<Output = Result<T, Problem>> + 'static,
{
    RwSignal::new(LinkState::Still)
}

#[cfg(feature = "hydrate")]
pub(crate) use stream::follow;

#[cfg(feature = "hydrate")]
mod stream {
    use super::{LinkState, Problem};
    use crate::browser;
    use leptos::prelude::*;
    use leptos::task::spawn_local;
    use serde::de::DeserializeOwned;
    use std::time::Duration;
    use wasm_bindgen::{JsCast as _, prelude::Closure};
    use web_sys::{Event, EventSource, MessageEvent};

    /// How long to wait before the wire is opened again by hand: browsers give up for good
    /// when the server answers with an error.
    const PAUSE: Duration = Duration::from_secs(2);

    /// An open stream with what it calls; closed when dropped.
    struct Stream {
        source: EventSource,
        _message: Closure<dyn FnMut(MessageEvent)>,
        _open: Closure<dyn FnMut(Event)>,
        _error: Closure<dyn FnMut(Event)>,
    }

    impl Drop for Stream {
        fn drop(&mut self) {
            self.source.set_onmessage(None);
            self.source.set_onopen(None);
            self.source.set_onerror(None);
            self.source.close();
        }
    }

    pub(crate) fn follow<T, F>(
        address: Signal<String>,
        arrived: impl Fn(T) + Clone + 'static,
        read: impl Fn() -> F + Clone + 'static,
    ) -> RwSignal<LinkState>
    where
        T: DeserializeOwned + 'static,
        F: Future<Output = Result<T, Problem>> + 'static,
    {
        let state = RwSignal::new(LinkState::Still);
        let attempt = RwSignal::new(0_u32);
        let stream = StoredValue::new_local(None::<Stream>);
        Effect::new(move || {
            attempt.track();
            let address = address.get();
            // The old one first: two streams must not take turns.
            stream.set_value(None);
            let broke = {
                let (arrived, read) = (arrived.clone(), read.clone());
                move || {
                    state.set(LinkState::Broken);
                    let (arrived, read) = (arrived.clone(), read.clone());
                    spawn_local(async move {
                        match read().await {
                            Ok(page) => arrived(page),
                            Err(Problem::SignedOut) => browser::go(&browser::here()),
                            Err(_) => {}
                        }
                    });
                }
            };
            stream.set_value(open(&address, state, attempt, arrived.clone(), broke));
        });
        on_cleanup(move || stream.set_value(None));
        state
    }

    fn open<T: DeserializeOwned + 'static>(
        address: &str,
        state: RwSignal<LinkState>,
        attempt: RwSignal<u32>,
        arrived: impl Fn(T) + 'static,
        broke: impl Fn() + 'static,
    ) -> Option<Stream> {
        let source = EventSource::new(address).ok()?;
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let page = event
                .data()
                .as_string()
                .and_then(|text| serde_json::from_str(&text).ok());
            if let Some(page) = page {
                arrived(page);
                state.set(LinkState::Live);
            }
        });
        let opened = Closure::<dyn FnMut(Event)>::new(move |_| state.set(LinkState::Live));
        let error = {
            let source = source.clone();
            Closure::<dyn FnMut(Event)>::new(move |_| {
                broke();
                if source.ready_state() == EventSource::CLOSED {
                    set_timeout(
                        move || {
                            attempt.try_update(|attempt| *attempt += 1);
                        },
                        PAUSE,
                    );
                }
            })
        };
        source.set_onmessage(Some(message.as_ref().unchecked_ref()));
        source.set_onopen(Some(opened.as_ref().unchecked_ref()));
        source.set_onerror(Some(error.as_ref().unchecked_ref()));
        Some(Stream {
            source,
            _message: message,
            _open: opened,
            _error: error,
        })
    }
}
