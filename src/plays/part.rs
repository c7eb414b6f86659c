//! One tenant's part of a rehearsal, once it is over.

use std::sync::Arc;

use super::row::Row;
use crate::domain::id::TenantId;
use crate::domain::settings::Settings;

/// What came of one tenant's commands.
pub struct Part {
    /// Whose they were; some commands do not say.
    pub tenant: Option<TenantId>,
    /// The tenant's settings in the end, if it ever had any.
    pub settings: Option<Arc<Settings>>,
    /// What came of them, in order.
    pub rows: Vec<Row>,
    /// How much was played.
    pub played: Played,
}

/// How much was played.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Played {
    /// Commands, refused ones and repetitions too.
    pub commands: usize,
    /// Commands that came again.
    pub repeated: usize,
    /// Timers that fired.
    pub timers: usize,
}
