//! Rows of the publication log that are about a document.

use async_graphql::SimpleObject;
use schema::log::Subject;
use store::log::StoredEvent;

use super::document::PlacedAt;
use crate::manage::words::{EventKind, Visibility};

/// 发布日志中的一行 / A row of the publication log
#[derive(SimpleObject)]
pub(crate) struct Event {
    /// 编号，连续无缺 / Its number, without gaps
    sequence: u64,
    /// 时间 / When
    at: String,
    /// 种类 / What happened
    kind: EventKind,
    /// 操作者编号 / Who did it
    actor: String,
    /// 版本序号 / Number of the edition
    edition: u32,
    /// 此后公众所见 / What the public sees since
    visibility: Visibility,
    /// 仅涉及其他机构的某站点时：该站点 / The one site it concerns, where another authority acted
    site: Option<String>,
    /// 离开的位置 / Where it stood before
    left: Vec<PlacedAt>,
    /// 进入的位置 / Where it stands since
    entered: Vec<PlacedAt>,
}

impl Event {
    /// The row, where it is about a document.
    pub(super) fn told(stored: StoredEvent) -> Option<Self> {
        let Subject::Document(of) = stored.event.subject else { return None };
        Some(Self {
            sequence: stored.event.sequence,
            at: stored.event.at.to_string(),
            kind: stored.event.kind.into(),
            actor: stored.event.actor.to_string(),
            edition: of.edition,
            visibility: of.visibility.into(),
            site: of.site.map(|site| site.to_string()),
            left: of.left.into_iter().map(Into::into).collect(),
            entered: of.entered.into_iter().map(Into::into).collect(),
        })
    }
}
