//! What is old is found, and goes, a little at a time.

mod ages;
mod look;
mod shed;
