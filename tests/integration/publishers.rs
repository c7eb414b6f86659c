//! The clients in `examples/`, and the samples of the documentation: what upstream apps begin with,
//! against a real broker and the real daemon.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use tempfile::TempDir;

use crate::support::{Options, World, eventually, http, salon};

const DEADLINE: Duration = Duration::from_secs(30);
const PYTHON: &str = "/usr/bin/python3";
const PUBLISHING: &str = include_str!("../../docs/publishing.md");
/// What either tour says, as its README shows it.
const TOUR: &str = "the broker has both\naccepted: open, register-anna\n\
                    refused: illegal_transition\nbooking b1 is confirmed\n";

/// Publishes twice, and between waits until it is told to go on; then where nobody listens.
const STUBBORN_PYTHON: &str = r#"
import os, sys
from bellhop import Broker, Unroutable, envelope
broker = Broker(os.environ["AMQP_URL"])
def register(tenant, id):
    data = {"client": id, "name": "Ada"}
    return envelope(tenant, {"type": "client.register", "data": data}, "/test", id=id)
for id in "one", "two":
    broker.publish(register("python-uno", id))
    print(id, flush=True)
    sys.stdin.readline()
try:
    broker.publish(register("nobody.here", "three"))
except Unroutable as error:
    print(error)
"#;
const STUBBORN_NODE: &str = r#"
import { createInterface } from "node:readline";
import { Broker, Unroutable, envelope } from "./dist/bellhop.js";
const broker = new Broker(process.env.AMQP_URL);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
function register(tenant, id) {
  const data = { client: id, name: "Ada" };
  return envelope(tenant, { type: "client.register", data }, "/test", id);
}
for (const id of ["one", "two"]) {
  await broker.publish(register("node-uno", id));
  console.log(id);
  await lines.next();
}
try {
  await broker.publish(register("nobody.here", "three"));
} catch (error) {
  if (!(error instanceof Unroutable)) throw error;
  console.log(error.message);
}
await broker.close();
"#;

fn examples(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(language)
}

