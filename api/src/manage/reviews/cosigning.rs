//! Co-signing (会签): asking bodies, answering for one, and what a body is shown.

use std::collections::BTreeSet;

use async_graphql::{Context, InputObject, Json, Object, Result, SimpleObject};
use editorial::{
    Error,
    reviews::{self, Answer},
};
use schema::{
    calendar::Span, difference, digest::Digest, ids::CosignatureId, names::AuthorityKey,
    validation::Checked,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::{
    Session,
    reviews::cosigning::{self, Laid, Late},
};

use super::{
    mutations::{ReviewPayload, looked},
    told::{ReviewDifference, ReviewStanding, who},
};
use crate::manage::{
    answer::{Text, Who, fault},
    caller::Caller,
    cursor::Cursor,
    documents::DocumentTarget,
    input::Faults,
    reading::{page, read},
    words::{CosignSilence, CosignState, Role},
};

/// The queries of this file.
#[derive(Default)]
pub(crate) struct Laying;

/// The mutations of this file.
#[derive(Default)]
pub(crate) struct Cosigning;

/// 受请会签的机构 / A body that was asked to co-sign
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct Cosignature {
    /// 编号，答复时使用 / Its id, by which it is answered
    id: String,
    /// 机构的代号 / Key of the body
    body: String,
    /// 机构的名称 / What people call it
    name: Text,
    /// 状态 / How it stands
    state: CosignState,
    /// 何时受请 / When it was asked
    asked_at: String,
    /// 规定须会签，而非另行请求 / Whether a rule names it; else somebody asked for it
    by_rule: bool,
    /// 答复的时限 / When an answer is late
    due_at: Option<String>,
    /// 逾期不答复意味着什么 / What no answer in time means
    silence: CosignSilence,
    /// 由何种角色裁定其异议 / Who may overrule its objection
    overruled_by: Option<Role>,
    /// 答复的时间 / When it answered
    answered_at: Option<String>,
    /// 何人答复；逾期视为同意者为平台 / By whom; the hub where silence counted as agreed
    answered_by: Option<Who>,
}

impl Cosignature {
    pub(super) async fn told(
        session: &mut Session,
        cosignature: cosigning::Cosignature,
    ) -> Result<Self, store::Error> {
        let answered_by = match cosignature.answered_by {
            Some(id) => Some(who(session, id).await?),
            None => None,
        };
        Ok(Self {
            id: cosignature.id.to_string(),
            body: cosignature.key.to_string(),
            name: cosignature.name.into(),
            state: cosignature.state.into(),
            asked_at: cosignature.asked_at.to_string(),
            by_rule: cosignature.by_rule,
            due_at: cosignature.due_at.map(|at| at.to_string()),
            silence: cosignature.silence.into(),
            overruled_by: cosignature.overruled_by.map(Into::into),
            answered_at: cosignature.answered_at.map(|at| at.to_string()),
            answered_by,
        })
    }
}

/// 请本机构会签的文本 / A text as it was laid before a body
#[derive(SimpleObject)]
pub(crate) struct LaidText {
    /// 会签 / The body, and how it stands with it
    cosignature: Cosignature,
    /// 文本属于何机构 / Who owns the text
    owner: Text,
    /// 何人请求；命令行没有 / Who asked; nothing for the command line
    asked_by: Option<String>,
    /// 内容编号 / Content id
    content_id: String,
    /// 语言 / Language
    locale: String,
    /// 内容类型 / Content type
    r#type: String,
    /// 文本与发布位置的摘要，答复时须注明；不在审核中则没有 / Digest that an answer names; nothing where the text does not lie before the reviewers any more
    digest: Option<String>,
    /// 字段值 / Values of the fields
    fields: Option<Json<Map<String, Value>>>,
    /// 与本机构上次同意的文本的不同之处；未曾同意则没有 / How it differs from what this body agreed to before; nothing where it never did
    changes: Option<Vec<ReviewDifference>>,
    /// 本机构就此文本所附的意见 / What the body said of this text
    note: Option<String>,
}

impl LaidText {
    async fn told(
        caller: &Caller,
        session: &mut Session,
        laid: Laid,
    ) -> Result<Self, store::Error> {
        let content_type = caller.desk.types.get(&laid.r#type);
        let changes = content_type.zip(laid.text.as_ref()).zip(laid.agreed_before.as_ref());
        let changes = changes.map(|((content_type, (_, text)), before)| {
            let found = difference::between(content_type, before, text);
            found.iter().map(ReviewDifference::of).collect()
        });
        let (digest, content) = laid.text.unzip();
        let fields = content.map(|content| match content_type {
            Some(content_type) => Checked::of(&content).to_input(content_type),
            // A type that is not in force any more: the values as they are stored.
            None => content.fields,
        });
        Ok(Self {
            owner: laid.owner.into(),
            asked_by: laid.asked_by,
            content_id: laid.content_id.to_string(),
            locale: laid.locale.to_string(),
            r#type: laid.r#type.to_string(),
            digest: digest.map(|digest| digest.to_string()),
            fields: fields.map(Json),
            changes,
            note: laid.note,
            cosignature: Cosignature::told(session, laid.cosignature).await?,
        })
    }
}

/// 逾期未答复的会签 / An answer that is late
#[derive(SimpleObject)]
pub(crate) struct LateCosignature {
    /// 会签 / Which body, and until when it had to answer
    cosignature: Cosignature,
    /// 内容编号 / Content id
    content_id: String,
    /// 语言 / Language
    locale: String,
    /// 标题 / Title of the text
    title: Option<String>,
    /// 位置，用于翻页 / Where to go on from
    cursor: String,
}

/// 一页逾期未答复的会签 / A page of answers that are late
#[derive(SimpleObject)]
pub(crate) struct LateCosignaturePage {
    /// 各项，逾期最久的在前 / The items, the latest first
    items: Vec<LateCosignature>,
    /// 是否还有 / Whether there are more
    has_next_page: bool,
}

/// 请其他机构会签 / Bodies to be asked
#[derive(Clone, Debug, InputObject)]
pub(crate) struct AskToCosignInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
    /// 所送审文本的摘要 / Digest of the text that lies before the reviewers
    digest: String,
    /// 机构的代号 / Keys of the bodies
    bodies: Vec<String>,
    /// 时限：24h、2d、1wd、1mo；逾期不视为同意 / The time allowed: 24h, 2d, 1wd, 1mo; silence means nothing
    within: Option<String>,
}

/// 会签同意 / A body that agrees
#[derive(Clone, Debug, InputObject)]
pub(crate) struct CosignInput {
    /// 会签的编号 / Id of what was laid before the body
    cosignature: String,
    /// 所看到的文本的摘要 / Digest of the text that was looked at
    digest: String,
    /// 意见 / A remark
    note: Option<String>,
}

/// 会签有异议 / A body that objects
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ObjectInput {
    /// 会签的编号 / Id of what was laid before the body
    cosignature: String,
    /// 所看到的文本的摘要 / Digest of the text that was looked at
    digest: String,
    /// 理由 / The reason
    reason: String,
}

/// 撤回异议 / An objection to be taken back
#[derive(Clone, Debug, InputObject)]
pub(crate) struct WithdrawObjectionInput {
    /// 会签的编号 / Id of what was laid before the body
    cosignature: String,
    /// 所看到的文本的摘要 / Digest of the text that was looked at
    digest: String,
}

/// 裁定异议 / An objection to be overruled
#[derive(Clone, Debug, InputObject)]
pub(crate) struct OverruleObjectionInput {
    /// 会签的编号 / Its id, as the review tells it
    cosignature: String,
    /// 理由 / The reason
    reason: String,
}

payload! {
    /// 会签答复的结果 / What came of an answer
    CosignaturePayload {
        /// 会签 / How it stands with the body now
        cosignature: Cosignature
    }
}

fn id(text: &str) -> Result<CosignatureId, Error> {
    let mut faults = Faults::default();
    let id: Option<CosignatureId> = faults.read("cosignature", text);
    faults.finish(id)
}

fn named(id: &str, digest: &str) -> Result<(CosignatureId, Digest), Error> {
    let mut faults = Faults::default();
    let id: Option<CosignatureId> = faults.read("cosignature", id);
    let digest: Option<Digest> = faults.read("digest", digest);
    faults.finish(id.zip(digest))
}

#[Object]
impl Laying {
    /// 请本机构会签的文本；只有能代表该机构答复者可见 / A text that was laid before a body, for those who answer for it
    async fn laid_before_body(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "会签的编号，见待办 / Its id, as the queue tells it")] cosignature: String,
    ) -> Result<Option<LaidText>> {
        let caller = Caller::of(context);
        let id = read(id(&cosignature))?;
        let mut session = caller.session().await?;
        let found = cosigning::laid(&mut session, &caller.viewer(), id).await;
        let Some(laid) = found.map_err(|error| fault(&error))? else { return Ok(None) };
        if laid.text.is_some() {
            let seen = &laid.cosignature;
            caller.witness.saw(seen.document, Some(seen.edition), 0);
        }
        let told = LaidText::told(caller, &mut session, laid).await;
        told.map(Some).map_err(|error| fault(&error))
    }

    /// 逾期未答复的会签，限于可见其草稿者 / Answers of bodies that are late, of texts whose drafts you may see
    async fn late_cosignatures(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20, desc = "最多几条，不超过 100 / At most so many, up to 100")] first: i32,
        #[graphql(desc = "从此位置之后 / After this cursor")] after: Option<String>,
    ) -> Result<LateCosignaturePage> {
        let caller = Caller::of(context);
        let mut faults = Faults::default();
        let after: Option<Cursor> = faults.read_some("after", after.as_deref());
        let after = read(faults.finish(Some(after)))?.map(|Cursor { at, id }| (at, id.into()));
        let (now, length) = (caller.desk.clock.now(), page(first));
        let mut session = caller.session().await?;
        let found = cosigning::late(&mut session, &caller.viewer(), now, after, length + 1).await;
        let mut found = found.map_err(|error| fault(&error))?;
        let has_next_page = found.len() > length as usize;
        found.truncate(length as usize);
        let mut items = Vec::with_capacity(found.len());
        for Late { cosignature, content_id, locale, r#type, card } in found {
            let content_type = caller.desk.types.get(&r#type);
            let title = card.as_ref().zip(content_type).and_then(|(card, content_type)| {
                content_type.title_of(&card.fields).map(str::to_owned)
            });
            let at = cosignature.due_at.unwrap_or(now);
            let cursor = Cursor { at, id: cosignature.id.uuid() }.to_string();
            let cosignature = Cosignature::told(&mut session, cosignature).await;
            items.push(LateCosignature {
                cosignature: cosignature.map_err(|error| fault(&error))?,
                content_id: content_id.to_string(),
                locale: locale.to_string(),
                title,
                cursor,
            });
        }
        Ok(LateCosignaturePage { items, has_next_page })
    }
}

