//! The daemon dies, or is told to stop, ten times in the middle of everything at once: a flood of
//! one tenant, what is urgent and what keeps changing of another, limits, and a provider that
//! refuses half of what it is handed.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::json;

use crate::support::{
    Behaviour, Command, Options, Publisher, ScriptedSink, World, command, config::DOUBTS_SOON,
    eventually, salon, scripted_sink::Accepted, store,
};

const DEADLINE: Duration = Duration::from_secs(90);
const STOPS: usize = 10;
/// Attempts whose outcome is not durable, so that a crash repeats them.
const SLOTS: usize = 16;
const FLOOD: usize = 900;
const FEW: usize = 8;
const BUSY: &str = "salon-busy";
const CALM: &str = "salon-calm";

/// Two providers, of which the one of the world takes everything.
struct Storm {
    world: World,
    /// Refuses every other mail, and is slowed down.
    ailing: ScriptedSink,
    publisher: Publisher,
}

impl Storm {
    async fn begin() -> Self {
        let half = Behaviour { refuse_451_percent: 50, ..Behaviour::default() };
        let ailing = ScriptedSink::start(half);
        let extra_config = format!(
            "[[email.providers]]\nname = \"ailing\"\nkind = \"smtp\"\nurl = \"{}\"\n\
             connections = 4\nrate = 60\n[limits.tenant]\nemail = 120\n\
             [dispatch.email]\nslots = {SLOTS}\n{DOUBTS_SOON}",
            ailing.url()
        );
        // Mails are on the wire whenever it stops.
        let sink = Behaviour { delay: Duration::from_millis(30), ..Behaviour::default() };
        let world = World::start(Options { sink, extra_config, ..Options::default() }).await;
        let mut publisher = world.publisher().await;
        salon::opens(&world, BUSY, FLOOD).await;
        salon::opens(&world, CALM, FEW).await;
        let bookings: Vec<_> = (0..FEW)
            .map(|i| salon::booking(CALM, &format!("b{i}"), &format!("c{i}"), salon::START))
            .collect();
        publisher.publish_all(&bookings).await;
        publisher.publish(&salon::notice(BUSY)).await;
        Self { world, ailing, publisher }
    }

    /// Lets the flood flow on, says more of everything else, and returns while all of it moves.
    async fn moves_on(&mut self, stop: usize) {
        let flows = self.mails().len() + FLOOD / (STOPS + 5);
        let waiting = "SELECT count(*) FROM messages WHERE lane = 'bulk' AND status = 'ready'";
        eventually("the flood flows, or has flown by", DEADLINE, || async {
            let path = self.world.store_path();
            let has_flown = self.mails().len() > FLOOD && store::number(&path, waiting).await == 0;
            (has_flown || self.mails().len() >= flows).then_some(())
        })
        .await;
        self.publisher.publish_all(&round(stop)).await;
        let urgent = "SELECT count(*) FROM messages WHERE kind = 'account.password_reset'";
        let decided = (stop * FEW) as i64;
        eventually("what is urgent is decided", DEADLINE, || async {
            let path = self.world.store_path();
            (store::number(&path, urgent).await >= decided).then_some(())
        })
        .await;
    }

    /// What both servers took, in the order of its arrival.
    fn mails(&self) -> Vec<Accepted> {
        let mut mails = self.world.sink.accepted();
        mails.extend(self.ailing.accepted());
        mails.sort_by_key(|mail| mail.at);
        mails
    }

    async fn count(&self, sql: &'static str) -> i64 {
        store::number(&self.world.store_path(), sql).await
    }

    /// Waits for the end; returns how many mails came more than once.
    async fn ends(&mut self) -> usize {
        self.world.daemon().wait_ready(DEADLINE).await;
        self.world.vhost.wait_until_drained().await;
        eventually("every message has ended", DEADLINE, || async {
            let open =
                "SELECT count(*) FROM messages WHERE status IN ('ready', 'sending', 'unreadable')";
            (self.count(open).await == 0).then_some(())
        })
        .await;
        self.assert_nothing_is_lost().await;
        self.assert_attempts_are_true().await;
        self.assert_order().await;
        self.mails().len() - self.distinct().len()
    }

    fn distinct(&self) -> BTreeSet<String> {
        self.mails().into_iter().map(|mail| mail.message_id).collect()
    }

