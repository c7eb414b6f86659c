//! What a tenant's own text may be made of, decided on its tokens before anything is compiled.
//!
//! The parser recurses into conditions and operators; the caps here keep it off the stack's end.

use std::borrow::Cow;
use std::ops::Range;

use minijinja::machinery::{Token, tokenize};

use super::meant;
use super::syntax::syntax;
use crate::content::variables::{MOMENT_FIELDS, Variable, variables};
use crate::domain::kind::Kind;

/// The most `{% %}` of one text.
const STATEMENTS_MAX: usize = 100;
/// The most words and signs between `{{` and `}}` or `{%` and `%}`.
const TOKENS_PER_TAG_MAX: usize = 40;

/// The filters that a text may use; the cage has these and no others.
const FILTERS: [&str; 5] = ["capitalize", "default", "lower", "trim", "upper"];
/// The filter that what `in` looks for goes through. No text can name it.
pub(super) const SOUGHT: &str = "sought";
/// The name of what is not known, for the word `none`. No value and no variable has it.
const ABSENT: &str = "absent";
const STATEMENTS: [&str; 4] = ["if", "elif", "else", "endif"];
const WORDS: [&str; 12] =
    ["and", "or", "not", "if", "else", "in", "true", "false", "none", "True", "False", "None"];

/// A broken rule, and at which byte of the source.
#[derive(Debug)]
pub(super) struct Broken {
    pub offset: usize,
    pub why: String,
}

/// Where in a text the next token stands.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    /// Between tags.
    Text,
    /// Right after `{%`.
    Statement,
    /// Where a value may stand.
    Expression,
    /// After a variable.
    Named(Variable),
    /// After `variable.`
    Field(Variable),
    /// After `|`.
    Filter,
    /// After a value that is complete.
    Value,
}

