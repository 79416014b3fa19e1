//! The log: numbers without gaps, times that never go back, hashes that follow each other.

use jiff::Timestamp;
use schema::log::row_hash;

use super::Run;
use crate::{Error, log};

const PAGE: u32 = 500;

pub(super) async fn verify(run: &mut Run<'_>) -> Result<(), Error> {
    let mut sequence = 0;
    let mut at = Timestamp::MIN;
    let mut hash = log::genesis();
    loop {
        let page = log::after(&mut run.session, sequence, PAGE).await;
        let Some(page) = run.readable(None, page)? else { return Ok(()) };
        if page.is_empty() {
            break;
        }
        for stored in page {
            let event = stored.event;
            run.progress.events += 1;
            if event.sequence != sequence + 1 {
                run.found(
                    "log_gap",
                    stored.document,
                    format!("发布日志在第 {sequence} 与第 {} 条之间有缺号", event.sequence),
                    format!("the log has a gap between {sequence} and {}", event.sequence),
                );
            }
            if event.at < at {
                run.found(
                    "log_time",
                    stored.document,
                    format!("发布日志第 {} 条的时间早于前一条", event.sequence),
                    format!("event {} is earlier than the one before it", event.sequence),
                );
            }
            let expected =
                row_hash(hash, event.sequence, event.at, event.kind, event.actor, &event.subject);
            if expected.ok() != Some(event.hash) {
                run.found(
                    "log_changed",
                    stored.document,
                    format!("发布日志第 {} 条已被改动：哈希链不相接", event.sequence),
                    format!("event {} was changed: its hash does not follow", event.sequence),
                );
            }
            (sequence, at, hash) = (event.sequence, event.at, event.hash);
        }
        run.step();
    }
    let head = log::head(&mut run.session).await?;
    if head.sequence != sequence || head.hash != hash {
        run.found(
            "log_cut",
            None,
            format!("发布日志止于第 {sequence} 条，计数器却为 {}", head.sequence),
            format!("the log ends with {sequence}, its counter says {}", head.sequence),
        );
    }
    Ok(())
}