/// Told where broker and daemon are.
fn told(program: impl AsRef<std::ffi::OsStr>, world: &World) -> Command {
    let mut command = Command::new(program);
    command
        .env("AMQP_URL", world.vhost.url())
        .env("BELLHOP_URL", world.http())
        .env("PYTHONPATH", examples("python"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// What it printed.
///
/// # Panics
/// If it failed.
async fn printed(mut command: Command) -> String {
    let run = tokio::task::spawn_blocking(move || command.output().unwrap());
    let Output { status, stdout, stderr } = run.await.unwrap();
    let said = [stdout, stderr].map(|said| String::from_utf8(said).unwrap());
    assert!(status.success(), "{status}\n{}", said.concat());
    said[0].clone()
}

/// The client in TypeScript, built in a folder of its own.
async fn built() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let source = examples("typescript");
    for shared in ["node_modules", "package.json"] {
        std::os::unix::fs::symlink(source.join(shared), folder.path().join(shared)).unwrap();
    }
    let mut tsc = Command::new(source.join("node_modules/.bin/tsc"));
    tsc.arg("--project").arg(&source).arg("--outDir").arg(folder.path().join("dist"));
    printed(tsc).await;
    folder
}

/// A script of Node's beside the built client.
fn node(folder: &TempDir, script: &str, world: &World) -> Command {
    let file = folder.path().join("script.mjs");
    std::fs::write(&file, script).unwrap();
    let mut node = told("node", world);
    node.arg(file);
    node
}

/// The commands that took effect, of a tenant, by id, each as often as it did.
async fn accepted(world: &World, tenant: &str) -> Vec<String> {
    let events = http::events_of_type(&world.http(), "command.accepted").await;
    let of_tenant = events.iter().filter(|event| event["tenant"] == tenant);
    of_tenant.map(|event| event["causationid"].as_str().unwrap().to_owned()).collect()
}

/// Publishes once more over a connection that was lost, and says where nothing can be published.
async fn is_stubborn(world: &World, mut command: Command) {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut goes_on = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || lines.next().unwrap().unwrap();
    assert_eq!(next(), "one");
    world.vhost.close_connections().await;
    writeln!(goes_on).unwrap();
    assert_eq!(next(), "two");
    writeln!(goes_on).unwrap();
    assert_eq!(next(), "cmd.nobody.here leads to no queue");
    drop(goes_on);
    assert!(child.wait().unwrap().success());
}

/// The sample of the documentation in a language.
fn sample(language: &str) -> &'static str {
    let (_, sample) = PUBLISHING.split_once(&format!("```{language}\n")).unwrap();
    sample.split_once("```").unwrap().0
}

/// The client that a sample of the documentation registers is there.
async fn registers(world: &World, command: Command, client: &str) {
    let said = printed(command).await;
    assert!(said.starts_with("the broker has it: "), "{said}");
    let id = said.trim_end().rsplit(' ').next().unwrap().to_owned();
    eventually("the sample's command is accepted", DEADLINE, || async {
        accepted(world, "salon-uno").await.contains(&id).then_some(())
    })
    .await;
    let path = format!("{}/v1/tenants/salon-uno/clients/{client}/messages", world.http());
    assert_eq!(http::read(&path).await.0, 200, "{client}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_in_python() {
    let world = World::start(Options::default()).await;
    let mut tour = told(PYTHON, &world);
    tour.arg(examples("python").join("tour.py"));
    assert_eq!(printed(tour).await, TOUR);
    assert_eq!(accepted(&world, "python-uno").await, ["open", "register-anna", "book-b1"]);

    let mut stubborn = told(PYTHON, &world);
    stubborn.args(["-c", STUBBORN_PYTHON]);
    is_stubborn(&world, stubborn).await;
    eventually("both are accepted", DEADLINE, || async {
        (accepted(&world, "python-uno").await[3..] == ["one", "two"]).then_some(())
    })
    .await;

    http::take(&world.http(), &[salon::open("salon-uno")]).await;
    let mut readme = told(PYTHON, &world);
    readme.args(["-c", sample("python")]);
    registers(&world, readme, "bruno").await;
    assert!(include_str!("../../examples/python/README.md").contains(TOUR));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_in_typescript() {
    let world = World::start(Options::default()).await;
    let folder = built().await;
    let mut tour = told("node", &world);
    tour.arg(folder.path().join("dist/tour.js"));
    assert_eq!(printed(tour).await, TOUR);
    assert_eq!(accepted(&world, "node-uno").await, ["open", "register-anna", "book-b1"]);

    is_stubborn(&world, node(&folder, STUBBORN_NODE, &world)).await;
    eventually("both are accepted", DEADLINE, || async {
        (accepted(&world, "node-uno").await[3..] == ["one", "two"]).then_some(())
    })
    .await;

    http::take(&world.http(), &[salon::open("salon-uno")]).await;
    registers(&world, node(&folder, sample("js"), &world), "carla").await;
    assert!(include_str!("../../examples/typescript/README.md").contains(TOUR));
}

/// A checker of types takes the client, and no command with a field that there is not.
#[tokio::test]
async fn types_in_python_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let check = |file: &Path| {
        let mut mypy = Command::new("mypy");
        mypy.args(["--strict", "--ignore-missing-imports", "--cache-dir"])
            .arg(folder.path().join("cache"))
            .arg(file)
            .env("MYPYPATH", examples("python"));
        mypy
    };
    printed(check(&examples("python").join("tour.py"))).await;
    let wrong = folder.path().join("wrong.py");
    let program = "from bellhop import envelope\n\
                   envelope(\"t\", {\"type\": \"booking.decline\", \"data\": {\"boking\": \"b1\"}}, \"/x\")\n";
    std::fs::write(&wrong, program).unwrap();
    let output = check(&wrong).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success() && said.contains("wrong.py:2"), "{said}");
}
