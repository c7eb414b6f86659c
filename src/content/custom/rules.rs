//! What a tenant's own text may be made of, decided on its tokens before anything is compiled.
//!
//! The parser recurses into conditions and operators; the caps here keep it off the stack's end.

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

/// A name that stands alone: where it ends, and the field that is meant.
pub(super) type Alone = (usize, &'static str);

/// Checks what the text is made of; the syntax is the compiler's business. Gives the names that
/// stand alone though they have fields.
pub(super) fn check(kind: Kind, source: &str) -> Result<Vec<Alone>, Broken> {
    let (mut place, mut end) = (Place::Text, 0);
    let mut alone = Vec::new();
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
                return broken(format!(
                    "{0} is a moment: write {0}.full or one of {MOMENT_FIELDS:?}",
                    variable.name()
                ));
            }
            alone.extend(variable.alone().map(|field| (end, field)));
        }
        end = span.end_offset as usize;
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
    }
    Ok(alone)
}

/// The source with every name that stands alone followed by the field that is meant.
pub(super) fn spelled_out(source: &str, alone: &[Alone]) -> String {
    let mut spelled = String::with_capacity(source.len() + 8 * alone.len());
    let mut rest = 0;
    for (end, field) in alone {
        spelled.push_str(source.get(rest..*end).unwrap_or_default());
        spelled.push('.');
        spelled.push_str(field);
        rest = *end;
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
        [] => format!("{} has no fields", variable.name()),
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
