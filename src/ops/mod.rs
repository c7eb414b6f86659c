//! What an operator sees of a running Bellhop, other than its logs.

pub mod notify;
