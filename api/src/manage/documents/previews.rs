//! Preview links: making them, taking them back, and which there are.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use editorial::{
    Error,
    previews::{self, NewPreviewLink, Until},
};
use jiff::Timestamp;
use schema::{
    ids::{ContentId, PreviewLinkId},
    message::Fault,
    names::Locale,
    preview::LinkState,
};
use serde::{Deserialize, Serialize};
use store::{
    Session, UnitOfWork,
    access::{people, previews as stored},
};

use super::input::find;
use crate::manage::{answer::Who, caller::Caller, input::Faults, words::PreviewLinkState};

/// The mutations of this file.
#[derive(Default)]
pub(crate) struct Previews;

/// 预览链接，不含密文 / A link that shows a draft to whoever holds it, without its secret
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct PreviewLink {
    /// 编号 / Its id
    id: String,
    /// 用途 / What it is for
    label: String,
    /// 密文开头几个字符，用以辨认 / First letters of its secret, to tell links apart
    hint: String,
    /// 状态 / What has become of it
    state: PreviewLinkState,
    /// 建立时间 / When it was made
    created_at: String,
    /// 建立者 / Who made it
    created_by: Who,
    /// 失效时间 / When it stops being good
    expires_at: String,
    /// 撤销时间 / When it was revoked
    revoked_at: Option<String>,
    /// 撤销者 / Who revoked it
    revoked_by: Option<Who>,
}

impl PreviewLink {
    /// A link, of which that has become.
    pub(crate) async fn told(
        session: &mut Session,
        link: stored::PreviewLink,
        state: LinkState,
    ) -> Result<Self, store::Error> {
        let revoked_by = match link.revoked_by {
            Some(id) => Some(Who { id: id.to_string(), name: people::name(session, id).await? }),
            None => None,
        };
        let name = people::name(session, link.created_by).await?;
        Ok(Self {
            id: link.id.to_string(),
            label: link.label,
            hint: link.hint,
            state: state.into(),
            created_at: link.created_at.to_string(),
            created_by: Who { id: link.created_by.to_string(), name },
            expires_at: link.terms.expires_at.to_string(),
            revoked_at: link.terms.revoked_at.map(|at| at.to_string()),
            revoked_by,
        })
    }
}

/// 新的预览链接 / A link that was made
#[derive(Clone, SimpleObject, Serialize, Deserialize)]
pub(crate) struct IssuedPreviewLink {
    /// 链接 / The link
    link: PreviewLink,
    /// 密文，仅在此处出现一次；按幂等键重放时没有 / The secret, to be had here and never again, nor when the answer is replayed
    #[serde(skip)]
    secret: Option<String>,
}

/// 要预览的信息 / The document that is to be shown
#[derive(Clone, Debug, InputObject)]
pub(crate) struct PreviewedDocument {
    /// 内容编号 / Content id
    content_id: String,
    /// 语言 / Language
    locale: String,
}

/// 新建预览链接 / A link to be made
#[derive(Clone, Debug, InputObject)]
pub(crate) struct CreatePreviewLinkInput {
    /// 哪条信息的草稿 / Whose draft
    document: PreviewedDocument,
    /// 用途，如“送财政局核对” / What it is for, such as "for the finance office to check"
    label: String,
    /// 有效小时数，1 至 720；与失效时间都不填则为 72 / How many hours it is good for, 1 to 720; 72 where neither this nor a time is given
    hours: Option<i64>,
    /// 失效时间，最多 30 天后 / When it stops being good, at most 30 days ahead
    expires_at: Option<String>,
}

/// 哪个预览链接 / Which link
#[derive(Clone, Debug, InputObject)]
pub(crate) struct PreviewLinkInput {
    /// 编号 / Its id
    id: String,
}

payload! {
    /// 新预览链接的结果 / What came of it
    CreatePreviewLinkPayload {
        /// 新的预览链接 / The link with its secret
        issued: IssuedPreviewLink
    }
}
payload! {
    /// 预览链接改动的结果 / What came of it
    PreviewLinkPayload {
        /// 预览链接 / The link
        link: PreviewLink
    }
}

impl CreatePreviewLinkInput {
    async fn read(&self, caller: &Caller, work: &mut UnitOfWork) -> Result<NewPreviewLink, Error> {
        let mut faults = Faults::default();
        let content: Option<ContentId> =
            faults.read("document.contentId", &self.document.content_id);
        let locale: Option<Locale> = faults.read("document.locale", &self.document.locale);
        let expires_at: Option<Timestamp> =
            faults.read_some("expiresAt", self.expires_at.as_deref());
        if self.hours.is_some() && self.expires_at.is_some() {
            faults.push(Fault::new(
                "expiresAt",
                "two_times",
                "有效小时数与失效时间只能填一个",
                "give either hours or expiresAt, not both",
            ));
        }
        let (content, locale) = faults.finish(content.zip(locale))?;
        let until = match (self.hours, expires_at) {
            (Some(hours), _) => Until::Hours(hours),
            (None, Some(at)) => Until::Moment(at),
            (None, None) => Until::Usual,
        };
        let document = find(caller, work, content, &locale).await?;
        Ok(NewPreviewLink { document: document.id, label: self.label.clone(), until })
    }
}

#[Object]
impl Previews {
    /// 新建草稿的预览链接；密文只出现一次 / Make a link that shows a draft; its secret is shown once
    async fn create_preview_link(
        &self,
        context: &Context<'_>,
        input: CreatePreviewLinkInput,
    ) -> Result<CreatePreviewLinkPayload> {
        act!(context, caller, work => {
            let new = input.read(caller, work).await?;
            let issued = previews::create_preview_link(work, new).await?;
            IssuedPreviewLink {
                link: PreviewLink::told(work.session(), issued.link, LinkState::Good).await?,
                secret: Some(issued.secret.reveal().to_owned()),
            }
        })
    }

    /// 撤销预览链接，立即生效；可重复 / Revoke a link at once; may be repeated
    async fn revoke_preview_link(
        &self,
        context: &Context<'_>,
        input: PreviewLinkInput,
    ) -> Result<PreviewLinkPayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let id: Option<PreviewLinkId> = faults.read("id", &input.id);
            let id = faults.finish(id)?;
            let link = previews::revoke_preview_link(work, id).await?;
            PreviewLink::told(work.session(), link, LinkState::Revoked).await?
        })
    }
}
