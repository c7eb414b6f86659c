//! What all answers over HTTP share: who may ask for what ([`access`]), how an error looks
//! ([`problem`]), and how a query and a small body are read ([`query`], [`members`]).

pub mod access;
pub mod members;
pub mod problem;
pub mod query;
