//! When each provider takes one more, by who asks.

use std::time::Duration;

use crate::domain::kind::Lane;

/// When a provider takes one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// At once.
    Now,
    /// By then.
    At(Duration),
    /// When something that is under way there comes back.
    Later,
}

/// See the module; in the order of the configuration.
#[derive(Debug)]
pub struct Openings {
    /// Whatever it is.
    pub(super) prompt: Vec<Opening>,
    /// What nobody waits for, where that is another matter.
    pub(super) patient: Option<Vec<Opening>>,
}

/// Whether somebody waits for what is on a lane. Nobody does for reminders and notices.
pub fn is_waited_for(lane: Lane) -> bool {
    matches!(lane, Lane::Urgent | Lane::Transactional)
}

impl Openings {
    /// The same for all.
    pub fn alike(prompt: Vec<Opening>) -> Self {
        Self { prompt, patient: None }
    }

    /// When each takes one more of that lane.
    pub fn of(&self, lane: Lane) -> &[Opening] {
        match &self.patient {
            Some(patient) if !is_waited_for(lane) => patient,
            _ => &self.prompt,
        }
    }

    /// Whether one takes what is on the lane at once.
    pub fn any_now(&self, lane: Lane) -> bool {
        self.of(lane).contains(&Opening::Now)
    }

    /// When one takes more by the clock, the first of them.
    pub fn first(&self) -> Option<Duration> {
        let opens = self.prompt.iter().filter_map(|opening| match opening {
            Opening::At(opens) => Some(*opens),
            Opening::Now | Opening::Later => None,
        });
        opens.min()
    }
}
