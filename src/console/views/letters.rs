//! What was given up: looked through, tried again, thrown away. Nothing is done without a plan that
//! was looked at and a reason, and nothing to many without their number.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde_json::{Value, json};

use crate::console::desk::Console;
use crate::console::fault::Fault;
use crate::console::form::Form;
use crate::console::gate::Wish;
use crate::console::sheet::{Sheet, answer};
use crate::console::urls::{segment, with_query, word};
use crate::console::visitor::Visitor;
use crate::domain::channel::Channel;
use crate::domain::kind::Kind;
use crate::store::LetterStatus;
use crate::web::refusal::Refusal;

/// What the page can be asked for.
const FILTERS: [&str; 7] = ["tenant", "kind", "channel", "provider", "reason", "since", "status"];
/// Where it is, and where it begins.
const PAGED: [&str; 9] =
    ["tenant", "kind", "channel", "provider", "reason", "since", "status", "after", "limit"];
/// More than so many are not acted upon without their number.
const UNCOUNTED_MAX: u64 = 100;

/// `GET /console/dead-letters?tenant=&…`.
pub async fn list(State(console): State<Arc<Console>>, visitor: Visitor) -> Response {
    let sheet = listed(&console, &visitor).await;
    answer(&console, &visitor, sheet)
}

async fn listed(console: &Console, visitor: &Visitor) -> Result<Sheet, Fault> {
    let api = with_query("/v1/dead-letters", visitor.asks_of(&PAGED));
    let page = console.get(visitor, &api).await?;
    let groups = groups(page["items"].as_array().map_or(&[][..], Vec::as_slice));
    let flag = |(name, value): (&str, &str)| format!(" --{name} {}", word(value));
    let flags: String = visitor.asks_of(&PAGED).map(flag).collect();
    Ok(Sheet {
        template: "letters",
        title: "Dead letters".to_owned(),
        area: "letters",
        parts: json!({
            "page": page,
            "groups": groups,
            "kinds": Kind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>(),
            "channels": Channel::ALL.map(Channel::as_str),
            "statuses": LetterStatus::ALL.map(LetterStatus::as_str),
        }),
        cli: format!("bellhop dead list{flags}"),
        api,
        is_live: false,
    })
}

