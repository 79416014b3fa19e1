//! What was done to something, and by whom.

use async_graphql::{Context, InputObject, Json, Object, Result, SimpleObject};
use editorial::targets;
use jiff::Timestamp;
use schema::{
    ids::{ActorId, DocumentId, NoticeId, ReleaseSetId},
    names::{AuthorityKey, SiteKey},
    permission::Touched,
    tree::Site,
};
use serde_json::Value;
use store::{
    audit::{self, Found, Wanted},
    documents, notices, release_sets, trees,
};
use uuid::Uuid;

use super::{page, read, worklist::PageInfo};
use crate::manage::{
    answer::{Who, fault},
    caller::Caller,
    input::{Faults, Spelled},
    words::Via,
};

/// The queries of this file.
#[derive(Default)]
pub(crate) struct Records;

/// 审计记录 / A row of the audit
#[derive(SimpleObject)]
pub(crate) struct Record {
    /// 编号 / Its id
    id: String,
    /// 时间 / When it was done
    at: String,
    /// 操作者，名称含令牌用途 / Who did it, the token named with the account
    actor: Who,
    /// 做了什么，如 document.publish / What was done
    action: String,
    /// 对何物，如 document:编号 / To what
    subject: String,
    /// 细节，不含文本 / What came with it, no texts
    details: Json<Value>,
    /// 从何处 / From where
    origin: RecordOrigin,
    /// 所依版本的加盐承诺值 SHA-256(盐 ‖ 摘要) / Commitment to the edition it was done on, SHA-256(salt ‖ digest)
    commitment: Option<String>,
    /// 在哈希链中的序号；写入后数秒内尚无 / Its number in the chain; none for some seconds after it was written
    number: Option<String>,
    /// 在哈希链中的哈希值 / Its hash in the chain
    hash: Option<String>,
}

/// 操作从何处发起 / From where something was done
#[derive(SimpleObject)]
pub(crate) struct RecordOrigin {
    /// 途径 / Which way
    via: Via,
    /// 客户端地址，以可信代理所述为限 / The address of the client, as far as it can be believed
    address: Option<String>,
    /// 请求编号，与应答和服务日志中的相同 / The id of the request, as in its answer and in the server's log
    request: Option<String>,
    /// 所出示的凭据：token、session 或 link 及其编号 / What was presented: token, session or link, and its id
    credential: Option<String>,
}

/// 筛选审计记录，各条件须同时满足 / Which rows of the audit are asked for; all of it has to fit
#[derive(Clone, Debug, Default, InputObject)]
pub(crate) struct AuditFilter {
    /// 操作者的编号 / Done by this account or program, by id
    actor: Option<String>,
    /// 做了什么，如 document.publish；以点结尾则为一类，如 document. / What was done; with a dot at the end, all of a kind
    action: Option<String>,
    /// 对何物，如 document:编号 / To what
    subject: Option<String>,
    /// 涉及该机构（含其站点），以代号指明 / Concerning this authority or its sites
    authority: Option<String>,
    /// 涉及该站点，以代号指明 / Concerning this site
    site: Option<String>,
    /// 不早于 / Not earlier
    since: Option<String>,
    /// 早于 / Earlier than
    until: Option<String>,
    /// 操作者、动作、对象、细节、地址或请求编号中含有的文字，不分大小写 / Standing in actor, action, subject, details, address or request id, in whatever case
    text: Option<String>,
}

/// 一行及其位置 / A row and where it stands
#[derive(SimpleObject)]
pub(crate) struct AuditEdge {
    /// 位置 / Where to go on from
    cursor: String,
    /// 记录 / The row
    node: Record,
}

/// 一页审计记录 / A page of the audit
#[derive(SimpleObject)]
pub(crate) struct AuditConnection {
    /// 各行 / The rows
    edges: Vec<AuditEdge>,
    /// 分页；一页查看的行数有限，可能不满甚至为空而仍有下一页 / Where the page ends: it looks at so many rows and no more, so it may be short, even empty, and others follow
    page_info: PageInfo,
}

