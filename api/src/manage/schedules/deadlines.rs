//! What is late on a site, and what will be.

use std::{fmt, str::FromStr};

use async_graphql::{Context, Object, Result, SimpleObject};
use editorial::{
    Error,
    deadlines::{self, Pending, Wanted},
};
use jiff::{SignedDuration, Timestamp};
use schema::{
    calendar,
    ids::DocumentId,
    message::Fault,
    names::{DeadlineKey, SiteKey},
};

use crate::manage::{
    answer::{Text, fault},
    caller::Caller,
    input::{Faults, Spelled},
    reading::{page, read},
    words::{DeadlineStanding, DeadlineSureness},
};

/// How long ago something may have begun, unless somebody asks for more.
const SINCE: SignedDuration = SignedDuration::from_hours(180 * 24);
/// How far ahead it is looked, unless somebody asks for more.
const UNTIL: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The queries of this file.
#[derive(Default)]
pub(crate) struct Deadlines;

/// 时限规则 / A rule of a time allowed
#[derive(SimpleObject)]
pub(crate) struct DeadlineRule {
    /// 代号 / By what it is asked for
    key: String,
    /// 事项 / What it is about
    name: Text,
    /// 何时起算 / What happened, so that the time began to run
    from: Text,
    /// 时限 / The time allowed
    within: String,
    /// 何处的规定；不填为全国 / Whose number it is; without it the nation's
    preset: Option<Text>,
    /// 依据 / The document that says so
    source: String,
    /// 依据的可靠程度 / How sure that is
    sureness: DeadlineSureness,
}

/// 有期限的一项 / Something that is to be done within a time allowed
#[derive(SimpleObject)]
pub(crate) struct DeadlineItem {
    /// 规则 / By which rule
    rule: DeadlineRule,
    /// 内容编号 / Content id
    content_id: String,
    /// 语言 / Language
    locale: String,
    /// 内容类型 / Type
    r#type: String,
    /// 标题 / Title
    title: Option<String>,
    /// 是否已公开：已公开的，所缺为与之关联的内容 / Whether the public sees it: then what is missing is something linked to it
    is_public: bool,
    /// 何时起算 / When the time began to run
    from: String,
    /// 由哪个字段得知 / In which field that is said
    field: Option<String>,
    /// 到期时间；日历未知则没有 / When it is over; nothing where the calendar does not know
    due_at: Option<String>,
    /// 是否逾期；日历未知则没有 / How it stands now; nothing where the calendar does not know
    standing: Option<DeadlineStanding>,
    /// 为何不能推算 / Why it cannot be counted
    unknown: Option<Text>,
    /// 位置，用于翻页 / Where to go on from
    cursor: String,
}

/// 一页期限 / A page of deadlines
#[derive(SimpleObject)]
pub(crate) struct DeadlinePage {
    /// 各项，先到期的在前，不能推算的在后 / The items, the first due first, what cannot be counted at the end
    items: Vec<DeadlineItem>,
    /// 是否还有 / Whether there are more
    has_next_page: bool,
    /// 内容过多，较早的未列入 / There were more contents than are looked at: older ones are missing
    is_cut: bool,
}

/// Where a page ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    at: Timestamp,
    document: DocumentId,
    rule: String,
}

impl Place {
    fn of(pending: &Pending) -> Self {
        let (at, document, rule) = pending.position();
        Self { at, document, rule: rule.to_string() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, document, rule } = self;
        write!(formatter, "{:x}.{}.{rule}", at.as_microsecond(), document.uuid().simple())
    }
}

/// A text was not a cursor of this list.
pub(crate) struct NotAPlace;

impl FromStr for Place {
    type Err = NotAPlace;

    fn from_str(text: &str) -> Result<Self, NotAPlace> {
        let mut parts = text.splitn(3, '.');
        let mut part = || parts.next().ok_or(NotAPlace);
        let at = i64::from_str_radix(part()?, 16).map_err(|_| NotAPlace)?;
        Ok(Self {
            at: Timestamp::from_microsecond(at).map_err(|_| NotAPlace)?,
            document: part()?.parse().map_err(|_| NotAPlace)?,
            rule: part()?.to_owned(),
        })
    }
}

