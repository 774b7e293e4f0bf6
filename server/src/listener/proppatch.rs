//! PROPPATCH: setting the state and other properties of one's own node, and properties of a node
//! whose list gives one the right to write (RVP document 5.5).

use super::answer::{Answer, MethodError};
use super::request::Request;
use super::router::Rvp;
use super::sender::Sender;
use crate::presence::{Effects, PropertyValue, Refused, StateGranted};
use crate::store::StoreError;
use http::StatusCode;
use rvp::{
    Alias, Lease, PropStat, PropertyAction, PropertyChange, PropertyName, PropertyOut, Rights,
    State,
};

pub(super) async fn handle(rvp: &Rvp, request: &Request) -> Result<Answer, MethodError> {
    let node = request.node()?;
    if !request.may(rvp, node, Rights::WRITE)? {
        return Err(MethodError::forbidden(format!(
            "you are {}: the node of {node} is not yours",
            request.sender
        )));
    }
    let changes =
        rvp::read_property_update(&request.body).map_err(|e| MethodError::bad_request(e.reason))?;
    if changes.is_empty() {
        return Err(MethodError::bad_request(
            "nothing is set or removed: name at least one property",
        ));
    }
    // A client that is signing on hangs on 503 and says so on 500; one that is signed on signs off
    // on 500, and tries again after 503 (observed: librvp).
    let unsaved = |was_here: bool| match was_here {
        true => MethodError::try_again(&Refused::Unsaved),
        false => Refused::Unsaved.into(),
    };
    let was_here = rvp.nodes.has_state(node);
    // Whoever is kept out may say that they are offline, and nothing else.
    if let Sender::User(who) = &request.sender
        && !changes.iter().all(|change| says_offline(&change.action))
        && let Some(refused) = rvp.nodes.kept_out(&who.alias, rvp.clock.now_ms())
    {
        return Err(match refused {
            // librvp signs off visibly on 500, and stays "online", deaf, on 403.
            refused if changes.iter().any(|it| it.name.is_state()) => {
                MethodError::Status(StatusCode::INTERNAL_SERVER_ERROR, refused.to_string())
            }
            refused => refused.into(),
        });
    }
    let mut answered = Answered::default();
    for change in changes {
        let name = change.name.clone();
        match request.acting(rvp, || apply(rvp, request, node, change)) {
            Ok((out, effects)) => answered.done(out, effects),
            // Presence without a sign-on refuses the whole request, so that a client whose
            // sign-on was ended signs off, visibly.
            Err(refused @ (Refused::NotSignedOn | Refused::NoSuchNode(_) | Refused::Outdated)) => {
                return Err(refused.into());
            }
            Err(Refused::Unsaved) => return Err(unsaved(was_here)),
            Err(refused) => {
                tracing::info!(principal = %request.sender, %node, property = %name, reason = %refused, "property refused");
                answered.refused.push(PropertyOut::Empty { name });
            }
        }
    }
    let Answered {
        done,
        refused,
        effects,
    } = answered;
    let mut events = Vec::new();
    for effects in effects {
        match effects.saved().await {
            Ok(told) => events.extend(told),
            Err(error) => {
                let refusal = match error {
                    StoreError::Unsaved(_) => unsaved(was_here),
                    error => error.into(),
                };
                // Those before it are saved, and watchers hear of them.
                let mut answer = refusal.answer();
                answer.after = events;
                return Ok(answer);
            }
        }
    }
    let propstats: Vec<_> = [(200, done), (403, refused)]
        .into_iter()
        .filter(|(_, props)| !props.is_empty())
        .map(|(status, props)| PropStat { status, props })
        .collect();
    let mut answer = Answer::xml(
        StatusCode::MULTI_STATUS,
        rvp::multistatus(&request.href(), &propstats),
    );
    answer.after = events;
    Ok(answer)
}

fn says_offline(action: &PropertyAction) -> bool {
    matches!(action, PropertyAction::SetState(change) if change.value == State::Offline)
}

#[derive(Default)]
struct Answered {
    done: Vec<PropertyOut>,
    refused: Vec<PropertyOut>,
    effects: Vec<Effects>,
}

impl Answered {
    fn done(&mut self, out: PropertyOut, effects: Effects) {
        self.done.push(out);
        self.effects.push(effects);
    }
}

fn apply(
    rvp: &Rvp,
    request: &Request,
    node: &Alias,
    change: PropertyChange,
) -> Result<(PropertyOut, Effects), Refused> {
    let now = rvp.clock.now_ms();
    let PropertyChange { name, action } = change;
    match action {
        // A state belongs to a sign-on, and a sign-on to its user.
        PropertyAction::SetState(_) if !request.sender.is(node) => Err(Refused::Denied),
        PropertyAction::SetState(state) => {
            let (granted, effects) = rvp.nodes.set_state(node, state, request.peer.ip(), now)?;
            if granted.value == State::Offline {
                tracing::debug!(principal = %node, view = %granted.view, "went offline");
            }
            Ok((state_out(granted), effects))
        }
        // The state cannot be removed; nor can it be text.
        _ if name.is_state() => Err(Refused::Denied),
        PropertyAction::Remove => {
            let effects = rvp.nodes.set_property(node, &name, None)?;
            Ok((PropertyOut::Empty { name }, effects))
        }
        PropertyAction::SetText { value, lease } => set(
            rvp,
            node,
            &name,
            property(&value, false, lease.as_ref(), rvp, now),
        ),
        PropertyAction::SetXml(inner) => {
            set(rvp, node, &name, property(&inner, true, None, rvp, now))
        }
    }
}

fn set(
    rvp: &Rvp,
    node: &Alias,
    name: &PropertyName,
    value: PropertyValue,
) -> Result<(PropertyOut, Effects), Refused> {
    let out = value.out(name);
    let effects = rvp.nodes.set_property(node, name, Some(value))?;
    Ok((out, effects))
}

fn property(
    value: &str,
    is_xml: bool,
    lease: Option<&Lease>,
    rvp: &Rvp,
    now: i64,
) -> PropertyValue {
    PropertyValue {
        is_xml,
        value: value.into(),
        default: lease
            .and_then(|l| l.default.as_deref())
            .unwrap_or_default()
            .into(),
        expires: lease.map(|l| now + i64::from(rvp.nodes.limits().grant(l.timeout)) * 1000),
    }
}

fn state_out(granted: StateGranted) -> PropertyOut {
    let StateGranted {
        value,
        default,
        timeout,
        view,
    } = granted;
    match timeout {
        Some(timeout) => PropertyOut::LeasedState {
            value,
            default,
            timeout,
            view,
        },
        None => PropertyOut::PlainState {
            value,
            view: Some(view),
        },
    }
}
