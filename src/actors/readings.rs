//! What clients have read in their mailboxes: noted together with the event that tells of it.

use tokio::sync::oneshot;

use super::answer::Answer;
use super::commission::{Chain, Commission, CommitterHandle};
use crate::clock;
use crate::domain::Decision;
use crate::domain::decision::ItemRead;
use crate::domain::event::Event;
use crate::domain::id::{CauseId, ClientId, TenantId};
use crate::domain::message::MessageId;
use crate::domain::named;
use crate::store::{Store, StoreError, Unit};

/// Who notes it.
#[derive(Clone)]
pub struct Readings {
    store: Store,
    committer: CommitterHandle,
}

/// Why it is not known to be noted.
#[derive(Debug, thiserror::Error)]
pub enum NotNoted {
    /// The daemon stops, or the store cannot be written: the same again.
    #[error("it is not known to be durable; send it again")]
    Again,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Readings {
    pub fn new(store: Store, committer: CommitterHandle) -> Self {
        Self { store, committer }
    }

    /// A client has read an item of their mailbox. Says whether there is such an item; one that was
    /// read before is told of no more.
    ///
    /// # Errors
    /// [`NotNoted`].
    pub async fn read(
        &self,
        tenant: &TenantId,
        client: &ClientId,
        message: MessageId,
    ) -> Result<bool, NotNoted> {
        match self.store.is_read(tenant, client, message).await? {
            None => Ok(false),
            Some(true) => Ok(true),
            Some(false) => self.note(tenant, client, message).await.map(|()| true),
        }
    }

    /// A client has not read an item after all. Says whether there is such an item.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn unread(
        &self,
        tenant: &TenantId,
        client: &ClientId,
        message: MessageId,
    ) -> Result<bool, StoreError> {
        self.store.mark_unread(tenant, client, message).await
    }

    async fn note(
        &self,
        tenant: &TenantId,
        client: &ClientId,
        message: MessageId,
    ) -> Result<(), NotNoted> {
        let at = clock::now();
        let (client, tenant) = (client.clone(), tenant.clone());
        // Marked as unread and read again it is told of anew.
        let which = [tenant.as_str(), &message.to_string(), &at.to_string()];
        let cause = CauseId::standing_for("read", named::uuid(&which));
        let events = vec![Event::InboxRead { client: client.clone(), message }];
        let read = Some(ItemRead { client, message });
        let decision = Decision { events, read, ..Decision::default() };
        let unit = Unit { tenant, cause, at, claim: None, decision, leased: Vec::new() };
        let (reply, written) = oneshot::channel();
        self.committer.commission(Commission {
            unit,
            settled: None,
            posts: Vec::new(),
            answer: Answer::Accepted { already_done: false, remark: None },
            chain: Chain::default(),
            share: None,
            reply,
        });
        match written.await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(NotNoted::Again),
        }
    }
}
