//! PROPPATCH bodies (RVP document 5.5).

use super::tree::{Element, parse_root};
use super::{BodyError, fragment};
use crate::header::saturating;
use crate::property::{Lease, PropertyAction, PropertyChange, PropertyName, StateChange};
use crate::state::State;

/// Longest name of a state nobody knows, in bytes.
const MAX_STATE_NAME: usize = 64;

/// Reads the changes a PROPPATCH asks for, in their order.
///
/// The root may be `propertyupdate` or the document's `propupdate`; `timeout` may be in either
/// namespace (observed: librvp `d:`, `Net::RVP` `r:`).
///
/// # Errors
/// When the body is no such XML or a change makes no sense.
pub fn read_property_update(body: &[u8]) -> Result<Vec<PropertyChange>, BodyError> {
    let root = parse_root(body, &["propertyupdate", "propupdate"])?;
    let mut changes = Vec::new();
    for part in root.elements() {
        let remove = part.is("remove");
        if !remove && !part.is("set") {
            continue;
        }
        for property in part
            .elements()
            .filter(|e| e.is("prop"))
            .flat_map(Element::elements)
        {
            let action = if remove {
                PropertyAction::Remove
            } else {
                action(property)?
            };
            changes.push(PropertyChange {
                name: property.name.clone(),
                action,
            });
        }
    }
    if changes.is_empty() {
        return Err(BodyError::new(
            "The body changes no property; put at least one into set or remove, prop",
        ));
    }
    Ok(changes)
}

fn action(property: &Element) -> Result<PropertyAction, BodyError> {
    if property.name.is_state() {
        return state_change(property).map(PropertyAction::SetState);
    }
    let Some(leased) = property.child("leased-value") else {
        return plain(property);
    };
    let value = text_of(leased.child("value"), property)?;
    let value = value.ok_or_else(|| missing_value(&property.name))?;
    Ok(PropertyAction::SetText {
        value,
        lease: Some(Lease {
            default: text_of(leased.child("default-value"), property)?,
            timeout: timeout(leased),
        }),
    })
}

fn plain(property: &Element) -> Result<PropertyAction, BodyError> {
    if property.elements().next().is_none() {
        return Ok(PropertyAction::SetText {
            value: bounded(&property.text(), property)?,
            lease: None,
        });
    }
    if property.name.is_known() {
        return Err(BodyError::new(format!(
            "The property {} holds text; send no elements in it",
            property.name
        )));
    }
    fragment::inner(property).map(|xml| PropertyAction::SetXml(xml.into()))
}

fn text_of(holder: Option<&Element>, property: &Element) -> Result<Option<Box<str>>, BodyError> {
    let Some(holder) = holder else {
        return Ok(None);
    };
    if holder.elements().next().is_some() {
        return Err(BodyError::new(format!(
            "The property {} has a leased value with elements; only text can be leased",
            property.name
        )));
    }
    bounded(&holder.text(), property).map(Some)
}

/// A text that a node may be asked to keep.
fn bounded(text: &str, property: &Element) -> Result<Box<str>, BodyError> {
    if text.len() > fragment::MAX_BYTES {
        return Err(BodyError::new(format!(
            "The property {} is larger than {} bytes; send less",
            property.name,
            fragment::MAX_BYTES
        )));
    }
    Ok(text.into())
}

fn state_change(property: &Element) -> Result<StateChange, BodyError> {
    let leased = property.child("leased-value");
    let view_id = property
        .child("view-id")
        .or_else(|| leased?.child("view-id"))
        .and_then(|id| id.text().parse().ok());
    let Some(leased) = leased else {
        let bare = property
            .elements()
            .find(|element| !element.is("view-id") && !element.is("timeout"));
        return Ok(StateChange {
            value: bare
                .map(state)
                .transpose()?
                .ok_or_else(|| missing_value(&property.name))?,
            default: None,
            timeout: None,
            leased: false,
            view_id,
        });
    };
    let inside = |name| {
        let holder: Option<&Element> = leased.child(name);
        holder
            .and_then(|holder| holder.elements().next())
            .map(state)
            .transpose()
    };
    Ok(StateChange {
        value: inside("value")?.ok_or_else(|| missing_value(&property.name))?,
        default: inside("default-value")?,
        timeout: timeout(leased),
        leased: true,
        view_id,
    })
}