/// The id of a row.
struct RowId(Uuid);

impl std::str::FromStr for RowId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> std::result::Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}

impl Spelled for RowId {
    fn fault(path: &str, _: &str, _: uuid::Error) -> schema::message::Fault {
        schema::message::Fault::new(
            path,
            "bad_id",
            "应为此前给出的记录编号",
            "give the id of a row that was given before",
        )
    }
}

impl Record {
    /// At most `first` rows about `subject`, the newest first.
    pub(super) async fn list(
        caller: &Caller,
        touched: &Touched,
        subject: &str,
        first: u32,
        before: Option<&str>,
    ) -> Result<Vec<Self>> {
        let mut faults = Faults::default();
        let before: Option<RowId> = faults.read_some("before", before);
        let before = read(faults.finish(Some(before)))?.map(|RowId(id)| id);
        let found = match subject.strip_prefix("target:") {
            Some(key) => {
                let found = targets::history(&caller.desk, &caller.actor, key, before, first).await;
                read(found)?
            }
            None => {
                let mut session = caller.session().await?;
                let viewer = caller.viewer();
                audit::of_subject(&mut session, &viewer, touched, subject, before, first)
                    .await
                    .map_err(|error| fault(&error))?
            }
        };
        Ok(found.into_iter().map(Into::into).collect())
    }
}

impl From<audit::Record> for Record {
    fn from(record: audit::Record) -> Self {
        let origin = record.origin;
        Self {
            id: record.id.to_string(),
            at: record.at.to_string(),
            actor: Who { id: record.actor.to_string(), name: Some(record.actor_name) },
            action: record.action,
            subject: record.subject,
            details: Json(record.details),
            origin: RecordOrigin {
                via: origin.via.into(),
                address: origin.address.map(|address| address.to_string()),
                request: origin.request,
                credential: origin.credential.map(|credential| credential.to_string()),
            },
            commitment: record.commitment.map(|commitment| commitment.to_string()),
            number: record.seal.map(|seal| seal.number.to_string()),
            hash: record.seal.map(|seal| seal.hash.to_string()),
        }
    }
}

#[Object]
impl Records {
    /// 对某物做过什么，新近在前；无权者得空列表 / What was done to something, newest first; an empty list for those who may not know
    async fn audit(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "何物：document:编号、site:代号、authority:代号、column:编号、person:编号、token:编号、type:名称、target:名称、releaseSet:编号 / To what: document:ID, site:KEY, authority:KEY, column:ID, person:ID, token:ID, type:NAME, target:KEY, releaseSet:ID"
        )]
        subject: String,
        #[graphql(default = 50, desc = "最多几行，不超过 100 / At most so many rows, up to 100")]
        first: i32,
        #[graphql(desc = "早于此行 / Older than this row")] before: Option<String>,
    ) -> Result<Vec<Record>> {
        let caller = Caller::of(context);
        let touched = touched(caller, &subject).await?;
        Record::list(caller, &touched, &subject, page(first), before.as_deref()).await
    }

    /// 查阅审计记录，新近在前；只含所辖范围内的记录 / The audit, newest first: what concerns what you may read the past of
    async fn audit_trail(
        &self,
        context: &Context<'_>,
        #[graphql(default, desc = "筛选 / Which rows")] filter: AuditFilter,
        #[graphql(default = 50, desc = "最多几行，不超过 100 / At most so many rows, up to 100")]
        first: i32,
        #[graphql(desc = "从此位置之后 / After this cursor")] after: Option<String>,
    ) -> Result<AuditConnection> {
        let caller = Caller::of(context);
        let mut faults = Faults::default();
        let actor: Option<ActorId> = faults.read_some("filter.actor", filter.actor.as_deref());
        let authority: Option<AuthorityKey> =
            faults.read_some("filter.authority", filter.authority.as_deref());
        let site: Option<SiteKey> = faults.read_some("filter.site", filter.site.as_deref());
        let since: Option<Timestamp> = faults.read_some("filter.since", filter.since.as_deref());
        let until: Option<Timestamp> = faults.read_some("filter.until", filter.until.as_deref());
        let after: Option<RowId> = faults.read_some("after", after.as_deref());
        let (authority, site, after) = read(faults.finish(Some((authority, site, after))))?;
        let mut session = caller.session().await?;
        let mut wanted = Wanted {
            actor,
            action: filter.action,
            subject: filter.subject,
            since,
            until,
            text: filter.text,
            ..Wanted::default()
        };
        if let Some(key) = authority {
            let found = trees::authority_by_key(&mut session, &key).await;
            match found.map_err(|error| fault(&error))? {
                Some(found) => wanted.authority = Some(found.id),
                None => return Ok(connection(Found::default())),
            }
        }
        if let Some(key) = site {
            let found = trees::site_by_key(&mut session, &key).await;
            match found.map_err(|error| fault(&error))? {
                Some(found) => wanted.site = Some(found.id),
                None => return Ok(connection(Found::default())),
            }
        }
        let (viewer, after) = (caller.viewer(), after.map(|RowId(id)| id));
        let found = audit::search(&mut session, &viewer, &wanted, after, page(first)).await;
        Ok(connection(found.map_err(|error| fault(&error))?))
    }
}

