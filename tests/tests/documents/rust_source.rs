//! Which rooms of a crate a source file names, read as text: imports keep to one form here, which
//! rustfmt holds.

use std::collections::BTreeSet;

/// The rooms that follow each `PREFIX::`, such as `store` in `use crate::store::Store`, with their
/// lines. What is commented out or quoted names nothing.
pub(crate) fn rooms(source: &str, prefix: &str) -> BTreeSet<(String, usize)> {
    let code = without_comments(source);
    let wanted = format!("{prefix}::");
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices(&wanted) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|it| is_word(it) || it == ':' || it == '$') {
            continue;
        }
        let line = code[..at].matches('\n').count() + 1;
        let rest = &code[at + wanted.len()..];
        let names = match rest.strip_prefix('{') {
            Some(list) => first_names(list),
            None => vec![word(rest)],
        };
        found.extend(names.into_iter().map(|name| (name.to_owned(), line)));
    }
    found
}

fn is_word(it: char) -> bool {
    it.is_alphanumeric() || it == '_'
}

/// The word that a text begins with; `*` for everything.
fn word(text: &str) -> &str {
    if text.starts_with('*') {
        return "*";
    }
    let end = text.find(|it| !is_word(it)).unwrap_or(text.len());
    &text[..end]
}

/// The first name of each member of a list, up to the brace that closes it.
fn first_names(list: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let (mut depth, mut from) = (0, 0);
    for (at, it) in list.char_indices() {
        match it {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                names.push(word(list[from..at].trim_start()));
                from = at + 1;
                if it == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// The same lines, without what stands after `//` and within quotes of one line.
fn without_comments(source: &str) -> String {
    source
        .lines()
        .flat_map(|line| [code_of(line), "\n".to_owned()])
        .collect()
}

fn code_of(line: &str) -> String {
    let mut code = String::new();
    let (mut quoted, mut escaped) = (false, false);
    let mut rest = line.chars().peekable();
    while let Some(it) = rest.next() {
        match it {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '/' if !quoted && rest.peek() == Some(&'/') => break,
            // The character that would look like the beginning of a text.
            '\'' if rest.peek() == Some(&'"') => {
                rest.next();
            }
            _ if !quoted => code.push(it),
            _ => {}
        }
    }
    code
}

#[test]
fn every_form_of_a_path_is_read() {
    let source = r#"
//! [`crate::documented`]
use crate::plain::Thing;
use crate::{one, two::{Deep, crate_less}, three as other};
pub(in crate::within) fn f() { crate::called::g("crate::quoted"); } // crate::remarked
const QUOTE: char = '"'; use crate::after_a_quote;
my_crate::foreign::h();
$crate::macros::i!();
use crate::*;
"#;
    let found: Vec<_> = rooms(source, "crate")
        .into_iter()
        .map(|(name, line)| format!("{name} {line}"))
        .collect();
    let expected = [
        "* 9",
        "after_a_quote 6",
        "called 5",
        "one 4",
        "plain 3",
        "three 4",
        "two 4",
        "within 5",
    ];
    assert_eq!(found, expected);
}