impl Spelled for Place {
    fn fault(path: &str, _: &str, _: NotAPlace) -> Fault {
        Fault::new(
            path,
            "bad_cursor",
            "应为本列表此前给出的位置",
            "give a cursor that this list gave",
        )
    }
}

#[Object]
impl Deadlines {
    /// 某站点已逾期和将到期的事项，依各信息自身所载日期推算；无权者得空列表 / What is late on a site and what will be, by the dates that contents say themselves; an empty list for those who may not see its drafts
    #[expect(clippy::too_many_arguments, reason = "each is an argument of the query")]
    async fn deadlines(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "站点 / The site")] site: String,
        #[graphql(
            desc = "此前到期的，默认三十天内 / Due before then; within thirty days without it"
        )]
        until: Option<String>,
        #[graphql(desc = "此后起算的，默认半年内 / Begun since then; half a year ago without it")]
        since: Option<String>,
        #[graphql(default, desc = "规则代号；不填为全部 / Keys of rules; all of them without any")]
        rules: Vec<String>,
        #[graphql(default = 20, desc = "最多几条，不超过 100 / At most so many, up to 100")] first: i32,
        #[graphql(desc = "从此位置之后 / After this cursor")] after: Option<String>,
    ) -> Result<DeadlinePage> {
        let caller = Caller::of(context);
        let now = caller.desk.clock.now();
        let mut faults = Faults::default();
        let site: Option<SiteKey> = faults.read("site", &site);
        let until = faults.read_some("until", until.as_deref());
        let since = faults.read_some("since", since.as_deref());
        let after: Option<Place> = faults.read_some("after", after.as_deref());
        let rules: Vec<DeadlineKey> = faults.read_all("rules", &rules);
        let site = read(faults.finish(site))?;
        let wanted = Wanted {
            site,
            since: since.unwrap_or_else(|| now.checked_sub(SINCE).unwrap_or(now)),
            until: until.unwrap_or_else(|| now.checked_add(UNTIL).unwrap_or(now)),
            rules,
        };
        let list = match deadlines::pending(&caller.desk, &caller.actor, &wanted).await {
            Ok(list) => list,
            Err(Error::Refused(_)) => deadlines::List::default(),
            Err(Error::Store(error)) => return Err(fault(&error)),
        };
        let is_after =
            |pending: &Pending| after.as_ref().is_none_or(|last| Place::of(pending) > *last);
        let mut left = list.items.into_iter().filter(is_after);
        let items = left.by_ref().take(page(first) as usize).map(|one| item(one, now)).collect();
        Ok(DeadlinePage { items, has_next_page: left.next().is_some(), is_cut: list.is_cut })
    }
}

fn item(pending: Pending, now: Timestamp) -> DeadlineItem {
    let cursor = Place::of(&pending).to_string();
    let (due, unknown) = match pending.due {
        Ok(due) => (Some(due), None),
        Err(unknown) => (None, Some(unknown.message().into())),
    };
    let rule = pending.rule;
    DeadlineItem {
        cursor,
        rule: DeadlineRule {
            key: rule.key.to_string(),
            name: rule.name.into(),
            from: rule.from.label().into(),
            within: rule.within.to_string(),
            preset: rule.preset.map(Into::into),
            source: rule.source,
            sureness: rule.sureness.into(),
        },
        content_id: pending.content.to_string(),
        locale: pending.locale.to_string(),
        r#type: pending.r#type.to_string(),
        title: pending.title,
        is_public: pending.is_public,
        from: pending.began.at.to_string(),
        field: pending.began.field.map(|field| field.to_string()),
        due_at: due.map(|due| due.at.to_string()),
        standing: due.map(|due| match due.standing(now) {
            calendar::Standing::OnTime { .. } => DeadlineStanding::OnTime,
            calendar::Standing::Soon { .. } => DeadlineStanding::Soon,
            calendar::Standing::Late { .. } => DeadlineStanding::Late,
        }),
        unknown,
    }
}
