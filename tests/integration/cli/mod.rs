//! The command line, as somebody at a shell sees it.

mod health;
mod publish;
mod words;

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use bellhop::wire::command::CommandType;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{
    Options, World, command,
    daemon::{Daemon, Launch},
    eventually, http,
    ports::free_port,
    world::STOP_DEADLINE,
};

const DEADLINE: Duration = Duration::from_secs(20);

/// `bellhop ARG…`, in a shell that sets none of its variables.
fn bellhop(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bellhop"));
    command.args(args).stdin(Stdio::null()).env_remove("BELLHOP_CONFIG").env_remove("RUST_LOG");
    command
}

fn run(args: &[&str]) -> Output {
    bellhop(args).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// What a command printed that must end well and have nothing to complain about.
#[track_caller]
pub fn done(args: &[&str]) -> String {
    let output = run(args);
    assert_eq!((code(&output), err(&output)), (0, String::new()), "{args:?}");
    out(&output)
}

fn dir() -> TempDir {
    tempfile::Builder::new().prefix("bellhop-cli").tempdir().unwrap()
}

/// A demo that was played in a folder of its own, and where its configuration is.
struct Demo {
    dir: TempDir,
    config: String,
    shown: String,
}

fn demo() -> Demo {
    let dir = dir();
    let folder = dir.path().join("a demo");
    let shown = done(&["demo", "--folder", folder.to_str().unwrap()]);
    Demo { config: folder.join("bellhop.toml").to_str().unwrap().to_owned(), dir, shown }
}

impl Demo {
    fn folder(&self) -> PathBuf {
        self.dir.path().join("a demo")
    }

    fn mails(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.folder().join("outbox")).unwrap();
        files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect()
    }

    fn explain(&self, tenant: &str, booking: &str, format: &str) -> Output {
        let booking = ["--booking", booking, "--format", format];
        let args = ["explain", "--config", &self.config, "--tenant", tenant];
        run(&[&args[..], &booking].concat())
    }

    fn launch(&self) -> Launch {
        let http_port = free_port();
        let listen = format!("127.0.0.1:{http_port}");
        Launch {
            dir: self.dir.path().to_owned(),
            config: PathBuf::from(&self.config),
            http_port,
            environment: vec![("BELLHOP__HTTP__LISTEN".to_owned(), listen)],
        }
    }
}

#[test]
fn the_demo_tells_who_got_what_and_why_others_did_not() {
    let demo = demo();
    for expected in [
        "50 commands over HTTP to a daemon in this process",
        "34 messages (2 delivered, 32 sent)",
        "Sent twice and counted once: 1. Of interest to nobody: 1.",
        "anna    booking.confirmed    email  sent       Confirmed: Haircut, ",
        "emma    booking.cancelled    email  sent       Cancelled at your request: Colour, ",
        "anna    booking.reminder     sms    delivered  Salone Uno: a reminder of your booking",
        "jan     queue.offered        push   sent       A place has come free for you",
        "kira    queue.accepted       email  sent       The place is yours: Yoga, ",
        "kira    payment.receipt      email  sent       Receipt: €12.50, Trial class",
        "hugo    account.welcome      email  sent       Welcome to Palestra Tre",
        "bruno   booking.confirmed  email  no_address: no email address is known",
        "carla   booking.confirmed  email  invalid_address: ",
        "dario   booking.confirmed  email  not_enrolled: ",
        "fabio   booking.cancelled  email  never_confirmed: ",
        "hugo    booking.cancelled  email  email_unverified: ",
        "salon-uno   booking.request  id_reused: ",
        "studio-due  booking.confirm  illegal_transition: booking gina-1 is declined",
    ] {
        assert!(demo.shown.contains(expected), "no {expected:?} in\n{}", demo.shown);
    }
    assert!(!demo.shown.contains('\x1b'), "colours without a terminal");
    let mails = demo.mails();
    assert_eq!(mails.len(), 34, "text messages and pushes, too");
    let about = |words: &str| mails.iter().filter(|mail| mail.contains(words)).count();
    assert_eq!(about("To: \"Anna Conti\" <anna@example.com>"), 6);
    assert_eq!(about("The hairdresser is ill, sorry"), 2);
    assert!(!demo.folder().join("warnings.log").exists(), "the daemon warned of something");

    let folder = demo.folder();
    let again = run(&["demo", "--folder", folder.to_str().unwrap()]);
    assert_eq!(code(&again), 1);
    assert!(err(&again).contains("is not empty"), "{}", err(&again));
}

