//! One session over one connection, from the bind to the last byte.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, ReadHalf, WriteHalf};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{Instant as Deadline, sleep_until, timeout};

use super::SmppClient;
use super::desk::Stage;
use super::dial::Stream;
use super::ears::Ears;
use super::flight::Flight;
use crate::clock;
use crate::domain::outcome::Outcome;
use crate::gateways::Heard;
use crate::gateways::smpp::{Came, Event, Kept, Over, Session, Ticket};

/// How much is read at once, in bytes.
const READ_BYTES: usize = 16 * 1024;
/// How long the last words may take once a session is over.
const FAREWELL_MAX: Duration = Duration::from_secs(1);
/// What is said of messages that nobody answered because the connection is gone.
const CLOSED: &str = "connection closed";

/// How a session ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// For whoever waits to send.
    pub outcome: Outcome,
    /// In our words.
    pub said: String,
    /// Whether messages could go.
    pub was_bound: bool,
}

/// See the module.
pub(super) struct Line<'a> {
    client: &'a Arc<SmppClient>,
    ears: &'a Arc<dyn Ears>,
    /// Which of the client's sessions it is.
    bind: usize,
    session: Session,
    /// Its number, among all that there were.
    number: u64,
    flight: Flight,
    replies: HashMap<Ticket, oneshot::Sender<Came>>,
    /// What was told and is not kept yet.
    told: JoinSet<(u32, Kept)>,
    was_bound: bool,
    over: Option<Over>,
}

/// What happened meanwhile.
enum Step {
    Read(usize),
    Wrote,
    Kept(u32, Kept),
    Broken,
    /// Something is to be looked at: a message, the time, or that we are to close.
    Look,
}

impl<'a> Line<'a> {
    pub fn new(client: &'a Arc<SmppClient>, ears: &'a Arc<dyn Ears>, bind: usize) -> Self {
        let manners = client.settings.manners.clone();
        Self {
            client,
            ears,
            bind,
            session: Session::new(manners, clock::instant()),
            number: client.lines.fetch_add(1, Ordering::Relaxed),
            flight: Flight::default(),
            replies: HashMap::new(),
            told: JoinSet::new(),
            was_bound: false,
            over: None,
        }
    }

    /// Speaks until the session is over.
    pub async fn speaks(mut self, stream: Box<dyn Stream>) -> Ended {
        let (mut reader, mut writer) = tokio::io::split(stream);
        let mut buffer = vec![0; READ_BYTES];
        loop {
            self.goes_on();
            if self.over.is_some() {
                break;
            }
            match self.step(&mut reader, &mut writer, &mut buffer).await {
                Step::Read(count) => {
                    let bytes = buffer.get(..count).unwrap_or_default();
                    self.session.reads(bytes, clock::instant());
                }
                Step::Kept(sequence, kept) => self.session.answers(sequence, kept),
                Step::Broken => break,
                Step::Wrote => {}
                Step::Look => self.session.passes(clock::instant()),
            }
        }
        // Nothing more begins here, and who comes next waits for another session.
        self.gives_back(Stage::Opening, Outcome::Transient);
        let farewell = async {
            while !self.flight.is_done() && self.flight.writes(&mut writer).await.is_ok() {}
        };
        let _ = timeout(FAREWELL_MAX, farewell).await;
        self.ends()
    }

    async fn step(
        &mut self,
        reader: &mut ReadHalf<Box<dyn Stream>>,
        writer: &mut WriteHalf<Box<dyn Stream>>,
        buffer: &mut [u8],
    ) -> Step {
        let client = self.client;
        let SmppClient { desk, closing, cut, .. } = &**client;
        let wakes = self.session.wakes().unwrap_or_else(clock::instant);
        let bind = self.bind;
        let bell = async {
            match desk.bell(bind) {
                Some(bell) => bell.notified().await,
                None => std::future::pending().await,
            }
        };
        // Once it takes leave it is only the time that ends it.
        let is_leaving = cut.is_cancelled();
        let is_closing = closing.is_cancelled();
        tokio::select! {
            read = reader.read(buffer), if !self.flight.is_full() => match read {
                Ok(0) | Err(_) => Step::Broken,
                Ok(count) => Step::Read(count),
            },
            wrote = self.flight.writes(writer), if !self.flight.is_done() => match wrote {
                Ok(()) => Step::Wrote,
                Err(_) => Step::Broken,
            },
            Some(kept) = self.told.join_next(), if !self.told.is_empty() => match kept {
                Ok((sequence, kept)) => Step::Kept(sequence, kept),
                // Whoever was to keep it panicked: it is not answered, and told again.
                Err(_) => Step::Look,
            },
            () = bell => Step::Look,
            () = closing.cancelled(), if !is_closing => Step::Look,
            () = cut.cancelled(), if !is_leaving => Step::Look,
            () = sleep_until(Deadline::from_std(wakes)) => Step::Look,
        }
    }

