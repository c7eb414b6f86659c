//! The dialogue, against servers that follow a script.

mod ahead;
mod dialogue;
mod encryption;
mod login;
mod pool;
mod script;
mod step;
mod unable;
mod wanted;
