//! What authors hand in, and how documents are named.

use async_graphql::{InputObject, Json, SimpleObject};
use editorial::{
    Error, Refusal,
    documents::{DraftText, Target, WantedPlacement},
};
use jiff::Timestamp;
use schema::{
    ids::{ContentId, DocumentId},
    message::Fault,
    names::{Locale, SiteKey},
};
use serde_json::{Map, Value};
use store::{
    UnitOfWork,
    documents::{self, Document},
};

use crate::manage::{answer::Text, caller::Caller, input::Faults, words::Importance};

/// 指明一条信息，以及所看到的版本号 / Names a document, and the version of it that was looked at
#[derive(Clone, Debug, InputObject)]
pub(crate) struct DocumentTarget {
    /// 内容编号 / Content id
    pub(super) content_id: String,
    /// 语言 / Language
    pub(super) locale: String,
    /// 版本号；已被他人改动则拒绝 / Version; refused when somebody changed it since
    version: i64,
    /// 本平台上的编号，仅在同一内容曾被召回又重新发布时需要 / Id on this hub, needed only to name what was recalled and taken over since
    id: Option<String>,
}

/// 来源 / Who the text is credited to
#[derive(Clone, Debug, SimpleObject, InputObject)]
#[graphql(input_name = "SourceInput")]
pub(crate) struct Source {
    /// 名称 / The name shown
    pub(crate) name: String,
    /// 网址 / Where it was first to be read
    pub(crate) url: Option<String>,
}

/// 转载的原站 / The site a reposted text was taken from
#[derive(Clone, Debug, SimpleObject, InputObject)]
#[graphql(input_name = "OriginInput")]
pub(crate) struct Origin {
    /// 网站标识码或主机名 / Site code or host
    pub(crate) site: String,
    /// 原文网址 / Address of the text there
    pub(crate) url: String,
    /// 原站发布时间 / When the origin published it
    pub(crate) published_at: String,
}

/// 希望的发布位置 / Where a document is to stand on one site
#[derive(Clone, Debug, InputObject)]
pub(crate) struct PlacementInput {
    /// 站点 / Site key
    pub(crate) site: String,
    /// 栏目路径，主栏目在前 / Column paths, the main one first
    columns: Vec<String>,
    /// 路径；不填则沿用，或按站点模板生成 / Path; without it the present one, or one by the site's template
    path: Option<String>,
    /// 按模板生成路径时的可读部分 / The readable part of a path made by a template
    slug: Option<String>,
}

/// 草稿文本 / What an author writes
#[derive(Clone, Debug, InputObject)]
pub(crate) struct DraftInput {
    /// 字段值，按内容类型的字段名 / Values by the field names of the content type
    fields: Json<Map<String, Value>>,
    /// 来源 / Who the text is credited to
    source: Option<Source>,
    /// 转载的原站 / For reposts: whose text it is
    origin: Option<Origin>,
    /// 发布位置，第一个为首发 / Where it is to stand; the first is its home
    placements: Vec<PlacementInput>,
    /// 修改说明，见于公开的历史 / What changed, for the public history
    change_note: Option<Text>,
    /// 改动的轻重 / Whether readers are told
    #[graphql(default_with = "Importance::Major")]
    importance: Importance,
}

impl DocumentTarget {
    /// The document that is meant.
    pub(crate) async fn find(
        &self,
        caller: &Caller,
        work: &mut UnitOfWork,
        path: &str,
    ) -> Result<Target, Error> {
        let mut faults = Faults::default();
        let content: Option<ContentId> = faults.read(format!("{path}.contentId"), &self.content_id);
        let locale: Option<Locale> = faults.read(format!("{path}.locale"), &self.locale);
        let id: Option<DocumentId> = faults.read_some(format!("{path}.id"), self.id.as_deref());
        let (content, locale) = faults.finish(content.zip(locale))?;
        let found = match id {
            None => find(caller, work, content, &locale).await?,
            Some(id) => documents::document(work.session(), &caller.viewer(), id)
                .await?
                .filter(|found| found.content == content && found.locale == locale)
                .ok_or_else(|| Refusal::not_found("document", id))?,
        };
        Ok(Target { document: found.id, version: Some(self.version) })
    }
}

