//! What became of a message is written down; where that concerns its tenant, together with what the
//! tenant makes of it.

use std::sync::Arc;
use std::time::Duration;

use super::settling::given_back;
use crate::actors::commission::{CommitterHandle, Gone};
use crate::actors::intake::{Intake, Untold};
use crate::actors::post::Post;
use crate::actors::work::{Bounce, Unspent, Work};
use crate::clock;
use crate::store::Settled;

/// How long a refused address waits to be told to a tenant that takes nothing at present.
const UNTOLD_PAUSE: Duration = Duration::from_secs(60);

/// Whoever writes.
#[derive(Clone)]
pub struct Writing {
    pub committer: CommitterHandle,
    pub intake: Arc<Intake>,
}

impl Writing {
    /// Says what was written: what the tenant cannot be told now is put off.
    pub async fn write(
        &self,
        post: &Post,
        unspent: Option<Unspent>,
        bounce: Option<Bounce>,
        settled: Settled,
    ) -> Result<Settled, Gone> {
        let settled = match self.tell(post, unspent, bounce, &settled).await {
            Ok(true) => return Ok(settled),
            Ok(false) => settled,
            Err(untold) => Settled { tried: settled.tried, ..put_off(post, untold) },
        };
        if !self.committer.settle(settled.clone()).await? {
            tracing::warn!(message_id = %settled.message, "the lease was lost");
        }
        Ok(settled)
    }

    /// Tells the tenant what concerns it; says whether what became of the message is written with
    /// that.
    async fn tell(
        &self,
        post: &Post,
        unspent: Option<Unspent>,
        bounce: Option<Bounce>,
        settled: &Settled,
    ) -> Result<bool, Untold> {
        let tenant = &post.stored.tenant;
        let settlement = || Some(Box::new(settled.clone()));
        let works = match (unspent, bounce) {
            (None, None) => return Ok(false),
            (Some(unspent), None) => vec![Work::Unspent(unspent, settlement())],
            (None, Some(bounce)) => vec![Work::Bounce(bounce, settlement())],
            // A crash in between finds out again; segments come back once.
            (Some(unspent), Some(bounce)) => {
                vec![Work::Unspent(unspent, None), Work::Bounce(bounce, settlement())]
            }
        };
        for work in works {
            self.intake.came_of_a_message(tenant, work).await?;
        }
        Ok(true)
    }
}

/// The address is asked again later, and the tenant then told.
fn put_off(post: &Post, untold: Untold) -> Settled {
    match untold {
        Untold::Closed => given_back(post, None),
        Untold::SetAside => {
            let later = clock::now().checked_add(UNTOLD_PAUSE).ok();
            given_back(post, later)
        }
    }
}
