//! What lies outside: the key that opens the secrets of targets, how targets do, and whether
//! anybody answers where they are.

use std::{collections::BTreeSet, sync::Arc};

use editorial::ports::{self, SystemEntropy};
use jiff::{SignedDuration, fmt::rfc2822};
use schema::{delivery::TargetState, parameters::Entropy};
use store::{
    Error, Store,
    deliveries::{
        status,
        targets::{self, Target},
    },
    diagnosis,
};
use syndication::{Channels, Outbound, SystemLookup};
use tokio::time::timeout;

use super::{Check, Level, PATIENCE, caches, time};
use crate::{
    cli::Failure,
    settings::{KeySource, Settings},
};

/// Waiting longer than this is no matter of the next try.
const LONG: SignedDuration = SignedDuration::from_hours(1);
/// Places that are knocked at.
const PLACES: usize = 20;

pub(super) async fn check(store: &Store, settings: &Settings) -> Vec<Check> {
    let mut checks = Vec::new();
    let targets = match all(store).await {
        Ok(targets) => targets,
        Err(error) => return vec![Check::of_failure("deliveries", Failure::from(error))],
    };
    checks.extend(master_key(settings, &targets));
    checks.extend(caches::check(settings, &targets));
    if let Err(error) = deliveries(store, &targets, &mut checks).await {
        checks.push(Check::of_failure("deliveries", Failure::from(error)));
    }
    outgoing(&targets, &mut checks).await;
    checks
}

async fn all(store: &Store) -> Result<Vec<Target>, Error> {
    targets::all(&mut store.reader().await?).await
}

fn master_key(settings: &Settings, targets: &[Target]) -> Vec<Check> {
    const AREA: &str = "masterKey";
    let source = settings.key_source();
    let sealed: Vec<&Target> = targets.iter().filter(|target| target.secrets.is_some()).collect();
    if let KeySource::File(file) = &source
        && !file.exists()
    {
        let shown = file.display();
        let count = sealed.len();
        return vec![if count == 0 {
            Check::well(
                AREA,
                format!("首次需要时写入 {shown}"),
                format!("{shown} is made when it is first needed"),
            )
        } else {
            Check::wrong(
                AREA,
                format!("没有 {shown}，{count} 个投放对象的密钥无法解开"),
                format!("{shown} is not there, and the secrets of {count} targets do not open"),
            )
            .remedy(
                "放回原来的密钥文件，或设置 GONGBAO_MASTER_KEY；若已遗失，须重建这些投放对象",
                "put the key file back, or set GONGBAO_MASTER_KEY; where it is lost, create those targets anew",
            )
        }];
    }
    // The file is there, so nothing is made.
    let master = match settings.master_key(&SystemEntropy) {
        Ok(master) => master,
        Err(failure) => return vec![Check::of_failure(AREA, failure)],
    };
    let transport = Arc::new(Outbound::new(Arc::new(SystemLookup)));
    let channels = Channels::new(master, transport, Arc::new(SystemEntropy) as Arc<dyn Entropy>);
    let mut checks: Vec<Check> = sealed
        .iter()
        .filter_map(|target| {
            let why = ports::Channels::public(&channels, target).err()?;
            let key = &target.key;
            let check = Check::wrong(
                AREA,
                format!("{key} 的密钥无法解开：{}", why.zh),
                format!("the secrets of {key} do not open: {}", why.en),
            );
            Some(check.remedy(
                "使用写入它们时的主密钥",
                "use the master key under which they were written",
            ))
        })
        .collect();
    if let KeySource::File(file) = &source {
        let shown = file.display();
        checks.push(
            Check::doubtful(
                AREA,
                format!("在文件 {shown} 中，与其所保护的数据放在一起"),
                format!("it lies in {shown}, beside the data it protects"),
            )
            .remedy(
                "另存一份到别处；生产环境用 GONGBAO_MASTER_KEY 给出",
                "keep a copy elsewhere; in production hand it over by GONGBAO_MASTER_KEY",
            ),
        );
    } else if checks.is_empty() {
        checks.push(Check::well(AREA, "来自 GONGBAO_MASTER_KEY", "from GONGBAO_MASTER_KEY"));
    }
    checks
}

