//! Dead letters are found, tried again once, or thrown away; jobs outlive a restart.

use std::collections::BTreeSet;

use super::*;
use crate::domain::letter::{JobId, LetterChange, LetterFate};
use crate::store::letters::LAID_ASIDE_MAX;

on_every_backend! {
    a_job_decides_each_of_its_letters_once_over_a_restart
    what_is_thrown_away_is_no_dead_letter_any_more
    a_job_that_has_ended_is_not_moved
    commands_that_were_laid_aside_are_listed_among_them_and_the_latest_are_kept
}

pub(super) fn deed(at: Timestamp) -> Deed {
    Deed { who: "operator/anna".to_owned(), why: "mended".to_owned(), at }
}

/// So many messages that no provider took.
pub(super) async fn dead(shop: &mut Shop, bench: &Bench, count: usize) -> Vec<Unit> {
    let mut units = Vec::new();
    for number in 0..count {
        let unit = leased(shop.book(&format!("b{number}")));
        bench.write(&[&unit]).await.unwrap();
        let reason = Some("permanent");
        let gone = Settled { reason, ..settled(&unit, MessageStatus::Dead) };
        bench.settle(&[&gone]).await;
        units.push(unit);
    }
    units.sort_by_key(|unit| message(unit).id);
    units
}

pub(super) async fn begins(bench: &Bench, filter: LetterFilter) -> JobId {
    let job = NewJob { id: JobId(Uuid::now_v7()), filter, rate: 10.0 };
    let begun = bench.store.begin_job(&job, &deed(at("2026-12-02T09:00:00Z"))).await.unwrap();
    assert_eq!(begun.unwrap().state, "running");
    job.id
}

fn replays(shop: &mut Shop, found: &FoundLetter, job: JobId) -> Unit {
    let cause = shop.cause();
    let letter = found.letter.as_ref().unwrap();
    let decision = shop.decide(&cause, Input::Replay { letter, job: Some(job) }).unwrap();
    shop.concludes(cause, Trigger::Outcome, decision)
}

async fn a_job_decides_each_of_its_letters_once_over_a_restart(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units = dead(&mut shop, &bench, 3).await;
    let job = begins(&bench, LetterFilter::default()).await;
    let first = bench.store.next_letters(job, None, 1).await.unwrap().unwrap();
    let unit = replays(&mut shop, &first[0], job);
    bench.write(&[&unit]).await.unwrap();

    let bench = bench.reopened().await;
    assert_eq!(bench.store.running_jobs().await.unwrap(), [(job, 10.0)]);
    let left = bench.store.next_letters(job, None, 10).await.unwrap().unwrap();
    let ids: Vec<_> = left.iter().map(|found| found.message).collect();
    assert_eq!(ids, [message(&units[1]).id, message(&units[2]).id]);
    let again = bench.view(message(&units[0]), &shop).await;
    assert_eq!((again.status.as_str(), again.attempts, again.settled_at), ("ready", 0, None));
    // Whoever decides it once more, because nobody heard of it, changes nothing.
    let claimed = bench.due(shop.now, 10).await;
    assert_eq!(claimed.len(), 1);
    let unit = replays(&mut shop, &first[0], job);
    bench.write(&[&unit]).await.unwrap();
    assert_eq!(bench.status(message(&units[0]), &shop).await, "sending");

    let unit = shop.cancel(message(&units[1]).booking().unwrap().as_str());
    bench.write(&[&unit]).await.unwrap();
    for found in &left {
        let unit = replays(&mut shop, found, job);
        bench.write(&[&unit]).await.unwrap();
    }
    bench.store.job_done(job).await.unwrap();
    let job = bench.store.job(job).await.unwrap().unwrap();
    assert_eq!((job.state.as_str(), job.matched), ("done", 3));
    assert_eq!((job.sent, job.skipped, job.failed), (2, 1, 0));
    assert_eq!(bench.status(message(&units[1]), &shop).await, "withdrawn");
    let audit = bench.store.audit(None, 10).await.unwrap();
    let [line] = audit.as_slice() else { panic!("{audit:?}") };
    assert_eq!((line.what.as_str(), line.messages), ("replay", 3));
    assert_eq!((line.who.as_str(), line.reason.as_str()), ("operator/anna", "mended"));
}

async fn what_is_thrown_away_is_no_dead_letter_any_more(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units = dead(&mut shop, &bench, 2).await;
    let all = LetterFilter::default();
    let rows = bench.store.dead_letters(&all, None, 10).await.unwrap();
    let row = (rows[1].message.clone(), rows[1].reason.as_deref(), rows[1].attempts);
    assert_eq!(row, (message(&units[0]).id.to_string(), Some("permanent"), 1));
    let next = bench.store.dead_letters(&all, Some(message(&units[1]).id), 10).await.unwrap();
    assert_eq!(next, rows[1..]);
    let other = LetterFilter { reason: Some("in_doubt".to_owned()), ..LetterFilter::default() };
    assert!(bench.store.dead_letters(&other, None, 10).await.unwrap().is_empty());

    let fate = LetterFate::Ends { status: MessageStatus::Discarded, reason: None };
    let letters = vec![LetterChange { message: message(&units[0]).id, job: None, fate }];
    let unit = shop.decides(Decision { letters, ..Decision::default() });
    bench.write(&[&unit]).await.unwrap();
    assert_eq!(bench.status(message(&units[0]), &shop).await, "discarded");
    assert_eq!(bench.store.dead_letters(&all, None, 10).await.unwrap(), rows[..1]);
    assert_eq!(bench.store.backlog(shop.now).await.unwrap().dead, 1);
}

