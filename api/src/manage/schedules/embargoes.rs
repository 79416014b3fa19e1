//! Embargoes of documents.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use editorial::schedules;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Session, embargoes};

use super::told::who;
use crate::manage::{
    answer::Who,
    documents::{DocumentPayload, DocumentState, DocumentTarget},
    input::Faults,
};

/// The mutations of this file.
#[derive(Default)]
pub(crate) struct Embargoes;

/// 禁发：在此之前不得以任何方式发布草稿 / An embargo: before its moment nobody publishes a draft, by whatever way
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct Embargo {
    /// 解禁时间 / The first moment at which it may be published
    not_before: String,
    /// 理由 / Why
    reason: String,
    /// 设定时间 / When it was set
    set_at: String,
    /// 何人所设 / By whom
    set_by: Who,
}

impl Embargo {
    pub(crate) async fn told(
        session: &mut Session,
        embargo: embargoes::Embargo,
    ) -> Result<Self, store::Error> {
        Ok(Self {
            not_before: embargo.not_before.to_string(),
            reason: embargo.reason,
            set_at: embargo.set_at.to_string(),
            set_by: who(session, embargo.set_by).await?,
        })
    }
}

/// 设定禁发 / A moment before which nobody publishes
#[derive(Clone, Debug, InputObject)]
pub(crate) struct SetEmbargoInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
    /// 解禁时间 / The first moment at which it may be published
    not_before: String,
    /// 理由 / Why
    reason: String,
}

/// 解除禁发 / An embargo to be lifted
#[derive(Clone, Debug, InputObject)]
pub(crate) struct LiftEmbargoInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
}

payload! {
    /// 设定禁发的结果 / What came of it
    EmbargoPayload {
        /// 禁发 / The embargo
        embargo: Embargo
    }
}

#[Object]
impl Embargoes {
    /// 设定禁发：随信息而在，修改草稿不解除，到时也不自动发布 / Set an embargo: it stays through every edit; its end publishes nothing
    async fn set_embargo(
        &self,
        context: &Context<'_>,
        input: SetEmbargoInput,
    ) -> Result<EmbargoPayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let not_before: Option<Timestamp> = faults.read("notBefore", &input.not_before);
            let not_before = faults.finish(not_before)?;
            let target = input.document.find(caller, work, "document").await?;
            let set = schedules::set_embargo(work, target, not_before, &input.reason).await;
            let (_, embargo) = set?;
            Embargo::told(work.session(), embargo).await?
        })
    }

    /// 解除禁发；已签署的审核不受影响 / Lift an embargo; nothing that was signed is void by that
    async fn lift_embargo(
        &self,
        context: &Context<'_>,
        input: LiftEmbargoInput,
    ) -> Result<DocumentPayload> {
        act!(context, caller, work => {
            let target = input.document.find(caller, work, "document").await?;
            DocumentState::from(&schedules::lift_embargo(work, target).await?)
        })
    }
}
