//! The audit: numbers without gaps from the last checkpoint to the end of the chain, hashes that
//! follow each other, and a database that still refuses changes.

use super::Run;
use crate::{Error, audit};

const PAGE: u32 = 500;

pub(super) async fn verify(run: &mut Run<'_>) -> Result<(), Error> {
    for trigger in audit::guard::missing(&mut run.session).await? {
        run.found(
            "audit_unguarded",
            None,
            format!("数据库不再拒绝改动审计记录：触发器 {trigger} 缺失或停用，请查明是谁所为，再从备份恢复结构"),
            format!("the database no longer refuses changes of the audit: trigger {trigger} is missing or does not fire; find out who did that, then restore it"),
        );
    }
    let checkpoint = audit::checkpoint(&mut run.session).await;
    let Some(checkpoint) = run.readable(None, checkpoint)? else { return Ok(()) };
    if let Some(checkpoint) = checkpoint
        && !audit::is_told(&mut run.session, checkpoint).await?
    {
        let number = checkpoint.seal.number;
        run.found(
            "audit_cut_untold",
            None,
            format!("审计记录删到第 {number} 条，却没有关于此次删除的记录"),
            format!("the audit was deleted up to row {number}, and no row of it tells of that"),
        );
    }
    let first = audit::first_kept(&mut run.session).await?;
    let mut last = first;
    loop {
        let page = audit::sealed_after(&mut run.session, last.number, PAGE).await;
        let Some(page) = run.readable(None, page)? else { return Ok(()) };
        if page.is_empty() {
            break;
        }
        for record in page {
            let Some(seal) = record.seal else { continue };
            run.progress.audited += 1;
            let follows = seal.number == last.number + 1;
            if !follows {
                run.found(
                    "audit_gap",
                    None,
                    format!("审计记录在第 {} 与第 {} 条之间有缺号", last.number, seal.number),
                    format!("the audit has a gap between {} and {}", last.number, seal.number),
                );
            }
            if follows && record.sealed_after(last).ok() != Some(seal) {
                run.found(
                    "audit_changed",
                    None,
                    format!("审计记录第 {} 条已被改动：哈希链不相接", seal.number),
                    format!(
                        "row {} of the audit was changed: its hash does not follow",
                        seal.number
                    ),
                );
            }
            last = seal;
        }
        run.step();
    }
    let condition = audit::condition(&mut run.session).await?;
    run.progress.unsealed = condition.unsealed;
    if condition.head != last {
        let (ends, said) = (last.number, condition.head.number);
        run.found(
            "audit_cut",
            None,
            format!("审计记录止于第 {ends} 条，链尾却为第 {said} 条"),
            format!("the audit ends with row {ends}, the end of its chain says {said}"),
        );
    }
    Ok(())
}