#[test]
fn two_demos_have_folders_of_their_own_and_can_be_read_by_programs() {
    let dir = dir();
    let folders = [(); 2].map(|()| {
        let output = bellhop(&["demo", "--format", "json"]).env("TMPDIR", dir.path()).output();
        let shown: Value = serde_json::from_str(&out(&output.unwrap())).unwrap();
        assert_eq!(shown["told"].as_array().unwrap().len(), 34);
        assert_eq!(shown["refused"].as_array().unwrap().len(), 3);
        let folder = PathBuf::from(shown["folder"].as_str().unwrap());
        assert!(folder.join("bellhop.toml").exists());
        folder
    });
    assert_ne!(folders[0], folders[1]);
}

/// What is printed under "Try next" is run by a shell as it stands, but for the daemon's port.
#[tokio::test]
async fn what_the_demo_says_to_try_next_works() {
    let demo = demo();
    let launch = demo.launch();
    let mut daemon = launch.start().await;
    let (_, next) = demo.shown.split_once("Try next\n").unwrap();
    let joined = next.replace("\\\n", " ");
    let mut tried = Vec::new();
    for script in joined.lines().map(str::trim).filter(|line| line.contains("a demo/")) {
        let script = script.replacen("less ", "cat ", 1);
        if script.contains(" run ") || script.starts_with("All messages") {
            continue;
        }
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).envs(launch.environment.iter().cloned());
        let output = shell.output().unwrap();
        assert_eq!(code(&output), 0, "{script}: {}", err(&output));
        tried.push(out(&output));
    }
    assert_eq!(tried.len(), 4, "{next}");
    assert!(tried[0].starts_with("Booking anna-haircut at Salone Uno (salon-uno)\ncancelled, "));
    assert!(tried[1].starts_with("Client kira at Palestra Tre (palestra-tre)\nKira Lund\n"));
    assert!(tried[2].contains("The hairdresser is ill, sorry"), "{}", tried[2]);
    assert!(tried[3].starts_with("2 commands published over HTTP"), "{}", tried[3]);
    assert!(daemon.sigterm_and_wait(STOP_DEADLINE).await.success());
}

