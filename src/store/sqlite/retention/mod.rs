//! What is kept for a while, in a SQLite file.
//!
//! [`mod@look`] finds what is old on a connection that reads, in the order of the keys;
//! [`mod@shed`] has the writer for one statement's time; [`space`] and [`sizes`] are about the
//! file.

mod look;
mod shed;
mod sizes;
mod space;
