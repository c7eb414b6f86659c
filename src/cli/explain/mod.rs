//! `bellhop explain`: why a client got what they got, and why they did not.
//!
//! ```text
//!  Subject  what is asked about: a booking, a client, a message
//!  Account  what the store has of it, as a story for people or as JSON
//!  fate     what became of a message, in words
//!  queue    where a message stands that has not ended, in words
//!  planned  what will still be told, in words
//!  unreadable  what another version has planned
//! ```
//!
//! What will still be told is not reckoned here: the tenant's timers are played on in virtual time
//! ([`foresee`]), with the rules of the daemon.
//!
//! It reads the store itself, so that it answers beside a daemon and without one. Only what a
//! message waits for that has not ended is asked of the daemon.

mod account;
mod fate;
mod planned;
mod queue;
mod subject;
mod unreadable;

use anyhow::bail;
use clap::Args;
use jiff::Timestamp;

use self::account::Account;
use self::queue::Queues;
use self::subject::{AboutArgs, Subject};
use super::args::{Format, STORE_ONLY};
use super::daemon::DaemonArgs;
use super::ids;
use super::paint::Paint;
use super::pen::pen;
use super::print::print;
use crate::app::look_into_store;
use crate::clock;
use crate::config::Config;
use crate::domain::foresight::foresee;
use crate::domain::id::TenantId;
use crate::domain::rehearsal::{Rehearsal, Stage};
use crate::domain::session::PAGE_PEOPLE;
use crate::domain::timer::Outage;
use crate::ops::story::{ChannelStory, booking_story, client_story, message_story};
use crate::store::{PAGE_MAX, Store, StoreError};

/// What is asked.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The tenant whose booking, client or message it is.
    #[arg(long, value_parser = ids::tenant)]
    tenant: TenantId,
    #[command(flatten)]
    about: AboutArgs,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// Reads the store, which a daemon may be using, and prints the story.
pub fn explain(args: &ExplainArgs) -> anyhow::Result<()> {
    let config = args.daemon.config.load_for(STORE_ONLY)?;
    let (tenant, subject) = (args.tenant.clone(), Subject::of(&args.about)?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut account = runtime.block_on(read(&config, tenant, subject))?;
    account.queues = Queues::ask(&args.daemon, &account.tenant, &account.lines);
    match args.daemon.format {
        Format::Table => print(&account.story(Paint::for_stdout())),
        Format::Json => print(&format!("{:#}\n", account.json())),
    }
}

async fn read(config: &Config, tenant: TenantId, subject: Subject) -> anyhow::Result<Account> {
    let store = look_into_store(config).await?;
    let state = store.load_tenant(&tenant).await?.state;
    let timers = store.timers_of(&tenant).await?;
    let lines = lines(&store, &tenant, &subject).await?;
    let now = clock::now();
    let outages = outages(&store, now).await?;
    let not_kept_until = store.tellings_shed().await?;
    let unreadable = store.unreadable_timers(&tenant, PAGE_MAX).await?;
    store.close().await;
    let stage = Stage {
        tenant: &tenant,
        plans: &config.plans,
        provided: config.channels(),
        texts: &pen(config)?,
        outages: &outages,
        page: PAGE_PEOPLE,
    };
    let rehearsal = Rehearsal::going_on(state.clone(), timers);
    let planned = foresee(&stage, rehearsal, now, |telling| subject.is_of(telling));
    if state.settings().is_none() && lines.is_empty() {
        bail!("no tenant {tenant} is in {}", config.store.url);
    }
    if !subject.is_known(&state) && lines.is_empty() {
        let (noun, id) = (subject.noun(), subject.id());
        let told = if not_kept_until.is_some() { "is kept that was" } else { "was ever" };
        bail!("tenant {tenant} has no {noun} {id}, and nothing {told} decided about one");
    }
    let queues = Queues::default();
    Ok(Account { tenant, subject, state, lines, not_kept_until, queues, planned, unreadable })
}

async fn lines(
    store: &Store,
    tenant: &TenantId,
    subject: &Subject,
) -> Result<Vec<ChannelStory>, StoreError> {
    match subject {
        Subject::Booking(id) => booking_story(store, tenant, id).await,
        Subject::Client(id) => client_story(store, tenant, id).await,
        Subject::Message(id) => message_story(store, tenant, *id).await,
    }
}

/// When the daemon did not run, as it will know it when it runs.
async fn outages(store: &Store, now: Timestamp) -> Result<Vec<Outage>, StoreError> {
    let mut outages = store.outages(Outage::remembered_since(now)).await?;
    let last = store.last_beat().await?;
    outages.extend(last.and_then(|last| Outage::between(last.wall, now)));
    Ok(outages)
}
