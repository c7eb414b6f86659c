//! What an answer means by the operator's rules.

use ::http::StatusCode;
use serde_json::Value;

use super::plan::RulePlan;
use super::pointer::Pointer;
use crate::gateways::fault::Fault;
use crate::gateways::meaning::Meaning;

/// The most rules.
pub const RULES_MAX: usize = 100;

const MEANINGS: [(&str, Meaning); 7] = [
    ("accepted", Meaning::Accepted),
    ("throttled", Meaning::Throttled),
    ("transient", Meaning::Transient),
    ("permanent", Meaning::Permanent),
    ("bad_address", Meaning::BadAddress),
    ("opted_out", Meaning::OptedOut),
    ("configuration", Meaning::Configuration),
];

fn meaning(name: &str) -> Option<Meaning> {
    MEANINGS.iter().find(|(known, _)| *known == name).map(|(_, meaning)| *meaning)
}

/// The operator's rules, the first that fits.
#[derive(Debug, Default)]
pub(super) struct Rules(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    status: Option<Statuses>,
    found: Option<(Pointer, Option<String>)>,
    contains: Option<String>,
    meaning: Meaning,
}

/// One status, or all of a hundred.
#[derive(Debug, Clone, Copy)]
enum Statuses {
    One(u16),
    Class(u16),
}

impl Rules {
    pub fn compile(plans: &[RulePlan]) -> Result<Self, Fault> {
        if plans.len() > RULES_MAX {
            return Err(Fault::new("outcomes", format!("must be at most {RULES_MAX}")));
        }
        let rules = plans.iter().enumerate().map(|(index, plan)| {
            Rule::compile(plan)
                .map_err(|(key, why)| Fault::new(format!("outcomes[{index}]{key}"), why))
        });
        rules.collect::<Result<_, _>>().map(Self)
    }

    /// What the first rule that fits says.
    pub fn judge(&self, status: StatusCode, json: Option<&Value>, body: &[u8]) -> Option<Meaning> {
        let rule = self.0.iter().find(|rule| rule.fits(status, json, body));
        rule.map(|rule| rule.meaning)
    }

    /// Whether it takes the body to know what an answer of this status means.
    pub fn need_the_body(&self, status: StatusCode) -> bool {
        self.0.iter().find(|rule| rule.is_of(status)).is_some_and(Rule::reads_the_body)
    }
}

impl Rule {
    fn compile(plan: &RulePlan) -> Result<Self, (&'static str, String)> {
        let RulePlan { status, pointer, equals, contains, outcome } = plan;
        if status.is_none() && pointer.is_none() && contains.is_none() {
            return Err(("", "must say a status, a pointer or what it contains".to_owned()));
        }
        if equals.is_some() && pointer.is_none() {
            return Err((".equals", "has no meaning without a pointer".to_owned()));
        }
        if contains.as_ref().is_some_and(String::is_empty) {
            return Err((".contains", "must not be empty".to_owned()));
        }
        let meaning = meaning(outcome).ok_or_else(|| {
            let known = MEANINGS.map(|(name, _)| name).join(", ");
            (".outcome", format!("must be one of {known}"))
        })?;
        let status = status.as_deref().map(Statuses::parse).transpose();
        let pointer = pointer.as_deref().map(Pointer::parse).transpose();
        Ok(Self {
            status: status.map_err(|why| (".status", why))?,
            found: pointer.map_err(|why| (".pointer", why))?.map(|at| (at, equals.clone())),
            contains: contains.clone(),
            meaning,
        })
    }

    fn fits(&self, status: StatusCode, json: Option<&Value>, body: &[u8]) -> bool {
        let is_found = |(pointer, equals): &(Pointer, Option<String>)| match (json, equals) {
            (None, _) => false,
            (Some(json), None) => pointer.finds(json),
            (Some(json), Some(equals)) => pointer.scalar(json).as_ref() == Some(equals),
        };
        self.is_of(status)
            && self.found.as_ref().is_none_or(is_found)
            && self.contains.as_ref().is_none_or(|text| contains(body, text.as_bytes()))
    }

    fn is_of(&self, status: StatusCode) -> bool {
        match self.status {
            None => true,
            Some(Statuses::One(code)) => status.as_u16() == code,
            Some(Statuses::Class(class)) => status.as_u16() / 100 == class,
        }
    }

    fn reads_the_body(&self) -> bool {
        self.found.is_some() || self.contains.is_some()
    }
}

impl Statuses {
    fn parse(text: &str) -> Result<Self, String> {
        let class = text.strip_suffix("xx").and_then(|class| class.parse().ok());
        match (class, text.parse()) {
            (Some(class @ 1..=5), _) => Ok(Statuses::Class(class)),
            (None, Ok(code @ 100..=599)) => Ok(Statuses::One(code)),
            _ => Err("must be 100 to 599, or \"4xx\" for all of a hundred".to_owned()),
        }
    }
}

fn contains(body: &[u8], text: &[u8]) -> bool {
    body.windows(text.len()).any(|window| window == text)
}
