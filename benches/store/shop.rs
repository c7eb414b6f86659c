//! A tenant whose commands are decided as in a daemon, and not written.

use std::sync::LazyLock;

use bellhop::content::Catalogue;
use bellhop::domain::channel::{Channel, Channels};
use bellhop::domain::id::TenantId;
use bellhop::domain::plan::Plans;
use bellhop::domain::{Ctx, Input, TenantState, decide};
use bellhop::store::{Claim, InboxEntry, Trigger, Unit};
use bellhop::wire::read_command;
use jiff::Timestamp;
use serde_json::{Value, json};

static TEXTS: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::built_in().unwrap());

/// See the module.
pub struct Shop {
    tenant: TenantId,
    state: TenantState,
    /// How many units were decided.
    pub revision: u64,
    plans: Plans,
    /// When commands are taken.
    pub now: Timestamp,
}

impl Shop {
    /// One of which nothing is known.
    pub fn new(tenant: &str) -> Self {
        let (tenant, plans) = (TenantId::parse(tenant).unwrap(), Plans::default());
        Self { tenant, state: TenantState::default(), revision: 0, plans, now: Timestamp::now() }
    }

    /// What is to be written of a command.
    pub fn does(&mut self, id: &str, name: &str, data: &Value) -> Unit {
        let body = json!({
            "specversion": "1.0", "id": id, "source": "/bench", "type": name,
            "time": "2026-12-01T09:00:00Z", "tenant": self.tenant, "data": data,
        });
        let received = read_command(body.to_string().as_bytes(), None).unwrap();
        let now = self.now;
        let ctx = Ctx {
            tenant: &self.tenant,
            cause: &received.id.clone().into(),
            now,
            plans: &self.plans,
            provided: Channels::of(&[Channel::Email]),
            texts: &*TEXTS,
            outages: &[],
            page: bellhop::domain::session::PAGE_PEOPLE,
            sms_left: u32::MAX,
        };
        let decision = decide(&ctx, &self.state, Input::Command(&received.command)).unwrap();
        self.state.apply(&decision);
        let entry = InboxEntry { body_hash: received.body_hash, rejection: None };
        let claim = Some(Claim { trigger: Trigger::Command(entry), revision: self.revision });
        self.revision += 1;
        let (tenant, cause) = (received.tenant, received.id.into());
        Unit { tenant, cause, at: now, claim, decision, leased: Vec::new() }
    }
}
