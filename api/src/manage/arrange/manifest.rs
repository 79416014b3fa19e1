//! A whole tree at once.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use editorial::{
    Refusal,
    arrange::manifest::{self, Manifest},
};
use serde::{Deserialize, Serialize};

/// The mutations of this file.
#[derive(Default)]
pub(crate) struct Manifests;

/// 清单 / A tree written down
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ApplyManifestInput {
    /// TOML 清单 / The manifest, as TOML
    manifest: String,
}

/// 执行清单的结果 / What a manifest came to
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct Applied {
    /// 新建的条目 / What was not there before
    created: Vec<String>,
    /// 更新的条目 / What is different now
    changed: Vec<String>,
    /// 未变的条目 / What was so already
    unchanged: Vec<String>,
}

payload! {
    /// 执行清单的结果 / What came of it
    ManifestPayload {
        /// 结果 / What was done
        applied: Applied
    }
}

#[Object]
impl Manifests {
    /// 按清单建立或更新机构、站点与栏目，可反复执行 / Create and change authorities, sites and columns as a manifest says; may be repeated
    async fn apply_manifest(
        &self,
        context: &Context<'_>,
        input: ApplyManifestInput,
    ) -> Result<ManifestPayload> {
        act!(context, caller, work => {
            let manifest = Manifest::parse(&input.manifest)
                .map_err(|fault| Refusal::Invalid(vec![fault]))?;
            let done = manifest::apply(&caller.desk, work, &manifest).await?;
            Applied { created: done.created, changed: done.changed, unchanged: done.unchanged }
        })
    }
}
