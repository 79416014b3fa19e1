//! Notices (站点公告): what every page of a site, and of the sites below it, tells for a time.
//!
//! A notice is no document: it has no edition, no address and no place in lists. It is put up in
//! a hurry, stands above everything else, and is gone when its time is over. When that is, it says
//! itself, so that nothing has to happen at that moment for it to begin or to end.

#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    faults::{length, not_an_address},
    shapes::is_address,
};
use crate::{
    ids::{ActorId, NoticeId, SiteId},
    message::Fault,
};

/// Characters of a text. Longer ones are documents: a notice leads to them.
const TEXT_LIMIT: usize = 300;
/// How long before its beginning a notice may be told: a front end that asks once a day still
/// sets its timer in time.
pub const SOON: SignedDuration = SignedDuration::from_hours(7 * 24);
/// 9999-01-01: no notice is shown then, and both databases can still hold it.
pub const END_OF_TIME: Timestamp = Timestamp::constant(253_370_764_800, 0);
/// Notices of one site that are in force or to come. A page that shows more of them is read by
/// nobody.
pub const MOST_AT_ONCE: usize = 20;

/// What a notice is about. The words are those by which Chinese government sites tell such
/// announcements apart; a front end chooses mark and manner by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NoticeKind {
    /// 突发事件: natural disasters, accidents, public health and public safety, as the Emergency
    /// Response Law (突发事件应对法, 2024) groups them; authorities tell of them at once (article
    /// 7).
    Emergency,
    /// 气象预警: warning signals of the meteorological service, which others pass on unchanged.
    Weather,
    /// 交通出行: roads that are closed, trains and ferries that do not run.
    Traffic,
    /// 服务公告: online services under maintenance, counters that are closed.
    Service,
    /// 重要活动: what a whole city takes part in, such as a census or an election.
    Event,
    /// 哀悼: days of national or local mourning, on which sites show themselves in grey.
    Mourning,
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Emergency, Self::Weather, Self::Traffic, Self::Service, Self::Event, Self::Mourning];

    /// The word that stands in the store and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Emergency => "emergency",
            Self::Weather => "weather",
            Self::Traffic => "traffic",
            Self::Service => "service",
            Self::Event => "event",
            Self::Mourning => "mourning",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// How severe it is: the four levels of warnings in their national colours (Emergency Response
/// Law, chapter on monitoring and warning: 一级 red is the highest, 四级 blue the lowest), and
/// below them what warns of nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NoticeSeverity {
    /// 提示: no warning.
    Info,
    /// 蓝色, 四级（一般）
    Blue,
    /// 黄色, 三级（较大）
    Yellow,
    /// 橙色, 二级（重大）
    Orange,
    /// 红色, 一级（特别重大）
    Red,
}

impl NoticeSeverity {
    /// Every severity, the lowest first.
    pub const ALL: [Self; 5] = [Self::Info, Self::Blue, Self::Yellow, Self::Orange, Self::Red];

    /// The word that stands in the store and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Blue => "blue",
            Self::Yellow => "yellow",
            Self::Orange => "orange",
            Self::Red => "red",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == word)
    }
}

/// The text of a notice. Chinese alone will do: no warning waits for its translation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeText {
    /// Simplified Chinese.
    pub zh: String,
    /// English, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

/// What a notice says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NoticeParticulars {
    /// What it is about.
    pub kind: NoticeKind,
    /// How severe it is.
    pub severity: NoticeSeverity,
    /// What it says.
    pub text: NoticeText,
    /// Where more is said: a path of the site it is put up on, or an absolute address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// When a notice is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoticeTime {
    /// From this moment on.
    pub starts_at: Timestamp,
    /// Until this moment, and no longer; without it until somebody ends it.
    pub ends_at: Option<Timestamp>,
}