/// What the engine is to be told in other words: at which bytes of the source, and how.
pub(super) type Edit = (Range<usize>, Cow<'static, str>);

/// Checks what the text is made of; the syntax is the compiler's business. Gives, in their order,
/// the words in which the engine does not take what is meant.
pub(super) fn check(kind: Kind, source: &str) -> Result<Vec<Edit>, Broken> {
    let (mut place, mut end) = (Place::Text, 0);
    let mut before_not = None;
    let mut edits: Vec<Edit> = Vec::new();
    let (mut statements, mut in_tag, mut printed) = (0, 0, false);
    for token in tokenize(source, false, syntax()) {
        let (token, span) = token.map_err(|error| Broken {
            offset: error.range().map_or(0, |range| range.start),
            why: error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
        })?;
        let broken = |why: String| Err(Broken { offset: span.start_offset as usize, why });
        match &token {
            Token::BlockStart => statements += 1,
            Token::VariableStart => printed = true,
            Token::BlockEnd | Token::VariableEnd => in_tag = 0,
            _ => in_tag += 1,
        }
        if statements > STATEMENTS_MAX {
            return broken(format!("there are more than {STATEMENTS_MAX} conditions"));
        }
        if in_tag > TOKENS_PER_TAG_MAX {
            return broken(format!("there are more than {TOKENS_PER_TAG_MAX} words in one tag"));
        }
        if let (Place::Named(variable), true) = (place, !matches!(token, Token::Dot)) {
            if printed && variable.is_moment() {
                let fields = MOMENT_FIELDS.join(", ");
                return broken(format!(
                    "{0} is a moment: write {0}.full; there are {fields}",
                    variable.name()
                ));
            }
            edits.extend(variable.alone().map(|field| (end..end, format!(".{field}").into())));
        }
        let after = span.end_offset as usize;
        match &token {
            Token::Ident("not") => before_not = Some(end),
            // `in` looks in a text, and what is not known is a text without a letter to the engine.
            Token::Ident("in") => {
                let looked_for = before_not.take().unwrap_or(end);
                edits.push((looked_for..looked_for, format!("|{SOUGHT}").into()));
            }
            Token::Ident("none" | "None") => {
                edits.push((span.start_offset as usize..after, ABSENT.into()));
            }
            _ => before_not = None,
        }
        end = after;
        match &token {
            // What stands between `if` and `else` is asked, not printed.
            Token::Ident("if") | Token::VariableEnd => printed = false,
            Token::Ident("else") => printed = place != Place::Statement,
            _ => {}
        }
        place = match next(kind, place, &token) {
            Ok(place) => place,
            Err(why) => return broken(why),
        };
        if let (true, Some(asked)) = (printed, asked(place, &token)) {
            return broken(format!("{asked} is true or false: ask it by {{% if %}}"));
        }
    }
    Ok(edits)
}

/// What is true or false, of what was just read, and so is nothing to be said.
fn asked(place: Place, token: &Token<'_>) -> Option<String> {
    match (token, place) {
        (Token::Eq | Token::Ne | Token::Gt | Token::Gte | Token::Lt | Token::Lte, _) => {
            Some("a comparison".to_owned())
        }
        (Token::Ident(word @ ("not" | "in" | "true" | "false" | "True" | "False")), _) => {
            Some(format!("what {word} says"))
        }
        (_, Place::Named(variable)) if variable.is_condition() => Some(variable.name().to_owned()),
        _ => None,
    }
}

pub(super) fn spelled_out(source: &str, edits: &[Edit]) -> String {
    let mut spelled = String::with_capacity(source.len() + 8 * edits.len());
    let mut rest = 0;
    for (range, words) in edits {
        spelled.push_str(source.get(rest..range.start).unwrap_or_default());
        spelled.push_str(words);
        rest = range.end;
    }
    spelled.push_str(source.get(rest..).unwrap_or_default());
    spelled
}

fn next(kind: Kind, place: Place, token: &Token<'_>) -> Result<Place, String> {
    Ok(match token {
        Token::TemplateData(_) | Token::BlockEnd | Token::VariableEnd => Place::Text,
        Token::BlockStart => Place::Statement,
        Token::VariableStart => Place::Expression,
        Token::Ident(word) => return name(kind, place, word),
        Token::Dot => match place {
            Place::Named(variable) => Place::Field(variable),
            _ => return Err("a . stands only between a name and its field".to_owned()),
        },
        Token::Pipe => Place::Filter,
        Token::Str(_) | Token::String(_) | Token::Int(_) => Place::Value,
        Token::ParenClose => Place::Value,
        Token::ParenOpen if matches!(place, Place::Expression | Place::Value) => Place::Expression,
        Token::Eq | Token::Ne | Token::Gt | Token::Gte | Token::Lt | Token::Lte => {
            Place::Expression
        }
        other => return Err(format!("{other} is not allowed here")),
    })
}

fn name(kind: Kind, place: Place, word: &str) -> Result<Place, String> {
    match place {
        Place::Statement if STATEMENTS.contains(&word) => return Ok(Place::Expression),
        Place::Statement => {
            return Err(format!("{word} is not allowed; there are if, elif, else and endif"));
        }
        Place::Filter if FILTERS.contains(&word) => return Ok(Place::Value),
        Place::Filter => {
            return Err(format!("there is no filter {word}; there are {}", FILTERS.join(", ")));
        }
        Place::Field(variable) if variable.fields().contains(&word) => return Ok(Place::Value),
        Place::Field(variable) => return Err(no_field(variable, word)),
        _ if WORDS.contains(&word) => return Ok(Place::Expression),
        _ => {}
    }
    let known = variables(kind);
    let found = known.iter().find(|variable| variable.name() == word);
    found.map(|variable| Place::Named(*variable)).ok_or_else(|| {
        let names = known.iter().map(|variable| variable.name());
        lacks(kind.as_str(), word, meant::name(known, word), names)
    })
}

fn no_field(variable: Variable, word: &str) -> String {
    match variable.fields() {
        [] => format!("{0} has no {word}, nor any other field: write {0}", variable.name()),
        fields => {
            let meant = meant::field(variable, word);
            lacks(variable.name(), word, meant, fields.iter().copied())
        }
    }
}

fn lacks<'a>(
    what: &str,
    word: &str,
    meant: Option<String>,
    names: impl Iterator<Item = &'a str>,
) -> String {
    let names: Vec<&str> = names.collect();
    let names = names.join(", ");
    match meant {
        Some(meant) => format!("{what} has no {word}, did you mean {meant}? It has {names}"),
        None => format!("{what} has no {word}; it has {names}"),
    }
}
