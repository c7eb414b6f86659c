//! Notices, the board, the mailbox, and a link for every unverified address.

use std::collections::BTreeSet;

use super::*;
use crate::domain::broadcast::{Audience, BroadcastContent, PAGE_BYTES, PAGE_CLIENTS};
use crate::domain::command::Addressee;
use crate::domain::message::Facts;
use crate::domain::secret::{MacKey, SecretLink};
use crate::domain::timer::Timer;

fn everybody(id: &str) -> Command {
    notice(id, &[Channel::Email], Audience::default())
}

fn gym() -> World {
    World::with(Settings { notice_cap: Some(2), ..email_only() })
}

#[test]
fn a_notice_goes_by_the_channels_it_names() {
    let mut world = World::with(Settings { plan: "pro".to_owned(), ..gym_settings() });
    let mut settings = world.settings();
    everything(&mut settings, Channels::ALL);
    world.does(configure(settings));
    world.provided = Channels::ALL;
    assert_eq!(
        world.does(notice("n1", &[Channel::Sms, Channel::Push], Audience::default())),
        ["tell anna notice.manual: sms, push", "tell bruno notice.manual: sms, push"]
    );
    assert_eq!(world.refuses(everybody("n1")), RejectionReason::NoticeExists);
    assert_eq!(
        world.does(notice("n2", &[Channel::Inbox], Audience::default())),
        ["tell anna notice.manual: inbox", "tell bruno notice.manual: inbox"]
    );
}

#[test]
fn the_audience_may_be_named_labelled_enrolled_or_deleted() {
    let mut world = gym();
    let labelled = |label: &str| ClientFields {
        tags: Some(BTreeSet::from([label.to_owned()])),
        ..reachable("x")
    };
    world.knows("carla", labelled("vip"));
    world.knows("dora", ClientFields { enrolled: Some(false), ..labelled("new") });
    world.does(delete("bruno"));
    let names = |names: &[&str]| Some(names.iter().map(|name| client_id(name)).collect());
    let tags = |tags: &[&str]| Some(tags.iter().map(|tag| (*tag).to_owned()).collect());
    let all = Audience::default;
    let table = [
        // Whoever was deleted or is not enrolled is reached as well.
        (all(), vec!["anna", "bruno", "carla", "dora"]),
        (Audience { clients: names(&["dora", "nobody"]), ..all() }, vec!["dora"]),
        (Audience { tags_any: tags(&["vip", "new"]), ..all() }, vec!["carla", "dora"]),
        (Audience { enrolled: Some(false), ..all() }, vec!["dora"]),
        (Audience { deleted: Some(true), ..all() }, vec!["bruno"]),
        (Audience { deleted: Some(false), enrolled: Some(true), ..all() }, vec!["anna", "carla"]),
        (Audience { tags_any: tags(&["vip"]), clients: names(&["anna"]), ..all() }, vec![]),
    ];
    for (audience, reached) in table {
        let lines = world.clone().does(notice("n1", &[Channel::Email], audience));
        let expected: Vec<String> =
            reached.iter().map(|name| format!("tell {name} notice.manual: email")).collect();
        assert_eq!(lines, expected);
    }
}

#[test]
fn a_client_gets_two_notices_by_email_in_a_day() {
    let mut world = gym();
    let tell = |verdict: &str| format!("tell anna notice.manual: {verdict}");
    let first = |lines: Vec<String>| lines[0].clone();
    assert_eq!(first(world.does(everybody("n1"))), tell("email"));
    world.passes("2026-12-01T20:00:00Z");
    assert_eq!(first(world.does(everybody("n2"))), tell("email"));
    world.passes("2026-12-02T11:59:59Z");
    assert_eq!(first(world.does(everybody("n3"))), tell("no email (frequency_capped)"));
    world.passes("2026-12-02T12:00:00Z");
    assert_eq!(first(world.does(everybody("n4"))), tell("email"));
    assert_eq!(first(world.does(everybody("n5"))), tell("no email (frequency_capped)"));
    // What was capped does not count.
    world.passes("2026-12-02T20:00:00Z");
    assert_eq!(first(world.does(everybody("n6"))), tell("email"));
}

#[test]
fn where_there_is_no_cap_there_is_none() {
    let mut world = World::with(Settings { notice_cap: None, ..email_only() });
    for id in ["n1", "n2", "n3", "n4"] {
        assert_eq!(world.does(everybody(id))[0], "tell anna notice.manual: email");
    }
}

