//! A schedule as its reader sees it.

use async_graphql::{Result, SimpleObject};
use schema::due::Order;
use serde::{Deserialize, Serialize};
use store::{Session, access::people, documents::Document, due_times::DueTime};

use crate::manage::{
    answer::{Text, Who, fault},
    caller::Caller,
    documents::Notice,
    words::{Removal, ScheduleKind, ScheduleState},
};

/// Schedules of one document that are told, at the most.
const SCHEDULES: u32 = 50;

/// 最近一次为何被拒 / Why the last try was refused
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct ScheduleRefusal {
    /// 供程序识别的代码 / Stable code for programs
    code: String,
    /// 供人阅读的说明 / What is wrong and what to do
    message: Text,
}

/// 定时：到时由任一节点执行一次 / Something that is to be done at a moment, once, by whichever node is awake
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct Schedule {
    /// 编号 / Its id
    id: String,
    /// 做什么 / What is to be done
    kind: ScheduleKind,
    /// 状态 / How it stands
    state: ScheduleState,
    /// 定于何时 / When
    at: String,
    /// 何时所定 / When it was scheduled
    scheduled_at: String,
    /// 何人所定；到时以其当时的权限执行 / Who scheduled it: it is done with what they may then
    scheduled_by: Who,
    /// 定时移除的方式 / How, where it is a removal
    removal: Option<Removal>,
    /// 撤回或移除时对公众的说明 / What the public is told, where it is taken back
    notice: Option<Notice>,
    /// 被拒的次数 / How often it was tried and refused
    attempts: u32,
    /// 下次执行的时间 / When it is tried next
    next_try: Option<String>,
    /// 最近一次为何被拒 / Why the last try was refused
    refusal: Option<ScheduleRefusal>,
    /// 执行、取消或失效的时间 / When it was done, cancelled, or became void
    closed_at: Option<String>,
    /// 何人所为 / By whom
    closed_by: Option<Who>,
    /// 同步发布组的编号 / Id of the release set, where it is one
    release_set: Option<String>,
}

impl Schedule {
    pub(crate) async fn told(session: &mut Session, due: DueTime) -> Result<Self, store::Error> {
        let scheduled_by = who(session, due.asked_by).await?;
        let closed_by = match due.closed_by {
            Some(id) => Some(who(session, id).await?),
            None => None,
        };
        let kind = due.kind().into();
        let release_set = due.release_set().map(|set| set.to_string());
        let (removal, notice) = match due.order {
            Order::Publication { .. } | Order::ReleaseSet | Order::Cosignature => (None, None),
            Order::Withdrawal { notice } => (None, Some(notice.into())),
            Order::Removal { removal, notice } => (Some(removal.into()), Some(notice.into())),
        };
        let time = |at: jiff::Timestamp| at.to_string();
        Ok(Self {
            id: due.id.to_string(),
            kind,
            state: due.state.into(),
            at: time(due.at),
            scheduled_at: time(due.asked_at),
            scheduled_by,
            removal,
            notice,
            attempts: due.attempts,
            next_try: due.next_at.map(time),
            refusal: due.refusal.map(|refused| ScheduleRefusal {
                code: refused.code,
                message: refused.message.into(),
            }),
            closed_at: due.closed_at.map(time),
            closed_by,
            release_set,
        })
    }

    /// Each of them.
    pub(crate) async fn all(
        session: &mut Session,
        due: Vec<DueTime>,
    ) -> Result<Vec<Self>, store::Error> {
        let mut told = Vec::with_capacity(due.len());
        for due in due {
            told.push(Self::told(session, due).await?);
        }
        Ok(told)
    }

    /// Those of a document, the newest first, for a caller who may see its draft.
    pub(crate) async fn of_document(caller: &Caller, document: &Document) -> Result<Vec<Self>> {
        let mut session = caller.session().await?;
        let due = store::due_times::of_subject(&mut session, document.id.uuid(), SCHEDULES).await;
        let due = due.map_err(|error| fault(&error))?;
        Self::all(&mut session, due).await.map_err(|error| fault(&error))
    }
}

pub(super) async fn who(
    session: &mut Session,
    id: schema::ids::ActorId,
) -> Result<Who, store::Error> {
    Ok(Who { id: id.to_string(), name: people::name(session, id).await? })
}
