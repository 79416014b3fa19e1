//! Campaigns: the hub as operating-system processes that write and deliver at the same time,
//! in a crowd and under SIGKILL, before receivers that keep the book of everything.
//!
//! How many kills a run makes is `GONGBAO_TEST_KILLS` (a few by default; CI's campaign makes 50
//! per database and kind). Everything random is the same in every run but what the machine's
//! scheduler does.

mod book;
mod crowd;
mod judge;
mod kills;
mod outage;
mod receiver;
mod scene;
mod script;
