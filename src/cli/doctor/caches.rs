//! Whether what caches outside may keep for long can be taken out of them.

use schema::delivery::TargetState;
use store::deliveries::targets::Target;

use super::Check;
use crate::settings::Settings;

const AREA: &str = "caches";
/// Seconds within which a recall may be shown still: what files have without any setting.
const SHORT: u32 = 60;

pub(super) fn check(settings: &Settings, targets: &[Target]) -> Option<Check> {
    let seconds = settings.http.kept_outside();
    if seconds <= SHORT {
        return None;
    }
    let purged = targets
        .iter()
        .filter(|target| target.particulars.purge.is_some() && target.state == TargetState::Enabled)
        .count();
    Some(match (purged, settings.http.tells_tags()) {
        (0, _) => Check::doubtful(
            AREA,
            format!("外部缓存可保存 {seconds} 秒，而没有启用的 purge 投放对象"),
            format!("caches outside may keep {seconds} seconds, and no purge target is enabled"),
        )
        .remedy(
            "用 gongbao channel create --channel purge 新建，或缩短 GONGBAO_HTTP_CACHE_SHARED_SECONDS",
            "make one with gongbao channel create --channel purge, or shorten GONGBAO_HTTP_CACHE_SHARED_SECONDS",
        ),
        (_, false) => Check::doubtful(
            AREA,
            format!("外部缓存可保存 {seconds} 秒，而应答不带标签"),
            format!("caches outside may keep {seconds} seconds, and answers carry no tags"),
        )
        .remedy("将 GONGBAO_HTTP_CACHE_TAGS 设为 true", "set GONGBAO_HTTP_CACHE_TAGS to true"),
        (purged, true) => Check::well(
            AREA,
            format!("可保存 {seconds} 秒，{purged} 个缓存按通知清除"),
            format!("they may keep {seconds} seconds, and {purged} are told what to drop"),
        ),
    })
}
