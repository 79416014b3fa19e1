//! What `gongbao demo` shows: sample content, and its performance on a running hub.

pub(crate) mod performance;
pub mod sample;
