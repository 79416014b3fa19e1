//! Targets: where the hub sends what it publishes, how each does, and what it holds.

mod deliveries;
mod input;
mod mutations;
mod purge;
mod queries;

use async_graphql::{ComplexObject, Context, Result, SimpleObject};
use editorial::{ports, targets};
use serde::{Deserialize, Serialize};
use store::{Session, deliveries::targets as stored, trees};

pub(crate) use deliveries::Standing;
pub(crate) use mutations::Changing;
pub(crate) use queries::Targets;

use self::{
    deliveries::{Delivery, TargetCounts},
    purge::Purge,
};
use super::{
    answer::fault,
    caller::Caller,
    words::{Declaration, DeliveryForm, TargetState},
};

/// 投放对象：一个通道的一个去处 / One destination of one channel
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
#[graphql(complex)]
pub(crate) struct Target {
    /// 名称 / Its name
    key: String,
    /// 所属机构的代号 / Key of the authority that owns it
    authority: Option<String>,
    /// 通道，如 webhook / Its channel, like webhook
    channel: String,
    /// 投放地址 / Where it is
    address: String,
    /// 选取的范围 / What it is given
    selects: Selection,
    /// 每个事件，或最新状态 / Every event, or the latest state
    declaration: Declaration,
    /// 是否连同全文 / Whether the text is sent too
    form: DeliveryForm,
    /// 频度上限 / How much at once
    limits: DeliveryLimits,
    /// 在公网 https 之外放行的地址 / What may be dialled beyond public addresses over https
    reach: Reach,
    /// 通知缓存清除的方式；不是缓存则为空 / How it is told what to drop; null for what is no cache
    purge: Option<Purge>,
    /// 是否投放 / Whether it is served
    state: TargetState,
    /// 未投放的原因 / Why it is not
    reason: Option<String>,
    /// 版本号 / Its version
    version: i64,
    /// 建立时间 / When it was made
    created_at: String,
    /// 已化为投放任务的最后事件 / Number of the last event that was turned into deliveries
    position: u64,
    /// 是否正在逐条核对全部信息 / Whether all documents are being looked through for it
    sweeping: bool,
    /// 连续失败次数 / Failures in a row
    failures: u32,
    /// 因对方无响应，暂停至此时 / It does not answer and is left alone until then
    open_until: Option<String>,
}

/// 选取的范围；为空的一项不作限制 / What is selected; an empty list is no condition
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct Selection {
    /// 站点 / All that stands on these sites
    sites: Vec<String>,
    /// 栏目及其下级 / All that stands in these columns or below them
    columns: Vec<SelectedColumn>,
    /// 内容类型 / Only these types
    types: Vec<String>,
    /// 语言 / Only these languages
    locales: Vec<String>,
}

/// 某站点的栏目 / A column of a site
#[derive(Clone, Debug, SimpleObject, async_graphql::InputObject, Serialize, Deserialize)]
#[graphql(input_name = "SelectedColumnInput")]
pub(crate) struct SelectedColumn {
    /// 站点代号 / Key of the site
    site: String,
    /// 栏目路径 / Path of the column
    path: String,
}

/// 频度上限；召回不受其限 / How much a target takes; recalls are not held back by it
#[derive(Clone, Copy, Debug, SimpleObject, async_graphql::InputObject, Serialize, Deserialize)]
#[graphql(input_name = "DeliveryLimitsInput")]
pub(crate) struct DeliveryLimits {
    /// 同时调用数，1 至 64 / Calls under way at once, 1 to 64
    concurrency: u32,
    /// 每分钟调用数，1 至 60000 / Calls a minute, 1 to 60,000
    per_minute: u32,
    /// 标题最多几字；超出者检查时提示，照常投放；不填为不限 / Characters of a title that it takes: a longer one is found fault with, and sent; without it every length
    title_characters: Option<u32>,
    /// 正文最多几字，同上 / Characters of a body, likewise
    text_characters: Option<u32>,
}

/// 在公网 https 之外放行的地址 / What may be dialled beyond public addresses over https
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct Reach {
    /// 内网地址段 / Private ranges, CIDR notation
    ranges: Vec<String>,
    /// 明文 HTTP / Plain http
    http: bool,
    /// 443 以外的端口 / Ports beside 443
    ports: Vec<u16>,
}

