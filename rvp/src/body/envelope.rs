//! The envelope of a notification: who it is from, to whom, and what it carries.
//!
//! Clients read it after us, and each in its own way: librvp by local names and first children,
//! Miranda by tags letter by letter, `Net::RVP` by prefixes of the root. So names count in exact
//! case and namespace, and what one of them could read differently is refused. What only gets in
//! their way (white space, comments) makes an envelope that is not plain: it is written anew.

use super::BodyError;
use super::fragment;
use super::tree::{Child, Element};
use crate::namespace::{DAV, RVP, prefix};
use crate::write::{PlainContent, PlainParty, plain_notification};

/// Names of elements that nothing but a message or a change of properties has inside.
pub(super) const RESERVED: [&str; 3] = ["notification-from", "mime-data", "msgbody"];

/// A contact, as written.
#[derive(Debug)]
pub(super) struct Party<'a> {
    /// Without white space around it or a final slash.
    pub(super) href: &'a str,
    /// Its characters; empty where there is no description.
    pub(super) description: String,
}

/// What the envelope is around.
#[derive(Debug)]
pub(super) enum Content<'a> {
    /// `r:mime-data`, and what stays inside it.
    Text(&'a Element, Box<str>),
    /// `d:propertyupdate`.
    Update(&'a Element),
}

/// An envelope that all readers read alike.
#[derive(Debug)]
pub(super) struct Envelope<'a> {
    pub(super) from: Vec<Party<'a>>,
    /// The contacts of each `r:notification-to`.
    pub(super) to: Vec<Vec<Party<'a>>>,
    pub(super) content: Content<'a>,
    /// There is nothing in it that a client could stumble over.
    pub(super) is_plain: bool,
}

impl<'a> Envelope<'a> {
    /// Reads `root`, whose one element is `part`, a message or a change of properties.
    pub(super) fn read(
        text: &'a str,
        root: &'a Element,
        part: &'a Element,
    ) -> Result<Self, BodyError> {
        let mut reader = Reader {
            text,
            is_plain: is_plain_outside(text, root) && &*root.name.namespace == RVP,
            usual_tags: 0,
            other_tags: 0,
        };
        reader.inside(root)?;
        // The root bears the namespaces, and so no tag of its own.
        (reader.usual_tags, reader.other_tags) = (0, 0);
        let is_message = is(part, RVP, "message");
        let (mut from, mut to, mut content) = (Vec::new(), Vec::new(), None);
        // What has come must not come again: from, to, content.
        let mut step = 0;
        for element in reader.inside(part)? {
            let next = if is(element, RVP, "notification-from") {
                from.extend(reader.parties(element)?);
                1
            } else if is(element, RVP, "notification-to") {
                to.push(reader.parties(element)?);
                2
            } else if is(element, RVP, "msgbody") && is_message {
                once(&content, element)?;
                content = Some(reader.mime_data(element)?);
                3
            } else if is(element, DAV, "propertyupdate") && !is_message {
                once(&content, element)?;
                reader.update(element)?;
                content = Some(Content::Update(element));
                3
            } else {
                return Err(foreign(element, part));
            };
            reader.is_plain &= step <= next;
            step = next;
        }
        // Two of the same sender are one to who looks at the first or the last, but not to all.
        reader.is_plain &= from.len() == 1;
        let missing = |what: &str| BodyError::new(format!("The notification has no {what}"));
        if from.is_empty() {
            return Err(missing("notification-from; say who it is from"));
        }
        if to.is_empty() {
            return Err(missing("notification-to; say whom it is for"));
        }
        Ok(Self {
            from,
            to,
            content: content.ok_or_else(|| {
                missing(if is_message {
                    "text; send msgbody with mime-data"
                } else {
                    "propertyupdate"
                })
            })?,
            is_plain: reader.is_plain && reader.tags_are_clear(),
        })
    }

    /// The same notification without what clients stumble over: prefixes as they all know them,
    /// nothing between elements, the bytes of `r:mime-data` as they are.
    pub(super) fn written_plain(&self) -> Result<Vec<u8>, BodyError> {
        let party = |party: &Party<'_>| PlainParty {
            href: party.href.into(),
            description: party.description.clone().into(),
        };
        let from: Vec<_> = self.from.iter().take(1).map(party).collect();
        let to: Vec<Vec<_>> = self
            .to
            .iter()
            .map(|to| to.iter().map(party).collect())
            .collect();
        let content = match &self.content {
            Content::Text(_, inside) => PlainContent::Text(inside.clone()),
            Content::Update(update) => PlainContent::Update(fragment::inner(update)?),
        };
        Ok(plain_notification(&from, &to, &content))
    }
}

