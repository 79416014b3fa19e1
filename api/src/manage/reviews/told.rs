//! A review as its reader sees it.

use std::collections::HashMap;

use async_graphql::{ComplexObject, Context, Result, SimpleObject};
use schema::{difference, ids::AuthorityId, tree::Authority};
use serde::{Deserialize, Serialize};
use store::{
    Session,
    access::people,
    documents, past,
    reviews::{
        self as rows, Awaits,
        cases::{self, Record},
    },
    trees,
};

use super::{cosigning::Cosignature, rules::Chain};
use crate::manage::{
    answer::{Who, fault},
    caller::Caller,
    words::{ReviewActKind, ReviewDebtKind, ReviewState, ReviewTrack, Role, SecrecyConclusion},
};

/// Reviews of one document that are told, at the most.
const REVIEWS: u32 = 50;

/// 登记号：某机构某年的第几件 / A number in the register: which one of an authority in a year
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct Register {
    /// 年份（北京时间） / The year, by the clock of Beijing
    year: i32,
    /// 序号，同一年内不间断 / The number, without gaps within a year
    number: u32,
}

/// 一件审核的现状 / How a review stands
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct ReviewStanding {
    /// 编号 / Its id
    id: String,
    /// 登记备案号，不变 / Its entry in the register, for good
    register: Register,
    /// 流程 / By which track
    track: ReviewTrack,
    /// 状态 / How it stands
    state: ReviewState,
    /// 第几次送审 / How often it was submitted
    round: u32,
    /// 待签环节所属角色；不在审核中或各环节已签则没有 / Whose turn it is; nothing where it is nobody's, or every step is taken
    awaits: Option<Role>,
    /// 各环节已签，待发布 / Whether every step is taken and it is to be published
    awaits_publication: bool,
    /// 保密审查尚未进行 / Whether the secrecy review is still to be done
    awaits_secrecy: bool,
    /// 检查发现的错误；不改正或放行则不能发布 / Errors that checks found: mended or waived before it is published
    errors: u32,
    /// 检查发现的警告 / Warnings that checks found
    warnings: u32,
    /// 待签环节的时限 / When the step whose turn it is will be late
    due_at: Option<String>,
    /// 最近一次送审的时间 / When it was submitted last
    submitted_at: String,
    /// 首次送审的时间 / When it was submitted first
    opened_at: String,
    /// 结束的时间 / When nothing followed any more
    closed_at: Option<String>,
}

impl From<&rows::Review> for ReviewStanding {
    fn from(review: &rows::Review) -> Self {
        Self {
            id: review.id.to_string(),
            register: Register {
                year: review.register.year.into(),
                number: review.register.number,
            },
            track: review.track.into(),
            state: review.state.into(),
            round: review.round,
            awaits: match review.awaits {
                Some(Awaits::Step(role)) => Some(role.into()),
                Some(Awaits::Publication) | None => None,
            },
            awaits_publication: review.awaits == Some(Awaits::Publication),
            awaits_secrecy: review.awaits_secrecy,
            errors: review.errors,
            warnings: review.warnings,
            due_at: review.due_at.map(|at| at.to_string()),
            submitted_at: review.submitted_at.to_string(),
            opened_at: review.opened_at.to_string(),
            closed_at: review.closed_at.map(|at| at.to_string()),
        }
    }
}

/// 审核中的一项记录，不能更改 / Something that was done in a review; it never changes
#[derive(SimpleObject)]
pub(crate) struct ReviewAct {
    /// 第几次送审之中 / In which round
    round: u32,
    /// 时间 / When
    at: String,
    /// 何人 / By whom
    by: Who,
    /// 何事 / What
    kind: ReviewActKind,
    /// 第几个环节，自 1 起 / Which step, from 1
    step: Option<usize>,
    /// 所签文本的承诺值：SHA-256(盐 ‖ 摘要) / Commitment to the text it was done on: SHA-256(salt ‖ digest)
    commitment: String,
    /// 保密审查结论 / What a secrecy review came to
    conclusion: Option<SecrecyConclusion>,
    /// 其法律依据 / The legal basis of that
    basis: Option<String>,
    /// 理由或意见 / The reason, or a remark
    note: Option<String>,
    /// 会签：受请或代表何机构 / Of co-signing: which body was asked, or answered for
    body: Option<String>,
}

/// 须事后确认的发布 / A confirmation that is owed after a publication
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct ReviewDebt {
    /// 缘由 / Why
    kind: ReviewDebtKind,
    /// 由何种角色确认，不得为发布者本人 / Who confirms: never who published
    confirms: Role,
    /// 发布时间 / The publication
    owed_since: String,
    /// 时限 / When it is late
    due_at: Option<String>,
    /// 发布者 / Who published
    published_by: Who,
    /// 确认时间 / When it was confirmed
    confirmed_at: Option<String>,
    /// 确认者 / By whom
    confirmed_by: Option<Who>,
}

