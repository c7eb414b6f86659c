//! An SMTP server inside the test that misbehaves as told.
//!
//! It lives on its own thread, so that a test that blocks does not block it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use super::ports::free_port;

/// How the sink answers, changeable at any time. Percentages are spread evenly, not random.
#[derive(Debug, Clone, Copy, Default)]
pub struct Behaviour {
    /// Recipients answered `451 4.3.0`.
    pub refuse_451_percent: u32,
    /// Recipients answered `421 4.3.2`, after which the connection is closed.
    pub refuse_421_percent: u32,
    /// Recipients answered `550 5.1.1`.
    pub refuse_550_percent: u32,
    /// Every password is wrong.
    pub refuse_auth: bool,
    /// Mails that are stored, after which the connection is cut without a reply.
    pub drop_stored_percent: u32,
    /// Connections are taken and never greeted.
    pub mute: bool,
    /// What is said once a mail is stored; without it, that it is queued.
    pub stored: Option<&'static str>,
    /// Pause before the reply to the final dot.
    pub delay: Duration,
    /// Pause of anything up to this before a mail may come.
    pub hesitation: Duration,
}

/// One mail the sink stored for one recipient.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// The address in `RCPT TO`.
    pub recipient: String,
    /// With its angle brackets; empty if there is none.
    pub message_id: String,
    /// Headers and body as they came, lines ending in a bare line feed.
    pub mail: String,
    /// When the final dot had been read.
    pub at: Instant,
    /// What the clock said then. Not to be had from `at` later: a machine may be stopped meanwhile.
    pub time: Timestamp,
}

#[derive(Debug, Default)]
struct Script {
    behaviour: Behaviour,
    recipients_seen: u32,
    mails_seen: u32,
    accepted: Vec<Accepted>,
    connections: usize,
    refused: BTreeMap<String, u32>,
}

/// A running, or paused, sink.
#[derive(Debug)]
pub struct ScriptedSink {
    port: u16,
    script: Arc<Mutex<Script>>,
    server: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl ScriptedSink {
    /// A sink that listens.
    pub fn start(behaviour: Behaviour) -> Self {
        let mut sink = Self::silent(behaviour);
        sink.listen();
        sink
    }

    /// A sink that has a port and does not listen on it yet.
    pub fn silent(behaviour: Behaviour) -> Self {
        let script = Script { behaviour, ..Script::default() };
        Self { port: free_port(), script: Arc::new(Mutex::new(script)), server: None }
    }

    /// The address for `[[email.providers]] url`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Starts listening.
    pub fn listen(&mut self) {
        assert!(self.server.is_none(), "the sink listens already");
        let listener = std::net::TcpListener::bind(("127.0.0.1", self.port)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let (stop, stopped) = oneshot::channel();
        let script = Arc::clone(&self.script);
        let thread = std::thread::spawn(move || serve(listener, &script, stopped));
        self.server = Some((stop, thread));
    }

    /// Stops listening and cuts every connection.
    pub fn close(&mut self) {
        if let Some((stop, thread)) = self.server.take() {
            let _ = stop.send(());
            let _ = thread.join();
        }
    }

    /// Behaves differently from the next command on.
    pub fn behave(&self, behaviour: Behaviour) {
        self.script.lock().unwrap().behaviour = behaviour;
    }

    /// Everything stored, in order, duplicates included.
    pub fn accepted(&self) -> Vec<Accepted> {
        self.script.lock().unwrap().accepted.clone()
    }

    /// How many mails were stored.
    pub fn count(&self) -> usize {
        self.script.lock().unwrap().accepted.len()
    }

    /// How many connections were opened.
    pub fn connections(&self) -> usize {
        self.script.lock().unwrap().connections
    }

    /// How often each recipient was refused.
    pub fn refused(&self) -> BTreeMap<String, u32> {
        self.script.lock().unwrap().refused.clone()
    }

    /// The Message-IDs each recipient got, in order, duplicates included.
    pub fn by_recipient(&self) -> BTreeMap<String, Vec<String>> {
        let mut mails = BTreeMap::<_, Vec<_>>::new();
        for mail in self.accepted() {
            mails.entry(mail.recipient).or_default().push(mail.message_id);
        }
        mails
    }
}

impl Drop for ScriptedSink {
    fn drop(&mut self) {
        self.close();
    }
}

fn serve(
    listener: std::net::TcpListener,
    script: &Arc<Mutex<Script>>,
    stopped: oneshot::Receiver<()>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // Dropping the runtime drops every session, which closes its connection.
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener).unwrap();
        let accept = async {
            loop {
                if let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(session(stream, Arc::clone(script)));
                }
            }
        };
        tokio::select! {
            () = accept => {}
            _ = stopped => {}
        }
    });
}

