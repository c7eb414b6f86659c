//! `bellhop publish`: a file of commands on its way in.

use super::*;

fn write_lines(dir: &Path, lines: &[String]) -> String {
    let path = dir.join("commands.jsonl");
    std::fs::write(&path, lines.join("\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

fn line(tenant: &str, id: &str, kind: &str, data: Value) -> String {
    command(tenant, id, kind, data).envelope.to_string()
}

fn salon(tenant: &str) -> Vec<String> {
    let settings = json!({
        "name": "Salon", "profile": "appointments", "plan": "pro", "locale": "en",
        "timezone": "Europe/Rome", "approval": "automatic",
    });
    let client = json!({ "client": "c1", "name": "Ada", "email": "ada@example.com" });
    vec![
        line(tenant, "configure", "tenant.configure", settings),
        line(tenant, "register", "client.register", client),
    ]
}

fn booking(tenant: &str, id: &str, client: &str) -> String {
    let data = json!({
        "booking": id, "client": client, "by": "client", "starts_at": "2099-12-24T10:00:00+01:00",
    });
    line(tenant, &format!("request-{id}"), "booking.request", data)
}
/// A daemon without a broker, as the demo's folder has it.
async fn embedded(demo: &Demo) -> (Daemon, String) {
    let daemon = demo.launch().start().await;
    let url = daemon.http().to_owned();
    (daemon, url)
}

#[tokio::test]
async fn publish_over_http_counts_each_way_to_fail_by_line() {
    let demo = demo();
    let (_daemon, url) = embedded(&demo).await;
    let mut lines = salon("cli");
    lines.extend(["", "not json", r#"{"id":"1","data":{}}"#].map(str::to_owned));
    lines.push(line("cli", "typo", "booking.confirm", json!({ "boking": "b1" })));
    lines.push(booking("cli", "b1", "c1"));
    lines.push(booking("cli", "b2", "nobody"));
    // More than one request's worth.
    lines.extend((0..600).map(|n| booking("cli", &format!("many-{n}"), "c1")));
    let file = write_lines(demo.dir.path(), &lines);
    let publish = ["publish", &file, "--url", &url, "--config", &demo.config];
    let output = run(&[&publish[..], &["--format", "json"]].concat());
    assert_eq!(code(&output), 1);
    let summary: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(summary["published"], 603);
    assert_eq!(summary["failed"], json!({ "unreadable": 2, "refused": 1, "rejected": 1 }));
    for told in [
        "line 4: is no JSON",
        "line 5: has no tenant",
        "line 6: invalid_data",
        "line 8: unknown_client",
        "4 lines were not taken",
    ] {
        assert!(err(&output).contains(told), "no {told:?} in\n{}", err(&output));
    }
    let b1 = demo.explain("cli", "b1", "table");
    assert!(out(&b1).contains("booking.confirmed for c1"), "{}", out(&b1));

    // Again is no harm; strict stops where it must.
    let strict = run(&[&publish[..], &["--strict"]].concat());
    assert_eq!(code(&strict), 1);
    assert!(out(&strict).starts_with("2 commands published over HTTP"), "{}", out(&strict));
    assert!(err(&strict).contains("stopped at line 4"), "{}", err(&strict));
}

#[tokio::test]
async fn a_file_with_a_type_that_there_is_not_is_not_begun() {
    let demo = demo();
    let (_daemon, url) = embedded(&demo).await;
    let mut lines = salon("cli");
    lines.push(line("cli", "typo", "booking.reqest", json!({})));
    lines.push(booking("cli", "b1", "c1"));
    let file = write_lines(demo.dir.path(), &lines);
    let output = run(&["publish", &file, "--url", &url, "--config", &demo.config]);
    assert_eq!((code(&output), out(&output)), (1, String::new()));
    let told = err(&output);
    assert!(
        told.contains("nothing was published:\nline 3: type: there is no booking.reqest"),
        "{told}"
    );
    assert!(err(&demo.explain("cli", "b1", "table")).contains("no tenant cli"));
}

#[tokio::test]
async fn publish_reads_standard_input_and_says_when_nobody_listens() {
    let demo = demo();
    let (mut daemon, url) = embedded(&demo).await;
    let args = ["publish", "-", "--url", &url, "--config", &demo.config];
    let mut child = bellhop(&args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(salon("piped").join("\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(out(&output).starts_with("2 commands published over HTTP"), "{}", out(&output));

    // It comes up to where the daemon goes.
    let mut child = bellhop(&[&args[..], &["--format", "json"]].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines: Vec<String> = (0..500).map(|n| booking("piped", &format!("b{n}"), "c1")).collect();
    writeln!(input, "{}\n{}", lines.join("\n"), booking("piped", "last", "c1")).unwrap();
    // The second request's worth is sent when the first was answered.
    eventually("the second request's worth", DEADLINE, || async {
        (code(&demo.explain("piped", "b499", "table")) == 0).then_some(())
    })
    .await;
    daemon.sigkill();
    drop(input);
    let ended = tokio::task::spawn_blocking(move || child.wait_with_output()).await;
    let output = ended.unwrap().unwrap();
    let summary: Value = serde_json::from_str(&out(&output)).unwrap();
    assert!([250, 500].contains(&summary["line"].as_i64().unwrap()), "{summary}");
    assert_eq!(summary["published"], summary["line"]);
    let told = format!("it came up to line {}", summary["line"]);
    assert!(err(&output).contains(&told), "{}", err(&output));

    let file = write_lines(demo.dir.path(), &salon("late"));
    let output = run(&["publish", &file, "--url", &url]);
    assert_eq!((code(&output), out(&output)), (1, String::new()));
    assert!(err(&output).contains("is the daemon running?"), "{}", err(&output));
}

#[tokio::test]
async fn publish_over_amqp_goes_on_after_a_cut_connection() {
    const HALF: usize = 1500;
    let world = World::start(Options::default()).await;
    let config = world.launch.config.to_str().unwrap().to_owned();
    let mut child = bellhop(&["publish", "-", "--config", &config, "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut feed = |lines: Vec<String>| writeln!(input, "{}", lines.join("\n")).unwrap();
    let bookings = |from| (from..from + HALF).map(|n| booking("cli", &format!("b{n}"), "c1"));
    feed(salon("cli"));
    feed(bookings(0).collect());
    eventually("some mails", DEADLINE, || async { (world.sink.count() > 20).then_some(()) }).await;
    world.vhost.close_connections().await;
    feed(bookings(HALF).collect());
    drop(input);
    let ended = tokio::task::spawn_blocking(move || child.wait_with_output()).await;
    let output = ended.unwrap().unwrap();
    assert_eq!(code(&output), 0, "{}", err(&output));
    let summary: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!((&summary["way"], &summary["published"]), (&json!("AMQP"), &json!(2 * HALF + 2)));
    eventually("every mail", DEADLINE * 3, || async {
        let mails = world.sink.by_recipient();
        (mails["ada@example.com"].len() == 2 * HALF).then_some(())
    })
    .await;
    world.finish().await;
}
