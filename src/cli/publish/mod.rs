//! `bellhop publish`: a file of commands to the broker, or to a daemon's HTTP door.
//!
//! ```text
//!  FILE ─▶ Lines ─▶ Broker   a window of unconfirmed commands, mandatory   ─▶ Report
//!                └▶ Batches  one request at a time, tried again when busy  ─┘
//! ```
//!
//! A file whose types are not all known is not begun. Nothing is taken for published before the
//! other side is answerable for it: the broker by its confirm, the daemon by its 202. A file can be
//! published again whole: commands that were taken before take effect once.

mod amqp;
mod http;
mod lines;
mod report;

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Context as _, anyhow, bail};
use clap::{Args, ValueEnum};
use secrecy::SecretString;
use url::Url;

use self::amqp::Broker;
use self::http::Batches;
use self::lines::{Flaw, Lines};
use self::report::{Fault, Report};
use super::args::{ConfigArgs, Format};
use super::post::Door;
use super::print::print;
use super::run;
use super::table::printable;
use crate::config::{self, Config, Secrets, TOKENS_ONLY};
use crate::web::access::Role;

/// Reads whole blocks from the file, in bytes.
const READ_BUFFER_BYTES: usize = 1 << 20;
/// Lines with an unknown type that are told one by one.
const UNKNOWN_SHOWN_MAX: usize = 20;
/// Overrides `[amqp] url`.
const AMQP_URL_VARIABLE: &str = "BELLHOP__AMQP__URL";

/// What to publish, and where.
#[derive(Debug, Args)]
pub struct PublishArgs {
    /// One CloudEvents command per line; `-` reads standard input.
    #[arg(value_name = "FILE.jsonl")]
    file: PathBuf,
    /// How commands travel: by default as --url says, else over AMQP where a broker is configured,
    /// else over HTTP.
    #[arg(long, value_enum)]
    to: Option<Way>,
    /// amqp://…, or http://…, instead of the configured one. Others on this machine can see a
    /// password given here; the configuration keeps it from them.
    #[arg(long)]
    url: Option<String>,
    /// Bearer token for HTTP, instead of the configured one.
    #[arg(long, env = "BELLHOP_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Stop at the first line that is no command.
    #[arg(long)]
    strict: bool,
    /// How the summary is written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Way {
    Amqp,
    Http,
}

enum Target {
    Broker(Box<Broker>),
    Batches(Batches),
}

/// Publishes every line; fails if one was not taken.
pub fn publish(args: &PublishArgs) -> anyhow::Result<()> {
    let way = args.to.or_else(|| args.url.as_deref().and_then(way_of));
    let way = match way {
        Some(way) => way,
        // Whether there is a broker can be told without its password.
        None if load(args, None, Secrets::Only(&[]))?.amqp.is_some() => Way::Amqp,
        None => Way::Http,
    };
    let config = load(args, Some(way), secrets(args, way))?;
    let (input, bytes) = open(&args.file)?;
    if bytes.is_some() {
        check_types(Lines::new(open(&args.file)?.0))?;
    }
    run::install_tls()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let target = connect(args, config, way).await?;
        let mut report = Report::new(bytes);
        let lines = Lines::new(input);
        let done = tokio::select! {
            done = pump(lines, target, args.strict, &mut report) => done,
            () = interrupted(bytes.is_some()) => Err(anyhow!("interrupted")),
        };
        let failed = report.failed();
        if done.is_err() && report.is_untouched() {
            return done;
        }
        let name = if way == Way::Amqp { "AMQP" } else { "HTTP" };
        let line = report.line();
        print(&report.finish(name, args.format))?;
        done.with_context(|| {
            format!("it came up to line {line}; publish the file again, or what follows that line")
        })?;
        if failed > 0 {
            let stopped = args.strict.then(|| format!("; stopped at line {line}"));
            let lines = if failed == 1 { "line was" } else { "lines were" };
            bail!("{failed} {lines} not taken{}", stopped.unwrap_or_default());
        }
        Ok(())
    })
}

