//! Mails that come back: what they report is told, and dead addresses are written to no more.

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

use crate::support::{Options, World, http, salon, scripted_sink::Accepted};

const SALON: &str = "salon-uno";

/// As a server far away writes it.
fn bounce(message_id: &str, status: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example.net (Mail Delivery System)\nTo: post@bellhop.example\n\
         Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\n\
         MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;\n\
         \tboundary=\"4F.1/mx.example.net\"\n\n\
         --4F.1/mx.example.net\nContent-Type: text/plain; charset=us-ascii\n\n\
         I'm sorry to have to inform you\n\n\
         --4F.1/mx.example.net\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; mx.example.net\n\n\
         Final-Recipient: rfc822; c0@{SALON}.example\nAction: failed\nStatus: {status}\n\
         Diagnostic-Code: smtp; 550 {status} <c0@{SALON}.example> no\n\n\
         --4F.1/mx.example.net\nContent-Type: text/rfc822-headers\n\n\
         Subject: Confirmed\nMessage-ID: {message_id}\n\n--4F.1/mx.example.net--\n"
    )
}

fn pipe(config: &str, mail: &str) -> Output {
    let mut bellhop = Command::new(env!("CARGO_BIN_EXE_bellhop"))
        .args(["bounce", "--config", config])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    bellhop.stdin.take().unwrap().write_all(mail.as_bytes()).unwrap();
    bellhop.wait_with_output().unwrap()
}

async fn first(world: &World, kind: &str) -> Value {
    http::first_of_type(&world.http(), kind).await
}

/// The mail about a booking.
async fn mailed(world: &World) -> Accepted {
    world.mail_to(SALON, "c0").await
}

#[tokio::test]
async fn a_bounce_from_a_pipe_is_told_and_ends_what_goes_there() {
    let mut world = World::start(Options::default()).await;
    let config = world.config_path().display().to_string();
    let mail = mailed(&world).await;
    let sent = first(&world, "message.sent").await;
    let away = "Subject: I am away\nAuto-Submitted: auto-replied\n\nBye\n";
    for mail in
        [away, &bounce("<1@elsewhere.example>", "5.1.1"), &bounce(&mail.message_id, "5.1.1")]
    {
        let done = pipe(&config, mail);
        assert_eq!(done.status.code(), Some(0), "{done:?}");
    }
    let undelivered = first(&world, "message.undelivered").await;
    assert_eq!(
        (&undelivered["message"], &undelivered["reason"], &undelivered["reply"]),
        (&sent["message"], &json!("bad_address"), &json!("failed 5.1.1"))
    );
    let suppressed = first(&world, "client.suppressed").await;
    assert_eq!(
        (&suppressed["client"], &suppressed["channel"], &suppressed["reason"]),
        (&json!("c0"), &json!("email"), &json!("bad_address"))
    );
    http::take(&world.http(), &[salon::booking(SALON, "b1", "c0", salon::START)]).await;
    assert_eq!(salon::why_no_mail(&world, "b1").await, "suppressed");
    assert!(!world.log().contains("c0@"), "no address is in the log");

    world.stop_daemon().await;
    let later = pipe(&config, &bounce(&mail.message_id, "5.1.1"));
    assert_eq!(later.status.code(), Some(75), "the mail server tries again: {later:?}");
    let missing = pipe("/nowhere/bellhop.toml", &bounce(&mail.message_id, "5.1.1"));
    assert_eq!(
        missing.status.code(),
        Some(75),
        "nor is it lost by a slip of the operator: {missing:?}"
    );
    world.start_daemon().await;
    world.finish().await;
}

#[tokio::test]
async fn a_full_mailbox_says_nothing_of_the_address() {
    let world = World::start(Options::default()).await;
    let mail = mailed(&world).await;
    let url = format!("{}/hooks/mail", world.http());
    let body = bounce(&mail.message_id, "5.2.2");
    assert_eq!(http::ask(http::client().post(url).body(body)).await.status, 204);
    assert_eq!(first(&world, "message.undelivered").await["reason"], "failed");
    assert_eq!(http::events_of_type(&world.http(), "client.suppressed").await, [] as [Value; 0]);
    world.finish().await;
}

/// Each mail has a return path of its own: what comes back there needs no Message-ID and no form.
#[tokio::test]
async fn a_bounce_in_plain_words_is_known_by_the_address_it_came_back_to() {
    let environment = vec![
        ("BELLHOP__EMAIL__RETURN_PATH", "b+{message}@bounces.example".to_owned()),
        ("BELLHOP__EMAIL__FEEDBACK_ID", "bellhop".to_owned()),
    ];
    let world = World::start(Options { environment, ..Options::default() }).await;
    let mail = mailed(&world).await;
    let feedback = format!("\nFeedback-ID: booking.confirmed:{SALON}:bellhop\n");
    assert!(mail.mail.replace('\r', "").contains(&feedback), "{}", mail.mail);
    let sent = first(&world, "message.sent").await;
    let id = sent["message"].as_str().unwrap().replace('-', "");
    let url = format!("{}/hooks/mail", world.http());
    let words = |to: &str| {
        format!(
            "Delivered-To: {to}\nFrom: MAILER-DAEMON@mx.example.net\nTo: postmaster@x.example\n\
             Subject: failure notice\n\n<c0@{SALON}.example>:\n550 5.1.1 no such user here\n"
        )
    };
    for to in ["b+0190163d8694739baea5966c26f8ad91@bounces.example", "b+@bounces.example"] {
        let answer = http::ask(http::client().post(&url).body(words(to))).await;
        assert_eq!(answer.status, 204, "{to}");
    }
    let own = format!("b+{id}@bounces.example");
    assert_eq!(http::ask(http::client().post(&url).body(words(&own))).await.status, 204);
    let undelivered = first(&world, "message.undelivered").await;
    assert_eq!(
        (&undelivered["message"], &undelivered["reply"]),
        (&sent["message"], &json!("failed 5.1.1"))
    );
    assert_eq!(first(&world, "client.suppressed").await["client"], "c0");
    world.finish().await;
}