    /// Does whatever can be done without waiting.
    fn goes_on(&mut self) {
        loop {
            while let Some(chunk) = self.session.chunk() {
                self.flight.takes(chunk);
            }
            while let Some(event) = self.session.event() {
                self.happened(event);
            }
            if !self.begins() {
                break;
            }
        }
        let client = self.client;
        let SmppClient { desk, closing, cut, .. } = &**client;
        let is_idle = self.session.is_idle() && !desk.has_job(self.bind);
        if cut.is_cancelled() || (closing.is_cancelled() && is_idle) {
            self.session.leaves(clock::instant());
            while let Some(chunk) = self.session.chunk() {
                self.flight.takes(chunk);
            }
        }
    }

    /// The next message leaves, if it may: not before all that goes ahead of it is written.
    fn begins(&mut self) -> bool {
        let now = clock::instant();
        if !self.flight.is_empty() || !self.session.has_room(now) {
            return false;
        }
        let Some(job) = self.client.desk.job(self.bind) else { return false };
        if job.course.leaves() {
            self.replies.insert(job.ticket, job.reply);
            self.session.takes(job.ticket, job.letter, now);
        }
        true
    }

    fn happened(&mut self, event: Event) {
        match event {
            Event::Bound => {
                self.was_bound = true;
                self.client.trouble.worked(clock::instant());
                self.client.desk.becomes(self.bind, Stage::Bound);
            }
            Event::Resumed => {
                self.client.desk.becomes(self.bind, Stage::Bound);
            }
            Event::Throttled(pause) => {
                let until = clock::instant() + pause;
                let throttled = Outcome::Throttled { after: Some(pause) };
                self.gives_back(Stage::Paused(until), throttled);
            }
            Event::Named(named) => {
                let (client, ears) = (self.client.clone(), self.ears.clone());
                // Nobody waits for it: where it is not kept, that is told where it fails.
                tokio::spawn(async move {
                    ears.hear(&client.provider, Heard::Named(named)).await;
                });
            }
            Event::Came(ticket, came) => self.replies(ticket, came),
            Event::Told(sequence, told) => {
                let (client, ears) = (self.client.clone(), self.ears.clone());
                let number = self.number;
                self.told.spawn(async move {
                    let SmppClient { notebook, provider, .. } = &*client;
                    let kept = notebook.hears(provider, number, told, &*ears).await;
                    (sequence, kept)
                });
            }
            Event::Over(over) => self.over = Some(over),
        }
    }

    fn replies(&mut self, ticket: Ticket, came: Came) {
        if let Some(reply) = self.replies.remove(&ticket) {
            // Whoever waited may have been cut off.
            let _ = reply.send(came);
        }
    }

    /// The session stands so now, and messages that wait for it do not leave.
    fn gives_back(&self, stage: Stage, outcome: Outcome) {
        let of_provider = outcome == Outcome::Transient;
        for job in self.client.desk.becomes(self.bind, stage) {
            let came = Came::nothing(outcome.clone(), "submit_sm: not written", of_provider);
            let _ = job.reply.send(came);
        }
    }

    fn ends(mut self) -> Ended {
        self.session.breaks(&self.flight.unwritten(), CLOSED);
        while let Some(event) = self.session.event() {
            match event {
                Event::Over(over) => self.over = Some(over),
                Event::Came(ticket, came) => self.replies(ticket, came),
                _ => {}
            }
        }
        // What is being kept is kept; that it is cannot be said any more.
        self.told.detach_all();
        self.client.notebook.ends(self.number, self.session.silence_max());
        let target = &self.client.dialer.target;
        let (outcome, said) = match self.over {
            Some(over) => (over.outcome(), over.words()),
            None => (Outcome::Transient, CLOSED.to_owned()),
        };
        Ended { outcome, said: format!("{target}: {said}"), was_bound: self.was_bound }
    }
}
