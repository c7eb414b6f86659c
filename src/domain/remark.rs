//! What was taken, and is hardly meant.

/// Said to whoever sent a command that took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remark {
    /// Text messages ask for an answer, and are sent in the name of something that has no number.
    NobodyCanAnswer,
}

impl Remark {
    /// In a sentence, behind the field.
    pub fn as_str(self) -> &'static str {
        match self {
            Remark::NobodyCanAnswer => {
                "sender.sms: nobody can answer a name, and this tenant's text messages ask for an \
                 answer (queue.offered, attendance.check, keywords): use a number"
            }
        }
    }
}