#[test]
fn many_are_written_to_page_by_page() {
    let mut world = World::with(email_only());
    for number in 0..2 * PAGE_CLIENTS {
        world.knows(&format!("client {number:04}"), reachable("x"));
    }
    let first = world.does(everybody("n1"));
    assert_eq!(first.len(), PAGE_CLIENTS + 1);
    assert_eq!(first.last().unwrap(), "plan the next page of notice/n1 at 01 Dec 12:00");
    // Whoever comes in between does not move the others.
    world.knows("a client", reachable("x"));
    let rest = world.passes("2026-12-01T12:00:00Z");
    let mut all: Vec<&str> = first.iter().chain(&rest).filter_map(|l| whom(l)).collect();
    assert_eq!(all.len(), 2 * PAGE_CLIENTS + 2);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 2 * PAGE_CLIENTS + 2, "somebody was written to twice");
}

#[test]
fn of_a_long_text_a_page_has_fewer() {
    let mut world = World::with(email_only());
    for number in 0..PAGE_CLIENTS {
        world.knows(&format!("client {number:04}"), reachable("x"));
    }
    let Command::SendNotice(mut long) = everybody("n1") else { panic!("a notice") };
    long.body = "x".repeat(PAGE_BYTES / 40);
    let told = |lines: &[String]| lines.iter().filter(|line| whom(line).is_some()).count();
    let first = told(&world.does(Command::SendNotice(long)));
    assert_eq!(first, 10, "a quarter of it for each channel");
    let rest = told(&world.passes("2026-12-01T12:00:00Z"));
    assert_eq!(first + rest, PAGE_CLIENTS + 2);
}

fn whom(line: &str) -> Option<&str> {
    line.split_once("tell ")?.1.split_once(" notice").map(|(whom, _)| whom)
}

#[test]
fn the_board_is_for_those_who_are_there() {
    let mut world = World::with(gym_settings());
    let mut settings = world.settings();
    everything(&mut settings, Channels::of(&[Channel::Inbox]));
    world.does(configure(settings));
    world.provided = Channels::ALL;
    world.knows("carla", ClientFields { enrolled: Some(false), ..reachable("x") });
    world.does(delete("bruno"));
    assert_eq!(
        world.does(post(Addressee::Board)),
        [
            "tell anna inbox.board: inbox",
            "tell bruno inbox.board: no inbox (client_deleted)",
            "tell carla inbox.board: no inbox (not_enrolled)",
        ]
    );
    let to = |name: &str| post(Addressee::Client(client_id(name)));
    assert_eq!(world.does(to("anna")), ["tell anna inbox.message: inbox"]);
    assert_eq!(world.does(to("bruno")), ["tell bruno inbox.message: no inbox (client_deleted)"]);
    assert_eq!(world.does(to("carla")), ["tell carla inbox.message: no inbox (not_enrolled)"]);
    assert_eq!(world.refuses(to("nobody")), RejectionReason::UnknownClient);
}

#[test]
fn a_link_goes_to_every_unverified_address() {
    let mut world = World::with(Settings { require_verified_email: true, ..gym_settings() });
    world.knows("an id/with ä", reachable("x"));
    world.does(Command::VerifyClientEmail(client_id("anna")));
    world.all_sent();
    let url_template = SecretLink::new("https://example.com/verify?c={client}");
    assert_eq!(
        world.does(Command::VerifyAllEmails { url_template, mac_key: None, expires_at: None }),
        ["tell an id/with ä account.verify_email: email", "tell bruno account.verify_email: email"]
    );
    world.all_sent();
    let mut urls = world.sent.iter().rev().filter_map(|message| match &message.facts {
        Facts::Link(facts) => Some(facts.url.expose()),
        _ => None,
    });
    assert_eq!(urls.next(), Some("https://example.com/verify?c=bruno"));
    assert_eq!(urls.next(), Some("https://example.com/verify?c=an%20id%2Fwith%20%C3%A4"));
}

#[test]
fn links_for_all_that_are_dead_are_sent_to_nobody() {
    let mut world = World::with(Settings { require_verified_email: true, ..gym_settings() });
    let all = |expires_at: Option<Timestamp>| Command::VerifyAllEmails {
        url_template: SecretLink::new("https://example.com/verify?c={client}"),
        mac_key: None,
        expires_at,
    };
    let (now, later) = (world.now, world.now + jiff::SignedDuration::from_hours(1));
    let dead =
        ["anna", "bruno"].map(|c| format!("tell {c} account.verify_email: no email (expired)"));
    assert_eq!(world.does(all(Some(now))), dead);
    world.does(all(Some(later)));
    world.all_sent();
    let links = world.sent.iter().filter(|message| message.kind == Kind::AccountVerifyEmail);
    let deadlines: Vec<_> = links.map(|message| message.deadline).collect();
    assert_eq!(deadlines, [Some(later); 2]);
}

