//! What there is to say of a route: what it takes, and what it answers.

use schemars::{JsonSchema, Schema, SchemaGenerator};

/// Makes a schema, and defines what it refers to.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// What is taken or answered where nothing else is said.
const JSON: &str = "application/json";

/// See the module.
#[derive(Debug, Clone)]
pub struct Operation {
    pub summary: &'static str,
    /// What may stand in the query.
    pub parameters: Vec<Parameter>,
    /// What the body may be; nothing where none is read.
    pub bodies: Vec<Content>,
    pub answers: Vec<Answer>,
    /// Whether a token is asked for, where any is configured.
    pub is_guarded: bool,
}

/// A body: its media type, and its schema.
#[derive(Debug, Clone, Copy)]
pub struct Content {
    pub media: &'static str,
    pub schema: SchemaOf,
}

/// An answer that went well.
#[derive(Debug, Clone, Copy)]
pub struct Answer {
    pub status: u16,
    /// Nothing where it is empty.
    pub content: Option<Content>,
}

/// A parameter of the query.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    pub name: &'static str,
    pub about: &'static str,
    pub values: Values,
}

/// What a parameter may be.
#[derive(Debug, Clone, Copy)]
pub enum Values {
    Text,
    /// A whole number.
    Number,
    /// One of these names.
    OneOf(fn() -> Vec<&'static str>),
}

/// Whatever text, as far as a description goes.
pub const fn text(name: &'static str, about: &'static str) -> Parameter {
    Parameter { name, about, values: Values::Text }
}

/// Where a page begins, and how long it is.
pub const PAGE: [Parameter; 2] = [
    text("after", "Where to go on: the `next` of the page before."),
    Parameter {
        name: "limit",
        about: "At most this many rows; 100 where nothing is said, and never more than 1000.",
        values: Values::Number,
    },
];

/// The names of parameters, which are those that may stand in the query.
pub fn names(parameters: &[Parameter]) -> Vec<&'static str> {
    parameters.iter().map(|parameter| parameter.name).collect()
}

impl Operation {
    /// It takes nothing and answers nothing yet.
    pub fn new(summary: &'static str) -> Self {
        let (parameters, bodies, answers) = (Vec::new(), Vec::new(), Vec::new());
        Self { summary, parameters, bodies, answers, is_guarded: true }
    }

    /// These may stand in its query.
    #[must_use]
    pub fn asked_by(mut self, parameters: &[Parameter]) -> Self {
        self.parameters.extend_from_slice(parameters);
        self
    }

    /// Its body is such an object.
    #[must_use]
    pub fn takes<B: JsonSchema>(self) -> Self {
        self.takes_as(JSON, |generator| generator.subschema_for::<B>())
    }

    /// Its body may be this.
    #[must_use]
    pub fn takes_as(mut self, media: &'static str, schema: SchemaOf) -> Self {
        self.bodies.push(Content { media, schema });
        self
    }

    /// It answers 200 with this.
    #[must_use]
    pub fn answers<A: JsonSchema>(self) -> Self {
        self.answers_with::<A>(200)
    }

    /// It answers so with this.
    #[must_use]
    pub fn answers_with<A: JsonSchema>(self, status: u16) -> Self {
        self.answers_as(status, JSON, |generator| generator.subschema_for::<A>())
    }

    /// The same as another media type.
    #[must_use]
    pub fn answers_as(mut self, status: u16, media: &'static str, schema: SchemaOf) -> Self {
        self.answers.push(Answer { status, content: Some(Content { media, schema }) });
        self
    }

    /// It answers 204, and no more.
    #[must_use]
    pub fn answers_nothing(mut self) -> Self {
        self.answers.push(Answer { status: 204, content: None });
        self
    }

    /// No token is asked for.
    #[must_use]
    pub fn open(self) -> Self {
        Self { is_guarded: false, ..self }
    }
}
