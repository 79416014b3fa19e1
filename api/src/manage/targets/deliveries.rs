//! What is owed to targets, every try at it, and what each target holds.

use async_graphql::SimpleObject;
use store::deliveries::status;

use crate::manage::plans::HeldBack;
use crate::manage::words::{Absence, AnswerClass, DeliveryState, EventKind, TargetState};

/// 投放对象现况的数目 / How a target does
#[derive(Default, SimpleObject)]
pub(crate) struct TargetCounts {
    /// 持有的信息 / Documents it holds
    held: u64,
    /// 待投 / Deliveries that wait
    pending: u64,
    /// 搁置，等人处理 / Deliveries that wait for a person
    parked: u64,
    /// 被拒 / Deliveries it refused
    refused: u64,
    /// 超过 5 分钟未获确认的召回；不为零即警报 / Recalls not acknowledged within 5 minutes; anything but zero is an alarm
    overdue_recalls: u64,
}

impl From<status::Counts> for TargetCounts {
    fn from(counts: status::Counts) -> Self {
        Self {
            held: counts.held,
            pending: counts.pending,
            parked: counts.parked,
            refused: counts.refused,
            overdue_recalls: counts.overdue_recalls,
        }
    }
}

/// 一条信息在一个投放对象处的情形 / How it stands with a document at one target
#[derive(SimpleObject)]
pub(crate) struct Standing {
    /// 投放对象的名称 / Key of the target
    target: String,
    /// 是否投放 / Whether it is served
    state: TargetState,
    /// 对方最后确认持有的；未曾确认则为空 / What it acknowledged last; null before the first receipt
    holds: Option<Holding>,
    /// 最早的待投者；没有则为最后一次投放 / The oldest delivery that waits, else the last one
    delivery: Option<Delivery>,
    /// 待投的数目 / How many deliveries wait
    waiting: u32,
}

/// 回执：对方持有什么 / The receipt: what a target holds
#[derive(SimpleObject)]
pub(crate) struct Holding {
    /// 版本序号；不再持有则为空 / Number of the edition; null when it holds nothing any more
    edition: Option<u32>,
    /// 所据事件的编号 / Number of the event it follows from
    sequence: u64,
    /// 该事件的时间 / When that happened
    event_at: String,
    /// 对方确认的时间 / When the target acknowledged it
    delivered_at: String,
    /// 从事件到确认的毫秒数 / Milliseconds from the event to the receipt
    milliseconds: u64,
}

/// 投放 / What is owed to a target for one event
#[derive(SimpleObject)]
pub(crate) struct Delivery {
    /// 所据事件的编号 / Number of the event it follows from
    sequence: u64,
    /// 该事件的时间 / When that happened
    event_at: String,
    /// 该事件的种类 / What happened
    kind: EventKind,
    /// 应持有的版本 / The edition that is owed
    edition: Option<u32>,
    /// 或不应持有的原因 / Or why nothing may be held
    absence: Option<Absence>,
    /// 现况 / What became of it
    state: DeliveryState,
    /// 等人处理的原因 / Why it waits for a person
    reason: Option<String>,
    /// 尝试次数，含历次重投 / Tries, over all replays
    tries: u32,
    /// 成为应投的时间 / When it was owed
    owed_at: String,
    /// 下次尝试的时间 / When it is tried next
    next_try: Option<String>,
    /// 发布计划的暂缓 / How a publication plan holds it back
    held_back: Option<HeldBack>,
    /// 了结的时间 / When it was over
    finished_at: Option<String>,
    /// 最近一次尝试 / The last try
    last: Option<Attempt>,
}

/// 一次尝试 / One try
#[derive(SimpleObject)]
pub(crate) struct Attempt {
    /// 第几次 / Which one, from 1
    number: u32,
    /// 开始的时间 / When it began
    at: String,
    /// 结果；调用未完则为空 / What came of it; null while the call is under way
    class: Option<AnswerClass>,
    /// HTTP 状态码 / HTTP status
    status: Option<u16>,
    /// 回应的开头 / The beginning of the answer
    answer: Option<String>,
    /// 耗时毫秒数 / How long it took, in milliseconds
    milliseconds: Option<u64>,
    /// 结果是否作数；租期已过者不作数 / Whether its result counted; one that outlived its lease does not
    applied: bool,
}

impl From<status::Standing> for Standing {
    fn from(standing: status::Standing) -> Self {
        Self {
            target: standing.target,
            state: standing.state.into(),
            holds: standing.holds.map(Into::into),
            delivery: standing.delivery.map(Into::into),
            waiting: standing.waiting,
        }
    }
}

impl From<status::Holding> for Holding {
    fn from(holding: status::Holding) -> Self {
        Self {
            edition: holding.edition,
            sequence: holding.sequence,
            event_at: holding.event_at.to_string(),
            delivered_at: holding.at.to_string(),
            milliseconds: u64::try_from(holding.took().as_millis()).unwrap_or_default(),
        }
    }
}

impl From<status::DeliveryStatus> for Delivery {
    fn from(delivery: status::DeliveryStatus) -> Self {
        Self {
            sequence: delivery.sequence,
            event_at: delivery.event_at.to_string(),
            kind: delivery.kind.into(),
            edition: delivery.edition,
            absence: delivery.absence.map(Into::into),
            state: delivery.state.into(),
            reason: delivery.reason,
            tries: delivery.tries,
            owed_at: delivery.owed_at.to_string(),
            held_back: delivery.held_back.map(Into::into),
            next_try: delivery.next_try.map(|at| at.to_string()),
            finished_at: delivery.finished_at.map(|at| at.to_string()),
            last: delivery.last.map(Into::into),
        }
    }
}

impl From<status::AttemptStatus> for Attempt {
    fn from(attempt: status::AttemptStatus) -> Self {
        Self {
            number: attempt.number,
            at: attempt.at.to_string(),
            class: attempt.class.map(Into::into),
            status: attempt.status,
            answer: attempt.answer,
            milliseconds: attempt.milliseconds,
            applied: attempt.applied,
        }
    }
}
