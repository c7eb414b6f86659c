//! What all answers over HTTP share: how an error looks ([`problem`]), and how a query and a small
//! body are read ([`query`], [`members`]).

pub mod members;
pub mod problem;
pub mod query;