#[Object]
impl Cosigning {
    /// 另请机构会签在审的文本；未答复则不能发布 / Ask further bodies to co-sign what lies before the reviewers; it is not published before they answer
    async fn ask_to_cosign(
        &self,
        context: &Context<'_>,
        input: AskToCosignInput,
    ) -> Result<ReviewPayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let mut bodies: BTreeSet<AuthorityKey> = BTreeSet::new();
            for (place, key) in input.bodies.iter().enumerate() {
                bodies.extend(faults.read::<AuthorityKey>(format!("bodies[{place}]"), key));
            }
            let within: Option<Span> = faults.read_some("within", input.within.as_deref());
            let (bodies, within) = faults.finish(Some((bodies, within)))?;
            let looked = looked(caller, work, &input.document, &input.digest).await?;
            let asked =
                reviews::ask_to_cosign(&caller.desk, work, looked, &bodies, within).await?;
            ReviewStanding::from(&asked)
        })
    }

    /// 代表机构会签同意，对所看到的文本 / Agree for a body to the very text that was looked at
    async fn cosign(
        &self,
        context: &Context<'_>,
        input: CosignInput,
    ) -> Result<CosignaturePayload> {
        act!(context, caller, work => {
            let (id, digest) = named(&input.cosignature, &input.digest)?;
            let answer = Answer::Agrees(input.note.clone());
            let answered = reviews::answer(work, id, digest, &answer).await?;
            Cosignature::told(work.session(), answered).await?
        })
    }

    /// 代表机构提出异议，附理由；撤回或裁定之前不能发布 / Object for a body, with the reason; it is not published before that is taken back or overruled
    async fn object_to_cosigning(
        &self,
        context: &Context<'_>,
        input: ObjectInput,
    ) -> Result<CosignaturePayload> {
        act!(context, caller, work => {
            let (id, digest) = named(&input.cosignature, &input.digest)?;
            let answer = Answer::Objects(input.reason.clone());
            let answered = reviews::answer(work, id, digest, &answer).await?;
            Cosignature::told(work.session(), answered).await?
        })
    }

    /// 撤回异议；之后可再答复 / Take the objection of a body back; it may answer again
    async fn withdraw_objection(
        &self,
        context: &Context<'_>,
        input: WithdrawObjectionInput,
    ) -> Result<CosignaturePayload> {
        act!(context, caller, work => {
            let (id, digest) = named(&input.cosignature, &input.digest)?;
            let answered = reviews::answer(work, id, digest, &Answer::Withdraws).await?;
            Cosignature::told(work.session(), answered).await?
        })
    }

    /// 裁定异议，附理由，记录在案 / Overrule the objection of a body, with the reason, on record
    async fn overrule_objection(
        &self,
        context: &Context<'_>,
        input: OverruleObjectionInput,
    ) -> Result<CosignaturePayload> {
        act!(context, caller, work => {
            let id = id(&input.cosignature)?;
            let overruled = reviews::overrule(work, id, &input.reason).await?;
            Cosignature::told(work.session(), overruled).await?
        })
    }
}
