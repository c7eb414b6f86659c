//! What a replay would do.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::Replays;
use crate::clock;
use crate::domain::id::{CauseId, TenantId};
use crate::domain::session::PAGE_PEOPLE;
use crate::domain::timer::Outage;
use crate::domain::{Ctx, TenantState, may_go_again, named};
use crate::store::{FoundLetter, LETTERS_MAX, LetterFilter, PAGE_MAX, StoreError};

/// What a letter is skipped for that this version cannot read.
const UNREADABLE: &str = "unreadable";

/// How many letters would go, and why others would not.
#[derive(Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlanOfReplay {
    /// How many there are; of too many, as many as a job takes.
    pub matched: u64,
    /// How many would go.
    pub would_send: u64,
    /// How many would not, by the rule that forbids it.
    pub would_skip: BTreeMap<&'static str, u64>,
}

impl Replays {
    /// Asks the rules about every letter that matches, by the stored state of its tenant. Nothing
    /// is written.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn plan(&self, filter: &LetterFilter) -> Result<PlanOfReplay, StoreError> {
        let mut plan = PlanOfReplay::default();
        let outages = self.rules.uptime.outages();
        let mut standing: Option<(TenantId, TenantState)> = None;
        let mut last: Option<FoundLetter> = None;
        while plan.matched < u64::from(LETTERS_MAX) {
            let page = self.store.letters(filter, last.as_ref(), PAGE_MAX).await?;
            for found in &page {
                let known = standing.take().filter(|(tenant, _)| *tenant == found.tenant);
                let (tenant, state) = match known {
                    Some(known) => known,
                    None => {
                        let loaded = self.store.load_tenant(&found.tenant).await?;
                        (found.tenant.clone(), loaded.state)
                    }
                };
                plan.count(self.would_skip(found, &state, &outages));
                standing = Some((tenant, state));
            }
            let Some(end) = page.into_iter().next_back() else { break };
            last = Some(end);
        }
        Ok(plan)
    }

    fn would_skip(
        &self,
        found: &FoundLetter,
        state: &TenantState,
        outages: &[Outage],
    ) -> Option<&'static str> {
        let Some(letter) = &found.letter else { return Some(UNREADABLE) };
        let id = found.message.to_string();
        let cause = CauseId::standing_for("replay", named::uuid(&["replay", &id]));
        let ctx = Ctx {
            tenant: &found.tenant,
            cause: &cause,
            now: clock::now(),
            plans: &self.rules.plans,
            provided: self.rules.provided,
            texts: &*self.rules.texts,
            outages,
            page: PAGE_PEOPLE,
            sms_left: self.rules.spend.left(clock::now()),
        };
        may_go_again(&ctx, state, letter).err().map(|reason| reason.as_str())
    }
}

impl PlanOfReplay {
    fn count(&mut self, skipped: Option<&'static str>) {
        self.matched += 1;
        match skipped {
            None => self.would_send += 1,
            Some(reason) => *self.would_skip.entry(reason).or_default() += 1,
        }
    }
}