fn laid_aside(tenant: Option<&str>, reason: &'static str) -> LaidAside {
    LaidAside {
        id: Uuid::now_v7(),
        tenant: tenant.map(|tenant| TenantId::parse(tenant).unwrap()),
        reason,
        detail: "EOF at line 1".to_owned(),
        bytes: 7,
        at: at("2026-12-02T09:00:00Z"),
    }
}

async fn commands_that_were_laid_aside_are_listed_among_them_and_the_latest_are_kept(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    dead(&mut shop, &bench, 1).await;
    let [ours, nobodys] = [laid_aside(Some("salon"), "not_json"), laid_aside(None, "not_allowed")];
    bench.store.note_laid_aside(&[ours.clone(), nobodys.clone()]).await.unwrap();
    let listed = async |filter: LetterFilter| {
        let rows = bench.store.dead_letters(&filter, None, 10).await.unwrap();
        rows.into_iter().map(|row| row.reason.unwrap()).collect::<BTreeSet<_>>()
    };
    let all = LetterFilter::default();
    assert_eq!(listed(all.clone()).await, set(["not_allowed", "not_json", "permanent"]));
    let unreadable = LetterFilter { status: Some(LetterStatus::Unreadable), ..all.clone() };
    assert_eq!(listed(unreadable.clone()).await, set(["not_allowed", "not_json"]));
    let of_salon = LetterFilter { tenant: ours.tenant.clone(), ..unreadable.clone() };
    assert_eq!(listed(of_salon).await, set(["not_json"]));
    let by_reason = LetterFilter { reason: Some("not_allowed".to_owned()), ..all.clone() };
    assert_eq!(listed(by_reason).await, set(["not_allowed"]));
    let sms = LetterFilter { channel: Some(Channel::Sms), ..unreadable.clone() };
    assert_eq!(listed(sms).await, set([]), "a command has no channel");
    let (shown, attempts) = bench.store.dead_letter(MessageId(ours.id)).await.unwrap().unwrap();
    assert_eq!(
        (shown.detail.as_deref(), shown.bytes, attempts.len()),
        (Some("EOF at line 1"), Some(7), 0)
    );
    assert_eq!((shown.kind, shown.tenant.as_deref()), (None, Some("salon")));
    assert_eq!(bench.store.backlog(shop.now).await.unwrap().unreadable, 2);

    // A page goes on where the one before ended, through both kinds.
    let (mut after, mut seen) = (None, Vec::new());
    while let Some(row) = bench.store.dead_letters(&all, after, 1).await.unwrap().pop() {
        after = row.message.parse().ok().map(MessageId);
        seen.push(row.message);
    }
    assert_eq!(seen.len(), 3);
    assert!(seen.is_sorted_by(|one, next| one > next), "{seen:?}");

    let forgotten = bench.store.forget_laid_aside(&[MessageId(nobodys.id)]).await.unwrap();
    assert_eq!((forgotten, listed(unreadable.clone()).await), (1, set(["not_json"])));
    let flood: Vec<_> = (0..2_500).map(|_| laid_aside(None, "too_large")).collect();
    for _ in 0..LAID_ASIDE_MAX / 2_500 {
        let page: Vec<_> =
            flood.iter().map(|of| LaidAside { id: Uuid::now_v7(), ..of.clone() }).collect();
        bench.store.note_laid_aside(&page).await.unwrap();
    }
    assert_eq!(listed(unreadable).await, set(["too_large"]));
    let kept = bench.store.backlog(shop.now).await.unwrap().unreadable;
    assert_eq!(kept, u64::from(LAID_ASIDE_MAX));
}

fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

async fn a_job_that_has_ended_is_not_moved(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    dead(&mut shop, &bench, 1).await;
    let job = begins(&bench, LetterFilter::default()).await;
    let deed = deed(shop.now);
    for (to, state, runs) in [
        (JobState::Paused, "paused", false),
        (JobState::Running, "running", true),
        (JobState::Cancelled, "cancelled", false),
        (JobState::Running, "cancelled", false),
    ] {
        let moved = bench.store.move_job(job, to, &deed).await.unwrap().unwrap();
        assert_eq!(moved.state, state);
        assert_eq!(bench.store.next_letters(job, None, 9).await.unwrap().is_some(), runs);
    }
    assert_eq!(bench.store.audit(None, 10).await.unwrap().len(), 4);
}
