//! Taking another configuration over, asked for over HTTP or by a signal.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

use crate::web::operation::Operation;
use crate::web::problem::Problem;
use crate::web::refusal::Refusal;
use crate::web::table::Table;

/// Who asks while so many wait is told to come later.
const ASKED_MAX: usize = 4;

/// What another configuration comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Changes {
    /// Keys that have another value from now on. Secrets are read anew and not compared.
    pub changed: Vec<String>,
    /// Keys that are written otherwise by now, and stay as they were until the process is started
    /// again.
    pub kept: Vec<String>,
}

/// A question to whoever runs the daemon; the answer says what changes, or why nothing does.
pub type Asked = oneshot::Sender<Result<Changes, String>>;

/// Asks whoever runs the daemon to read the configuration again.
#[derive(Debug, Clone)]
pub struct Reloads(mpsc::Sender<Asked>);

impl Reloads {
    /// With who is to answer. Where that is dropped, nothing can be read again.
    pub fn channel() -> (Self, mpsc::Receiver<Asked>) {
        let (sender, receiver) = mpsc::channel(ASKED_MAX);
        (Self(sender), receiver)
    }

    /// Has the configuration read again. It is taken over once this is answered.
    ///
    /// # Errors
    /// Says why nothing changes.
    pub async fn ask(&self) -> Result<Changes, String> {
        let (asked, answer) = oneshot::channel();
        self.0.try_send(asked).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => "it is being read already".to_owned(),
            mpsc::error::TrySendError::Closed(_) => "this daemon reads it once".to_owned(),
        })?;
        answer.await.map_err(|_| "the daemon stops".to_owned())?
    }
}

/// The route; it needs the token where one is configured.
pub fn table() -> Table<Reloads> {
    let asked = Operation::new(
        "Reads the configuration again, and takes over what can change while the daemon runs.",
    );
    Table::default().post("/v1/reload", reload, asked.answers::<Changes>())
}

/// `POST /v1/reload`.
async fn reload(State(reloads): State<Reloads>) -> Result<Response, Problem> {
    match reloads.ask().await {
        Ok(changes) => Ok(Json(changes).into_response()),
        Err(why) => Err(Problem::of(Refusal::NotTakenOver, why)),
    }
}
