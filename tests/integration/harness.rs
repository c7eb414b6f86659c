//! The stage itself: if these fail, no scenario means anything.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use lapin::{
    Connection, ConnectionProperties, ExchangeKind,
    options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
    types::FieldTable,
};
use serde_json::json;

use crate::support::{
    Behaviour, Options, ScriptedSink, World,
    broker::Broker,
    command,
    events::{EVENTS, Events},
    eventually,
    publish::{COMMANDS, Publisher},
    smtp_sink::{Mode, SmtpSink},
    vhost::{QueueCounts, Vhost},
};

const DEADLINE: Duration = Duration::from_secs(20);

/// Declares what the daemon would: both exchanges, and one queue behind the commands.
async fn declare(url: &str) -> Connection {
    let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    for exchange in [COMMANDS, EVENTS] {
        let options = ExchangeDeclareOptions { durable: true, ..Default::default() };
        channel
            .exchange_declare(exchange.into(), ExchangeKind::Topic, options, FieldTable::default())
            .await
            .unwrap();
    }
    let options = QueueDeclareOptions { durable: true, ..Default::default() };
    channel.queue_declare("inbox".into(), options, FieldTable::default()).await.unwrap();
    channel
        .queue_bind(
            "inbox".into(),
            COMMANDS.into(),
            "cmd.*".into(),
            QueueBindOptions::default(),
            FieldTable::default(),
        )
        .await
        .unwrap();
    connection
}

#[tokio::test]
async fn a_vhost_takes_commands_and_counts_them() {
    // A name that must be encoded in the address.
    let name = format!("te/st %{}", uuid::Uuid::now_v7());
    let vhost = Vhost::create_named(Arc::new(Broker::shared()), name).await;
    assert_eq!(vhost.queues().await, []);
    let topology = declare(&vhost.url()).await;

    let mut publisher = Publisher::connect(&vhost.url()).await;
    let commands: Vec<_> = (0..600)
        .map(|i| command("salon", &format!("id-{i}"), "client.register", json!({})))
        .collect();
    publisher.publish_all(&commands).await;
    // The publisher notices the cut, and goes on.
    vhost.close_connections().await;
    publisher.publish_all(&commands[..5]).await;

    // The cut took the first connection too.
    drop(topology);
    let topology = declare(&vhost.url()).await;
    let taken = topology.create_channel().await.unwrap();
    let unanswered = taken.basic_get("inbox".into(), Default::default()).await.unwrap();
    assert!(unanswered.is_some());
    let full = QueueCounts { name: "inbox".to_owned(), ready: 604, unacked: 1 };
    eventually("the queue counts what was published", DEADLINE, || async {
        (vhost.queues().await == [full.clone()]).then_some(())
    })
    .await;
}

#[tokio::test]
async fn events_are_collected_by_type() {
    let vhost = Vhost::create(Arc::new(Broker::shared())).await;
    let topology = declare(&vhost.url()).await;
    let events = Events::subscribe(&vhost.url()).await;
    let channel = topology.create_channel().await.unwrap();
    for kind in ["message.sent", "message.dead"] {
        let event = command("salon", "e", kind, json!({}));
        channel
            .basic_publish(
                EVENTS.into(),
                format!("salon.{kind}").as_str().into(),
                Default::default(),
                &event.body(),
                Default::default(),
            )
            .await
            .unwrap();
    }
    eventually("both events arrive", DEADLINE, || async {
        (events.all().len() == 2 && events.of_type("message.dead").len() == 1).then_some(())
    })
    .await;
}

