//! What the hub holds, as far as it keeps the hub from working: content types in force, the log,
//! clocks, people, reviews that are late.

use jiff::{SignedDuration, Timestamp};
use schema::content_type::TypeRegistry;
use store::{
    Store, audit,
    diagnosis::{self, Server},
    due_times, log,
    reviews::queue,
    types,
};

use super::{Check, time};
use crate::cli::Failure;

/// How long rows of the audit may wait for their place in its chain, while no server runs that
/// gives them one a little longer.
const UNSEALED: SignedDuration = SignedDuration::from_mins(10);

pub(super) async fn check(
    store: &Store,
    wanted: Option<&TypeRegistry>,
    keep_days: u32,
) -> Vec<Check> {
    let mut checks = Vec::new();
    for (area, outcome) in [
        ("contentTypes", content_types(store, wanted, &mut checks).await),
        ("log", clocks(store, &mut checks).await),
        ("people", people(store, &mut checks).await),
        ("reviews", reviews(store, &mut checks).await),
        ("schedules", schedules(store, &mut checks).await),
        ("audit", audited(store, keep_days, &mut checks).await),
    ] {
        if let Err(error) = outcome {
            checks.push(Check::of_failure(area, Failure::from(error)));
        }
    }
    checks
}

async fn content_types(
    store: &Store,
    wanted: Option<&TypeRegistry>,
    checks: &mut Vec<Check>,
) -> Result<(), editorial::Error> {
    const AREA: &str = "contentTypes";
    let mut session = store.reader().await?;
    if let Some(wanted) = wanted {
        for change in editorial::types::would_orphan(wanted, &mut session).await? {
            let check = Check::wrong(
                AREA,
                format!("与已存的信息不符，服务无法启动：{}", change.zh),
                format!(
                    "it does not fit what is stored, and the server will not start: {}",
                    change.en
                ),
            );
            checks.push(check.remedy(
                "改回内容类型；或确认后以 gongbao serve --accept-type-changes 启动",
                "change the content types back, or accept that with gongbao serve --accept-type-changes",
            ));
        }
    }
    for (name, fields) in types::unindexed(&mut session).await? {
        let fields: Vec<String> = fields.iter().map(ToString::to_string).collect();
        let fields = fields.join(", ");
        let check = Check::doubtful(
            AREA,
            format!("{name} 的 {fields} 尚未建立索引，查询会拒绝按其筛选"),
            format!("{fields} of {name} are not indexed yet, and queries by them are refused"),
        );
        checks.push(check.remedy(
            "等待服务在后台完成，或运行 gongbao reindex",
            "let the server finish in the background, or run gongbao reindex",
        ));
    }
    Ok(())
}

/// How far the chain of the audit goes, whether it lags, whether the database guards it.
async fn audited(
    store: &Store,
    keep_days: u32,
    checks: &mut Vec<Check>,
) -> Result<(), editorial::Error> {
    const AREA: &str = "audit";
    let mut session = store.reader().await?;
    for trigger in audit::guard::missing(&mut session).await? {
        let check = Check::wrong(
            AREA,
            format!("数据库不再拒绝改动审计记录：触发器 {trigger} 缺失或停用"),
            format!(
                "the database no longer refuses changes of the audit: trigger {trigger} is missing or does not fire"
            ),
        );
        checks.push(check.remedy(
            "查明是谁改动了数据库的结构，再以 gongbao backup 与 gongbao restore 重建",
            "find out who altered the structure of the database, then rebuild it with gongbao backup and gongbao restore",
        ));
    }
    let condition = audit::condition(&mut session).await?;
    let (number, hash) = (condition.head.number, condition.head.hash);
    checks.push(Check::well(
        AREA,
        format!("保存 {keep_days} 天；哈希链至第 {number} 条，{hash}"),
        format!("kept for {keep_days} days; its chain ends with row {number}, {hash}"),
    ));
    let late = |at: Timestamp| time::now().duration_since(at) > UNSEALED;
    if condition.unsealed_since.is_some_and(late) {
        let rows = condition.unsealed;
        let check = Check::doubtful(
            AREA,
            format!("有 {rows} 条记录尚未接入哈希链"),
            format!("{rows} rows have no place in its chain yet"),
        );
        checks.push(check.remedy(
            "启动 gongbao serve 或运行 gongbao verify 即会接入；若仍如此，请查看服务日志",
            "gongbao serve and gongbao verify give them one; if they do not, look at the server's log",
        ));
    }
    Ok(())
}