/// 交给接收方的一项 / Something the other side needs to know
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Shown {
    /// 何物：secret（whsec_…）、publicKey（whpk_…） / What it is: secret (whsec_…), publicKey (whpk_…)
    name: String,
    /// 内容 / The text to hand over
    value: String,
}

/// 停滞的投放 / A delivery that waits for a person
#[derive(SimpleObject)]
pub(crate) struct StuckDelivery {
    /// 信息在本平台上的编号 / Id of the document on this hub
    document: String,
    /// 投放 / The delivery
    delivery: Delivery,
}

impl From<ports::Shown> for Shown {
    fn from(shown: ports::Shown) -> Self {
        Self { name: shown.name.to_owned(), value: shown.value }
    }
}

impl Target {
    pub(crate) async fn told(
        session: &mut Session,
        target: stored::Target,
    ) -> std::result::Result<Self, store::Error> {
        let authority = trees::authority(session, target.authority).await?;
        let particulars = target.particulars;
        let selector = particulars.selector;
        Ok(Self {
            key: target.key,
            authority: authority.map(|authority| authority.key.to_string()),
            channel: target.channel,
            address: target.address,
            selects: Selection {
                sites: selector.sites.iter().map(ToString::to_string).collect(),
                columns: selector
                    .columns
                    .iter()
                    .map(|column| SelectedColumn {
                        site: column.site.to_string(),
                        path: column.path.to_string(),
                    })
                    .collect(),
                types: selector.types.iter().map(ToString::to_string).collect(),
                locales: selector.locales.iter().map(ToString::to_string).collect(),
            },
            declaration: particulars.declaration.into(),
            form: particulars.form.into(),
            limits: DeliveryLimits {
                concurrency: particulars.limits.concurrency,
                per_minute: particulars.limits.per_minute,
                title_characters: particulars.limits.title_characters,
                text_characters: particulars.limits.text_characters,
            },
            reach: Reach {
                ranges: particulars.reach.ranges,
                http: particulars.reach.http,
                ports: particulars.reach.ports,
            },
            purge: particulars.purge.map(Into::into),
            state: target.state.into(),
            reason: target.reason,
            version: target.version,
            created_at: target.created_at.to_string(),
            position: target.progress.position,
            sweeping: target.progress.sweep.is_some(),
            failures: target.health.failures,
            open_until: target.health.open_until.map(|until| until.to_string()),
        })
    }
}

#[ComplexObject]
impl Target {
    /// 持有、待投与停滞的数目 / How much it holds, and what waits
    async fn counts(&self, context: &Context<'_>) -> Result<TargetCounts> {
        let caller = Caller::of(context);
        let counts = targets::counts(&caller.desk, &caller.actor, &self.key).await;
        caller.found(counts).map(|counts| counts.map(TargetCounts::from).unwrap_or_default())
    }

    /// 密钥中任何人都可知道的部分：公钥 / What of its secrets anybody may see: the public key
    async fn shown(&self, context: &Context<'_>) -> Result<Vec<Shown>> {
        let caller = Caller::of(context);
        let shown =
            targets::public(&caller.desk, &*caller.channels, &caller.actor, &self.key).await;
        let shown = caller.found(shown)?.unwrap_or_default();
        Ok(shown.into_iter().map(Into::into).collect())
    }

    /// 已搁置或被拒、等人处理的投放，较早的在前 / What was parked or refused and waits for a person, the oldest first
    async fn stuck(
        &self,
        context: &Context<'_>,
        #[graphql(default = 50, desc = "最多几条，不超过 100 / At most so many, up to 100")] first: i32,
    ) -> Result<Vec<StuckDelivery>> {
        let caller = Caller::of(context);
        let first = super::reading::page(first);
        let stuck = targets::stuck(&caller.desk, &caller.actor, &self.key, first).await;
        let stuck = caller.found(stuck)?.unwrap_or_default();
        let told = |(document, delivery): (schema::ids::DocumentId, _)| StuckDelivery {
            document: document.to_string(),
            delivery: Delivery::from(delivery),
        };
        Ok(stuck.into_iter().map(told).collect())
    }
}

impl Caller {
    /// What was read, nothing where it is refused: what one may not know of is not there.
    fn found<T>(&self, outcome: std::result::Result<T, editorial::Error>) -> Result<Option<T>> {
        match outcome {
            Ok(found) => Ok(Some(found)),
            Err(editorial::Error::Refused(_)) => Ok(None),
            Err(editorial::Error::Store(error)) => Err(fault(&error)),
        }
    }
}