#[test]
fn a_text_can_be_looked_at_before_it_is_set() {
    let dir = dir();
    let text = |body: &str| {
        let path = dir.path().join("reminder.txt");
        std::fs::write(&path, body).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let preview = ["template", "preview", "--kind", "booking.reminder", "--channel", "sms"];
    let built_in = done(&[&preview[..], &["--locale", "it"]].concat());
    assert!(built_in.starts_with("Salone Uno: promemoria per "), "{built_in}");
    let own = text("See you {{ when.time }}, {{ client }} ✂");
    let shown = done(&[&preview[..], &[&own]].concat());
    assert_eq!(shown, "See you 18:00, Anna Rossi ✂\n\n(1 segment, UCS-2 because of ✂)\n");
    let own = text("See you,\n{{ cleint }}");
    let refused = run(&[&preview[..], &[&own]].concat());
    assert_eq!(code(&refused), 1);
    let why = "reminder.txt: body: line 2, column 4: booking.reminder has no cleint";
    assert!(err(&refused).contains(why), "{}", err(&refused));
}

#[tokio::test]
async fn explain_reads_beside_a_daemon_and_says_what_it_does_not_find() {
    let demo = demo();
    let _daemon = demo.launch().start().await;
    let told = demo.explain("salon-uno", "emma-haircut", "table");
    assert_eq!(code(&told), 0);
    for expected in [
        "booking.cancelled for emma",
        "booking.confirmed for anna",
        "email  sent at ",
        "sms    not sent, no_address: no phone number is known",
        "push and inbox are off for this kind (kind_off)",
        "times in Europe/Rome",
    ] {
        assert!(out(&told).contains(expected), "no {expected:?} in\n{}", out(&told));
    }
    let json: Value =
        serde_json::from_str(&out(&demo.explain("palestra-tre", "hugo-massage", "json"))).unwrap();
    let reasons: Vec<&str> =
        json["told"].as_array().unwrap().iter().filter_map(|l| l["reason"].as_str()).collect();
    assert!(reasons.contains(&"email_unverified"), "{json}");
    for (tenant, booking, why) in [
        ("salon-uno", "b9", (1, "tenant salon-uno has no booking b9")),
        ("nobody", "b9", (1, "no tenant nobody is in sqlite://")),
        ("No Body", "b9", (2, "for '--tenant <TENANT>': must match")),
    ] {
        let missing = demo.explain(tenant, booking, "table");
        let (status, why) = why;
        assert_eq!((code(&missing), out(&missing).as_str()), (status, ""));
        assert!(err(&missing).contains(why), "{}", err(&missing));
    }
}

/// The dates of a series wait for each other, so that nothing was told yet.
#[tokio::test]
async fn explain_says_what_is_still_to_come() {
    let demo = demo();
    let daemon = demo.launch().start().await;
    let booking = |id: &str, starts_at: &str| {
        let data = json!({
            "booking": id, "client": "anna", "by": "staff", "series": "weekly",
            "starts_at": starts_at,
        });
        command("salon-uno", id, "booking.request", data)
    };
    let dates = [booking("w1", "2031-01-07T10:00:00Z"), booking("w2", "2031-01-14T10:00:00Z")];
    http::take(daemon.http(), &dates).await;
    let (status, body) =
        http::read(&format!("{}/v1/tenants/salon-uno/bookings/w2/explain", daemon.http())).await;
    assert_eq!((status, &body["told"]), (200, &json!([])));
    let told = out(&demo.explain("salon-uno", "w1", "table"));
    let (before, to_come) =
        told.split_once("Still to come, if nothing changes until then\n").unwrap();
    assert!(!before.contains("booking.confirmed"), "{told}");
    for expected in [
        "booking.confirmed for anna  (the dates of series weekly together)\n      email  will be sent\n",
        "Mon 6 Jan 2031, 11:00  booking.reminder for anna  (1 day before it)\n",
    ] {
        assert!(to_come.contains(expected), "no {expected:?} in\n{told}");
    }
    let json: Value = serde_json::from_str(&out(&demo.explain("salon-uno", "w2", "json"))).unwrap();
    let first = &json["planned"][0];
    assert_eq!(
        (&first["kind"], &first["timer"]["series"]),
        (&json!("booking.confirmed"), &json!("weekly"))
    );
    assert_eq!(first["channels"][0], json!({ "channel": "email", "reason": "series_told" }));
}

#[test]
fn a_bad_configuration_is_told_with_its_line() {
    let dir = dir();
    let config = dir.path().join("bellhop.toml");
    std::fs::write(&config, "[http]\nlisten = \"127.0.0.1:8025\"\nlissen = 1\n").unwrap();
    let config = config.to_str().unwrap();
    for subcommand in ["check-config", "run", "migrate"] {
        let output = run(&[subcommand, "--config", config]);
        assert_eq!((code(&output), out(&output)), (1, String::new()), "{subcommand}");
        let told = err(&output);
        assert!(told.contains("bellhop.toml:3: unknown key \"lissen\""), "{subcommand}: {told}");
    }
    assert!(done(&["check-config"]).contains("[http]"));
}

/// What the daemon would not start with is no good configuration.
#[test]
fn check_config_refuses_what_run_refuses() {
    let dir = dir();
    let config = dir.path().join("bellhop.toml");
    let shown = config.to_str().unwrap();
    std::fs::write(dir.path().join("empty"), "\n").unwrap();
    let empty = dir.path().join("empty");
    for (text, why) in [
        ("[log]\nfilter = \"info,bellhop=loud\"\n".to_owned(), ":2: log.filter must be levels"),
        ("[store]\nurl = \"postgres://u:p@h/d?limit=5\"\n".to_owned(), "has the parameter limit"),
        ("[amqp]\nurl = \"amqp://u:p@h/%2f?heartbeat=x\"\n".to_owned(), "[amqp] url "),
        (format!("[http]\ntoken = {{ file = \"{}\" }}\n", empty.display()), "the file is empty"),
    ] {
        std::fs::write(&config, text).unwrap();
        for subcommand in ["check-config", "run"] {
            let output = bellhop(&[subcommand, "--config", shown]).current_dir(&dir).output();
            let output = output.unwrap();
            assert_eq!((code(&output), out(&output)), (1, String::new()), "{subcommand} {why}");
            assert!(err(&output).contains(why), "{subcommand}: {}", err(&output));
        }
    }
    std::fs::write(&config, "[limits]\nintake_max = 256\n").unwrap();
    let output = run(&["check-config", "--config", shown]);
    assert_eq!(code(&output), 0);
    assert!(err(&output).contains("http.batch_max is 1000, but limits.intake_max is 256"));
}

#[test]
fn whatever_the_umask_the_daemon_s_files_are_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = dir();
    let config = dir.path().join("bellhop.toml");
    std::fs::write(&config, "").unwrap();
    let migrate = format!("umask 0; exec \"$0\" migrate --config '{}'", config.display());
    let bellhop = env!("CARGO_BIN_EXE_bellhop");
    let done = Command::new("sh").args(["-c", &migrate, bellhop]).current_dir(&dir).status();
    assert!(done.unwrap().success());
    let mode = |path: &str| {
        let about = std::fs::metadata(dir.path().join(path)).unwrap();
        about.permissions().mode() & 0o777
    };
    assert_eq!((mode("var"), mode("var/bellhop.db")), (0o700, 0o600));
}

