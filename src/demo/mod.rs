//! What `gongbao demo` shows.

pub mod sample;
