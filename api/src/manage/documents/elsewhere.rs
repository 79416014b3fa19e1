//! Placing a document of another authority on one's own site, and taking it from there.

use async_graphql::{Context, InputObject, Object, Result};
use editorial::documents::{self, PlaceElsewhere};
use schema::{names::SiteKey, visibility::EventKind};

use super::{
    PlacementChange, PlacementPayload,
    input::{DocumentTarget, NoticeInput, PlacementInput},
};
use crate::manage::{input::Faults, words::Removal};

/// The mutations of this file.
#[derive(Default)]
pub(crate) struct Elsewhere;

/// 引用其他机构的信息 / A document of another authority to be placed
#[derive(Clone, Debug, InputObject)]
pub(crate) struct PlaceElsewhereInput {
    /// 哪条信息，须在线 / Which document; it is live
    document: DocumentTarget,
    /// 放在何处 / Where it is to stand
    placement: PlacementInput,
    /// 所看文本的摘要 / Digest of the edition that was looked at
    approved_digest: Option<String>,
}

/// 从本站撤回所引用的信息 / A placement to be withdrawn
#[derive(Clone, Debug, InputObject)]
pub(crate) struct WithdrawElsewhereInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
    /// 站点 / Site key
    site: String,
    /// 对公众的说明 / What the public is told
    notice: NoticeInput,
}

/// 从本站移除所引用的信息 / A placement to be removed
#[derive(Clone, Debug, InputObject)]
pub(crate) struct RemoveElsewhereInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
    /// 站点 / Site key
    site: String,
    /// 方式 / How
    removal: Removal,
    /// 对公众的说明 / What the public is told
    notice: NoticeInput,
}

#[Object]
impl Elsewhere {
    /// 在本机构站点引用其他机构的信息，不复制文本 / Place a document of another authority on a site of one's own
    async fn place_elsewhere(
        &self,
        context: &Context<'_>,
        input: PlaceElsewhereInput,
    ) -> Result<PlacementPayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let approved = faults.read_some("approvedDigest", input.approved_digest.as_deref());
            let placement = input.placement.read("placement", &mut faults);
            let placement = faults.finish(placement)?;
            let target = input.document.find(caller, work, "document").await?;
            let request = PlaceElsewhere { target, placement, approved };
            let kind = documents::place_elsewhere(&caller.desk, work, request).await?;
            PlacementChange {
                site: input.placement.site.clone(),
                kind: kind.map(Into::into),
            }
        })
    }

    /// 从本站撤回所引用的信息，附说明 / Withdraw it from that site, with a notice
    async fn withdraw_elsewhere(
        &self,
        context: &Context<'_>,
        input: WithdrawElsewhereInput,
    ) -> Result<PlacementPayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let site: Option<SiteKey> = faults.read("site", &input.site);
            let site = faults.finish(site)?;
            let target = input.document.find(caller, work, "document").await?;
            let notice = input.notice.clone().into();
            documents::withdraw_elsewhere(&caller.desk, work, target, &site, notice).await?;
            PlacementChange { site: site.to_string(), kind: Some(EventKind::Withdraw.into()) }
        })
    }

    /// 从本站移除所引用的信息 / Remove it from that site
    async fn remove_elsewhere(
        &self,
        context: &Context<'_>,
        input: RemoveElsewhereInput,
    ) -> Result<PlacementPayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let site: Option<SiteKey> = faults.read("site", &input.site);
            let site = faults.finish(site)?;
            let target = input.document.find(caller, work, "document").await?;
            let (removal, notice) = (input.removal.into(), input.notice.clone().into());
            documents::remove_elsewhere(&caller.desk, work, target, &site, removal, notice)
                .await?;
            PlacementChange { site: site.to_string(), kind: Some(EventKind::Remove.into()) }
        })
    }
}