/// What comes after a line has been dealt with.
enum Next {
    Reply(&'static str),
    ReplyAndClose(&'static str),
    Data,
    Quit,
}

async fn session(stream: TcpStream, script: Arc<Mutex<Script>>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut stream = BufReader::new(stream);
    let mut recipients = Vec::new();
    let is_mute = {
        let mut script = script.lock().unwrap();
        script.connections += 1;
        script.behaviour.mute
    };
    if is_mute {
        std::future::pending::<()>().await;
    }
    say(&mut stream, "220 sink ESMTP").await?;
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await.ok()? == 0 {
            return None;
        }
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        match answer(&line, &mut recipients, &script) {
            Next::Reply(reply) => say(&mut stream, reply).await?,
            Next::ReplyAndClose(reply) => return say(&mut stream, reply).await,
            Next::Data => {
                tokio::time::sleep(hesitation(&script)).await;
                say(&mut stream, "354 go ahead").await?;
                let mail = read_mail(&mut stream).await?;
                let (delay, dropped) = store(&script, &mut recipients, &mail);
                if dropped {
                    return None;
                }
                tokio::time::sleep(delay).await;
                let stored = script.lock().unwrap().behaviour.stored;
                say(&mut stream, stored.unwrap_or("250 2.0.0 queued")).await?;
            }
            Next::Quit => return say(&mut stream, "221 2.0.0 bye").await,
        }
    }
}

/// RFC 5321 §4.1.1, as far as a client needs it.
fn answer(line: &str, recipients: &mut Vec<String>, script: &Mutex<Script>) -> Next {
    let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
    match verb.to_ascii_uppercase().as_str() {
        "EHLO" => Next::Reply(
            "250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-AUTH PLAIN\r\n\
             250 ENHANCEDSTATUSCODES",
        ),
        "AUTH" if script.lock().unwrap().behaviour.refuse_auth => {
            Next::Reply("535 5.7.8 wrong user or password")
        }
        "AUTH" => Next::Reply("235 2.7.0 welcome"),
        "HELO" | "NOOP" => Next::Reply("250 2.0.0 ok"),
        "MAIL" | "RSET" => {
            recipients.clear();
            Next::Reply("250 2.1.0 ok")
        }
        "RCPT" => receive_recipient(argument, recipients, script),
        "DATA" if recipients.is_empty() => Next::Reply("554 5.5.1 no valid recipients"),
        "DATA" => Next::Data,
        "QUIT" => Next::Quit,
        _ => Next::Reply("502 5.5.2 what?"),
    }
}

fn receive_recipient(argument: &str, recipients: &mut Vec<String>, script: &Mutex<Script>) -> Next {
    let address = argument
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map_or(argument, |(address, _)| address);
    let mut script = script.lock().unwrap();
    let seen = script.recipients_seen;
    script.recipients_seen += 1;
    let behaviour = script.behaviour;
    let refusal = if is_chosen(seen, behaviour.refuse_451_percent) {
        Next::Reply("451 4.3.0 try again later")
    } else if is_chosen(seen, behaviour.refuse_421_percent) {
        Next::ReplyAndClose("421 4.3.2 shutting down")
    } else if is_chosen(seen, behaviour.refuse_550_percent) {
        Next::Reply("550 5.1.1 no such user")
    } else {
        recipients.push(address.to_owned());
        return Next::Reply("250 2.1.5 ok");
    };
    *script.refused.entry(address.to_owned()).or_default() += 1;
    refusal
}

fn hesitation(script: &Mutex<Script>) -> Duration {
    let script = script.lock().unwrap();
    script.behaviour.hesitation.mul_f64(share(script.recipients_seen))
}

/// Stores the mail; returns the pause before the reply, and whether there is to be none.
fn store(script: &Mutex<Script>, recipients: &mut Vec<String>, mail: &str) -> (Duration, bool) {
    let mut script = script.lock().unwrap();
    for recipient in recipients.drain(..) {
        let (message_id, mail) = (message_id(mail), mail.to_owned());
        script.accepted.push(Accepted {
            recipient,
            message_id,
            mail,
            at: Instant::now(),
            time: Timestamp::now(),
        });
    }
    let seen = script.mails_seen;
    script.mails_seen += 1;
    (script.behaviour.delay, is_chosen(seen, script.behaviour.drop_stored_percent))
}

/// Anything from 0 to 1, scattered but always the same.
fn share(number: u32) -> f64 {
    f64::from(number.wrapping_mul(2_654_435_761)) / f64::from(u32::MAX)
}

/// Picks `percent` of the numbers, evenly spread.
fn is_chosen(number: u32, percent: u32) -> bool {
    let whole_steps = |n: u32| u64::from(n) * u64::from(percent) / 100;
    whole_steps(number + 1) > whole_steps(number)
}

/// Reads up to the final dot.
async fn read_mail(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut mail = String::new();
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await.ok()? == 0 {
            return None;
        }
        let line = String::from_utf8_lossy(&line);
        match line.trim_end_matches(['\r', '\n']) {
            "." => return Some(mail),
            line => {
                mail.push_str(line.strip_prefix('.').unwrap_or(line));
                mail.push('\n');
            }
        }
    }
}

/// The header's value, empty if there is none.
fn message_id(mail: &str) -> String {
    let mut headers = mail.lines().take_while(|line| !line.is_empty());
    let value = headers.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("message-id").then(|| value.trim().to_owned())
    });
    value.unwrap_or_default()
}

async fn say(stream: &mut BufReader<TcpStream>, reply: &str) -> Option<()> {
    stream.write_all(format!("{reply}\r\n").as_bytes()).await.ok()
}
