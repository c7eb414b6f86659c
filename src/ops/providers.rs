//! How the providers stand, over HTTP.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::actors::{Outbound, ProviderStanding};
use crate::domain::channel::Channel;
use crate::web::operation::Operation;
use crate::web::problem::Problem;
use crate::web::refusal::Refusal;
use crate::web::table::Table;

/// The routes; they need the token where one is configured.
pub fn table() -> Table<Arc<Outbound>> {
    let listed = Operation::new("How each provider stands, by channel.");
    Table::default().get("/v1/providers", list, listed.answers::<Vec<ProviderStanding>>())
}

/// `GET /v1/providers`: each provider by channel, in the order of the configuration. All of them or
/// none: one that were left out would look like one that is gone.
async fn list(State(outbound): State<Arc<Outbound>>) -> Result<Response, Problem> {
    let providers = outbound.providers().await.map_err(silent)?;
    Ok(Json(providers).into_response())
}

/// Its dispatcher is busy, or was just lost and another follows it.
fn silent(channel: Channel) -> Problem {
    let detail = format!("the dispatcher of {} does not say how it is", channel.as_str());
    Problem::of(Refusal::Unavailable, detail).again_after(1)
}

#[cfg(test)]
mod tests {
    use axum::http::header::RETRY_AFTER;

    use super::*;

    #[test]
    fn where_one_does_not_say_how_it_is_it_is_asked_again() {
        let answer = silent(Channel::Sms).into_response();
        assert_eq!(answer.status().as_u16(), 503);
        assert_eq!(answer.headers()[RETRY_AFTER], "1");
        let problem = serde_json::to_value(silent(Channel::Sms)).unwrap();
        assert_eq!(problem["detail"], "the dispatcher of sms does not say how it is");
    }
}