fn connection(found: Found) -> AuditConnection {
    let edge =
        |record: audit::Record| AuditEdge { cursor: record.id.to_string(), node: record.into() };
    AuditConnection {
        edges: found.records.into_iter().map(edge).collect(),
        page_info: PageInfo {
            has_next_page: found.next.is_some(),
            end_cursor: found.next.map(|next| next.to_string()),
        },
    }
}

/// What reading the audit of `subject` touches: a document, a site or a notice its own scope, all else
/// the hub. Who may know of a target is decided where it is looked up.
async fn touched(caller: &Caller, subject: &str) -> Result<Touched> {
    let mut session = caller.session().await?;
    match subject.split_once(':') {
        Some(("document", id)) => {
            let Ok(id) = id.parse::<DocumentId>() else { return Ok(Touched::default()) };
            let found = documents::document(&mut session, &caller.viewer(), id).await;
            match found.map_err(|error| fault(&error))? {
                Some(found) => Ok(documents::touched(&mut session, &found)
                    .await
                    .map_err(|error| fault(&error))?),
                None => Ok(Touched::default()),
            }
        }
        Some(("site", key)) => {
            let Ok(key) = key.parse::<SiteKey>() else { return Ok(Touched::default()) };
            let found = trees::site_by_key(&mut session, &key).await;
            let found = found.map_err(|error| fault(&error))?;
            Ok(found.map_or_else(Touched::default, |site| site_touched(&site)))
        }
        Some(("notice", id)) => {
            let Ok(id) = id.parse::<NoticeId>() else { return Ok(Touched::default()) };
            let found = notices::notice(&mut session, id).await.map_err(|error| fault(&error))?;
            let Some(notice) = found else { return Ok(Touched::default()) };
            let found = trees::site(&mut session, notice.site).await;
            let found = found.map_err(|error| fault(&error))?;
            Ok(found.map_or_else(Touched::default, |site| site_touched(&site)))
        }
        Some(("releaseSet", id)) => {
            let Ok(id) = id.parse::<ReleaseSetId>() else { return Ok(Touched::default()) };
            let found = release_sets::release_set(&mut session, id).await;
            let Some(set) = found.map_err(|error| fault(&error))? else {
                return Ok(Touched::default());
            };
            let found = trees::site(&mut session, set.site).await;
            let found = found.map_err(|error| fault(&error))?;
            Ok(found.map_or_else(Touched::default, |site| site_touched(&site)))
        }
        _ => Ok(Touched::default()),
    }
}

fn site_touched(site: &Site) -> Touched {
    Touched { authority: Some(site.authority), sites: vec![site.id], ..Touched::default() }
}
