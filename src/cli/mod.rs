//! The command line. Exit status: 0 done, 1 failed, 2 usage, 75 for a mail server to try again.
//!
//! One file or folder a subcommand: [`run`], [`demo`], [`publish`], [`rehearse`], [`explain`],
//! [`template`]; [`messages`], [`dead`], [`jobs`], [`tenants`], [`suppressed`], [`providers`],
//! [`instances`], [`mod@ahead`], [`mod@health`], [`mod@top`] and [`mod@reload`], which ask a
//! [`daemon`]; [`mod@topology`], which asks the broker; [`mod@store`], which reads the store
//! itself, with [`mod@copy`]; [`mod@dkim`], [`mod@vapid`], [`mod@bounce`], [`mod@man`], and in
//! [`check`] those that only look. What several take is in [`args`]; what they print goes through
//! [`table`], [`times`], [`paint`] and [`mod@print`]; requests go to a daemon by a [`client`],
//! commands through [`post`].

mod ahead;
mod args;
mod bounce;
mod check;
mod client;
mod copy;
mod daemon;
mod dead;
mod demo;
mod dkim;
mod explain;
mod health;
mod ids;
mod instances;
mod jobs;
mod man;
mod messages;
mod paint;
mod pen;
mod post;
mod print;
mod providers;
mod publish;
mod rehearse;
mod reload;
mod run;
mod spans;
mod store;
mod suppressed;
mod table;
mod template;
mod tenants;
mod times;
mod top;
mod topology;
mod vapid;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};
use rustix::fs::Mode;

use args::{ConfigArgs, STORE_ONLY};

/// What clap ends with, too.
const USAGE: u8 = 2;

/// Tells a booking business's clients what happened to their booking.
#[derive(Debug, Parser)]
#[command(name = "bellhop", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the daemon until SIGTERM.
    Run(ConfigArgs),
    /// Play a small day at three businesses with a daemon of its own, and show who got what.
    Demo(demo::DemoArgs),
    /// Publish a file of commands to the broker, or to a daemon over HTTP.
    Publish(publish::PublishArgs),
    /// Play a file of commands in virtual time, and show who would get what, and when.
    Rehearse(rehearse::RehearseArgs),
    /// Tell why a client got what they got about a booking, and why they did not.
    Explain(explain::ExplainArgs),
    /// Look through what clients were told, and what not and why.
    Messages(messages::MessagesArgs),
    /// Look through what was given up, try it again, or throw it away.
    #[command(subcommand)]
    Dead(dead::DeadCommand),
    /// See how far replays are; pause, resume or cancel them.
    Jobs(jobs::JobsArgs),
    /// See how tenants stand; park one, or slow one down.
    Tenants(tenants::TenantsArgs),
    /// See to whom nothing goes any more, since when and why.
    Suppressions(suppressed::SuppressionsArgs),
    /// Write to a client again whose address bounced, or who complained.
    Unsuppress(suppressed::UnsuppressArgs),
    /// See how providers stand.
    Providers(daemon::DaemonArgs),
    /// Have the daemon read its configuration again, and see what it takes over.
    Reload(daemon::DaemonArgs),
    /// See what a tenant's clients will be told in the next days, and what not and why.
    Ahead(ahead::AheadArgs),
    /// See whether the daemon can do its work, and what it cannot.
    Health(health::HealthArgs),
    /// See how everything stands, as long as you look: `q` ends it.
    Top(top::TopArgs),
    /// See which daemons share the store, and which of them works.
    Instances(daemon::DaemonArgs),
    /// See how large the store is and what of it goes next, make its file smaller, or carry it over
    /// to another database.
    #[command(subcommand)]
    Store(store::StoreCommand),
    /// Look at texts.
    #[command(subcommand)]
    Template(template::TemplateCommand),
    /// Print the DNS records by which receivers know the keys that mails are signed with.
    Dkim(dkim::DkimArgs),
    /// Make the key that push services know this installation by, with its public half for apps.
    Vapid(vapid::VapidArgs),
    /// Hand a mail that came back to the daemon, from standard input: for a mail server's pipe.
    Bounce(ConfigArgs),
    /// Check the configuration and print what is in effect, secrets left out.
    CheckConfig(ConfigArgs),
    /// Bring the store's tables up to date, and do nothing else.
    Migrate(ConfigArgs),
    /// Look at the broker.
    #[command(subcommand)]
    Topology(topology::TopologyCommand),
    /// Print the AsyncAPI document with the JSON Schema of every command and event, or the OpenAPI
    /// document of the daemon.
    Schema(check::SchemaArgs),
    /// Print completions for a shell, such as `bellhop completions bash`.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Write the manual to a folder, for man(1): a page for each subcommand.
    Man(man::ManArgs),
}

/// Stores, outboxes and what else comes to be hold what is nobody else's affair, whatever umask we
/// were started with.
fn keep_files_private() {
    let others = Mode::RWXG | Mode::RWXO;
    rustix::process::umask(others);
}

/// Parses the arguments and does what they say.
pub fn main() -> ExitCode {
    keep_files_private();
    let done = match Cli::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Demo(args) => demo::demo(&args),
        Command::Publish(args) => publish::publish(&args),
        Command::Rehearse(args) => rehearse::rehearse(&args),
        Command::Explain(args) => explain::explain(&args),
        Command::Messages(args) => messages::messages(&args),
        Command::Dead(command) => dead::dead(&command),
        Command::Jobs(args) => jobs::jobs(&args),
        Command::Tenants(args) => tenants::tenants(&args),
        Command::Suppressions(args) => suppressed::suppressions(&args),
        Command::Unsuppress(args) => suppressed::unsuppress(&args),
        Command::Ahead(args) => ahead::ahead(&args),
        Command::Health(args) => health::health(&args),
        Command::Top(args) => top::top(&args),
        Command::Providers(args) => providers::providers(&args),
        Command::Reload(args) => reload::reload(&args),
        Command::Instances(args) => instances::instances(&args),
        Command::Store(command) => store::store(&command),
        Command::Template(command) => template::template(&command),
        Command::Dkim(args) => dkim::dkim(&args),
        Command::Vapid(args) => vapid::vapid(&args),
        Command::Bounce(args) => bounce::bounce(&args),
        Command::CheckConfig(args) => args.load().and_then(|config| check::config(&config)),
        Command::Migrate(args) => {
            args.load_for(STORE_ONLY).and_then(|config| check::migrate(&config))
        }
        Command::Topology(command) => topology::topology(&command),
        Command::Schema(args) => check::schema(&args),
        Command::Completions { shell } => check::completions(shell, &mut Cli::command()),
        Command::Man(args) => man::man(&args, Cli::command()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<run::Told>() => ExitCode::FAILURE,
        Err(error) if error.is::<topology::Wrong>() => ExitCode::FAILURE,
        Err(error) if error.is::<topology::NoBroker>() => {
            eprintln!("bellhop: {error:#}");
            ExitCode::from(USAGE)
        }
        Err(error) if error.is::<bounce::Later>() => {
            eprintln!("bellhop: {error:#}");
            ExitCode::from(bounce::TRY_AGAIN)
        }
        Err(error) => {
            eprintln!("bellhop: {error:#}");
            ExitCode::FAILURE
        }
    }
}
