//! The dialogue, against servers that follow a script.

mod dialogue;
mod encryption;
mod pool;
mod script;
