//! What was done to something, and by whom.

use async_graphql::{Context, Json, Object, Result, SimpleObject};
use editorial::targets;
use schema::{
    ids::{DocumentId, NoticeId, ReleaseSetId},
    names::SiteKey,
    permission::Touched,
    tree::Site,
};
use serde_json::Value;
use store::{audit, documents, notices, release_sets, trees};
use uuid::Uuid;

use super::{page, read};
use crate::manage::{
    answer::{Who, fault},
    caller::Caller,
    input::{Faults, Spelled},
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
    /// 细节，不含文本 / What came with it, no texts
    details: Json<Value>,
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
        let told = |record: audit::Record| Self {
            id: record.id.to_string(),
            at: record.at.to_string(),
            actor: Who { id: record.actor.to_string(), name: Some(record.actor_name) },
            action: record.action,
            details: Json(record.details),
        };
        Ok(found.into_iter().map(told).collect())
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
    Touched { authority: Some(site.authority), sites: vec![site.id] }
}