#[test]
fn what_is_called_wrongly_ends_with_2() {
    for args in [
        &[][..],
        &["serve"],
        &["publish"],
        &["publish", "x.jsonl", "--to", "pigeon"],
        &["explain", "--tenant", "t"],
        &["demo", "--format", "xml"],
        &["explain", "--tenant", "t", "--message", "nope"],
        &["rehearse", "x.jsonl", "--until", "yesterday"],
    ] {
        let output = run(args);
        assert_eq!((code(&output), out(&output)), (2, String::new()), "{args:?}");
        assert!(err(&output).contains("--help"), "{args:?}: {}", err(&output));
    }
    let message = err(&run(&["explain", "--tenant", "t", "--message", "nope"]));
    assert!(message.contains("a message's id looks like"), "{message}");
    let until = err(&run(&["rehearse", "x.jsonl", "--until", "yesterday"]));
    assert!(until.contains("an instant has a date, a time and an offset"), "{until}");
    assert_eq!(code(&run(&["publish", "/nowhere/x.jsonl"])), 1);
}

#[test]
fn the_schema_describes_every_command() {
    let schema: Value = serde_json::from_str(&done(&["schema"])).unwrap();
    let described = schema["components"]["messages"].as_object().unwrap();
    for CommandType { name, .. } in bellhop::wire::command::TYPES {
        assert!(described.contains_key(*name), "{name}");
    }
}

#[test]
fn a_shell_can_complete_the_subcommands() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(done(&["completions", shell]).contains("check-config"), "{shell}");
    }
}
