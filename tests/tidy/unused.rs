//! What is `pub` and nobody uses. The compiler does not look: whatever a library shows may be
//! somebody's, and ours shows nearly everything to the binary, to the tests and to the benches.

use std::collections::BTreeSet;

use crate::files::Source;
use crate::rust_text::{Token, literals, production_code, text, tokens};

/// What makes a name.
const MAKERS: &[&str] = &["fn", "struct", "enum", "trait", "type", "const", "static"];
/// What may stand between `pub` and that.
const ADJECTIVES: &[&str] = &["async", "unsafe", "const", "extern"];

/// Complains about each `pub` item whose name occurs nowhere but where it is made, passed on or
/// tried out by a unit test. A test that is a program of its own is a user like any other.
pub fn unused(library: &[Source], users: &[Source]) -> Vec<String> {
    let mut used = BTreeSet::new();
    for source in library {
        let code = source.production_code();
        used.extend(named(&tokens(&code)));
        if !code.is_empty() {
            used.extend(literals(before_tests(&source.text)).flat_map(named_in_literal));
        }
    }
    for source in users {
        used.extend(named(&tokens(&production_code(&source.text))));
    }
    library.iter().flat_map(|source| unused_of(source, &used)).collect()
}

fn before_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text)
}

fn unused_of(source: &Source, used: &BTreeSet<String>) -> Vec<String> {
    let tokens = tokens(&source.production_code());
    let items = (0..tokens.len()).filter_map(|i| item(&tokens, i));
    let unused = items.filter(|(_, name)| !used.contains(&name.text));
    let complain = |(maker, name): (&Token, &Token)| {
        format!("{}:{}: nobody uses {} {}", source.path, name.line, maker.text, name.text)
    };
    unused.map(complain).collect()
}

/// The maker and the name of a `pub` item that begins at token `i`.
fn item(tokens: &[Token], i: usize) -> Option<(&Token, &Token)> {
    if text(tokens, i) != "pub" {
        return None;
    }
    let mut at = i + 1;
    if text(tokens, at) == "(" {
        at += tokens[at..].iter().position(|token| token.text == ")")? + 1;
    }
    // `const` is a maker, and before `fn` an adjective.
    while ADJECTIVES.contains(&text(tokens, at))
        && [MAKERS, ADJECTIVES].concat().contains(&text(tokens, at + 1))
    {
        at += 1;
    }
    let maker = tokens.get(at).filter(|maker| MAKERS.contains(&maker.text.as_str()))?;
    Some((maker, tokens.get(at + 1)?))
}

/// Every name but those that are made there, or only passed on by `pub use`.
fn named(tokens: &[Token]) -> Vec<String> {
    let mut named = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        if text(tokens, i) == "use" && i > 0 && ["pub", ")"].contains(&text(tokens, i - 1)) {
            i += tokens[i..].iter().position(|token| token.text == ";").unwrap_or(0);
        } else if i == 0 || !MAKERS.contains(&text(tokens, i - 1)) {
            named.push(tokens[i].text.clone());
        }
        i += 1;
    }
    named
}

/// Names in attributes, such as `with = "span::iso"`, and in formats, such as `{PATH}`.
fn named_in_literal(literal: &str) -> Vec<String> {
    let tokens = tokens(literal);
    let is_named = |i: &usize| *i > 0 && ["::", "{"].contains(&text(&tokens, i - 1));
    (0..tokens.len()).filter(is_named).map(|i| tokens[i].text.clone()).collect()
}
