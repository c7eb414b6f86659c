//! What all answers over HTTP share: who may ask for what ([`access`], [`keys`]), how an error
//! looks ([`problem`]) and what it is called ([`refusal`]), how a query and a small body are read
//! ([`query`], [`members`]), and how routes are registered: with what there is to say of them
//! ([`table`], [`operation`]), which together is [`openapi`].

pub mod access;
pub mod keys;
pub mod members;
pub mod openapi;
pub mod operation;
pub mod problem;
pub mod query;
pub mod refusal;
pub mod table;