/// The document of `content` in `locale`, as far as the caller may know of it.
pub(super) async fn find(
    caller: &Caller,
    work: &mut UnitOfWork,
    content: ContentId,
    locale: &Locale,
) -> Result<Document, Error> {
    documents::in_locale(work.session(), &caller.viewer(), content, locale)
        .await?
        .ok_or_else(|| Refusal::not_found("document", format!("{content} {locale}")).into())
}

impl PlacementInput {
    pub(super) fn read(&self, path: &str, faults: &mut Faults) -> Option<WantedPlacement> {
        let site: Option<SiteKey> = faults.read(format!("{path}.site"), &self.site);
        let columns = faults.read_all(format!("{path}.columns"), &self.columns);
        let own = faults.read_some(format!("{path}.path"), self.path.as_deref());
        Some(WantedPlacement { site: site?, columns, path: own, slug: self.slug.clone() })
    }
}

impl DraftInput {
    /// The text, with names read; what does not fit the content type is found out later.
    /// Places in it are told from the draft on: `fields.title`, `placements[0].site`.
    pub(super) fn read(&self) -> Result<DraftText, Error> {
        let mut faults = Faults::default();
        let origin = self.origin.as_ref().and_then(|origin| {
            let at: Option<Timestamp> = faults.read("origin.publishedAt", &origin.published_at);
            Some(schema::edition::Origin {
                site: origin.site.clone(),
                url: origin.url.clone(),
                published_at: at?,
            })
        });
        let mut placements = Vec::with_capacity(self.placements.len());
        for (place, wanted) in self.placements.iter().enumerate() {
            placements.extend(wanted.read(&format!("placements[{place}]"), &mut faults));
        }
        faults.finish(Some(DraftText {
            fields: self.fields.0.clone(),
            source: self
                .source
                .clone()
                .map(|source| schema::edition::Source { name: source.name, url: source.url }),
            origin,
            placements,
            change_note: self.change_note.clone().map(Into::into),
            importance: self.importance.into(),
        }))
    }
}

/// 对公众的说明 / What the public is told
#[derive(Clone, Debug, InputObject)]
pub(crate) struct NoticeInput {
    /// 原因 / Why
    explanation: Option<Text>,
    /// 撤回时是否仍显示文本 / Withdrawal: whether the text stays to be read under the notice
    #[graphql(default)]
    shows_text: bool,
    /// 转到何处，或另见何处 / Where a redirect leads, or where to look instead
    address: Option<String>,
    /// 召回后只答 404 / Recall: answer 404 alone
    #[graphql(default)]
    silent: bool,
}

impl From<NoticeInput> for schema::visibility::Notice {
    fn from(notice: NoticeInput) -> Self {
        Self {
            explanation: notice.explanation.map(Into::into),
            shows_text: notice.shows_text,
            address: notice.address,
            silent: notice.silent,
        }
    }
}

/// An edition's number as it counts them, or a fault at `path`.
pub(super) fn number(path: &str, number: i64) -> Result<u32, Error> {
    u32::try_from(number).map_err(|_| {
        let fault = Fault::new(path, "out_of_range", "应为正整数", "give a positive number");
        Refusal::Invalid(vec![fault]).into()
    })
}

/// What was refused of a text, its values told as `fields.…`: beside them only these parts of
/// a draft can be wrong.
pub(crate) fn of_draft(error: Error) -> Error {
    const BESIDE: [&str; 4] = ["source", "origin", "changeNote", "placements"];
    let Error::Refused(refusal) = error else { return error };
    let Refusal::Invalid(faults) = *refusal else { return Error::Refused(refusal) };
    let told = |fault: Fault| {
        let part = fault.path.split(['.', '[']).next().unwrap_or_default();
        match part {
            "content" => Fault { path: "contentId".into(), ..fault },
            part if BESIDE.contains(&part) => fault,
            _ => Fault { path: format!("fields.{}", fault.path), ..fault },
        }
    };
    Refusal::Invalid(faults.into_iter().map(told).collect()).into()
}