/// Those of a page that have the same cause, the most first.
fn groups(letters: &[Value]) -> Vec<Value> {
    let mut groups: BTreeMap<[&str; 4], (u64, &Value)> = BTreeMap::new();
    for letter in letters {
        let of = ["status", "reason", "channel", "provider"];
        let of = of.map(|name| letter[name].as_str().unwrap_or_default());
        groups.entry(of).or_insert((0, letter)).0 += 1;
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    let group =
        |([status, reason, channel, provider], (count, last)): ([&str; 4], (u64, &Value))| {
            json!({
                "status": status, "reason": reason, "channel": channel, "provider": provider,
                "count": count, "reply": last["reply"], "detail": last["detail"], "at": last["at"],
            })
        };
    groups.into_iter().map(group).collect()
}

/// `POST /console/dead-letters/plan`: what would be done to those that the form means.
pub async fn plan(State(console): State<Arc<Console>>, wish: Wish) -> Response {
    let sheet = planned(&console, &wish, None).await;
    answer(&console, &wish.visitor, sheet)
}

async fn planned(console: &Console, wish: &Wish, wrong: Option<&str>) -> Result<Sheet, Fault> {
    let meant = meant(&wish.form);
    let plan = matched(console, wish).await?;
    let messages: Vec<&str> = wish.form.all("message").collect();
    let filter: BTreeMap<&str, &str> = filter(&wish.form);
    let words: String = messages.iter().map(|id| format!(" {}", word(id))).collect();
    let flags: String =
        filter.iter().map(|(name, value)| format!(" --{name} {}", word(value))).collect();
    Ok(Sheet {
        template: "plan",
        title: "Plan".to_owned(),
        area: "letters",
        parts: json!({
            "plan": plan, "messages": messages, "filter": filter, "wrong": wrong,
            "number_needed": plan["matched"].as_u64().is_some_and(|of| of > UNCOUNTED_MAX),
            "why": wish.form.get("why"), "rate": wish.form.get("rate"), "meant": meant,
        }),
        cli: format!("bellhop dead replay{words}{flags} --dry-run"),
        api: "POST /v1/dead-letters/replay".to_owned(),
        is_live: false,
    })
}

/// `POST /console/dead-letters/replay`: a job.
pub async fn replay(State(console): State<Arc<Console>>, wish: Wish) -> Response {
    let body = match confirmed(&console, &wish).await {
        Ok(body) => body,
        Err(response) => return response,
    };
    let mut body = body;
    if let Some(rate) = wish.form.get("rate").and_then(|rate| rate.parse::<f64>().ok()) {
        body["rate"] = json!(rate);
    }
    match console.post(&wish.visitor, "/v1/dead-letters/replay", body).await {
        Ok(job) => {
            let id = job["id"].as_str().unwrap_or_default();
            Redirect::to(&format!("/console/jobs/{}", segment(id))).into_response()
        }
        Err(fault) => answer(&console, &wish.visitor, Err(fault)),
    }
}

/// `POST /console/dead-letters/discard`.
pub async fn discard(State(console): State<Arc<Console>>, wish: Wish) -> Response {
    let body = match confirmed(&console, &wish).await {
        Ok(body) => body,
        Err(response) => return response,
    };
    let done = console.post(&wish.visitor, "/v1/dead-letters/discard", body).await;
    let sheet = done.map(|done| Sheet {
        template: "done",
        title: "Thrown away".to_owned(),
        area: "letters",
        parts: json!({ "discarded": done["discarded"], "more": done["more"] }),
        cli: "bellhop dead discard".to_owned(),
        api: "POST /v1/dead-letters/discard".to_owned(),
        is_live: false,
    });
    answer(&console, &wish.visitor, sheet)
}

/// The body of what is asked for, once there is a reason, and the number where it is needed.
async fn confirmed(console: &Console, wish: &Wish) -> Result<Value, Response> {
    let refuse = async |wrong: &str| {
        answer(console, &wish.visitor, planned(console, wish, Some(wrong)).await)
    };
    let Some(why) = wish.form.get("why") else {
        return Err(refuse("Say why: it is kept in the audit.").await);
    };
    let plan = matched(console, wish).await;
    let plan = plan.map_err(|fault| answer(console, &wish.visitor, Err(fault)))?;
    if let Some(wrong) = miscounted(&plan, wish.form.get("number")) {
        return Err(refuse(&wrong).await);
    }
    let mut body = meant(&wish.form);
    body["reason"] = json!(why);
    Ok(body)
}

async fn matched(console: &Console, wish: &Wish) -> Result<Value, Fault> {
    let mut body = meant(&wish.form);
    body["dry_run"] = json!(true);
    let plan = console.post(&wish.visitor, "/v1/dead-letters/replay", body).await?;
    match plan["matched"].as_u64() {
        Some(0) | None => {
            let detail = "none of these dead letters is left";
            Err(Fault::new(Refusal::NotFound, detail))
        }
        Some(_) => Ok(plan),
    }
}

/// What is wrong with the number that was typed.
fn miscounted(plan: &Value, typed: Option<&str>) -> Option<String> {
    let matched = plan["matched"].as_u64().unwrap_or_default();
    let typed: Option<String> = typed.map(|typed| typed.split_whitespace().collect());
    let is_right = matched <= UNCOUNTED_MAX || typed == Some(matched.to_string());
    (!is_right).then(|| format!("These are {matched}: type the number, to say that you mean it."))
}

/// Which letters a form means: those that are named, or all that the filter finds.
fn meant(form: &Form) -> Value {
    let messages: Vec<&str> = form.all("message").collect();
    if messages.is_empty() {
        json!({ "filter": filter(form) })
    } else {
        json!({ "messages": messages })
    }
}

fn filter(form: &Form) -> BTreeMap<&'static str, &str> {
    FILTERS.into_iter().filter_map(|name| Some((name, form.get(name)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_of_one_cause_are_one_group() {
        let letter = |reason: &str, reply: &str| {
            json!({ "status": "dead", "reason": reason, "channel": "sms", "provider": "gw",
                "reply": reply, "at": "2026-12-01T09:00:00Z" })
        };
        let letters = [letter("permanent", "a"), letter("expired", "b"), letter("permanent", "c")];
        let groups = groups(&letters);
        let told: Vec<_> =
            groups.iter().map(|of| (&of["reason"], &of["count"], &of["reply"])).collect();
        assert_eq!(
            told,
            [
                (&json!("permanent"), &json!(2), &json!("a")),
                (&json!("expired"), &json!(1), &json!("b"))
            ]
        );
    }

    #[test]
    fn more_than_a_hundred_want_their_number() {
        let plan = |matched: u64| json!({ "matched": matched });
        assert_eq!(miscounted(&plan(100), None), None);
        assert_eq!(miscounted(&plan(1234), Some("1 234")), None);
        for wrong in [None, Some("100"), Some("all")] {
            assert!(miscounted(&plan(101), wrong).is_some(), "{wrong:?}");
        }
    }

    #[test]
    fn what_is_named_goes_before_what_is_found() {
        let form = Form::read(b"channel=sms&tenant=&why=x");
        assert_eq!(meant(&form), json!({ "filter": { "channel": "sms" } }));
        let form = Form::read(b"channel=sms&message=a&message=b");
        assert_eq!(meant(&form), json!({ "messages": ["a", "b"] }));
    }
}