async fn deliveries(
    store: &Store,
    targets: &[Target],
    checks: &mut Vec<Check>,
) -> Result<(), Error> {
    const AREA: &str = "deliveries";
    let mut session = store.reader().await?;
    let before = checks.len();
    for target in targets {
        let key = &target.key;
        let look = (
            format!("gongbao channel show {key} 查看，处理后 gongbao channel resume {key}"),
            format!("gongbao channel show {key} says why; then gongbao channel resume {key}"),
        );
        if target.state == TargetState::Disabled {
            let why = target.reason.as_deref().unwrap_or_default();
            let check = Check::doubtful(
                AREA,
                format!("{key} 已停用：{why}"),
                format!("{key} is disabled: {why}"),
            );
            checks.push(check.remedy(look.0.clone(), look.1.clone()));
        }
        let counts = status::counts(&mut session, target.id, time::now()).await?;
        if counts.overdue_recalls > 0 {
            let count = counts.overdue_recalls;
            let check = Check::wrong(
                AREA,
                format!("{key}：{count} 条召回超过 5 分钟未获确认"),
                format!("{key}: {count} recalls were not acknowledged within 5 minutes"),
            );
            checks.push(check.remedy(look.0.clone(), look.1.clone()));
        }
        let stuck = counts.parked + counts.refused;
        if stuck > 0 {
            let check = Check::doubtful(
                AREA,
                format!("{key}：{stuck} 条投放待人处理"),
                format!("{key}: {stuck} deliveries wait for a person"),
            );
            checks.push(check.remedy(
                format!("gongbao channel show {key} 查看，处理后 gongbao channel replay {key}"),
                format!("gongbao channel show {key} lists them; then gongbao channel replay {key}"),
            ));
        }
        let since = diagnosis::waiting_since(&mut session, target.id).await?;
        if let Some(since) = since.filter(|since| time::now().duration_since(*since) > LONG)
            && target.state == TargetState::Enabled
        {
            let check = Check::doubtful(
                AREA,
                format!("{key}：最早的投放自 {since:.0} 起一直在等待"),
                format!("{key}: the oldest delivery has waited since {since:.0}"),
            );
            checks.push(check.remedy(
                format!("gongbao channel test {key}；并确认 gongbao serve 正在运行"),
                format!("gongbao channel test {key}, and see that gongbao serve runs"),
            ));
        }
    }
    if checks.len() == before {
        let count = targets.len();
        checks.push(Check::well(
            AREA,
            format!("{count} 个投放对象，没有积压"),
            format!("{count} targets, nothing is stuck"),
        ));
    }
    Ok(())
}

/// Knocks at each origin that targets have, once, under the rules of its target.
async fn outgoing(targets: &[Target], checks: &mut Vec<Check>) {
    const AREA: &str = "outgoing";
    let outbound = Outbound::new(Arc::new(SystemLookup));
    let mut places = BTreeSet::new();
    for target in targets.iter().filter(|target| target.state != TargetState::Disabled) {
        let Some(origin) = origin(&target.address) else { continue };
        if places.len() == PLACES || !places.insert(origin.clone()) {
            continue;
        }
        let asked = time::now();
        let knock = outbound.knock(&target.address, &target.particulars.reach);
        match timeout(PATIENCE, knock).await {
            Ok(Ok(reply)) => {
                checks.push(Check::well(
                    AREA,
                    format!("{origin} 可达"),
                    format!("{origin} answers"),
                ));
                let theirs = reply.date.as_deref().and_then(|date| rfc2822::parse(date).ok());
                let told =
                    checks.iter().any(|check| check.area == "clock" && check.level != Level::Well);
                let whose = (format!(" {origin} "), origin);
                checks.extend(theirs.filter(|_| !told).and_then(|theirs| {
                    time::compared((&whose.0, &whose.1), theirs.timestamp(), asked)
                }));
            }
            outcome => {
                let why = match outcome {
                    Ok(Err(failure)) => failure.to_string(),
                    _ => format!("{} s", PATIENCE.as_secs()),
                };
                let check = Check::doubtful(
                    AREA,
                    format!("{origin} 不可达：{why}"),
                    format!("{origin} does not answer: {why}"),
                );
                checks.push(check.remedy(
                    "请检查域名解析、防火墙与对方服务；内网地址须用 --allow 放行",
                    "look after names, firewalls and the other side; an internal address has to be allowed with --allow",
                ));
            }
        }
    }
    if places.is_empty() {
        checks.push(Check::well(
            AREA,
            "没有需要访问的对外地址",
            "nothing is configured that would be reached",
        ));
    }
}

/// Scheme, host and port: the rest of an address may be a secret.
fn origin(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    Some(format!("{scheme}://{host}"))
}