    /// Everybody has theirs; what did not leave was replaced by something newer.
    async fn assert_nothing_is_lost(&self) {
        let ends: Vec<(String, i64, i64)> = store::rows(
            &self.world.store_path(),
            "SELECT status, superseded, count(*) FROM messages GROUP BY 1, 2 ORDER BY 1, 2",
        )
        .await;
        let known =
            |end: &(String, i64, i64)| end.0 == "sent" || (&*end.0, end.1) == ("withdrawn", 1);
        assert!(ends.iter().all(known), "{ends:?}");
        let sent = "SELECT count(*) FROM messages WHERE status = 'sent'";
        let (sent, distinct) = (self.count(sent).await as usize, self.distinct().len());
        // What something newer replaced while it was in doubt may have arrived all the same.
        let doubtful = "SELECT count(*) FROM messages WHERE status = 'withdrawn' AND doubts > 0";
        let doubtful = self.count(doubtful).await as usize;
        assert!((sent..=sent + doubtful).contains(&distinct), "{sent} sent, {distinct} came");

        let mut heard = BTreeMap::<String, BTreeSet<String>>::new();
        for Accepted { recipient, message_id, .. } in self.mails() {
            heard.entry(recipient).or_default().insert(message_id);
        }
        for i in 0..FLOOD {
            let ids = heard.get(&salon::address(BUSY, &format!("c{i}")));
            assert_eq!(ids.map(BTreeSet::len), Some(1), "c{i} of the flood");
        }
    }

    /// Neither a stop nor a provider that refuses costs one of the attempts that there are.
    async fn assert_attempts_are_true(&self) {
        let more = "SELECT count(*) FROM messages WHERE status = 'sent' AND attempts <> 1";
        assert_eq!(self.count(more).await, 0);
        let taken = "SELECT (SELECT count(*) FROM attempts WHERE outcome = 'accepted') - \
                     (SELECT count(*) FROM messages WHERE status = 'sent')";
        assert_eq!(self.count(taken).await, 0, "each was taken once, as far as anybody knows");
        let refused = "SELECT count(*) FROM attempts WHERE provider = 'ailing' \
                       AND outcome = 'transient'";
        assert!(self.count(refused).await > 0, "nothing was refused");
        assert!(self.ailing.count() > 0, "nothing went by the one that refuses");
    }

    /// Message ids rise with the time of the decision, and only the same mail may come twice.
    async fn assert_order(&self) {
        let moved = "SELECT message, cause FROM messages WHERE cause LIKE 'move-%'";
        let causes: BTreeMap<String, String> =
            store::rows(&self.world.store_path(), moved).await.into_iter().collect();
        let mails = self.mails();
        for i in 0..FEW {
            let to = salon::address(CALM, &format!("c{i}"));
            let theirs = mails.iter().filter(|mail| mail.recipient == to && is_of_booking(mail));
            let ids: Vec<&str> = theirs.map(|mail| mail.message_id.as_str()).collect();
            assert!(ids.is_sorted(), "{to}: {ids:?}");
            let last = ids.last().and_then(|id| id.trim_start_matches('<').split('@').next());
            let cause = last.and_then(|id| causes.get(id));
            assert_eq!(cause, Some(&format!("move-{i}-{STOPS}")), "what {to} heard last");
        }
    }
}

/// All that is not the flood: links to a new password, and every booking moved to another day.
fn round(stop: usize) -> Vec<Command> {
    let each = (0..FEW).flat_map(|i| {
        let link = json!({
            "client": format!("c{i}"), "url": format!("https://salon.example/reset?t={stop}"),
            "expires_at": "2099-12-24T10:00:00Z",
        });
        let moved = json!({
            "booking": format!("b{i}"),
            "starts_at": format!("2099-12-{:02}T10:00:00+01:00", 24 - stop),
        });
        [
            command(CALM, &format!("reset-{i}-{stop}"), "account.password_reset", link),
            command(CALM, &format!("move-{i}-{stop}"), "booking.reschedule", moved),
        ]
    });
    each.collect()
}

fn is_of_booking(mail: &Accepted) -> bool {
    !mail.mail.contains("salon.example/reset")
}

#[tokio::test]
async fn ten_kills_in_a_storm_lose_nothing_and_repeat_only_what_was_under_way() {
    let mut storm = Storm::begin().await;
    for stop in 1..=STOPS {
        storm.moves_on(stop).await;
        storm.world.crash_daemon();
    }
    let twice = storm.ends().await;
    let doubts = storm.count("SELECT sum(doubts) FROM messages").await as usize;
    eprintln!("{twice} mails were sent twice, {doubts} were in doubt");
    assert!(twice <= doubts, "{twice} were sent twice, of {doubts} in doubt");
    assert!(doubts <= STOPS * SLOTS, "{doubts} were in doubt");
    storm.world.finish().await;
}

#[tokio::test]
async fn ten_stops_in_a_storm_lose_nothing_and_repeat_nothing() {
    let mut storm = Storm::begin().await;
    for stop in 1..=STOPS {
        storm.moves_on(stop).await;
        let status = storm.world.stop_daemon().await;
        assert!(status.success(), "{status}");
        let left = "SELECT count(*) FROM messages WHERE status = 'sending' OR doubts > 0";
        assert_eq!(storm.count(left).await, 0, "something is left in hand or in doubt");
        storm.world.spawn_daemon();
    }
    assert_eq!(storm.ends().await, 0, "mails were sent twice");
    storm.world.finish().await;
}
