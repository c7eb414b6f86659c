//! How old rows are.

use crate::store::both::backend::{Backend, Db};
use crate::store::both::fields::Fields as _;
use crate::store::both::question::Question;
use crate::store::error::StoreError;
use crate::store::retention::{Ageing, What};

/// The oldest of these rows, and how many are older than `$1`.
macro_rules! ages {
    ($rows:literal) => {
        ages!("at_ms", $rows)
    };
    ($age:expr, $rows:literal) => {
        concat!(
            "SELECT min(age), count(*) FILTER (WHERE age < $1) FROM (SELECT ",
            $age,
            " AS age FROM ",
            $rows,
            ") AS ages"
        )
    };
}

impl<B: Backend> Db<B> {
    /// See [`crate::store::Store::ageing`].
    pub async fn ageing(&self, what: What, cut_ms: i64) -> Result<Ageing, StoreError> {
        let query = match what {
            What::Jobs => ages!("jobs WHERE state IN ('done', 'cancelled')"),
            What::Events => ages!("event_pages"),
            What::Messages => {
                ages!(super::look::since!(), "messages WHERE status NOT IN ('ready', 'sending')")
            }
            What::LaidAside => ages!("laid_aside"),
            What::Tellings => ages!("tellings"),
            What::Mailbox => ages!("mailbox_items"),
            What::Audit => ages!("audit"),
            What::Inbox => ages!("inbox"),
        };
        let row = Question::new(query).bind(cut_ms).one(&self.db).await?;
        Ok(Ageing { oldest: row.get(0)?, old: row.get(1)? })
    }
}
