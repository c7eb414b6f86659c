//! What became of a message is written down; where that concerns its tenant, together with what the
//! tenant makes of it.

use std::sync::Arc;
use std::time::Duration;

use super::settling::given_back;
use super::ways::Ways;
use crate::actors::commission::{CommitterHandle, Gone};
use crate::actors::intake::{Intake, Untold};
use crate::actors::post::Post;
use crate::actors::work::{Bounce, DevicesGone, GivenUp, Unspent, Work};
use crate::clock;
use crate::domain::fallen::Fallen;
use crate::store::Settled;
use crate::telemetry::trace_id;

/// How long a refused address waits to be told to a tenant that takes nothing at present.
const UNTOLD_PAUSE: Duration = Duration::from_secs(60);

/// What its tenant is told of a message beside its fate.
#[derive(Default)]
pub struct News {
    pub unspent: Option<Unspent>,
    pub bounce: Option<Bounce>,
    pub gone: Option<DevicesGone>,
    /// It may go another way; what else there is to tell is told with that.
    pub fallen: Option<Fallen>,
}

/// Whoever writes.
#[derive(Clone)]
pub struct Writing {
    pub committer: CommitterHandle,
    pub intake: Arc<Intake>,
    pub ways: Arc<Ways>,
}

impl Writing {
    /// Says what was written: what the tenant cannot be told now is put off.
    pub async fn write(&self, post: &Post, news: News, settled: Settled) -> Result<Settled, Gone> {
        let settled = match self.tell(post, news, &settled).await {
            Ok(true) => return Ok(settled),
            Ok(false) => settled,
            Err(untold) => Settled { tried: settled.tried, ..put_off(post, untold) },
        };
        if !self.committer.settle(settled.clone()).await? {
            let trace_id = trace_id(settled.trace);
            tracing::warn!(message_id = %settled.message, trace_id, "the lease was lost");
        }
        Ok(settled)
    }

    /// Tells the tenant what concerns it; says whether what became of the message is written with
    /// that.
    async fn tell(&self, post: &Post, news: News, settled: &Settled) -> Result<bool, Untold> {
        let tenant = &post.stored.tenant;
        let settlement = || Some(Box::new(settled.clone()));
        let News { unspent, bounce, gone, fallen } = news;
        if let Some((gone, _)) = gone.clone().zip(fallen.as_ref()) {
            self.intake.came_of_a_message(tenant, Work::DevicesGone(gone, None)).await?;
        }
        if let Some(fallen) = fallen {
            let _turn = self.ways.turn(&post.stored).await;
            if let Some(said_on) = self.ways.said_on(&post.stored).await? {
                let (fallen, settled) = (Fallen { said_on, ..fallen }, settled.clone());
                let given_up = Work::GivenUp(Box::new(GivenUp { fallen, settled }));
                self.intake.came_of_a_message(tenant, given_up).await?;
                return Ok(true);
            }
        }
        let works = match (unspent, bounce) {
            (None, None) => match gone {
                Some(gone) => vec![Work::DevicesGone(gone, settlement())],
                None => return Ok(false),
            },
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
