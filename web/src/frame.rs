//! What surrounds every page: navigation, the account, and what the last order did.

use crate::model::{Flash, Frame, Role};
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_location;
use std::time::Duration;

/// How long a toast is shown: long enough to be read twice.
const TOAST_TIME: Duration = Duration::from_secs(10);

/// What every page may ask of its frame.
#[derive(Clone, Copy)]
pub(crate) struct Console {
    frame: StoredValue<Frame>,
    /// What the last order did; gone once another page is opened.
    pub(crate) flash: RwSignal<Option<Flash>>,
    /// What an order did that a script sent.
    pub(crate) toast: RwSignal<Option<String>>,
    /// True once the browser has taken the page over.
    pub(crate) taken_over: RwSignal<bool>,
}

impl Console {
    pub(crate) fn new(frame: Frame) -> Self {
        let flash = RwSignal::new(frame.flash.clone());
        let toast = RwSignal::new(None);
        let taken_over = RwSignal::new(false);
        Effect::new(move || taken_over.set(true));
        Self {
            frame: StoredValue::new(frame),
            flash,
            toast,
            taken_over,
        }
    }

    /// True if the account may do what `role` may.
    pub(crate) fn may(self, role: Role) -> bool {
        self.frame
            .with_value(|frame| frame.viewer.as_ref().is_some_and(|who| who.role >= role))
    }

    /// The name of the account; empty if nobody is signed in.
    pub(crate) fn name(self) -> String {
        self.frame.with_value(|frame| {
            let viewer = frame.viewer.as_ref();
            viewer.map_or_else(String::new, |who| who.name.clone())
        })
    }

    /// The token for forms.
    pub(crate) fn csrf(self) -> String {
        self.frame.with_value(|frame| frame.csrf.clone())
    }

    /// What was typed into a field of the form that was just refused.
    pub(crate) fn typed(self, field: &str) -> Option<String> {
        self.flash.with_untracked(|flash| {
            let typed = &flash.as_ref().filter(|flash| !flash.done)?.typed;
            typed
                .iter()
                .find(|(name, _)| name == field)
                .map(|(_, value)| value.clone())
        })
    }

    /// Whether a field of the form that was just refused held this, among others of its name.
    pub(crate) fn typed_has(self, field: &str, value: &str) -> bool {
        self.flash.with_untracked(|flash| {
            let flash = flash.as_ref().filter(|flash| !flash.done);
            flash.is_some_and(|flash| {
                let mut typed = flash.typed.iter();
                typed.any(|(name, typed)| name == field && typed == value)
            })
        })
    }

    /// Why a field was refused.
    pub(crate) fn refusal(self, field: &str) -> Option<String> {
        self.flash.with_untracked(|flash| {
            let flash = flash.as_ref().filter(|flash| !flash.done)?;
            (flash.field.as_deref() == Some(field)).then(|| flash.message.clone())
        })
    }

    /// True if a form was just refused: its fields are as typed, not as stored.
    pub(crate) fn was_refused(self) -> bool {
        self.flash.with_untracked(|flash| {
            flash
                .as_ref()
                .is_some_and(|flash| !flash.done && !flash.typed.is_empty())
        })
    }
}

/// The frame of the page that is being made.
pub(crate) fn console() -> Console {
    expect_context::<Console>()
}

/// The token of the session, in every form.
#[component]
pub(crate) fn Token() -> impl IntoView {
    view! { <input type="hidden" name="csrf" value=console().csrf()/> }
}

#[component]
pub(crate) fn Header() -> impl IntoView {
    let viewer = console().frame.with_value(|frame| frame.viewer.clone());
    let navigation = viewer.map(|viewer| {
        let role = match viewer.role {
            Role::Viewer => "viewer",
            Role::Operator => "operator",
            Role::Administrator => "administrator",
        };
        view! {
            <nav aria-label="Main">
                <A href="/" exact=true>"Dashboard"</A>
                <A href="/online">"Online"</A>
                <Section href="/users" also=&["/access", "/contacts", "/lockouts"] name="Users"/>
                <A href="/groups">"Groups"</A>
                <Section href="/policies" also=&["/catalogue"] name="Policies"/>
                <A href="/compliance">"Compliance"</A>
                {(viewer.role >= Role::Operator).then(|| view! {
                    <Section href="/tokens" also=&["/hooks"] name="API"/>
                })}
                {(viewer.role == Role::Administrator).then(|| view! {
                    <A href="/deployment">"Deployment"</A>
                    <A href="/accounts">"Accounts"</A>
                    <A href="/audit">"Audit"</A>
                })}
            </nav>
            <form class="account" method="post" action="/sign-out">
                <Token/>
                <a class="who" href="/account" title=format!("Signed in as {}, {role}", viewer.name)>
                    <b>{viewer.name.clone()}</b>
                    <small>{role}</small>
                </a>
                <button class="quiet">"Sign out"</button>
            </form>
        }
    });
    view! {
        <header class="bar">
            <a class="brand" href="/">
                <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
                    <path d="M3 4h7M3 10h10M3 16h5" />
                    <path class="tick" d="m12 15.5 2.2 2.2L18.5 13"/>
                </svg>
                "Rollcall"
            </a>
            {navigation}
        </header>
    }
    .into_any()
}

/// A link of the navigation to a section with pages that stand elsewhere, too.
#[component]
fn Section(href: &'static str, also: &'static [&'static str], name: &'static str) -> impl IntoView {
    let path = use_location().pathname;
    let here = move || {
        path.with(|path| {
            let below = |root: &&str| {
                path.strip_prefix(*root)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            below(&href) || also.iter().any(below)
        })
    };
    view! { <a href=href aria-current=move || here().then_some("page")>{name}</a> }
}

/// What the last order did. Refusals interrupt a screen reader, the rest waits.
#[component]
pub(crate) fn Notice() -> impl IntoView {
    let flash = console().flash;
    view! {
        <div class="notices" aria-live="polite">
            {move || flash.get().map(|flash| {
                let (class, role) =
                    if flash.done { ("notice done", "status") } else { ("notice failed", "alert") };
                view! {
                    <p class=class role=role>
                        {flash.message}
                    </p>
                }
            })}
        </div>
    }
}

/// What an order did that a script sent. It lies over the page, because a table that moves
/// under the pointer makes people press the wrong row.
#[component]
pub(crate) fn Toast() -> impl IntoView {
    let toast = console().toast;
    Effect::new(move || {
        let shown = toast.get();
        if shown.is_some() {
            let forget = move || {
                // A newer one has its own time.
                if toast.with_untracked(|toast| *toast == shown) {
                    toast.set(None);
                }
            };
            set_timeout(forget, TOAST_TIME);
        }
    });
    view! {
        <div class="toasts" role="status" aria-live="polite">
            {move || toast.get().map(|text| view! { <p class="notice done">{text}</p> })}
        </div>
    }
}

/// On a change of page within the browser: the last notice goes, and the focus moves to the
/// new content, as it would with a page from the server.
#[component]
pub(crate) fn PageFocus() -> impl IntoView {
    let path = use_location().pathname;
    let flash = console().flash;
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if before.is_some_and(|before| before != path) {
            flash.set(None);
            crate::browser::focus("main");
        }
        path
    });
}