/// Whether this is the element of that name, letter by letter.
pub(super) fn is(element: &Element, namespace: &str, local: &str) -> bool {
    &*element.name.namespace == namespace && &*element.name.local == local
}

fn foreign(element: &Element, parent: &Element) -> BodyError {
    BodyError::new(format!(
        "The element {} has no place in {}; clients would take it for something else",
        element.name, parent.name
    ))
}

fn once(content: &Option<Content<'_>>, element: &Element) -> Result<(), BodyError> {
    match content {
        None => Ok(()),
        Some(_) => Err(BodyError::new(format!(
            "The notification has more than one {}; send one per NOTIFY",
            element.name
        ))),
    }
}

struct Reader<'a> {
    text: &'a str,
    is_plain: bool,
    /// Elements written as Miranda looks for them: `<r:contact>`, and nothing else in the tag.
    usual_tags: usize,
    other_tags: usize,
}

impl<'a> Reader<'a> {
    /// The elements inside one that holds nothing else.
    fn inside(&mut self, element: &'a Element) -> Result<Vec<&'a Element>, BodyError> {
        self.tag(element)?;
        let mut elements = Vec::new();
        let mut at = element.inner.start;
        for child in &element.children {
            match child {
                Child::Element(child) => {
                    self.is_plain &= child.outer.start == at;
                    at = child.outer.end;
                    elements.push(child);
                }
                Child::Text(text) if is_blank(text) => {}
                Child::Text(_) | Child::CData(_) => {
                    return Err(BodyError::new(format!(
                        "There is text in {}, where only elements belong",
                        element.name
                    )));
                }
            }
        }
        self.is_plain &= at == element.inner.end;
        Ok(elements)
    }

    /// Looks at the tags of an element. Attributes are none of ours, and `Net::RVP` takes them for
    /// elements.
    fn tag(&mut self, element: &Element) -> Result<(), BodyError> {
        if let Some((attribute, _)) = element.attributes.first() {
            return Err(BodyError::new(format!(
                "The attribute {attribute} has no place in {}; some clients take attributes for elements",
                element.name
            )));
        }
        let prefix = prefix(&element.name.namespace).unwrap_or_default();
        let usual = format!("{prefix}:{}", element.name.local);
        let start = &self.text[element.outer.start..element.inner.start];
        let end = &self.text[element.inner.end..element.outer.end];
        let is_usual = start == format!("<{usual}>") && end == format!("</{usual}>");
        *(if is_usual {
            &mut self.usual_tags
        } else {
            &mut self.other_tags
        }) += 1;
        Ok(())
    }

    /// Whether somebody who looks for tags letter by letter finds all of them, or none at all.
    fn tags_are_clear(&self) -> bool {
        let is_somewhere = |tag: &str| self.text.contains(tag);
        self.other_tags == 0 || self.usual_tags == 0 && !is_somewhere("<r:") && !is_somewhere("<d:")
    }

    fn parties(&mut self, side: &'a Element) -> Result<Vec<Party<'a>>, BodyError> {
        let mut parties = Vec::new();
        for element in self.inside(side)? {
            if !is(element, RVP, "contact") {
                return Err(foreign(element, side));
            }
            parties.push(self.party(element)?);
        }
        if parties.is_empty() {
            return Err(BodyError::new(format!(
                "The {} names nobody; put a contact into it",
                side.name
            )));
        }
        Ok(parties)
    }

    fn party(&mut self, contact: &'a Element) -> Result<Party<'a>, BodyError> {
        let (mut href, mut description) = (None, None);
        for element in self.inside(contact)? {
            if is(element, DAV, "href") {
                if href.replace(self.href(element)?).is_some() {
                    return Err(BodyError::new(
                        "A contact has more than one href; send a contact for each",
                    ));
                }
                self.is_plain &= description.is_none();
            } else if is(element, RVP, "description") {
                if description.replace(self.description(element)?).is_some() {
                    return Err(BodyError::new("A contact has more than one description"));
                }
            } else {
                return Err(foreign(element, contact));
            }
        }
        Ok(Party {
            href: href.ok_or_else(|| {
                BodyError::new("A contact has no href; send the URL of a user in one")
            })?,
            description: description.unwrap_or_default(),
        })
    }

    /// The characters of a `d:href`, and nothing but characters: who sees past a comment, a
    /// reference or a CDATA section sees another name than who does not.
    fn href(&mut self, element: &Element) -> Result<&'a str, BodyError> {
        self.tag(element)?;
        let raw = &self.text[element.inner.clone()];
        if raw.contains(['<', '&', '>']) {
            return Err(BodyError::new(
                "The href of a contact must be plain characters: no comment, reference, CDATA section or element",
            ));
        }
        let href = raw.trim_ascii();
        let href = href.strip_suffix('/').unwrap_or(href);
        if href.is_empty() || href.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(BodyError::new(
                "The href of a contact is not the URL of a user; write http://host/instmsg/aliases/name",
            ));
        }
        self.is_plain &= href == raw;
        Ok(href)
    }

    /// Whatever a person is called; Miranda crashes where the element closes itself (observed).
    fn description(&mut self, element: &Element) -> Result<String, BodyError> {
        self.tag(element)?;
        if let Some(inside) = element.elements().next() {
            return Err(foreign(inside, element));
        }
        let is_closed = self.text[element.outer.clone()].ends_with("/>");
        let raw = &self.text[element.inner.clone()];
        self.is_plain &= !is_closed && !raw.contains('<');
        Ok(element.text().into_owned())
    }

    fn mime_data(&mut self, body: &'a Element) -> Result<Content<'a>, BodyError> {
        let mut data = None;
        for element in self.inside(body)? {
            if !is(element, RVP, "mime-data") {
                return Err(foreign(element, body));
            }
            once(&data, element)?;
            self.tag(element)?;
            data = Some(Content::Text(
                element,
                self.text[element.inner.clone()].into(),
            ));
        }
        data.ok_or_else(|| BodyError::new("The message has no text; send msgbody with mime-data"))
    }

    /// A change of properties. A state that is not there, or not bare, crashes or confuses
    /// clients (observed: librvp).
    fn update(&mut self, update: &'a Element) -> Result<(), BodyError> {
        for change in self.inside(update)? {
            let is_set = is(change, DAV, "set");
            if !is_set && !is(change, DAV, "remove") {
                return Err(foreign(change, update));
            }
            for prop in self.inside(change)? {
                if !is(prop, DAV, "prop") {
                    return Err(foreign(prop, change));
                }
                for property in self.inside(prop)? {
                    nothing_reserved(property)?;
                    if !property.is("state") {
                        continue;
                    }
                    if !is(property, RVP, "state") {
                        return Err(foreign(property, prop));
                    }
                    let states = self.inside(property)?;
                    let bare = |state: &Element| {
                        state.children.is_empty()
                            && state.attributes.is_empty()
                            && &*state.name.namespace == RVP
                    };
                    if !is_set || states.len() != 1 || !bare(states[0]) {
                        return Err(BodyError::new(
                            "A change of state names one state, bare, such as <r:state><r:online/></r:state>",
                        ));
                    }
                }
            }
        }
        Ok(())
    }
}

/// Refuses a value with parts of an envelope in it.
fn nothing_reserved(element: &Element) -> Result<(), BodyError> {
    for inside in element.elements() {
        if RESERVED.iter().any(|word| inside.is(word)) {
            return Err(foreign(inside, element));
        }
        nothing_reserved(inside)?;
    }
    if RESERVED.iter().any(|word| element.is(word)) {
        return Err(foreign(element, element));
    }
    Ok(())
}

fn is_blank(text: &str) -> bool {
    text.trim_ascii().is_empty()
}

/// Whether what stands before the root is nothing but white space and the plainest declaration,
/// and after it nothing that could be taken for part of an envelope.
fn is_plain_outside(text: &str, root: &Element) -> bool {
    let before = &text[..root.outer.start];
    let before = before.strip_prefix("<?xml ").map_or(before, |rest| {
        let rest = ["\"", "'"].into_iter().find_map(|quote| {
            let rest = rest.strip_prefix(&format!("version={quote}1.0{quote}"))?;
            let label = [" encoding=\"", " encoding='"]
                .into_iter()
                .find_map(|name| rest.strip_prefix(name));
            let rest = label.map_or(rest, |label| {
                let end = label.find(['"', '\'']).map_or(label.len(), |end| end + 1);
                &label[end..]
            });
            rest.trim_start_matches(' ').strip_prefix("?>")
        });
        rest.unwrap_or("<")
    });
    let after = &text[root.outer.end..];
    is_blank(before) && !after.contains("<r:") && !after.contains("<d:")
}