fn state(element: &Element) -> Result<State, BodyError> {
    let name = &element.name.local;
    if name.len() > MAX_STATE_NAME {
        return Err(BodyError::new(format!(
            "The name of a state is longer than {MAX_STATE_NAME} bytes; shorten it"
        )));
    }
    Ok(State::from_name(name))
}

fn timeout(leased: &Element) -> Option<u32> {
    leased
        .child("timeout")
        .and_then(|timeout| saturating(&timeout.text()))
}

fn missing_value(name: &PropertyName) -> BodyError {
    BodyError::new(format!(
        "The property {name} has no value; send one, or use remove"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ViewId;

    const NS: &str = r#"xmlns:d="DAV:" xmlns:r="http://schemas.microsoft.com/rvp/" xmlns:a="http://schemas.microsoft.com/rvp/acl/""#;

    fn set(prop: &str) -> Result<Vec<PropertyChange>, BodyError> {
        let body = format!(
            "<d:propertyupdate {NS}><d:set><d:prop>{prop}</d:prop></d:set></d:propertyupdate>\n"
        );
        read_property_update(body.as_bytes())
    }

    fn state_of(prop: &str) -> StateChange {
        match set(prop).unwrap().remove(0).action {
            PropertyAction::SetState(change) => change,
            other => panic!("{other:?}"),
        }
    }

    fn leased(value: State, timeout: Option<u32>, view: Option<u32>) -> StateChange {
        StateChange {
            value,
            default: Some(State::Offline),
            timeout,
            leased: true,
            view_id: view.and_then(ViewId::new),
        }
    }

    #[test]
    fn librvp_at_login_and_later() {
        let lease = "<r:leased-value><r:value><r:online/></r:value><r:default-value><r:offline/>\
            </r:default-value><d:timeout>1200</d:timeout></r:leased-value>";
        assert_eq!(
            state_of(&format!("<r:state>{lease}</r:state>")),
            leased(State::Online, Some(1200), None)
        );
        assert_eq!(
            state_of(&format!(
                "<r:state>{lease}<r:view-id>1082</r:view-id></r:state>"
            )),
            leased(State::Online, Some(1200), Some(1082))
        );
        assert_eq!(
            state_of(&format!(
                "<r:state>{lease}<r:view-id>abc1</r:view-id></r:state>"
            )),
            leased(State::Online, Some(1200), None)
        );
    }

    #[test]
    fn librvp_at_log_off() {
        assert_eq!(
            state_of("<r:state><r:offline/><r:view-id>1014</r:view-id></r:state>"),
            StateChange {
                value: State::Offline,
                default: None,
                timeout: None,
                leased: false,
                view_id: ViewId::new(1014),
            }
        );
    }

    #[test]
    fn net_rvp_pretty_printed() {
        let change = state_of(
            "\n <r:state>\n  <r:leased-value>\n   <r:value>\n    <r:busy/>\n   </r:value>\n   \
             <r:default-value> <r:offline/> </r:default-value>\n   <r:timeout> 14400 </r:timeout>\n  \
             </r:leased-value>\n </r:state>\n",
        );
        assert_eq!(change, leased(State::Busy, Some(14400), None));
        let text =
            set("<r:email><r:leased-value><r:value>a@b</r:value></r:leased-value></r:email>");
        assert_eq!(
            text.unwrap(),
            [PropertyChange {
                name: PropertyName::email(),
                action: PropertyAction::SetText {
                    value: "a@b".into(),
                    lease: Some(Lease {
                        default: None,
                        timeout: None
                    }),
                },
            }]
        );
    }

    #[test]
    fn the_documents_example() {
        let body = br#"<?xml version="1.0"?>
          <D:propupdate xmlns:D="DAV:"
          xmlns:Z="http://schemas.microsoft.com/rvp/">
               <D:set>
                       <D:prop>
                               <Z:state>
                                       <Z:leased-value>
                                               <Z:value>
                                                       <Z:online/>
                                               </Z:value>
                                               <Z:default-value>
                                                       <Z:offline/>
                                               </Z:default-value>
                                               <Z:timeout>3600</Z:timeout>
                                       </Z:leased-value>
                               </Z:state>
                       </D:prop>
               </D:set>
          </D:propertyupdate>"#;
        assert_eq!(
            read_property_update(body).unwrap(),
            [PropertyChange {
                name: PropertyName::state(),
                action: PropertyAction::SetState(leased(State::Online, Some(3600), None)),
            }]
        );
    }

    #[test]
    fn several_changes_keep_their_order() {
        let body = format!(
            "<d:propertyupdate {NS}><d:set><d:prop><d:displayname> Bob </d:displayname>\
             <x xmlns='urn:x'><y/></x></d:prop></d:set><d:remove><d:prop><r:email/></d:prop>\
             </d:remove></d:propertyupdate>"
        );
        let changes = read_property_update(body.as_bytes()).unwrap();
        assert_eq!(
            changes,
            [
                PropertyChange {
                    name: PropertyName::displayname(),
                    action: PropertyAction::SetText {
                        value: "Bob".into(),
                        lease: None
                    },
                },
                PropertyChange {
                    name: PropertyName::new("urn:x", "x"),
                    action: PropertyAction::SetXml("<x0:y xmlns:x0=\"urn:x\"></x0:y>".into()),
                },
                PropertyChange {
                    name: PropertyName::email(),
                    action: PropertyAction::Remove,
                },
            ]
        );
    }

    #[test]
    fn odd_timeouts() {
        let timeout = |text: &str| {
            state_of(&format!(
                "<r:state><r:leased-value><r:value><r:away/></r:value><d:timeout>{text}</d:timeout>\
                 </r:leased-value></r:state>"
            ))
            .timeout
        };
        assert_eq!(timeout("99999999999"), Some(u32::MAX));
        assert_eq!(timeout("-1"), None);
        assert_eq!(timeout("Infinite"), None);
    }

    #[test]
    fn refusals_say_why() {
        for (prop, why) in [
            ("", "changes no property"),
            ("<r:state/>", "no value"),
            ("<r:state>online</r:state>", "no value"),
            ("<r:state><r:view-id>1</r:view-id></r:state>", "no value"),
            (
                "<r:state><r:leased-value><r:value/></r:leased-value></r:state>",
                "no value",
            ),
            ("<r:email><r:leased-value/></r:email>", "no value"),
            ("<d:displayname><b/></d:displayname>", "holds text"),
            (
                "<z><leased-value><value><b/></value></leased-value></z>",
                "only text",
            ),
        ] {
            let reason = set(prop).unwrap_err().reason;
            assert!(reason.contains(why), "{prop}: {reason}");
        }
        assert!(set(&format!("<r:state><r:{}/></r:state>", "x".repeat(65))).is_err());
        let long = "x".repeat(fragment::MAX_BYTES + 1);
        for prop in [
            format!("<note>{long}</note>"),
            format!("<note><leased-value><value>{long}</value></leased-value></note>"),
        ] {
            assert!(set(&prop).unwrap_err().reason.contains("larger"));
        }
        assert!(set(&format!("<note>{}</note>", &long[1..])).is_ok());
        assert!(
            read_property_update(b"")
                .unwrap_err()
                .reason
                .contains("empty")
        );
        let other = read_property_update(b"<x/>").unwrap_err().reason;
        assert_eq!(
            &*other,
            "The body is a x element; send a propertyupdate element"
        );
    }
}