/// A notice of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteNotice {
    /// Its id on this hub.
    pub id: NoticeId,
    /// The site it was put up on. Those below show it too.
    pub site: SiteId,
    /// What it says.
    pub particulars: NoticeParticulars,
    /// When it is shown.
    pub time: NoticeTime,
    /// When somebody ended it before its time.
    pub ended_at: Option<Timestamp>,
    /// Counts its changes, for optimistic locking.
    pub version: i64,
    /// When it was put up.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: ActorId,
    /// When it was last changed or ended.
    pub changed_at: Timestamp,
    /// By whom.
    pub changed_by: ActorId,
}

/// Where a notice is in its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It begins in more than [`SOON`]: nobody is told yet.
    Later,
    /// It begins soon: who asks may know.
    Soon,
    /// It is shown.
    InForce,
    /// It was shown, or would have been.
    Over,
}

impl SiteNotice {
    /// When it is or was over; `None` while nobody has said.
    pub fn over_at(&self) -> Option<Timestamp> {
        self.ended_at.or(self.time.ends_at)
    }

    /// Where it is in its time.
    pub fn phase(&self, now: Timestamp) -> Phase {
        if self.over_at().is_some_and(|over_at| over_at <= now) {
            Phase::Over
        } else if self.time.starts_at <= now {
            Phase::InForce
        } else if self.told_from() <= now {
            Phase::Soon
        } else {
            Phase::Later
        }
    }

    /// When its phase changes next, by the clock alone.
    pub fn next_phase_at(&self, now: Timestamp) -> Option<Timestamp> {
        match self.phase(now) {
            Phase::Later => Some(self.told_from()),
            Phase::Soon => Some(self.time.starts_at),
            Phase::InForce => self.over_at(),
            Phase::Over => None,
        }
    }

    fn told_from(&self) -> Timestamp {
        self.time.starts_at.checked_sub(SOON).unwrap_or(Timestamp::MIN)
    }
}

impl NoticeParticulars {
    /// Everything that is wrong with them.
    pub fn faults(&self) -> Vec<Fault> {
        let english = self.text.en.as_deref();
        let link = self.link.as_deref().filter(|link| !is_address(link));
        [
            length("text.zh", &self.text.zh, TEXT_LIMIT),
            english.and_then(|text| length("text.en", text, TEXT_LIMIT)),
            link.map(|_| not_an_address("link")),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl NoticeTime {
    /// Everything that is wrong with it, for a notice that is put up or changed `now`.
    pub fn faults(&self, now: Timestamp) -> Vec<Fault> {
        let times = [("startsAt", Some(self.starts_at)), ("endsAt", self.ends_at)];
        let is_out = |at: Timestamp| at < Timestamp::UNIX_EPOCH || at >= END_OF_TIME;
        let faults: Vec<Fault> = times
            .into_iter()
            .filter(|(_, at)| at.is_some_and(is_out))
            .map(|(path, _)| {
                Fault::new(
                    path,
                    "out_of_range",
                    "时间应在 1970 年至 9998 年之间",
                    "give a time between the years 1970 and 9998",
                )
            })
            .collect();
        let Some(ends_at) = self.ends_at.filter(|_| faults.is_empty()) else { return faults };
        if ends_at <= self.starts_at {
            return vec![Fault::new(
                "endsAt",
                "ends_before_start",
                "结束时间应晚于开始时间",
                "a notice ends after it has started",
            )];
        }
        if ends_at <= now {
            return vec![Fault::new(
                "endsAt",
                "in_the_past",
                "结束时间已过；要立即撤下请用“结束公告”",
                "this time has passed; to take a notice down at once, end it",
            )];
        }
        Vec::new()
    }
}

/// Puts notices into the order in which a page shows them: the most severe first, of these those
/// of the site itself before those of the sites above it, of these the newest first. `distance`
/// says how far above the site the site of a notice is.
pub fn in_order(notices: &mut [SiteNotice], distance: impl Fn(SiteId) -> usize) {
    notices.sort_by(|one, other| {
        let severity = other.particulars.severity.cmp(&one.particulars.severity);
        severity
            .then_with(|| distance(one.site).cmp(&distance(other.site)))
            .then_with(|| other.time.starts_at.cmp(&one.time.starts_at))
            .then_with(|| one.id.cmp(&other.id))
    });
}