async fn clocks(store: &Store, checks: &mut Vec<Check>) -> Result<(), editorial::Error> {
    let mut session = store.reader().await?;
    let before = checks.len();
    if let Server::Postgres { clock, .. } = diagnosis::server(&mut session).await? {
        checks.extend(time::compared(("数据库", "the database"), clock, time::now()));
    }
    let head = log::head(&mut session).await?;
    let now = time::now();
    if head.sequence > 0 && head.at > now {
        let ahead = head.at.duration_since(now).as_secs();
        let check = Check::doubtful(
            "clock",
            format!("比发布日志最后一条慢 {ahead} 秒：时钟曾被拨回"),
            format!("{ahead} seconds behind the last event of the log: it was turned back"),
        );
        checks.push(check.remedy(
            "校准时钟；在追上之前，新的发布都记为日志最后一条的时间",
            "set it right; until it has caught up, whatever is published gets the time of that last event",
        ));
    }
    if checks.len() == before {
        checks.push(Check::well("clock", format!("{now:.0}"), format!("{now:.0}")));
    }
    let sequence = head.sequence;
    checks.push(Check::well(
        "log",
        format!("至第 {sequence} 条；gongbao verify 可核验全部内容"),
        format!("up to event {sequence}; gongbao verify looks through all of it"),
    ));
    Ok(())
}

async fn people(store: &Store, checks: &mut Vec<Check>) -> Result<(), editorial::Error> {
    let mut session = store.reader().await?;
    let check = match diagnosis::administrators(&mut session).await? {
        0 => Check::doubtful("people", "没有任何平台管理员", "nobody is platform administrator")
            .remedy(
                "gongbao user create admin --name 管理员 --role platformAdministrator",
                "gongbao user create admin --name Administrator --role platformAdministrator",
            ),
        count => Check::well(
            "people",
            format!("{count} 位平台管理员"),
            format!("{count} platform administrators"),
        ),
    };
    checks.push(check);
    Ok(())
}

async fn reviews(store: &Store, checks: &mut Vec<Check>) -> Result<(), editorial::Error> {
    const AREA: &str = "reviews";
    let mut session = store.reader().await?;
    let late = queue::late(&mut session, time::now()).await?;
    for (count, zh, en) in [
        (late.steps, "个审核环节已逾期", "steps of reviews are late"),
        (late.confirmations, "项事后确认已逾期", "confirmations after a publication are late"),
        (
            late.cosignatures,
            "项会签已逾期",
            "answers of bodies that were asked to co-sign are late",
        ),
    ] {
        if count > 0 {
            let check = Check::doubtful(AREA, format!("{count} {zh}"), format!("{count} {en}"));
            checks.push(check.remedy(
                "请有关人员查看各自的待办（管理接口的 reviewQueue）",
                "ask those concerned to look at what waits for them: reviewQueue of the management API",
            ));
        }
    }
    if (late.steps, late.confirmations, late.cosignatures) == (0, 0, 0) {
        checks.push(Check::well(
            AREA,
            "没有逾期的审核与确认",
            "no step and no confirmation is late",
        ));
    }
    Ok(())
}

async fn schedules(store: &Store, checks: &mut Vec<Check>) -> Result<(), editorial::Error> {
    const AREA: &str = "schedules";
    let mut session = store.reader().await?;
    let overdue = due_times::overdue(&mut session, time::now()).await?;
    if overdue.late > 0 {
        let count = overdue.late;
        let check = Check::doubtful(
            AREA,
            format!("{count} 项定时已到时而未执行"),
            format!("{count} schedules are due and were not fired"),
        );
        checks.push(check.remedy(
            "请确认服务在运行；服务启动后会立即执行，拒绝的原因见管理接口的 schedules(overdue: true)",
            "see that the server runs, which fires them at once; why they were refused, schedules(overdue: true) of the management API says",
        ));
    }
    if overdue.refused > 0 {
        let count = overdue.refused;
        let check = Check::doubtful(
            AREA,
            format!("{count} 项定时到时被拒，待人处理"),
            format!("{count} schedules were refused when they were due and wait for somebody"),
        );
        checks.push(check.remedy(
            "请有关人员查看管理接口的 schedules(overdue: true)，更改或取消",
            "ask those concerned to look at schedules(overdue: true) of the management API, and to move or cancel them",
        ));
    }
    if overdue == due_times::Overdue::default() {
        checks.push(Check::well(AREA, "没有逾期的定时", "no schedule is overdue"));
    }
    Ok(())
}