/// Who reads the store could make everybody's link of it.
#[test]
fn what_links_are_made_of_is_kept_until_the_last_page_and_no_longer() {
    let mut world = World::with(Settings { require_verified_email: true, ..gym_settings() });
    let command = || Command::VerifyAllEmails {
        url_template: SecretLink::new("https://example.com/{client}/{mac}"),
        mac_key: Some(MacKey::new("a key of at least 16")),
        expires_at: None,
    };
    world.does(command());
    let stored = |world: &World| {
        let page = world.planned().into_iter().find_map(|planned| match planned.timer {
            Timer::Broadcast { broadcast, .. } => Some(broadcast),
            _ => None,
        });
        page.map(|id| (world.state().broadcast(&id).cloned(), id))
    };
    assert_eq!(stored(&world), None, "all in one page");
    for n in 0..PAGE_CLIENTS {
        world.knows(&format!("c{n:04}"), reachable("x"));
    }
    world.does(command());
    let (broadcast, id) = stored(&world).unwrap();
    assert!(matches!(broadcast.unwrap().content, BroadcastContent::VerifyAll { .. }));
    world.passes("2026-12-02T09:00:00Z");
    assert_eq!(world.state().broadcast(&id).unwrap().content, BroadcastContent::Finished);
}

/// What a notice or a post says, as far as it is kept.
fn kept(world: &World) -> Vec<BroadcastContent> {
    let kept = world.state().broadcasts().map(|broadcast| broadcast.content.clone());
    kept.filter(|content| *content != BroadcastContent::Finished).collect()
}

#[test]
fn what_a_notice_says_is_kept_until_all_were_written_to_and_no_longer() {
    let mut world = gym();
    world.does(everybody("n1"));
    world.does(post(Addressee::Board));
    assert_eq!(kept(&world), []);
    assert_eq!(world.refuses(everybody("n1")), RejectionReason::NoticeExists);
    for number in 0..PAGE_CLIENTS {
        world.knows(&format!("client {number:04}"), reachable("x"));
    }
    world.does(everybody("n2"));
    world.does(post(Addressee::Board));
    assert_eq!(kept(&world).len(), 2);
    world.passes(NOON);
    assert_eq!(kept(&world), []);
}

#[test]
fn who_sleeps_is_written_to_first() {
    let quiet = Settings { quiet_hours: quiet(21, 8), ..gym_settings() };
    let mut world = World::with(quiet);
    world.now = at("2026-12-01T23:00:00Z");
    world.does(everybody("n1"));
    // Woken late, and put off once more.
    world.sleeps("2026-12-02T22:00:00Z");
    assert_eq!(kept(&world).len(), 1);
    assert_eq!(
        told(world.passes("2026-12-03T08:59:59Z")),
        [
            "03 Dec 08:00 tell anna notice.manual: email",
            "03 Dec 08:00 tell bruno notice.manual: email",
        ]
    );
    world.passes("2026-12-03T09:00:00Z");
    assert_eq!(kept(&world), []);
    assert_eq!(world.planned(), []);
}

#[test]
fn what_was_for_an_erased_client_alone_is_forgotten_at_once() {
    let settings = Settings { quiet_hours: quiet(21, 8), ..gym_settings() };
    let mut world = World::with(settings);
    world.now = at("2026-12-01T23:00:00Z");
    let to = |names: &[&str]| Audience {
        clients: Some(names.iter().map(|name| client_id(name)).collect()),
        ..Audience::default()
    };
    world.does(notice("n1", &[Channel::Email], to(&["anna"])));
    world.does(notice("n2", &[Channel::Email], to(&["anna", "bruno"])));
    world.does(erase("anna"));
    assert_eq!(kept(&world).len(), 1, "bruno is still to read it");
    world.does(erase("bruno"));
    assert_eq!(kept(&world), []);
    assert_eq!(told(world.passes("2026-12-03T12:00:00Z")), [""; 0]);
    assert_eq!(
        world.refuses(notice("n1", &[Channel::Email], to(&["anna"]))),
        RejectionReason::NoticeExists
    );
}