impl ReviewDebt {
    pub(super) async fn told(
        session: &mut Session,
        debt: rows::Debt,
    ) -> Result<Self, store::Error> {
        let confirmed_by = match debt.confirmed_by {
            Some(id) => Some(who(session, id).await?),
            None => None,
        };
        Ok(Self {
            kind: debt.kind.into(),
            confirms: debt.confirms.into(),
            owed_since: debt.owed_since.to_string(),
            due_at: debt.due_at.map(|at| at.to_string()),
            published_by: who(session, debt.published_by).await?,
            confirmed_at: debt.confirmed_at.map(|at| at.to_string()),
            confirmed_by,
        })
    }
}

/// 与审核人上次所签文本的不同之处 / What differs from the text that a reviewer signed last
#[derive(SimpleObject)]
pub(crate) struct ReviewDifference {
    /// 字段 / The field
    field: String,
    /// 新旧文本对照，可直接显示：新增以 ins、删去以 del 标出；仅格式不同时为空 / Old and new text, ready to be shown, with `ins` and `del`; empty where only the formatting differs
    html: String,
    /// 是否逐段细比 / Whether every passage was compared inside
    is_exact: bool,
}

impl ReviewDifference {
    pub(super) fn of(difference: &difference::FieldDifference) -> Self {
        Self {
            field: difference.field.to_string(),
            html: difference.html(),
            is_exact: difference.is_exact,
        }
    }
}

/// 一件审核：一事一审 / One matter under review
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct Review {
    #[graphql(flatten)]
    standing: ReviewStanding,
    /// 各环节，依最近一次送审时的规定 / The steps, as they were at the last submission
    chain: Chain,
    /// 全部记录，先后为序 / Everything that was done, in order
    acts: Vec<ReviewAct>,
    /// 发布后须作的确认 / What is, or was, owed after the publication
    debt: Option<ReviewDebt>,
    /// 最近一次送审所请会签的机构 / The bodies that were asked to co-sign, of the last submission
    cosignatures: Vec<Cosignature>,
    #[graphql(skip)]
    record: Record,
    #[graphql(skip)]
    document: documents::Document,
}

impl Review {
    pub(crate) async fn list(caller: &Caller, document: &documents::Document) -> Result<Vec<Self>> {
        let mut session = caller.session().await?;
        let found = cases::of_document(&mut session, &caller.viewer(), document, REVIEWS).await;
        let mut told = Vec::new();
        for record in found.map_err(|error| fault(&error))? {
            let debt = match record.debt.clone() {
                Some(debt) => {
                    let told = ReviewDebt::told(&mut session, debt).await;
                    Some(told.map_err(|error| fault(&error))?)
                }
                None => None,
            };
            let mut cosignatures = Vec::with_capacity(record.cosignatures.len());
            for cosignature in &record.cosignatures {
                let told = Cosignature::told(&mut session, cosignature.clone()).await;
                cosignatures.push(told.map_err(|error| fault(&error))?);
            }
            let bodies: Vec<AuthorityId> = record.acts.iter().filter_map(|act| act.body).collect();
            let bodies = trees::authorities_by_id(&mut session, &bodies).await;
            let bodies = bodies.map_err(|error| fault(&error))?;
            told.push(Self {
                standing: (&record.review).into(),
                chain: record.review.chain.clone().into(),
                acts: record.acts.iter().map(|one| act(one, &bodies)).collect(),
                debt,
                cosignatures,
                record,
                document: document.clone(),
            });
        }
        Ok(told)
    }
}

#[ComplexObject]
impl Review {
    /// 草稿与审核人上次所签文本的不同之处；无人签过则与在线版本相比，两者皆无则没有 / How the draft differs from what a reviewer signed last, or from the live edition where nobody signed; nothing where there is neither
    async fn changes(&self, context: &Context<'_>) -> Result<Option<Vec<ReviewDifference>>> {
        let caller = Caller::of(context);
        let mut session = caller.session().await?;
        let viewer = caller.viewer();
        let draft = past::draft(&mut session, &viewer, &self.document).await;
        let Some(draft) = draft.map_err(|error| fault(&error))? else { return Ok(None) };
        let before = match self.record.last_signed() {
            Some(edition) => past::worked_on(&mut session, &viewer, &self.document, edition).await,
            None => past::live(&mut session, &viewer, &self.document)
                .await
                .map(|live| live.map(|live| live.content)),
        };
        let Some(before) = before.map_err(|error| fault(&error))? else { return Ok(None) };
        let Some(content_type) = caller.desk.types.get(&self.document.r#type) else {
            return Ok(None);
        };
        let differences = difference::between(content_type, &before, &draft.content);
        Ok(Some(differences.iter().map(ReviewDifference::of).collect()))
    }
}

fn act(act: &rows::Act, bodies: &HashMap<AuthorityId, Authority>) -> ReviewAct {
    ReviewAct {
        round: act.round,
        at: act.at.to_string(),
        by: Who { id: act.by.to_string(), name: Some(act.by_name.clone()) },
        kind: act.kind.into(),
        step: act.step.map(|step| step + 1),
        commitment: act.commitment.to_string(),
        conclusion: act.conclusion.map(Into::into),
        basis: act.basis.clone(),
        note: act.note.clone(),
        body: act.body.and_then(|body| bodies.get(&body)).map(|body| body.key.to_string()),
    }
}

pub(super) async fn who(
    session: &mut Session,
    id: schema::ids::ActorId,
) -> Result<Who, store::Error> {
    Ok(Who { id: id.to_string(), name: people::name(session, id).await? })
}