/// Needs a broker of its own, so it also shows that one can be stopped and started.
#[tokio::test]
async fn a_broker_of_its_own_keeps_port_and_messages() {
    let broker = Arc::new(Broker::own().await);
    let vhost = Vhost::create(Arc::clone(&broker)).await;
    drop(declare(&vhost.url()).await);
    let mut publisher = Publisher::connect(&vhost.url()).await;
    publisher.publish(&command("salon", "1", "client.register", json!({}))).await;
    // Bindings are kept in Mnesia, which writes its log with a delay: a binding so young may be
    // gone after a kill, and what is published then is returned as unroutable.
    broker.eval("mnesia:sync_log()".to_owned()).await;
    broker.kill().await;
    broker.start().await;
    publisher.publish(&command("salon", "2", "client.register", json!({}))).await;
    eventually("the queue still holds the first message", DEADLINE, || async {
        let queues = vhost.queues().await;
        queues.iter().any(|queue| queue.name == "inbox" && queue.ready == 2).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_scripted_sink_refuses_drops_and_stores_as_told() {
    let sink = ScriptedSink::start(Behaviour { refuse_451_percent: 50, ..Behaviour::default() });
    let replies: Vec<_> =
        (0..4).map(|i| send_mail(&sink.url(), &format!("c{i}@example.com"))).collect();
    assert_eq!(replies.iter().filter(|reply| reply.starts_with("451 4.3.0")).count(), 2);
    assert_eq!(replies.iter().filter(|reply| reply.starts_with("250")).count(), 2);
    assert_eq!(sink.refused().len(), 2);

    sink.behave(Behaviour { refuse_550_percent: 100, ..Behaviour::default() });
    assert!(send_mail(&sink.url(), "gone@example.com").starts_with("550 5.1.1"));
    sink.behave(Behaviour { drop_stored_percent: 100, ..Behaviour::default() });
    assert_eq!(send_mail(&sink.url(), "doubt@example.com"), "");
    assert_eq!(sink.count(), 3);
    assert_eq!(sink.by_recipient()["doubt@example.com"], ["<doubt@example.com>"]);
}

#[tokio::test]
async fn the_scripted_sink_closes_and_listens_again() {
    let mut sink = ScriptedSink::silent(Behaviour::default());
    let address = sink.url().replace("smtp://", "");
    assert!(TcpStream::connect(&address).is_err());
    sink.listen();
    let mut open = BufReader::new(TcpStream::connect(&address).unwrap());
    assert!(reply(&mut open).starts_with("220"));
    sink.close();
    assert_eq!(reply(&mut open), "");
    assert!(TcpStream::connect(&address).is_err());
    sink.listen();
    assert!(send_mail(&sink.url(), "a@example.com").starts_with("250"));
}

#[tokio::test]
async fn smtp_sink_behaves_as_its_mode_says() {
    let sink = SmtpSink::start(Mode::Accept).await;
    assert!(send_mail(&sink.url(), "a@example.com").starts_with("250"));
    assert_eq!(sink.by_recipient()["a@example.com"], ["<a@example.com>"]);

    let sink = SmtpSink::start(Mode::RefuseForNow).await;
    assert!(send_mail(&sink.url(), "a@example.com").starts_with('4'));
    let sink = SmtpSink::start(Mode::RefuseForGood).await;
    assert!(send_mail(&sink.url(), "a@example.com").starts_with('5'));
    assert!(sink.by_recipient().is_empty());

    let sink = SmtpSink::start(Mode::DropStored).await;
    assert_eq!(send_mail(&sink.url(), "a@example.com"), "");
    assert_eq!(sink.by_recipient()["a@example.com"], ["<a@example.com>"]);
}

#[tokio::test]
async fn a_world_turns_a_booking_into_one_mail_and_ends_clean() {
    let mut world = World::start(Options::default()).await;
    let events = world.events().await;
    let mut publisher = world.publisher().await;
    let tenant = json!({
        "name": "Salon Uno", "profile": "appointments", "plan": "pro", "locale": "en",
        "timezone": "Europe/Rome", "approval": "automatic",
    });
    let client = json!({
        "client": "c1", "name": "Ada", "email": "ada@example.com", "email_verified": true,
    });
    let booking = json!({
        "booking": "b1", "client": "c1", "by": "client",
        "starts_at": "2099-12-24T10:00:00+01:00",
    });
    let commands = [
        command("salon-uno", "1", "tenant.configure", tenant),
        command("salon-uno", "2", "client.register", client),
        command("salon-uno", "3", "booking.request", booking),
    ];
    publisher.publish_all(&commands).await;

    eventually("the mail and its event", DEADLINE, || async {
        (world.sink.count() == 1 && events.of_type("message.sent").len() == 1).then_some(())
    })
    .await;
    assert_eq!(world.sink.by_recipient()["ada@example.com"].len(), 1);
    let commands = world.daemon().metric("bellhop_commands_total").await;
    assert_eq!(commands.iter().map(|(_, count)| count).sum::<f64>(), 3.0);
    world.finish().await;
}

/// Sends one mail whose Message-ID is `<to>`; returns the reply to the final dot, the refusal
/// of the recipient, or nothing if the line was cut.
fn send_mail(url: &str, to: &str) -> String {
    let stream = TcpStream::connect(url.replace("smtp://", "")).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let mut stream = BufReader::new(stream);
    reply(&mut stream);
    let mut say = |line: &str| {
        stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).unwrap();
        reply(&mut stream)
    };
    say("EHLO test");
    say("MAIL FROM:<salon@example.com>");
    let taken = say(&format!("RCPT TO:<{to}>"));
    if !taken.starts_with("250") {
        return taken;
    }
    assert!(say("DATA").starts_with("354"));
    say(&format!("Message-ID: <{to}>\r\nSubject: hello\r\n\r\nhello\r\n."))
}

/// The last line of a reply, empty when the connection is closed.
fn reply(stream: &mut BufReader<TcpStream>) -> String {
    loop {
        let mut line = String::new();
        let read = stream.read_line(&mut line).unwrap_or(0);
        if read == 0 || line.as_bytes().get(3) != Some(&b'-') {
            return line;
        }
    }
}
