//! Who reports to us: whoever carries messages, or tells of mails that another way carried.

use std::sync::Arc;

use crate::gateways::{Gateway, Hears};

/// See the module.
#[derive(Clone)]
pub enum Teller {
    /// A gateway, of what it carried.
    Gateway(Arc<dyn Gateway>),
    /// A mail service, of mails that it was handed over SMTP.
    Mails(Arc<dyn Hears>),
}

impl Teller {
    /// How it is heard; nothing where it tells nothing.
    pub fn hears(&self) -> Option<&dyn Hears> {
        match self {
            Teller::Gateway(gateway) => gateway.hears(),
            Teller::Mails(hears) => Some(&**hears),
        }
    }
}
