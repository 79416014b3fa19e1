//! Looking at targets.

use async_graphql::{Context, Object, Result};
use editorial::targets;

use super::Target;
use crate::manage::{answer::fault, caller::Caller};

/// The queries of this file.
#[derive(Default)]
pub(crate) struct Targets;

#[Object]
impl Targets {
    /// 可见的投放对象，按名称排序 / The targets you may see, by key
    async fn targets(&self, context: &Context<'_>) -> Result<Vec<Target>> {
        let caller = Caller::of(context);
        let all = targets::list(&caller.desk, &caller.actor).await;
        let all = caller.found(all)?.unwrap_or_default();
        let mut session = caller.session().await?;
        let mut told = Vec::with_capacity(all.len());
        for (target, _) in all {
            told.push(Target::told(&mut session, target).await.map_err(|error| fault(&error))?);
        }
        Ok(told)
    }

    /// 某投放对象；不存在或无权知道则为空 / One target; null where there is none that you may know of
    async fn target(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "名称 / Its name")] key: String,
    ) -> Result<Option<Target>> {
        let caller = Caller::of(context);
        let found = targets::find(&caller.desk, &caller.actor, &key).await;
        let Some(target) = caller.found(found)? else { return Ok(None) };
        let mut session = caller.session().await?;
        Target::told(&mut session, target).await.map(Some).map_err(|error| fault(&error))
    }
}
