//! The services `tests/run` started, and the script that steers them.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// What `tests/services start` wrote into its `env` file.
///
/// # Panics
/// When the variable is missing. A test does not start services by itself: nothing would stop
/// them, since each test may be its own process (cargo nextest) or share one (cargo test).
pub fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!(
            "{name} is not set: run the tests with tests/run, or start the services yourself \
             with `tests/services start DIR && . DIR/env`"
        )
    })
}

/// The PostgreSQL server of this run, with its default database.
pub fn postgres_url() -> String {
    variable("BELLHOP_TEST_POSTGRES_URL")
}

/// The folder of the RabbitMQ all tests share.
pub fn rabbitmq_dir() -> PathBuf {
    variable("BELLHOP_TEST_RABBITMQ_DIR").into()
}

/// Runs `tests/services COMMAND DIR ARG…` and returns what it printed.
///
/// # Panics
/// When the script fails, with its complaint.
pub fn script(command: &str, dir: &Path, args: &[&str]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/services");
    let output = Command::new(&path).arg(command).arg(dir).args(args).output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "tests/services {command} {args:?}: {}\n{printed}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    printed
}
