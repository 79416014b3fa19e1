//! What is scheduled, in the order of its times.

use async_graphql::{Context, Object, Result, SimpleObject};
use jiff::Timestamp;
use store::due_times::{self, About, Listed, Position};

use super::told::Schedule;
use crate::manage::{
    answer::fault,
    caller::Caller,
    cursor::Cursor,
    input::Faults,
    reading::{page, read},
};

/// The queries of this file.
#[derive(Default)]
pub(crate) struct Scheduled;

/// 定时的一项 / Something that is scheduled
#[derive(SimpleObject)]
pub(crate) struct ScheduleItem {
    /// 定时 / The schedule
    schedule: Schedule,
    /// 是否逾期：到时未能执行，或被拒待人处理 / Whether somebody has to look after it: it should have been done, or was refused for good
    is_overdue: bool,
    /// 内容编号；同步发布组没有 / Content id of the document; a release set has none
    content_id: Option<String>,
    /// 语言 / Its language
    locale: Option<String>,
    /// 内容类型 / Its type
    r#type: Option<String>,
    /// 信息的标题，或同步发布组的名称 / Title of the document, or name of the release set
    title: Option<String>,
    /// 位置，用于翻页 / Where to go on from
    cursor: String,
}

/// 一页定时 / A page of what is scheduled
#[derive(SimpleObject)]
pub(crate) struct SchedulePage {
    /// 各项，按时间先后 / The items, in the order of their times
    items: Vec<ScheduleItem>,
    /// 是否还有 / Whether there are more
    has_next_page: bool,
}

#[Object]
impl Scheduled {
    /// 已定时而尚未了结的，限于可见其草稿者 / What is scheduled and not done with, of documents and sets whose drafts you may see
    async fn schedules(
        &self,
        context: &Context<'_>,
        #[graphql(default, desc = "只要逾期的 / Only what is overdue")] overdue: bool,
        #[graphql(default = 20, desc = "最多几条，不超过 100 / At most so many, up to 100")] first: i32,
        #[graphql(desc = "从此位置之后 / After this cursor")] after: Option<String>,
    ) -> Result<SchedulePage> {
        let caller = Caller::of(context);
        let mut faults = Faults::default();
        let after: Option<Cursor> = faults.read_some("after", after.as_deref());
        let after = read(faults.finish(Some(after)))?
            .map(|Cursor { at, id }| Position { at, id: id.into() });
        let now = caller.desk.clock.now();
        let before = if overdue { due_times::late_before(now) } else { END };
        let length = page(first);
        let mut session = caller.session().await?;
        let viewer = caller.viewer();
        let found = due_times::page(&mut session, &viewer, before, after, length + 1).await;
        let mut found = found.map_err(|error| fault(&error))?;
        let has_next_page = found.len() > length as usize;
        found.truncate(length as usize);
        let mut items = Vec::with_capacity(found.len());
        for listed in found {
            let Listed { due, about } = listed;
            let cursor = Cursor { at: due.at, id: due.id.uuid() }.to_string();
            let is_overdue = due.is_overdue(now);
            let schedule = Schedule::told(&mut session, due).await;
            let schedule = schedule.map_err(|error| fault(&error))?;
            items.push(item(caller, schedule, is_overdue, about, cursor));
        }
        Ok(SchedulePage { items, has_next_page })
    }
}

/// Later than anything can be scheduled for, and within what both databases can hold.
const END: Timestamp = Timestamp::constant(253_402_207_200, 0);

fn item(
    caller: &Caller,
    schedule: Schedule,
    is_overdue: bool,
    about: About,
    cursor: String,
) -> ScheduleItem {
    match about {
        About::Document { content, locale, r#type, card } => {
            let content_type = caller.desk.types.get(&r#type);
            let title = card.as_ref().zip(content_type).and_then(|(card, content_type)| {
                content_type.title_of(&card.fields).map(str::to_owned)
            });
            ScheduleItem {
                schedule,
                is_overdue,
                content_id: Some(content.to_string()),
                locale: Some(locale.to_string()),
                r#type: Some(r#type.to_string()),
                title,
                cursor,
            }
        }
        About::ReleaseSet(name) => ScheduleItem {
            schedule,
            is_overdue,
            content_id: None,
            locale: None,
            r#type: None,
            title: Some(name),
            cursor,
        },
    }
}
