//! What all answers over HTTP share: how an error looks ([`problem`]), and how a query is read
//! ([`query`]).

pub mod problem;
pub mod query;
