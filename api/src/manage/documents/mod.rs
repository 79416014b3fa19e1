//! Acts on documents, and what they answer.

mod drafting;
mod elsewhere;
mod input;
mod limits;
mod previews;
mod taking_back;

use async_graphql::SimpleObject;
use serde::{Deserialize, Serialize};
use store::{Session, documents::Document};

pub(crate) use drafting::Drafting;
pub(crate) use elsewhere::Elsewhere;
pub(crate) use input::{DocumentTarget, NoticeInput, Origin, Source, of_draft};
pub(crate) use limits::{DraftLimit, Limited, Limits};
pub(crate) use previews::{PreviewLink, Previews};
pub(crate) use taking_back::TakingBack;

use super::{
    answer::Text,
    schedules::Schedule,
    words::{EventKind, Visibility},
};

/// 对公众的说明 / What the public is told
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct Notice {
    /// 原因 / Why
    explanation: Option<Text>,
    /// 撤回时是否仍显示文本 / Whether the text stays to be read under the notice
    shows_text: bool,
    /// 转到何处，或另见何处 / Where it leads, or where to look instead
    address: Option<String>,
    /// 召回后是否只答 404 / Whether a recalled one answers 404 alone
    silent: bool,
}

impl From<schema::visibility::Notice> for Notice {
    fn from(notice: schema::visibility::Notice) -> Self {
        Self {
            explanation: notice.explanation.map(Into::into),
            shows_text: notice.shows_text,
            address: notice.address,
            silent: notice.silent,
        }
    }
}

/// 信息的状态，不含文本 / What is known of a document, without its text
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct DocumentState {
    /// 本平台上的编号 / Its id on this hub
    pub(crate) id: String,
    /// 内容编号，各语言相同，跨站通用 / Its name across languages and sites
    pub(crate) content_id: String,
    /// 语言 / Its language
    pub(crate) locale: String,
    /// 是否主语言版本 / Whether its language owns the facts shared by all
    main_locale: bool,
    /// 内容类型 / Its content type
    r#type: String,
    /// 版本号，改动时须带上 / Counts its changes; an act on it names this
    pub(crate) version: i64,
    /// 最后一次改动的时间 / When it was last changed
    changed_at: String,
    /// 公众所见 / What the public sees
    visibility: Visibility,
    /// 对公众的说明 / What the public is told
    notice: Option<Notice>,
    /// 是否有草稿 / Whether it has a draft
    has_draft: bool,
    /// 公众最后所见版本的序号，未发布为 0 / Number of the edition the public saw last, 0 before the first
    edition: u32,
    /// 首次发布时间 / First publication on this hub
    first_published_at: Option<String>,
    /// 最后一版的发布时间 / Publication of the last edition
    published_at: Option<String>,
    /// 最后一次告知读者的改动 / The last change that readers were told of
    updated_at: Option<String>,
    /// 此前在别处发布的时间 / When it was public elsewhere before
    originally_published_at: Option<String>,
}

impl From<&Document> for DocumentState {
    fn from(document: &Document) -> Self {
        let time = |at: Option<jiff::Timestamp>| at.map(|at| at.to_string());
        Self {
            id: document.id.to_string(),
            content_id: document.content.to_string(),
            locale: document.locale.to_string(),
            main_locale: document.main_locale,
            r#type: document.r#type.to_string(),
            version: document.version,
            changed_at: document.changed_at.to_string(),
            visibility: document.visibility.into(),
            notice: document.notice.clone().map(Into::into),
            has_draft: document.draft.is_some(),
            edition: document.last_edition,
            first_published_at: time(document.first_published_at),
            published_at: time(document.published_at),
            updated_at: time(document.major_at),
            originally_published_at: time(document.originally_published_at),
        }
    }
}

/// 已保存的草稿 / A draft that was saved
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct SavedDraft {
    /// 所属信息 / Its document
    document: DocumentState,
    /// 文本与发布位置的摘要，发布时须注明 / Digest over text and places: what a publication names
    digest: String,
    /// 文本的摘要 / Digest of the text alone
    content_digest: String,
    /// 因文本改动而失效的定时发布 / Publications that were scheduled of the text before, and are void by this one
    #[serde(default)]
    void: Vec<Schedule>,
}

impl SavedDraft {
    pub(super) async fn told(
        session: &mut Session,
        saved: editorial::documents::SavedDraft,
    ) -> Result<Self, store::Error> {
        Ok(Self {
            document: (&saved.document).into(),
            digest: saved.digest.to_string(),
            content_digest: saved.content_digest.to_string(),
            void: Schedule::all(session, saved.void).await?,
        })
    }
}

/// 发布的结果 / What came of a publication
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct Publication {
    /// 发布后的信息 / The document as it is now
    document: DocumentState,
    /// 发布、更正或移动；草稿与在线文本相同则为空 / What it was; null when the draft said what was live already
    kind: Option<EventKind>,
}

impl From<editorial::documents::Outcome> for Publication {
    fn from(outcome: editorial::documents::Outcome) -> Self {
        use editorial::documents::Outcome::{NothingChanged, Published};
        match outcome {
            Published(published) => {
                Self { document: (&published.document).into(), kind: Some(published.kind.into()) }
            }
            NothingChanged(document) => Self { document: (&document).into(), kind: None },
        }
    }
}

/// 召回的结果 / What came of a recall
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct Recall {
    /// 此次召回的信息，各语言一个；已召回过则为空 / What was recalled now, one per language; none when it was so already
    documents: Vec<DocumentState>,
}

/// 销毁指令 / An order to erase
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct ErasureOrder {
    /// 编号，另一人确认时使用 / Its id, which a second person confirms
    id: String,
}

/// 在其他机构站点上的发布位置 / A placement on a site of another authority
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct PlacementChange {
    /// 站点 / The site
    site: String,
    /// 发生了什么；本来如此则为空 / What happened; null when it was so already
    kind: Option<EventKind>,
}

payload! {
    /// 草稿的结果 / What came of saving
    DraftPayload {
        /// 草稿 / The draft
        draft: SavedDraft
    }
}
payload! {
    /// 发布的结果 / What came of publishing
    PublishPayload {
        /// 发布 / The publication
        publication: Publication
    }
}
payload! {
    /// 对信息操作的结果 / What came of an act on a document
    DocumentPayload {
        /// 操作后的信息 / The document as it is now
        document: DocumentState
    }
}
payload! {
    /// 放弃草稿的结果 / What came of discarding
    DiscardPayload {
        /// 余下的信息；从未发布的随草稿删除 / What is left; a document that was never published goes with its draft
        discarded: Discarded
    }
}
payload! {
    /// 召回的结果 / What came of recalling
    RecallPayload {
        /// 召回 / The recall
        recall: Recall
    }
}
payload! {
    /// 销毁指令的结果 / What came of ordering
    ErasureOrderPayload {
        /// 指令 / The order
        order: ErasureOrder
    }
}
payload! {
    /// 引用的结果 / What came of placing
    PlacementPayload {
        /// 发布位置 / The placement
        placement: PlacementChange
    }
}

/// 已放弃的草稿 / A draft that was thrown away
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct Discarded {
    /// 内容编号 / Content id of its document
    content_id: String,
    /// 语言 / Language of its document
    locale: String,
}
