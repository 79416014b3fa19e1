//! Notices of sites: what they are, putting them up, changing and ending them.

use async_graphql::{ComplexObject, Context, InputObject, Object, Result, SimpleObject};
use editorial::{
    Error, Refusal,
    arrange::notices::{self, WantedNotice},
};
use jiff::Timestamp;
use schema::{
    ids::{ActorId, NoticeId, SiteId},
    names::SiteKey,
    tree::{
        self,
        notice::{NoticeParticulars, NoticeText},
    },
};
use serde::{Deserialize, Serialize};
use store::{UnitOfWork, access::people, trees};

use super::site;
use crate::manage::{
    answer::{Who, fault},
    caller::Caller,
    input::Faults,
    words::{SiteNoticeKind, SiteNoticePhase, SiteNoticeSeverity},
};

/// The mutations of this file.
#[derive(Default)]
pub(crate) struct Notices;

/// 公告文字；英文可后补 / The text of a notice; English may follow later
#[derive(Clone, Debug, SimpleObject, InputObject, Serialize, Deserialize)]
#[graphql(input_name = "SiteNoticeTextInput")]
pub(crate) struct SiteNoticeText {
    /// 简体中文，不超过 300 字 / Simplified Chinese, up to 300 characters
    zh: String,
    /// 英文，不超过 300 个字符 / English, up to 300 characters
    en: Option<String>,
}

/// 站点公告：一段时间内显示在本站及下级站点每一页上 / What every page of a site, and of the sites below it, tells for a time
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
#[graphql(complex)]
pub(crate) struct SiteNotice {
    /// 编号 / Its id
    id: String,
    /// 发布站点的代号 / Key of the site it was put up on
    site: String,
    /// 类别 / What it is about
    kind: SiteNoticeKind,
    /// 级别 / How severe it is
    severity: SiteNoticeSeverity,
    /// 文字 / What it says
    text: SiteNoticeText,
    /// 详情地址 / Where more is said
    link: Option<String>,
    /// 开始时间 / From when on it is shown
    starts_at: String,
    /// 结束时间；为空则至手动结束 / Until when; null until it is ended
    ends_at: Option<String>,
    /// 提前结束的时间 / When it was ended before its time
    ended_at: Option<String>,
    /// 现处阶段 / Where it is in its time
    phase: SiteNoticePhase,
    /// 版本号，改动时须带上 / Counts its changes; a change names this
    version: i64,
    /// 发布时间 / When it was put up
    created_at: String,
    /// 最近改动的时间 / When it was last changed
    changed_at: String,
    #[graphql(skip)]
    creator: ActorId,
    #[graphql(skip)]
    changer: ActorId,
}

impl SiteNotice {
    /// As it is `now`, on the site of this key.
    pub(super) fn new(notice: tree::notice::SiteNotice, site: &str, now: Timestamp) -> Self {
        let phase = notice.phase(now).into();
        let NoticeParticulars { kind, severity, text, link } = notice.particulars;
        Self {
            id: notice.id.to_string(),
            site: site.to_owned(),
            kind: kind.into(),
            severity: severity.into(),
            text: SiteNoticeText { zh: text.zh, en: text.en },
            link,
            starts_at: notice.time.starts_at.to_string(),
            ends_at: notice.time.ends_at.map(|at| at.to_string()),
            ended_at: notice.ended_at.map(|at| at.to_string()),
            phase,
            version: notice.version,
            created_at: notice.created_at.to_string(),
            changed_at: notice.changed_at.to_string(),
            creator: notice.created_by,
            changer: notice.changed_by,
        }
    }

    async fn told(work: &mut UnitOfWork, notice: tree::notice::SiteNotice) -> Result<Self, Error> {
        let not_found = || Refusal::not_found("site", notice.site);
        let site = trees::site(work.session(), notice.site).await?.ok_or_else(not_found)?;
        let now = work.now();
        Ok(Self::new(notice, site.key.as_str(), now))
    }
}

#[ComplexObject]
impl SiteNotice {
    /// 发布者 / Who put it up
    async fn created_by(&self, context: &Context<'_>) -> Result<Who> {
        who(context, self.creator).await
    }

    /// 最近的改动者 / Who changed it last
    async fn changed_by(&self, context: &Context<'_>) -> Result<Who> {
        who(context, self.changer).await
    }
}

async fn who(context: &Context<'_>, id: ActorId) -> Result<Who> {
    let mut session = Caller::of(context).session().await?;
    let name = people::name(&mut session, id).await.map_err(|error| fault(&error))?;
    Ok(Who { id: id.to_string(), name })
}

