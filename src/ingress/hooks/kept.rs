//! Whether a report is durable, and what is said where it is not.

use crate::clock;
use crate::store::{StoreError, Taken};
use crate::telemetry::spell::Told;
use crate::web::problem::Problem;
use crate::web::refusal::Refusal;

/// What is asked of who comes when it cannot be done, in seconds.
const RETRY_AFTER_SECONDS: u32 = 10;
/// As a metric label: a status of which nothing was configured.
pub const OTHER: &str = "other";

/// What is answered once the store was asked to keep a report.
///
/// # Errors
/// If it is not kept: it is to be sent again.
pub fn kept(taken: Result<Taken, StoreError>, trouble: &Told) -> Result<(), Problem> {
    match taken {
        Ok(Taken::Kept) => {
            trouble.worked(clock::instant());
            Ok(())
        }
        Ok(Taken::Full) => Err(again("too many receipts wait; send it again")),
        Err(error) => {
            trouble.failed(clock::instant(), &error);
            Err(again("the store cannot be written now; send it again"))
        }
    }
}

/// It cannot be done now.
pub fn again(detail: &'static str) -> Problem {
    Problem::of(Refusal::Unavailable, detail).again_after(RETRY_AFTER_SECONDS)
}
