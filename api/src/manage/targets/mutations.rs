//! Making and changing targets, and what people do when something is stuck.

use async_graphql::{Context, Object, Result, SimpleObject};
use editorial::{ports, targets};
use serde::{Deserialize, Serialize};
use store::{Session, deliveries::replays};

use super::{
    Shown, Target,
    input::{
        ChangeTargetInput, CreateTargetInput, PauseTargetInput, ReplayTargetInput,
        RotateTargetSecretInput, TargetInput,
    },
};
use crate::manage::{answer::Text, caller::Caller, words::AnswerClass};

/// The mutations of this file.
#[derive(Default)]
pub(crate) struct Changing;

/// 有了新密钥的投放对象 / A target that got secrets
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct EquippedTarget {
    /// 投放对象 / The target
    target: Target,
    /// 交给接收方的密钥，仅在此处出现一次；按幂等键重放时为空 / What to hand to the receiver, to be had here and never again; empty when the answer is replayed
    #[serde(skip)]
    secrets: Vec<Shown>,
}

/// 重投了多少 / What a replay came to
#[derive(Clone, Copy, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct Replayed {
    /// 重新应投 / Deliveries that are due again
    due: u64,
    /// 对方已持有更新者，不再投 / Deliveries that are not, because the target holds something newer
    overtaken: u64,
}

/// 测试的结果 / What came of a harmless call
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct TargetTest {
    /// 结果的类别 / As what it counts
    class: AnswerClass,
    /// HTTP 状态码 / HTTP status
    status: Option<u16>,
    /// 回应的开头，或出了什么错 / The beginning of the answer, or what went wrong
    answer: Option<String>,
    /// 这意味着什么，该怎么办 / What that means, and what to do
    explanation: Text,
}

payload! {
    /// 投放对象改动的结果 / What came of it
    TargetPayload {
        /// 投放对象 / The target
        target: Target
    }
}
payload! {
    /// 新密钥的结果 / What came of it
    EquippedTargetPayload {
        /// 投放对象及其密钥 / The target with its secrets
        equipped: EquippedTarget
    }
}
payload! {
    /// 重投的结果 / What came of it
    ReplayTargetPayload {
        /// 重投了多少 / How much is due again
        replayed: Replayed
    }
}
payload! {
    /// 测试的结果 / What came of it
    TestTargetPayload {
        /// 对方的回应 / What the target said
        test: TargetTest
    }
}

impl EquippedTarget {
    async fn told(
        session: &mut Session,
        equipped: targets::Equipped,
    ) -> std::result::Result<Self, store::Error> {
        Ok(Self {
            target: Target::told(session, equipped.target).await?,
            secrets: equipped.shown.into_iter().map(Into::into).collect(),
        })
    }
}

impl From<replays::Replayed> for Replayed {
    fn from(replayed: replays::Replayed) -> Self {
        Self { due: replayed.due, overtaken: replayed.overtaken }
    }
}

impl From<ports::ChannelTest> for TargetTest {
    fn from(test: ports::ChannelTest) -> Self {
        Self {
            class: test.class.into(),
            status: test.status,
            answer: test.answer,
            explanation: test.explanation.into(),
        }
    }
}

#[Object]
impl Changing {
    /// 新建投放对象；密钥只出现一次 / Make a target; its secrets are shown once
    async fn create_target(
        &self,
        context: &Context<'_>,
        input: CreateTargetInput,
    ) -> Result<EquippedTargetPayload> {
        act!(context, caller, work => {
            let new = input.clone().read()?;
            let made = targets::create(&caller.desk, &*caller.channels, work, new).await?;
            EquippedTarget::told(work.session(), made).await?
        })
    }

    /// 改动投放对象；离开范围的内容将通知对方撤下，新入选的仅在 backfill 时补投 / Change a target; what left its selection is taken away from it, what entered is sent only with backfill
    async fn change_target(
        &self,
        context: &Context<'_>,
        input: ChangeTargetInput,
    ) -> Result<TargetPayload> {
        act!(context, caller, work => {
            let change = input.clone().read()?;
            let target = targets::change(&*caller.channels, work, &change).await?;
            Target::told(work.session(), target).await?
        })
    }

    /// 暂停投放；应投内容保留 / Send nothing to it until it is resumed; what is owed is kept
    async fn pause_target(
        &self,
        context: &Context<'_>,
        input: PauseTargetInput,
    ) -> Result<TargetPayload> {
        act!(context, caller, work => {
            let target = targets::pause(work, &input.key, &input.reason).await?;
            Target::told(work.session(), target).await?
        })
    }

    /// 恢复投放，不论因何停止 / Serve it again, whatever stopped it
    async fn resume_target(
        &self,
        context: &Context<'_>,
        input: TargetInput,
    ) -> Result<TargetPayload> {
        act!(context, caller, work => {
            let target = targets::resume(work, &input.key).await?;
            Target::told(work.session(), target).await?
        })
    }

    /// 重投已搁置或被拒的内容 / Try again what was parked or refused
    async fn replay_target(
        &self,
        context: &Context<'_>,
        input: ReplayTargetInput,
    ) -> Result<ReplayTargetPayload> {
        act!(context, caller, work => {
            let document = input.document()?;
            Replayed::from(targets::replay(work, &input.key, document).await?)
        })
    }

    /// 更换密钥；旧密钥 24 小时内仍有效 / Give it new secrets; the old ones hold for 24 hours
    async fn rotate_target_secret(
        &self,
        context: &Context<'_>,
        input: RotateTargetSecretInput,
    ) -> Result<EquippedTargetPayload> {
        act!(context, caller, work => {
            let rotated = {
                let given = input.secret.as_deref();
                targets::rotate_secret(&*caller.channels, work, &input.key, given).await?
            };
            EquippedTarget::told(work.session(), rotated).await?
        })
    }

    /// 发起一次无害的调用并说明结果；每次请求都会重新调用 / Make one harmless call and explain what came of it; every request makes it anew
    async fn test_target(
        &self,
        context: &Context<'_>,
        input: TargetInput,
    ) -> Result<TestTargetPayload> {
        // No unit of work is open meanwhile: the other side may take its time.
        let caller = Caller::of(context);
        let (desk, actor) = (&caller.desk, &caller.actor);
        let test = targets::test(desk, &*caller.channels, actor, &input.key).await;
        Ok(caller.told("testTarget", test.map(TargetTest::from)).await?.into())
    }
}