/// The newest notices of a site: those that are not over, or all.
pub(super) async fn of_site(
    context: &Context<'_>,
    site: SiteId,
    key: &str,
    include_over: bool,
) -> Result<Vec<SiteNotice>> {
    /// So many are looked at by people; the audit has the others.
    const MOST: u32 = 100;
    let caller = Caller::of(context);
    let mut session = caller.session().await?;
    let now = caller.desk.clock.now();
    let found = match include_over {
        true => store::notices::newest_of(&mut session, site, MOST).await,
        false => store::notices::open_on(&mut session, &[site], now).await,
    };
    let mut found = found.map_err(|error| fault(&error))?;
    found.sort_by_key(|notice| std::cmp::Reverse((notice.time.starts_at, notice.id)));
    Ok(found.into_iter().map(|notice| SiteNotice::new(notice, key, now)).collect())
}

/// 公告的内容 / What a notice says, and when
#[derive(Clone, Debug, InputObject)]
pub(crate) struct SiteNoticeInput {
    /// 类别 / What it is about
    kind: SiteNoticeKind,
    /// 级别 / How severe it is
    severity: SiteNoticeSeverity,
    /// 文字 / What it says
    text: SiteNoticeText,
    /// 详情地址：http(s) 网址，或本站上的路径 / Where more is said: an http(s) address, or a path of the site
    link: Option<String>,
    /// 开始时间；不填则立即，改动时不填则不变 / From when on; without it at once, in a change as before
    starts_at: Option<String>,
    /// 结束时间；不填则至手动结束 / Until when; without it until it is ended
    ends_at: Option<String>,
}

impl SiteNoticeInput {
    fn read(&self, mut faults: Faults) -> Result<WantedNotice, Error> {
        let starts_at: Option<Timestamp> = faults.read_some("startsAt", self.starts_at.as_deref());
        let ends_at: Option<Timestamp> = faults.read_some("endsAt", self.ends_at.as_deref());
        let text = self.text.clone();
        let particulars = NoticeParticulars {
            kind: self.kind.into(),
            severity: self.severity.into(),
            text: NoticeText { zh: text.zh, en: text.en },
            link: self.link.clone(),
        };
        // Where a time cannot be read, what else is wrong is said with it.
        if !faults.is_empty() {
            particulars.faults().into_iter().for_each(|fault| faults.push(fault));
        }
        faults.finish(Some(WantedNotice { particulars, starts_at, ends_at }))
    }
}

/// 新的公告 / A notice to be put up
#[derive(Clone, Debug, InputObject)]
pub(crate) struct CreateSiteNoticeInput {
    /// 站点代号 / Key of the site
    site: String,
    /// 内容 / What it says
    notice: SiteNoticeInput,
}

/// 公告的改动 / A notice to be changed
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ChangeSiteNoticeInput {
    /// 编号 / Its id
    id: String,
    /// 所看到的版本号 / The version that was looked at
    version: i64,
    /// 内容，整体替换 / The whole of what it says
    notice: SiteNoticeInput,
}

/// 要结束的公告 / A notice to be ended
#[derive(Clone, Debug, InputObject)]
pub(crate) struct EndSiteNoticeInput {
    /// 编号 / Its id
    id: String,
    /// 所看到的版本号；不填则不论有无改动 / The version that was looked at; without it whatever it says by now
    version: Option<i64>,
}

payload! {
    /// 公告改动的结果 / What came of it
    SiteNoticePayload {
        /// 公告 / The notice
        notice: SiteNotice
    }
}

#[Object]
impl Notices {
    /// 发布站点公告：显示在本站及下级站点的每一页上 / Put a notice up: every page of the site and of those below it shows it
    async fn create_site_notice(
        &self,
        context: &Context<'_>,
        input: CreateSiteNoticeInput,
    ) -> Result<SiteNoticePayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let key: Option<SiteKey> = faults.read("site", &input.site);
            let wanted = input.notice.read(faults)?;
            // What cannot be read was refused with all the rest.
            let key = Faults::default().finish(key)?;
            let on = site(work, &key).await?.id;
            let created = notices::create_notice(work, on, wanted).await?;
            SiteNotice::told(work, created).await?
        })
    }

    /// 更改站点公告，已结束的不能再改 / Change a notice that is not over
    async fn change_site_notice(
        &self,
        context: &Context<'_>,
        input: ChangeSiteNoticeInput,
    ) -> Result<SiteNoticePayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let id: Option<NoticeId> = faults.read("id", &input.id);
            let wanted = input.notice.read(faults)?;
            let id = Faults::default().finish(id)?;
            let changed = notices::change_notice(work, id, input.version, wanted).await?;
            SiteNotice::told(work, changed).await?
        })
    }

    /// 立即结束站点公告；已结束的不再变动 / End a notice at once; one that is over stays as it is
    async fn end_site_notice(
        &self,
        context: &Context<'_>,
        input: EndSiteNoticeInput,
    ) -> Result<SiteNoticePayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let id: Option<NoticeId> = faults.read("id", &input.id);
            let id = faults.finish(id)?;
            let ended = notices::end_notice(work, id, input.version).await?;
            SiteNotice::told(work, ended).await?
        })
    }
}
