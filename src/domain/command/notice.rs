//! What is written to one or to many.

use crate::domain::broadcast::Audience;
use crate::domain::channel::Channels;
use crate::domain::id::{ClientId, NoticeId};

/// A notice to an audience.
#[derive(Debug, Clone, PartialEq)]
pub struct SendNotice {
    /// Chosen by the upstream app.
    pub notice: NoticeId,
    pub title: String,
    pub body: String,
    pub channels: Channels,
    pub audience: Audience,
}

/// Who reads a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addressee {
    /// One client's mailbox.
    Client(ClientId),
    /// Everybody's notice board.
    Board,
}
