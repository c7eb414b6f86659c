//! `bellhop topology check`: what is on the broker, beside what a daemon of this configuration
//! needs.
//!
//! ```text
//! AMQP ──────────┐                ┌─ version, structure, policies ─┐
//!                ├─ survey ───────┤                                ├─▶ report
//! management API ┘ (management)   └─ permissions, nodes            ┘
//!                       └── apply: declares what is missing, sets policies
//! ```
//!
//! What is needed stands in [`crate::broker`]; here it is compared, and [`commands`] says what
//! mends it.

mod apply;
mod commands;
mod management;
mod nodes;
mod permissions;
mod policies;
mod report;
mod structure;
mod survey;
mod version;

use std::time::Duration;

use clap::{Args, Subcommand};

use super::args::{ConfigArgs, Format};
use super::paint::Paint;
use super::print::print;
use super::run::install_tls;
use crate::broker::BrokerError;
use crate::config::{Amqp, Secrets};
use commands::Commands;
use management::Management;
use report::{Point, Report, State};
use survey::Survey;
use version::Version;

/// A broker that does not answer is given up after this.
const PATIENCE: Duration = Duration::from_secs(120);

/// What is asked of the broker.
#[derive(Debug, Subcommand)]
pub enum TopologyCommand {
    /// Compare what is on the broker with what the daemon needs, and say what mends it.
    Check(TopologyArgs),
}

/// How it is asked.
#[derive(Debug, Args)]
pub struct TopologyArgs {
    /// Declare what is missing and set the policies; nothing is deleted or changed otherwise.
    #[arg(long)]
    apply: bool,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Something is wrong, and what it is was printed.
#[derive(Debug, thiserror::Error)]
#[error("something is wrong on the broker")]
pub struct Wrong;

/// The configuration has no broker.
#[derive(Debug, thiserror::Error)]
#[error("the configuration names no broker: [amqp] url")]
pub struct NoBroker;

/// Looks, mends if asked to, and looks again.
pub fn topology(command: &TopologyCommand) -> anyhow::Result<()> {
    let TopologyCommand::Check(args) = command;
    let config = args.config.load_for(Secrets::Only(&["amqp.url", "amqp.management"]))?;
    let amqp = config.amqp.ok_or(NoBroker)?;
    install_tls()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let report = runtime.block_on(async {
        let late = |_| BrokerError::Lost("the broker did not answer in time".to_owned());
        let checked = tokio::time::timeout(PATIENCE, check(args, &amqp)).await;
        match checked.map_err(late)? {
            Ok(report) => Ok::<_, anyhow::Error>(report),
            Err(error) => Ok(no_connection(&error)),
        }
    })?;
    print(&report.render(args.format, Paint::for_stdout())?)?;
    if report.is_well() { Ok(()) } else { Err(Wrong.into()) }
}

async fn check(args: &TopologyArgs, amqp: &Amqp) -> anyhow::Result<Report> {
    let management = Management::of(amqp)?;
    let management = management.as_ref();
    let (mut survey, probe) = Survey::take(amqp, management).await?;
    let mut applied = Vec::new();
    if args.apply {
        applied = apply::apply(&survey, &probe, management).await;
    }
    probe.close().await;
    if args.apply {
        let (again, probe) = Survey::take(amqp, management).await?;
        probe.close().await;
        survey = again;
    }
    let file = args.config.path().map(|path| path.display().to_string());
    let commands = Commands::new(&survey.vhost, file.as_deref(), management.map(Management::url));
    Ok(Report { applied, points: points(&survey, amqp, &commands) })
}

fn points(survey: &Survey, amqp: &Amqp, commands: &Commands) -> Vec<Point> {
    let mut points = version::points(survey.version.as_deref());
    let version = survey.version.as_deref().and_then(Version::parse);
    points.extend(version::store(version, survey.partitions, &survey.sight.features));
    points.extend(nodes::points(survey, commands));
    points.extend(structure::points(survey, commands));
    points.extend(structure::bindings(survey, commands));
    points.extend(policies::points(survey, commands));
    points.extend(permissions::points(survey, amqp.publishers.as_ref(), commands));
    points
}

fn no_connection(error: &anyhow::Error) -> Report {
    let point = Point::new(State::Wrong, "connection", error.to_string());
    let rest = Point::new(State::NotChecked, "everything else", "there is no connection");
    Report { applied: Vec::new(), points: vec![point, rest] }
}
