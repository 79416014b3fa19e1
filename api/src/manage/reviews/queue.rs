//! What waits for the caller.

use async_graphql::{Context, Object, Result, SimpleObject};
use jiff::Timestamp;
use store::reviews::queue::{self, Position, Wait, Waiting};

use crate::manage::{
    answer::fault,
    caller::Caller,
    cursor::Cursor,
    input::Faults,
    reading::{page, read},
    words::{ReviewDebtKind, ReviewTrack, Role},
};

/// The queries of this file.
#[derive(Default)]
pub(crate) struct Queue;

/// 所待之事 / Something that is waited for
#[derive(SimpleObject)]
pub(crate) struct ReviewWait {
    /// 以何种角色 / In which role
    role: Role,
    /// 各环节已签，待发布 / Every step is taken: it is to be published
    publication: bool,
    /// 须事后确认：其缘由 / A confirmation after the publication, and why
    confirmation: Option<ReviewDebtKind>,
    /// 须会签：其编号，见 laidBeforeBody / The answer of a body that was asked to co-sign: its id, for laidBeforeBody
    cosignature: Option<String>,
}

impl ReviewWait {
    const fn plain(role: Role) -> Self {
        Self { role, publication: false, confirmation: None, cosignature: None }
    }
}

impl From<Wait> for ReviewWait {
    fn from(wait: Wait) -> Self {
        match wait {
            Wait::Step(role) => Self::plain(role.into()),
            Wait::Publication => Self { publication: true, ..Self::plain(Role::Approver) },
            Wait::Confirmation(kind, role) => {
                Self { confirmation: Some(kind.into()), ..Self::plain(role.into()) }
            }
            Wait::Cosignature(id, _) => {
                Self { cosignature: Some(id.to_string()), ..Self::plain(Role::Cosigner) }
            }
        }
    }
}

/// 待办的一项 / A text that waits
#[derive(SimpleObject)]
pub(crate) struct ReviewQueueItem {
    /// 审核的编号 / Id of the review
    review: String,
    /// 待做何事 / For what
    waits: Vec<ReviewWait>,
    /// 内容编号 / Its content id
    content_id: String,
    /// 语言 / Its language
    locale: String,
    /// 内容类型 / Its type
    r#type: String,
    /// 标题 / Its title
    title: Option<String>,
    /// 流程 / By which track it is reviewed
    track: ReviewTrack,
    /// 第几次送审 / How often it was submitted
    round: u32,
    /// 自何时起：送审，或待确认的发布 / Since when: its submission, or the publication to be confirmed
    since: String,
    /// 送审或发布者；命令行没有 / Who submitted or published; nothing for the command line
    by: Option<String>,
    /// 时限 / When it is late
    due_at: Option<String>,
    /// 是否已逾期 / Whether it is late now
    is_late: bool,
    /// 位置，用于翻页 / Where to go on from
    cursor: String,
}

/// 一页待办 / A page of what waits
#[derive(SimpleObject)]
pub(crate) struct ReviewQueuePage {
    /// 各项，等候最久的在前 / The items, the longest waiting first
    items: Vec<ReviewQueueItem>,
    /// 是否还有 / Whether there are more
    has_next_page: bool,
}

#[Object]
impl Queue {
    /// 待我办理：待签环节、待发布、待确认、待会签 / What waits for me: steps to sign, texts to publish, publications to confirm, answers of my body
    async fn review_queue(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20, desc = "最多几条，不超过 100 / At most so many, up to 100")] first: i32,
        #[graphql(desc = "从此位置之后 / After this cursor")] after: Option<String>,
    ) -> Result<ReviewQueuePage> {
        let caller = Caller::of(context);
        let mut faults = Faults::default();
        let after: Option<Cursor> = faults.read_some("after", after.as_deref());
        let after = read(faults.finish(Some(after)))?
            .map(|Cursor { at, id }| Position { since: at, review: id.into() });
        let mut session = caller.session().await?;
        let length = page(first);
        let found = queue::of_viewer(&mut session, &caller.viewer(), after, length + 1).await;
        let mut waiting = found.map_err(|error| fault(&error))?;
        let has_next_page = waiting.len() > length as usize;
        waiting.truncate(length as usize);
        let now = caller.desk.clock.now();
        let items = waiting.into_iter().map(|waiting| item(caller, now, waiting)).collect();
        Ok(ReviewQueuePage { items, has_next_page })
    }
}

fn item(caller: &Caller, now: Timestamp, waiting: Waiting) -> ReviewQueueItem {
    let content_type = caller.desk.types.get(&waiting.r#type);
    let title =
        waiting.card.as_ref().zip(content_type).and_then(|(card, content_type)| {
            content_type.title_of(&card.fields).map(str::to_owned)
        });
    ReviewQueueItem {
        cursor: Cursor { at: waiting.since, id: waiting.review.uuid() }.to_string(),
        review: waiting.review.to_string(),
        waits: waiting.waits.into_iter().map(Into::into).collect(),
        content_id: waiting.content.to_string(),
        locale: waiting.locale.to_string(),
        r#type: waiting.r#type.to_string(),
        title,
        track: waiting.track.into(),
        round: waiting.round,
        since: waiting.since.to_string(),
        by: waiting.by,
        due_at: waiting.due_at.map(|at| at.to_string()),
        is_late: waiting.due_at.is_some_and(|at| at < now),
    }
}
