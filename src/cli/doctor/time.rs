//! Time zones and clocks. Times of publication are this machine's; deadlines are counted in the
//! zone of whoever is bound by them.

use std::fs;

use editorial::ports::SystemClock;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use schema::parameters::Clock as _;

use super::Check;

const ZONE: &str = "Asia/Shanghai";
/// Where Debian, Red Hat and Alpine keep the version of the data.
const VERSIONS: [&str; 2] = ["/usr/share/zoneinfo/tzdata.zi", "/usr/share/zoneinfo/+VERSION"];
/// Further apart than this, times of two machines are told in a wrong order.
const APART: SignedDuration = SignedDuration::from_secs(5);

pub(super) fn zones() -> Vec<Check> {
    const AREA: &str = "timeZones";
    let install = ("安装系统的 tzdata 软件包", "install the system's tzdata package");
    vec![match TimeZone::get(ZONE) {
        Err(error) => Check::wrong(
            AREA,
            format!("找不到 {ZONE}：{error}"),
            format!("{ZONE} is not known: {error}"),
        )
        .remedy(install.0, install.1),
        Ok(_) => {
            let version = version().unwrap_or_else(|| "?".into());
            Check::well(
                AREA,
                format!("{ZONE}，tzdata {version}"),
                format!("{ZONE}, tzdata {version}"),
            )
        }
    }]
}

fn version() -> Option<String> {
    VERSIONS.iter().find_map(|file| {
        let text = fs::read_to_string(file).ok()?;
        let first = text.lines().next()?;
        Some(first.trim_start_matches("# version").trim().to_owned())
    })
}

/// This machine's clock.
pub(super) fn now() -> Timestamp {
    SystemClock.now()
}

/// This machine's clock against that of somebody who was asked at `asked`.
pub(super) fn compared(whose: (&str, &str), theirs: Timestamp, asked: Timestamp) -> Option<Check> {
    let apart = asked.duration_since(theirs);
    if apart.abs() <= APART {
        return None;
    }
    let seconds = apart.as_secs().unsigned_abs();
    let (zh, en) = match apart.is_positive() {
        true => (
            format!("比{}快 {seconds} 秒", whose.0),
            format!("{seconds} seconds ahead of {}", whose.1),
        ),
        false => (
            format!("比{}慢 {seconds} 秒", whose.0),
            format!("{seconds} seconds behind {}", whose.1),
        ),
    };
    Some(Check::doubtful("clock", zh, en).remedy(
        "让各台机器与时间服务器同步（chronyc tracking 或 timedatectl 可查看）",
        "keep every machine's clock by a time server (chronyc tracking or timedatectl show it)",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_differs_is_told_and_one_that_nearly_agrees_is_not() {
        let now: Timestamp = "2026-03-02T01:00:00Z".parse().expect("a moment");
        let told = |seconds| {
            compared(("数据库", "the database"), now + SignedDuration::from_secs(seconds), now)
        };

        assert_eq!(told(5), None);
        assert_eq!(told(-5), None);
        assert!(told(60).is_some_and(|check| check.what.en == "60 seconds behind the database"));
        assert!(told(-60).is_some_and(|check| check.what.zh == "比数据库快 60 秒"));
    }
}
