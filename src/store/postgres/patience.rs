//! How long an answer is waited for.

use std::time::Duration;

use crate::store::error::{CommitError, StoreError};

/// How long a call waits for its answer. A commit whose answer does not come is asked for again, by
/// its number.
pub const ANSWER_WAIT: Duration = Duration::from_secs(30);
/// The same for what looks at everything there is: at all that waits, once, at the start, and for
/// an operator.
const LONG_WAIT: Duration = Duration::from_secs(600);

/// What a call answers whose answer does not come.
pub trait Answer {
    /// That it did not come.
    fn late() -> Self;
}

/// That it did not come.
pub fn late() -> StoreError {
    StoreError::Unavailable("PostgreSQL did not answer in time".to_owned())
}

impl<T> Answer for Result<T, StoreError> {
    fn late() -> Self {
        Err(late())
    }
}

impl<T> Answer for Result<T, CommitError> {
    fn late() -> Self {
        Err(late().into())
    }
}

impl Answer for () {
    fn late() -> Self {}
}

/// The answer to a call of this name, if it comes in time.
pub async fn in_time<T: Answer>(name: &str, call: impl Future<Output = T>) -> T {
    let wait = match name {
        "recover" | "sizes" | "ageing" => LONG_WAIT,
        _ => ANSWER_WAIT,
    };
    tokio::time::timeout(wait, call).await.unwrap_or_else(|_| T::late())
}
