//! Names on the command line, read.

use crate::domain::channel::Channel;
use crate::domain::kind::Kind;
use crate::domain::locale::{BUILT_IN, Locale};

/// A kind of message; of what is none, the error names all that there are.
pub fn kind(name: &str) -> Result<Kind, String> {
    Kind::parse(name).ok_or_else(|| {
        let known: Vec<_> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        format!("no such kind; there are {}", known.join(", "))
    })
}

/// How a text travels; of what is none, the error names all that there are.
pub fn channel(name: &str) -> Result<Channel, String> {
    Channel::parse(name).ok_or_else(|| "must be email, sms, push or inbox".to_owned())
}

/// A language that there are texts in: of another there would be nothing to see but English.
pub fn locale(name: &str) -> Result<Locale, String> {
    let locale = Locale::parse(name).map_err(|error| error.to_string())?;
    let known = || format!("no built-in texts in it; there are {}", BUILT_IN.join(", "));
    Some(locale).filter(Locale::is_built_in).ok_or_else(known)
}
