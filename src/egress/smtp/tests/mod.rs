//! The dialogue, against servers that follow a script.

mod ahead;
mod dialogue;
mod encryption;
mod pool;
mod script;
mod wanted;
