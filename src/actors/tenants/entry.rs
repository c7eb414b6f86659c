//! What is put into a line.

use crate::actors::answer::Answer;
use crate::actors::work::Work;

/// Called with the answer, once; dropped where there is none, because the daemon stops.
pub type Reply = Box<dyn FnOnce(Answer) + Send + Sync>;

/// An input in a line.
pub struct Entry {
    pub work: Work,
    pub reply: Reply,
}