/// Resolves at Ctrl-C. Where a pipe or a terminal is read that is left to the system: reading holds
/// everything up, and would keep us from noticing.
async fn interrupted(is_file: bool) {
    if !is_file || tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

/// A type that no command has is a mistake in the whole file, such as that of another program:
/// nothing is to be sent of it. What comes through a pipe cannot be read twice.
fn check_types(mut lines: Lines<Box<dyn BufRead>>) -> anyhow::Result<()> {
    let (mut unknown, mut count) = (Vec::new(), 0_usize);
    while let Some(found) = lines.read()? {
        let Err(Flaw { number, why: lines::Fault::UnknownType(why) }) = found else { continue };
        count += 1;
        if count <= UNKNOWN_SHOWN_MAX {
            unknown.push(format!("line {number}: {}", printable(&why)));
        }
    }
    match count {
        0 => return Ok(()),
        _ if count > UNKNOWN_SHOWN_MAX => unknown.push(format!("{count} lines in all")),
        _ => {}
    }
    bail!("nothing was published:\n{}", unknown.join("\n"))
}

fn way_of(url: &str) -> Option<Way> {
    match url.split("://").next() {
        Some("amqp" | "amqps") => Some(Way::Amqp),
        Some("http" | "https") => Some(Way::Http),
        _ => None,
    }
}

/// What the way needs and is not given here.
fn secrets(args: &PublishArgs, way: Way) -> Secrets {
    match way {
        Way::Amqp => Secrets::Only(&["amqp.url"]),
        Way::Http if args.token.is_none() => TOKENS_ONLY,
        Way::Http => Secrets::Only(&[]),
    }
}

/// A broker's address goes the way of every other setting, to be checked like one.
fn load(args: &PublishArgs, way: Option<Way>, secrets: Secrets) -> anyhow::Result<Config> {
    let url = args.url.clone().filter(|_| way == Some(Way::Amqp));
    let environment =
        config::environment().filter(|(name, _)| url.is_none() || name != AMQP_URL_VARIABLE);
    let over = url.iter().map(|url| (AMQP_URL_VARIABLE.to_owned(), url.clone()));
    Ok(Config::load_for(args.config.path(), environment.chain(over), secrets)?)
}

fn open(file: &PathBuf) -> anyhow::Result<(Box<dyn BufRead>, Option<u64>)> {
    if file.as_os_str() == "-" {
        return Ok((Box::new(BufReader::with_capacity(READ_BUFFER_BYTES, io::stdin())), None));
    }
    let opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let about = opened.metadata()?;
    if about.is_dir() {
        bail!("{} is a folder", file.display());
    }
    let bytes = about.is_file().then_some(about.len());
    Ok((Box::new(BufReader::with_capacity(READ_BUFFER_BYTES, opened)), bytes))
}

async fn connect(args: &PublishArgs, config: Config, way: Way) -> anyhow::Result<Target> {
    match way {
        Way::Amqp => {
            let Some(settings) = config.amqp else {
                bail!("no broker is configured: set [amqp] url, or give --url amqp://…");
            };
            Ok(Target::Broker(Box::new(Broker::open(settings).await?)))
        }
        Way::Http => {
            let url = match &args.url {
                Some(url) => site(url)?,
                None => format!("http://{}", reachable(config.http.listen)?),
            };
            let token = args.token.clone().map(SecretString::from);
            let token = token.or_else(|| config.http.token_for(Role::Publish));
            Ok(Target::Batches(Batches::new(Door::new(&url, token)?)))
        }
    }
}

/// A daemon's address as it was given.
fn site(url: &str) -> anyhow::Result<String> {
    let whole = Url::parse(url).ok().filter(Url::has_host);
    if way_of(url) != Some(Way::Http) || whole.is_none() {
        bail!("--url: must be http://host:port or https://host:port, with a port up to 65535");
    }
    Ok(url.to_owned())
}

/// Where to reach a daemon on this machine that listens there.
pub fn reachable(listen: SocketAddr) -> anyhow::Result<SocketAddr> {
    if listen.port() == 0 {
        bail!("[http] listen has port 0, which is another one at each start: give --url");
    }
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    Ok(SocketAddr::new(ip, listen.port()))
}

async fn pump(
    mut lines: Lines<Box<dyn BufRead>>,
    mut target: Target,
    strict: bool,
    report: &mut Report,
) -> anyhow::Result<()> {
    while let Some(found) = lines.read()? {
        match found {
            Ok(line) => {
                report.begin(line.number);
                match &mut target {
                    Target::Broker(broker) => broker.put(line, report).await?,
                    Target::Batches(batches) => batches.put(line, report).await?,
                }
            }
            Err(Flaw { number, why }) => {
                report.fault(number, Fault::Unreadable, why.words());
                if strict {
                    break;
                }
            }
        }
        report.read(lines.bytes);
    }
    match target {
        Target::Broker(broker) => broker.finish(report).await,
        Target::Batches(mut batches) => batches.flush(report).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_follows_from_the_url() {
        assert_eq!(way_of("amqps://u:p@h/v"), Some(Way::Amqp));
        assert_eq!(way_of("http://h:1"), Some(Way::Http));
        assert_eq!(way_of("h:1"), None);
    }

    #[test]
    fn an_address_is_one_of_http() {
        assert_eq!(site("http://h:1/below").unwrap(), "http://h:1/below");
        for bad in ["h:1", "amqp://h", "http://", "http://h:99999", "http://a b"] {
            assert!(site(bad).unwrap_err().to_string().starts_with("--url: must be"), "{bad}");
        }
    }

    #[test]
    fn a_daemon_that_listens_everywhere_is_reached_on_this_machine() {
        let reached = |text: &str| reachable(text.parse().unwrap()).map(|at| at.to_string());
        assert_eq!(reached("0.0.0.0:8025").unwrap(), "127.0.0.1:8025");
        assert_eq!(reached("[::]:1").unwrap(), "[::1]:1");
        assert_eq!(reached("192.0.2.1:1").unwrap(), "192.0.2.1:1");
        assert!(reached("127.0.0.1:0").is_err());
    }
}
